# The command line of th-split: what comes in, what goes out, what is left on the disk.
# shellcheck disable=SC2154 # bats sets $stderr

bats_require_minimum_version 1.5.0

load helpers

split() {
    "$TH_BIN/th-split" "$@"
}

# A video of 6 s with a key frame each second; $1 is its path. Made once.
setup_file() {
    ffmpeg -v error -nostdin -f lavfi -i testsrc=s=64x48:r=10:d=6 -f lavfi -i sine=d=6 -c:v libx264 -preset veryfast \
        -g 10 -c:a aac -movflags faststart "$BATS_FILE_TMPDIR/video.mp4"
    # 40 s of key frames only: many small chunks, which take some time.
    ffmpeg -v error -nostdin -f lavfi -i testsrc=s=32x32:r=10:d=40 -c:v libx264 -preset ultrafast -g 1 \
        "$BATS_FILE_TMPDIR/slow.mp4"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
    cp "$BATS_FILE_TMPDIR/video.mp4" a.mp4
}

# Hashes of the chunks in folder $1, with their names.
sums() {
    (cd "$1" && sha256sum -- *.mp4)
}

# The files in folder $1 that are neither chunks nor index files.
strays() {
    find "$1" -type f ! -name '*_????.mp4' ! -path '*/.index/*.jsonl'
}

tubes() {
    printf '%s, 48, 64, 0, 9, 0, 0, 32, 32\n' "$@"
}

fetched='"stage": "fetch", "kind": "video"'

@test "a path: chunk records, then the video's" {
    echo a.mp4 | split -o out --seconds 2 > records
    [ "$(ls out)" = "$(printf '%s\n' a_0000.mp4 a_0001.mp4 a_0002.mp4)" ]
    [ "$(wc -l < records)" -eq 4 ]
    [ "$(sed -n 2p records)" = '{"stage": "split", "kind": "chunk", "key": "a_0001", "status": "ok", "path": "out/a_0001.mp4", "frames": 20, "start": 2.0, "duration": 2.0, "width": 64, "height": 48, "fps": 10.0, "video": "a", "source": "a.mp4"}' ]
    [ "$(tail -n 1 records)" = '{"stage": "split", "kind": "video", "key": "a", "status": "ok", "chunks": 3, "width": 64, "height": 48, "fps": 10.0, "source": "a.mp4"}' ]
}

@test "blank lines and comments are passed over; input from files" {
    printf '# videos\n\n   \r\na.mp4\r\n' > one
    printf '{%s, "key": "b", "status": "ok", "path": "a.mp4"}' "$fetched" > two
    split -o out one two > records
    [ "$(ls out)" = "$(printf '%s\n' a_0000.mp4 b_0000.mp4)" ]
}

@test "a record of th-fetch: its key is the id, its credits travel" {
    printf '{%s, "key": "x_y", "status": "ok", "path": "a.mp4", "url": "u:1", "title": "T\\u00e9", "uploader": "U", "license": "L", "bytes": 5}\n' \
        "$fetched" | split -o out --seconds 3 > records
    [ -e out/x_y_0001.mp4 ]
    [ "$(grep -c '"url": "u:1", "title": "Té", "uploader": "U", "license": "L"' records)" -eq 3 ]
    run ! grep bytes records
}

@test "what was not downloaded is skipped for the same reason" {
    run -1 --separate-stderr split -o out \
        <<< "{$fetched, \"key\": \"v\", \"status\": \"failed\", \"error\": \"gone\", \"retry\": false, \"message\": \"private\"}"
    [ "$output" = '{"stage": "split", "kind": "video", "key": "v", "status": "skipped", "error": "gone", "retry": false, "message": "not downloaded: private"}' ]
    run -75 --separate-stderr split -o out \
        <<< "{$fetched, \"key\": \"v\", \"status\": \"skipped\", \"error\": \"rate_limited\", \"retry\": true, \"message\": \"wait\"}"
    [[ "$output" == *'"status": "skipped", "error": "rate_limited", "retry": true, "message": "not downloaded: wait"'* ]]
}

