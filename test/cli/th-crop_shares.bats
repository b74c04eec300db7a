# One chunk on several processors: its tubes are divided among processes, and the clips do not change.

bats_require_minimum_version 1.5.0

load helpers

# A chunk of 40 s with sound and a key frame each second; the same chunk without times of its pictures.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir chunks untimed
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=192x144:r=25:d=40 -f lavfi -i sine=r=44100:d=40 \
        -c:v libx264 -preset veryfast -g 25 -c:a aac chunks/a_0000.mp4
    ffmpeg -v error -nostdin -i chunks/a_0000.mp4 -c copy -an -bsf:v h264_mp4toannexb untimed/a_0000.avi
    cp untimed/a_0000.avi untimed/a_0001.avi
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    ln -s "$BATS_FILE_TMPDIR/chunks" "$BATS_FILE_TMPDIR/untimed" .
}

# rows CHUNK: consecutive tubes.
rows() {
    printf "$1, 144, 192, %s, 16, 16, 144, 112\n" '0, 299' '320, 499' '505, 799' '800, 999'
}

crop() {
    "$TH_BIN/th-crop" --preset ultrafast "$@"
}

# decoded CHUNK: how many frames each process of the chunk decoded, from the messages in `said`.
decoded() {
    sed -n "s/.* $1: \([0-9]*\) frames decoded.*/\1/p" said
}

# has_records N CHUNK: that many records of the chunk are in the file `records`.
has_records() {
    [ "$(grep -c "$2" records)" -eq "$1" ]
}

# damaged DIR: writes the chunk to the new folder DIR, with packet 330 damaged.
damaged() {
    mkdir "$1"
    cp chunks/a_0000.mp4 "$1"
    damage "$1/a_0000.mp4" 330
}

# True when both children of the process $1 write a clip.
both_write() {
    [ "$(children "$1" | wc -l)" -eq 2 ] && [ "$(find out -name '.*.part' | wc -l)" -eq 2 ]
}

@test "tubes one after the other: two processes, the same bytes, one record each" {
    rows a_0000 > tubes
    crop -j 1 --audio -v -i chunks -o one tubes > records1 2> said
    [ "$(decoded a_0000 | wc -l)" -eq 1 ]
    crop -j 2 --audio -v -i chunks -o two tubes > records2 2> said
    [ "$(decoded a_0000 | wc -l)" -eq 2 ]
    [ "$(decoded a_0000 | awk '{ sum += $1 } END { print sum }')" -le 1010 ]
    grep -q ' 1 chunks: ' said
    diff <(sums one) <(sums two)
    diff <(sed 's/one\//two\//' records1 | sort) <(sort records2)
    [ "$(jq -r .status records2 | uniq -c | xargs)" = '4 ok' ]
}

@test "more processors than use for them: no process without a tube" {
    rows a_0000 > tubes
    crop -j 9 -v -i chunks -o out tubes > records 2> said
    [ "$(decoded a_0000 | wc -l)" -gt 1 ]
    [ "$(decoded a_0000 | wc -l)" -le 4 ]
    [ "$(wc -l < records)" -eq 4 ]
}

@test "tubes side by side: one process, for each would decode all" {
    printf 'a_0000, 144, 192, 0, 999, %s, 16, 144, 112\n' 0 8 16 > tubes
    crop -j 2 -v -i chunks -o out tubes > records 2> said
    [ "$(decoded a_0000)" = 1000 ]
}

@test "as many chunks as processors: none is divided" {
    mkdir pair
    cp chunks/a_0000.mp4 pair
    cp chunks/a_0000.mp4 pair/a_0001.mp4
    { rows a_0000; rows a_0001; } > tubes
    crop -j 2 -v -i pair -o out tubes > records 2> said
    [ "$(decoded a_0000 | wc -l)" -eq 1 ]
    [ "$(decoded a_0001 | wc -l)" -eq 1 ]
    [ "$(wc -l < records)" -eq 8 ]
}

@test "a chunk that is to be decoded from its first frame on: the next is not divided" {
    { rows a_0000; rows a_0001; } > tubes
    mkfifo pipe
    crop -j 2 -v -o out -t tubes < pipe > records 2> said &
    exec 7> pipe
    for chunk in a_0000 a_0001; do
        printf '{"stage": "split", "kind": "chunk", "key": "%s", "status": "ok", "path": "untimed/%s.avi"}\n' $chunk $chunk >&7
        until_true has_records 4 "$chunk"
    done
    exec 7>&-
    wait $!
    [ "$(decoded a_0000 | wc -l)" -eq 2 ]
    [ "$(decoded a_0001)" = 1000 ]
}

@test "damage costs the same tubes with any number of processes" {
    damaged bad
    { rows a_0000; echo 'a_0000, 144, 192, 300, 305, 16, 16, 144, 112'; } > tubes
    for jobs in 1 2 4; do
        crop -j $jobs -q -i bad -o out$jobs tubes > records || true
        jq -c 'del(.path)' records | sort > records$jobs
    done
    [ "$(jq -r .status records1 | sort | uniq -c | xargs)" = '1 failed 4 ok' ]
    for jobs in 2 4; do
        cmp records1 records$jobs
        diff <(sums out1) <(sums out$jobs)
    done
}

@test "damage costs no more decoding for the order of the rows" {
    damaged bad
    for start in $(seq 0 25 975); do printf 'a_0000, 144, 192, %s, %s, 16, 16, 144, 112\n' "$start" $((start + 9)); done > sorted
    { sed -n 'n;p' sorted; sed -n 'p;n' sorted | tac; } > mixed
    for rows in sorted mixed; do
        crop -j 1 -v -i bad -o $rows.out $rows > $rows.records 2> said || true
        decoded a_0000 > $rows.decoded
        [ "$(grep -c '"ok"' $rows.records)" -eq 39 ]
    done
    cmp sorted.decoded mixed.decoded
}

@test "ranges of a video are divided as chunks are" {
    echo chunks/a_0000.mp4 | "$TH_BIN/th-split" -q --no-copy -o none > ranges
    rows a_0000_0000 > tubes
    crop -j 1 --audio -o one -t tubes ranges > records
    crop -j 2 --audio -v -o two -t tubes ranges > records 2> said
    [ "$(decoded a_0000_0000 | wc -l)" -eq 2 ]
    diff <(sums one) <(sums two)
}

@test "a process that crashes costs the tubes of its share, and a rerun makes them" {
    printf 'a_0000, 144, 192, %s, 0, 0, 192, 144\n' '0, 299' '300, 499' '500, 799' '800, 999' > tubes
    ASAN_OPTIONS=handle_segv=0 "$TH_BIN/th-crop" -q -j 2 --preset slower -i chunks -o out tubes > records &
    pid=$!
    until_true both_write $pid
    kill -SEGV "$(children $pid | head -n 1)"
    status=0
    wait $pid || status=$?
    [ "$status" -eq 75 ]
    [ "$(jq -r '[.status, .error] | join(" ")' records | sort | uniq -c | xargs)" = '2 failed crashed 2 ok' ]
    "$TH_BIN/th-crop" -q --preset slower -o out < <(grep -v '"ok"' records) > again
    [ "$(jq -r .status again | uniq -c | xargs)" = '2 ok' ]
    [ "$(entries out | grep -c '\.mp4$')" -eq 4 ]
}