@test "own records: ok pass unchanged, failed are tried again" {
    mv a.mp4 b.mp4
    run -75 --separate-stderr split -o out --seconds 2 <<< "a.mp4"
    [[ "$output" == *'"status": "failed", "error": "io", "retry": true, '*'"source": "a.mp4"}' ]]
    echo "$output" > failed
    echo b.mp4 | split -o out --seconds 2 > ok
    mv b.mp4 a.mp4
    cat failed ok | split -o out --seconds 2 > again
    grep -q '"kind": "video", "key": "a", "status": "ok"' again
    grep '"video": "b"\|"key": "b"' again | cmp - ok
}

@test "own records and the same video again: each chunk has one record" {
    split -o out --seconds 2 <<< a.mp4 > first
    { cat first && echo a.mp4; } | split -o out --seconds 2 > after
    { echo a.mp4 && cat first; } | split -o out --seconds 2 > before
    { echo a.mp4 && cat first; } | split -f -o out --seconds 2 > forced
    for records in after before forced; do
        diff <(sort first) <(sed 's/"cached": true, //' "$records" | sort)
    done
}

@test "an error word of another version is passed on unchanged" {
    echo '{'"$fetched"', "key": "x", "status": "failed", "error": "solar_flare", "retry": true}' > records
    run -75 --separate-stderr split -o out records
    [[ "$output" == *'"status": "skipped", "error": "solar_flare", "retry": true, "message": "not downloaded: solar_flare"'* ]]
    echo '{'"$fetched"', "key": "x", "status": "skipped"}' > records
    run -75 --separate-stderr split -o out records
    [[ "$output" == *'"error": "io", "retry": true, "message": "not downloaded: its record does not say why"'* ]]
}

@test "own records that cannot be tried again, and those of later stages, pass unchanged" {
    cat > lines <<'END'
{"stage": "split", "kind": "video", "key": "v", "status": "skipped", "error": "gone", "retry": false, "message": "not downloaded: x"}
{"stage": "crop", "kind": "clip", "key": "v_0000_S0_E1_L0_T0_R2_B2", "status": "ok", "path": "x.mp4"}
END
    run -1 split -o out lines
    [ "$output" = "$(cat lines)" ]
}

@test "a bad line is reported with its number, and the others are split" {
    printf '%s\n' '{"stage": "fetch"' "{$fetched, \"key\": \"../x\", \"status\": \"ok\", \"path\": \"a.mp4\"}" \
        "{$fetched, \"key\": \"v\", \"status\": \"ok\"}" 'dir/..' '/' a.mp4 > lines
    run -1 --separate-stderr split -o out lines
    [[ "$output" == *'"key": "a", "status": "ok"'* ]]
    for number in 1 2 3 4 5; do
        [[ "$stderr" == *"lines:$number: "* ]]
    done
    [[ "$stderr" == *'lines:3: '*'"path"'* ]]
}

@test "two videos of one id are refused, one video twice is split once" {
    mkdir other
    cp a.mp4 other/a.mp4
    run -1 --separate-stderr split -o out <<< "$(printf 'a.mp4\na.mp4\nother/a.mp4\n')"
    [ "$(wc -l <<< "$output")" -eq 2 ]
    [[ "$stderr" == *'stdin:3: the id a of other/a.mp4 is that of a.mp4 too'* ]]
}

@test "names that begin with dashes, hold spaces, dots, percent signs and other letters" {
    for name in '-a' '--b c' 'd.e' '%d%s' 'é_0000'; do
        cp a.mp4 "./$name.mp4"
        echo "$name.mp4"
    done | split -o 'my out/--%d' --seconds 3 > records
    for name in '-a' '--b c' 'd.e' '%d%s' 'é_0000'; do
        [ -s "my out/--%d/${name}_0001.mp4" ]
        grep -qF "\"path\": \"my out/--%d/${name}_0001.mp4\"" records
    done
    echo -- '-a.mp4' > --list
    split -o out -- --list > records || true
    echo '-a.mp4' > --list
    split -o out -- --list | grep -q '"key": "-a"'
}

@test "-t: only the chunks of the list are written, the others are counted" {
    tubes a_0001 a_0001 a_0009 b_0000 > list
    echo a.mp4 | split -o out --seconds 2 -t list > records
    [ "$(ls out)" = a_0001.mp4 ]
    [ "$(wc -l < records)" -eq 2 ]
    grep -q '"kind": "video".*"chunks": 3' records
    echo a.mp4 | split -o whole --seconds 2 > /dev/null
    cmp out/a_0001.mp4 whole/a_0001.mp4
}

@test "-t with another list: missing chunks are added, others stay" {
    tubes a_0001 > one
    tubes a_0001 a_0002 > two
    echo a.mp4 | split -o out --seconds 2 -t one > records
    echo a.mp4 | split -o out --seconds 2 -t two > records
    [ "$(ls out)" = "$(printf '%s\n' a_0001.mp4 a_0002.mp4)" ]
    tubes a_0000 > three
    echo a.mp4 | split -o out --seconds 2 -t three > records
    [ "$(ls out)" = "$(printf '%s\n' a_0000.mp4 a_0001.mp4 a_0002.mp4)" ]
    [ "$(grep -c '"kind": "chunk"' records)" -eq 1 ]
    echo a.mp4 | split -o out --seconds 2 -t two > records
    [ "$(grep -c '"cached": true' records)" -eq 3 ]
}

@test "-t: rows that cannot be read are named; a list that is not there stops the program" {
    printf 'a_0001, 48, 64, 0, 9, 0, 0, 32\n' > list
    tubes a_0000 >> list
    run -1 --separate-stderr split -o out -t list <<< a.mp4
    [[ "$stderr" == *list:1:* ]]
    [ "$(ls out)" = a_0000.mp4 ]
    run -3 split -o out -t nowhere <<< a.mp4
}

@test "a rerun writes the records without reading the video" {
    echo a.mp4 | split -o out --seconds 2 > first
    # The same size and time, but no longer a video: reading it would fail.
    touch -r a.mp4 time
    size=$(stat -c %s a.mp4)
    head -c "$size" /dev/zero > a.mp4
    touch -r time a.mp4
    echo a.mp4 | split -o out --seconds 2 > second
    [ "$(grep -c '"cached": true' second)" -eq 4 ]
    sed 's/"cached": true, //' second | cmp - first
    run -1 split -f -o out --seconds 2 <<< a.mp4
}

@test "a rerun splits again: other seconds, a missing or changed chunk, --force" {
    anew() {
        echo a.mp4 | split -o out "$@" > records
        run ! grep cached records
    }
    anew --seconds 2
    anew --seconds 3
    [ "$(ls out)" = "$(printf '%s\n' a_0000.mp4 a_0001.mp4)" ]
    rm out/a_0001.mp4
    anew --seconds 3
    [ -s out/a_0001.mp4 ]
    echo >> out/a_0000.mp4
    anew --seconds 3
    ffprobe -v error out/a_0000.mp4
    anew --seconds 3 --force
}

@test "a rerun splits again: an index that is damaged, truncated, or of another video" {
    echo a.mp4 | split -o out --seconds 2 > first
    cp out/.index/a.jsonl good
    spoil() {
        echo a.mp4 | split -o out --seconds 2 > records
        cmp records first
        # Splitting again changed the times of the chunk files, and so the index.
        cp out/.index/a.jsonl good
    }
    head -n 2 good > out/.index/a.jsonl && spoil
    head -c 100 good > out/.index/a.jsonl && spoil
    sed 's/"key": "a"/"key": "b"/' good > out/.index/a.jsonl && spoil
    sed 's/"chunks": 3/"chunks": 3000000000/' good > out/.index/a.jsonl && spoil
    cat good good > out/.index/a.jsonl && spoil
    sed 's/"seconds": 2.0, "chunk"/"seconds": 3.0, "chunk"/' good > out/.index/a.jsonl && spoil
    sed 's/"sum": "/"sum": "g/' good > out/.index/a.jsonl && spoil
    : > out/.index/a.jsonl && spoil
    ln -sf ../../good out/.index/a.jsonl && spoil
    echo a.mp4 | split -o out --seconds 2 | grep -q cached
}

@test "a folder of notes that is a symbolic link: status 3, and nothing is written there" {
    mkdir out elsewhere
    ln -s ../elsewhere out/.index
    run --separate-stderr split -o out --seconds 2 <<< a.mp4
    [ "$status" -eq 3 ]
    [[ $stderr == *'out/.index is a symbolic link'* ]]
    [ -z "$(ls elsewhere)" ]
}

@test "another video with the same name: old chunks are removed" {
    echo a.mp4 | split -o out --seconds 2 > records
    cp out/a_0000.mp4 out/ab_0002.mp4
    cp out/a_0000.mp4 out/a_b_0002.mp4
    ffmpeg -v error -y -i "$BATS_FILE_TMPDIR/video.mp4" -t 3 -c copy a.mp4
    echo a.mp4 | split -o out --seconds 2 > records
    run ! grep cached records
    [ "$(ls out)" = "$(printf '%s\n' a_0000.mp4 a_0001.mp4 a_b_0002.mp4 ab_0002.mp4)" ]
}

@test "--dry-run writes nothing" {
    echo a.mp4 | split -n -o out > records
    [ ! -e out ]
    grep -q '"key": "a", "status": "skipped", "error": "dry_run", "retry": true, .*"source": "a.mp4"' records
    split -o out < records > made
    grep -q '"key": "a", "status": "ok"' made
    echo a.mp4 | split -n -o out | grep -q '"key": "a", "status": "ok", "cached": true'
}

@test "videos that cannot be split fail with a reason, and leave nothing" {
    echo '<!DOCTYPE html><title>Sorry</title>' > web.mp4
    head -c 20000 a.mp4 > cut.mp4
    ffmpeg -v error -f lavfi -i sine=d=1 -c:a aac sound.mp4
    ffmpeg -v error -f lavfi -i testsrc=s=64x48:r=10:d=1 -c:v libvpx -deadline realtime vp8.webm
    : > empty.mp4
    mkdir folder.mp4
    run -75 --separate-stderr split -o out < <(printf '%s.mp4\n' web cut sound empty folder missing a; echo vp8.webm)
    for reason in web:unreadable cut:unreadable sound:no_video empty:unreadable folder:io missing:io vp8:no_format; do
        [[ "$output" == *"\"key\": \"${reason%:*}\", \"status\": \"failed\", \"error\": \"${reason#*:}\", "* ]]
        [[ "$stderr" == *"${reason%:*}: "* ]]
    done
    [ "$(ls out)" = a_0000.mp4 ]
    [ -z "$(strays out)" ]
    run -1 split -o out <<< cut.mp4
}

@test "a source that ends early: mp4 in all its forms, Matroska, AVI, FLV" {
    ffmpeg -v error -i a.mp4 -c copy end.mp4
    ffmpeg -v error -i a.mp4 -c copy -movflags +frag_keyframe+empty_moov pieces.mp4
    ffmpeg -v error -i a.mp4 -c copy known.mkv
    ffmpeg -v error -i a.mp4 -c copy -live 1 live.mkv
    ffmpeg -v error -i a.mp4 -c copy tags.flv
    ffmpeg -v error -f lavfi -i testsrc=s=64x48:r=10:d=3 -c:v mjpeg riff.avi
    mv a.mp4 front.mp4
    # The size of mdat is left open: only the index shows what is missing.
    cp front.mp4 open.mp4
    place=$(grep -abom 1 mdat open.mp4 | head -n 1 | cut -d : -f 1)
    printf '\0\0\0\0' | dd of=open.mp4 bs=1 seek=$((place - 4)) conv=notrunc status=none
    for file in *.*; do
        echo "$file" | split -o "whole-$file" --seconds 2 > /dev/null
        for percent in 99 60; do
            head -c $(($(stat -c %s "$file") * percent / 100)) "$file" > "cut-$percent-$file"
            run -1 split -q -o out --seconds 2 <<< "cut-$percent-$file"
            [[ "$output" == *'"status": "failed", "error": "unreadable", "retry": false'* ]]
            [ -z "$(ls out)" ]
            # th-fetch makes the same check.
            mkdir -p archive
            cp "cut-$percent-$file" archive/v.mp4
            run -75 --separate-stderr "$TH_BIN/th-fetch" --retries 0 -o got --url-template "file://$PWD/archive/{id}.mp4" <<< v
            [[ "$output" == *'"error": "bad_media"'* ]]
            [ ! -e got/v.mp4 ]
        done
        cp "$file" archive/v.mp4
        "$TH_BIN/th-fetch" -o got --url-template "file://$PWD/archive/{id}.mp4" <<< v | grep -q '"status": "ok"'
        rm -r got
    done
}

@test "a damaged video leaves the chunks of the whole one before it" {
    echo a.mp4 | split -o out --seconds 2 > /dev/null
    sums out > before
    head -c 20000 a.mp4 > b && mv b a.mp4
    run -1 split -o out --seconds 2 <<< a.mp4
    sums out | cmp - before
}

@test "kill -9 at any moment: a rerun gives the same bytes and leaves no stray file" {
    for name in one two three four; do
        ln "$BATS_FILE_TMPDIR/slow.mp4" "$name.mp4"
        echo "$name.mp4"
    done > list
    split -j 2 -o whole --seconds 0.5 list > /dev/null
    sums whole > whole.sums
    for delay in 0.02 0.05 0.1 0.2 0.4; do
        rm -rf out
        "$TH_BIN/th-split" -j 2 -o out --seconds 0.5 list > /dev/null &
        sleep "$delay"
        kill -9 $! || true
        wait $! || true
        sleep 0.2 # the children die with their parent
        # A file with its final name is complete.
        for chunk in out/*.mp4; do
            [ ! -e "$chunk" ] || cmp "$chunk" "whole/${chunk##*/}"
        done
        split -j 2 -o out --seconds 0.5 list > /dev/null
        sums out | cmp - whole.sums
        [ -z "$(strays out)" ]
    done
}

@test "SIGTERM: exit status 143, nothing half-made" {
    mkfifo list
    "$TH_BIN/th-split" -j 1 -o out --seconds 0.1 list > records 3>&- &
    exec 9> list # the list does not end before the signal
    echo "$BATS_FILE_TMPDIR/slow.mp4" >&9
    sleep 0.2
    kill -TERM $!
    status=0
    wait $! || status=$?
    exec 9>&-
    [ "$status" -eq 143 ]
    [ -z "$(strays out)" ]
}

@test "SIGTERM while the folder is tried: nothing is left there" {
    skip_under_sanitizers # LeakSanitizer does not work under strace
    strace -o trace -e trace=flock -e inject=flock:delay_enter=2000000 "$TH_BIN/th-split" -o out <<< a.mp4 > records 3>&- &
    tracer=$!
    timeout 60 bash -c 'until compgen -G "out/.th-probe-*"; do :; done'
    pkill -TERM -P "$tracer"
    wait "$tracer" || true
    [ -d out ]
    [ -z "$(strays out)" ]
}

@test "a killed child fails its own video only, which can be tried again" {
    ffmpeg -v error -nostdin -stream_loop 4 -i "$BATS_FILE_TMPDIR/slow.mp4" -c copy slow.mp4
    printf "slow.mp4\na.mp4\n" > list
    "$TH_BIN/th-split" -j 1 -o out --seconds 0.1 list > records 3>&- &
    parent=$!
    until child=$(pgrep -P "$parent"); do kill -0 "$parent"; done
    kill -SEGV "$child"
    status=0
    wait "$parent" || status=$?
    [ "$status" -eq 75 ]
    grep -q '"key": "slow", "status": "failed", "error": "crashed", "retry": true, .*"source": "slow.mp4"' records
    grep -q '"key": "a", "status": "ok"' records
    [ -z "$(strays out)" ]
    split -o out < records | grep -q '"key": "slow", "status": "ok"'
}

@test "a wrong call is status 2, an output folder that cannot be is status 3" {
    run -2 split < /dev/null
    run -2 split -o out --seconds 0 < /dev/null
    [[ "$output" == *--seconds*0* ]]
    run -2 split -o out -t - < /dev/null
    run -2 split -o out --seconds 1e3 < /dev/null
    run -3 split -o a.mp4/out < /dev/null
}
