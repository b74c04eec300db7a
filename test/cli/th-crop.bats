# The command line of th-crop: its input, its records, and the files it leaves.
# shellcheck disable=SC2154 # bats sets $stderr

bats_require_minimum_version 1.5.0

load helpers

# Two chunks of one video and one of another, 50 frames each; and two that take seconds to crop.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir chunks
    for chunk in a_0000 a_0001 --b_c_0000; do
        ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=192x144:r=25:d=2 -c:v libx264 -preset veryfast -g 20 \
            "chunks/$chunk.mp4"
    done
    mkdir slow
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=640x360:r=25:d=4 -c:v libx264 -preset ultrafast slow/s_0000.mp4
    cp slow/s_0000.mp4 slow/s_0001.mp4
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    ln -s "$BATS_FILE_TMPDIR/chunks" "$BATS_FILE_TMPDIR/slow" .
}

crop() {
    "$TH_BIN/th-crop" "$@"
}

# row CHUNK S E [L T R B]: a tube row for pictures of 192x144.
row() {
    printf '%s, 144, 192, %s, %s, %s, %s, %s, %s\n' "$1" "$2" "$3" "${4:-0}" "${5:-0}" "${6:-64}" "${7:-64}"
}

# Rows whose clips take seconds to make.
slow_rows() {
    for chunk in s_0000 s_0001; do
        for left in 0 10 20 30; do
            echo "$chunk, 360, 640, $left, 99, $left, 0, $((left + 500)), 360"
        done
    done
}

# chunk NAME [STATUS [ERROR RETRY]]: th-split's record of a chunk.
chunk() {
    if [ "${2:-ok}" = ok ]; then
        printf '{"stage": "split", "kind": "chunk", "key": "%s", "status": "ok", "path": "chunks/%s.mp4", "video": "%s"}\n' \
            "$1" "$1" "${1%_*}"
    else
        printf '{"stage": "split", "kind": "chunk", "key": "%s", "status": "%s", "error": "%s", "retry": %s, "message": "told so"}\n' "$@"
    fi
}

# video NAME [STATUS [ERROR RETRY]]: th-split's record that closes a video.
video() {
    if [ "${2:-ok}" = ok ]; then
        printf '{"stage": "split", "kind": "video", "key": "%s", "status": "ok", "chunks": 2}\n' "$1"
    else
        printf '{"stage": "split", "kind": "video", "key": "%s", "status": "%s", "error": "%s", "retry": %s, "message": "told so"}\n' "$@"
    fi
}

# said FILE: key, status and error of each record, sorted.
said() {
    jq -r '[.key, .status, .error // empty] | join(" ")' "$1" | sort
}

# Every entry of a folder, hidden files too.
entries() {
    find "$1" -mindepth 1 -printf '%f\n' | sort
}

has_part() {
    [ -n "$(find "$1" -name '.*.part' -size +0 2> /dev/null)" ]
}

@test "tube rows and a folder of chunks: clips and their records" {
    row a_0000 5 14 33 21 98 85 | crop -i chunks -o out > records
    [ "$(entries out)" = a_0000_S5_E14_L33_T21_R98_B85.mp4 ]
    bytes=$(stat -c %s out/*.mp4)
    [ "$(cat records)" = '{"stage": "crop", "kind": "clip", "key": "a_0000_S5_E14_L33_T21_R98_B85", "status": "ok", "path": "out/a_0000_S5_E14_L33_T21_R98_B85.mp4", "video": "a", "chunk": "a_0000", "source": "chunks/a_0000.mp4", "tube": {"H": 144, "W": 192, "S": 5, "E": 14, "L": 33, "T": 21, "R": 98, "B": 85}, "box": {"x": 32, "y": 20, "w": 64, "h": 64}, "frames": 10, "bytes": '"$bytes"', "width": 192, "height": 144}' ]
}

@test "chunk records and a tube list: only tubes of chunks that were read become clips" {
    { row a_0000 0 9; row a_0001 0 9; row z_0000 0 9; } > tubes
    { chunk a_0000; chunk a_0001; video a; } | crop -o out -t tubes > records
    [ "$(said records)" = 'a_0000_S0_E9_L0_T0_R64_B64 ok
a_0001_S0_E9_L0_T0_R64_B64 ok' ]
}

@test "a clip is finished while the input pipe is still open" {
    { row a_0000 0 9; row a_0001 0 9; } > tubes
    mkfifo pipe
    "$TH_BIN/th-crop" -o out -t tubes < pipe > records &
    exec 7> pipe
    chunk a_0000 >&7
    until_true test -s records
    chunk a_0001 >&7
    exec 7>&-
    wait $!
    [ "$(wc -l < records)" -eq 2 ]
}

@test "source page, title, author and licence are copied from the chunk's record to the clip's" {
    row a_0000 0 9 > tubes
    chunk a_0000 | jq -c '. + {url: "u:1", title: "Té", uploader: "U", license: "CC", sha256: "no"}' |
        crop -o out -t tubes > records
    [ "$(jq -c '[.url, .title, .uploader, .license, .sha256]' records)" = '["u:1","Té","U","CC",null]' ]
}

@test "a chunk without a record before its video's closing record: no_such_chunk" {
    { row a_0000 0 9; row a_0007 0 9; row a_0007 0 9; } > tubes
    status=0
    { chunk a_0000; video a; } | crop -q -o out -t tubes > records || status=$?
    [ "$status" -eq 1 ]
    [ "$(said records)" = 'a_0000_S0_E9_L0_T0_R64_B64 ok
a_0007_S0_E9_L0_T0_R64_B64 failed no_such_chunk
a_0007_S0_E9_L0_T0_R64_B64 failed no_such_chunk' ]
}

@test "a chunk that was replaced after the split: io, not a clip of other frames" {
    row r_0000 0 9 > tubes
    mkdir raw new
    cp chunks/a_0000.mp4 raw/r.mp4
    "$TH_BIN/th-split" -o new <<< raw/r.mp4 > split.jsonl
    ffmpeg -v error -y -i raw/r.mp4 -frames 40 -c copy new/r_0000.mp4
    status=0
    crop -q -o out -t tubes split.jsonl > records || status=$?
    [ "$status" -eq 75 ]
    [ "$(jq -r .message records)" = \
        'the chunk has 40 frames, and its record says 50: it has been replaced; split the video again' ]
    "$TH_BIN/th-split" -o new <<< raw/r.mp4 | crop -q -o out -t tubes > records
    [ "$(said records)" = 'r_0000_S0_E9_L0_T0_R64_B64 ok' ]
}

@test "without the closing record, only chunks that have records are cropped" {
    { row a_0000 0 9; row a_0001 0 9; } > tubes
    chunk a_0000 | crop -o out -t tubes > records
    [ "$(said records)" = 'a_0000_S0_E9_L0_T0_R64_B64 ok' ]
}

@test "a failed video: its record is passed on, and its tubes are skipped for the same reason" {
    { row a_0000 0 9; row a_0001 0 9; row --b_c_0000 0 9; } > tubes
    status=0
    { video a skipped gone false; chunk --b_c_0000; video --b_c; } | crop -q -o out -t tubes > records || status=$?
    [ "$status" -eq 1 ]
    [ "$(head -n 1 records)" = "$(video a skipped gone false)" ]
    [ "$(said records)" = '--b_c_0000_S0_E9_L0_T0_R64_B64 ok
a skipped gone
a_0000_S0_E9_L0_T0_R64_B64 skipped gone
a_0001_S0_E9_L0_T0_R64_B64 skipped gone' ]
    [ "$(jq -c 'select(.key == "a_0001_S0_E9_L0_T0_R64_B64") | [.retry, .message, .video, .chunk]' records)" = \
        '[false,"told so","a","a_0001"]' ]
}

@test "failures that a rerun may repair make the exit status 75" {
    row a_0000 0 9 > tubes
    status=0
    video a failed network true | crop -q -o out -t tubes > records || status=$?
    [ "$status" -eq 75 ]
    [ "$(jq -c '[.status, .error, .retry]' records)" = '["failed","network",true]
["skipped","network",true]' ]
}

@test "a failed chunk: its record is passed on, and only its tubes are skipped" {
    { row a_0000 0 9; row a_0001 0 9; } > tubes
    status=0
    { chunk a_0000; chunk a_0001 failed unreadable false; video a; } | crop -q -o out -t tubes > records || status=$?
    [ "$status" -eq 1 ]
    [ "$(said records)" = 'a_0000_S0_E9_L0_T0_R64_B64 ok
a_0001 failed unreadable
a_0001_S0_E9_L0_T0_R64_B64 skipped unreadable' ]
}

@test "a video that failed after some of its chunks were read: those chunks are cropped" {
    { row a_0000 0 9; row a_0001 0 9; } > tubes
    { chunk a_0000; video a failed crashed true; } > split.jsonl
    run -75 --separate-stderr crop -q -o out -t tubes split.jsonl
    [ "$(said - <<< "$output")" = 'a failed crashed
a_0000_S0_E9_L0_T0_R64_B64 ok
a_0001_S0_E9_L0_T0_R64_B64 skipped crashed' ]
}

@test "bad tubes get a record that says why, and no clip" {
    {
        row a_0000 10 9
        row a_0000 0 50
        row a_0000 0 9 100 0 193 64
        row a_0000 0 9 64 0 64 64
        row a_0000 0 9 5 0 6 64
        echo 'a_0000, 144, 144, 0, 9, 0, 0, 64, 64'
        echo 'a_0000, 0, 0, 0, 8, 0, 0, 64, 64'
        row a_0009 0 9
        row a_0000 49 49
    } > rows
    run -1 --separate-stderr crop -q -i chunks -o out rows
    [ "$(said - <<< "$output")" = 'a_0000_S0_E50_L0_T0_R64_B64 failed out_of_range
a_0000_S0_E8_L0_T0_R64_B64 failed bad_tube
a_0000_S0_E9_L0_T0_R64_B64 failed aspect_mismatch
a_0000_S0_E9_L100_T0_R193_B64 failed outside_picture
a_0000_S0_E9_L5_T0_R6_B64 failed empty_box
a_0000_S0_E9_L64_T0_R64_B64 failed empty_box
a_0000_S10_E9_L0_T0_R64_B64 failed bad_tube
a_0000_S49_E49_L0_T0_R64_B64 ok
a_0009_S0_E9_L0_T0_R64_B64 failed no_such_chunk' ]
    [[ $output == *'"the tube needs 51 frames, and the chunk has 50"'* ]]
    [ "$(entries out)" = a_0000_S49_E49_L0_T0_R64_B64.mp4 ]
}

@test "rows that cannot be read are reported by line number, and the others are done" {
    { echo 'a_0000, 144, 192'; row a_0000 0 9; echo 'a_0000, 144, 192, x, 9, 0, 0, 64, 64'; row 'a/b_0000' 0 9; } > rows
    run -1 --separate-stderr crop -i chunks -o out rows
    [ "$(wc -l <<< "$output")" -eq 1 ]
    for line in 1 3 4; do grep -q "^th-crop: rows:$line: " <<< "$stderr"; done
    run -1 --separate-stderr crop -i chunks -o out2 -t rows < /dev/null
    for line in 1 3 4; do grep -q "^th-crop: rows:$line: " <<< "$stderr"; done
}

@test "names that begin with dashes" {
    { row a_0000 0 9; row --b_c_0000 0 9; row -x_0000 0 9; } > tubes
    grep -- '^--b' tubes | crop -i chunks -o out > records
    [ "$(entries out)" = --b_c_0000_S0_E9_L0_T0_R64_B64.mp4 ]
    [ "$(jq -r .video records)" = --b_c ]
    cp tubes ./--tubes
    crop -i chunks -o --out -q -- --tubes > records || true
    [ -e ./--out/--b_c_0000_S0_E9_L0_T0_R64_B64.mp4 ]
}

@test "spaces and other letters in paths" {
    mkdir 'my chunks'
    cp chunks/a_0000.mp4 'my chunks/ü ñ_0000.mp4'
    row 'ü ñ_0000' 0 9 > 'my tubes'
    crop -i 'my chunks' -o "it's out/below" 'my tubes' > records
    [ "$(entries "it's out/below")" = 'ü ñ_0000_S0_E9_L0_T0_R64_B64.mp4' ]
    jq -e '.path == "it'"'"'s out/below/ü ñ_0000_S0_E9_L0_T0_R64_B64.mp4"' records
}

@test "a row listed twice is made once and recorded twice" {
    { row a_0000 0 9; row a_0001 0 9; row a_0000 0 9; } > tubes
    crop -i chunks -o out tubes > records
    [ "$(said records | uniq -c | xargs)" = '2 a_0000_S0_E9_L0_T0_R64_B64 ok 1 a_0001_S0_E9_L0_T0_R64_B64 ok' ]
    rm -r out
    { chunk a_0001; chunk a_0000; } | crop -o out -t tubes > records
    [ "$(said records | uniq -c | xargs)" = '2 a_0000_S0_E9_L0_T0_R64_B64 ok 1 a_0001_S0_E9_L0_T0_R64_B64 ok' ]
    run ! grep cached records
}

@test "one clip name for two picture sizes: the second row is a bad tube" {
    { row a_0000 0 9; echo 'a_0000, 288, 384, 0, 9, 0, 0, 64, 64'; } > tubes
    run -1 --separate-stderr crop -q -i chunks -o out tubes
    [ "$(said - <<< "$output")" = 'a_0000_S0_E9_L0_T0_R64_B64 failed bad_tube
a_0000_S0_E9_L0_T0_R64_B64 ok' ]
}

@test "a chunk is decoded once, whatever the order of its rows" {
    for end in 9 19 29; do for chunk in a_0000 a_0001; do row "$chunk" 0 "$end"; done; done > rows
    strace -f -e trace=%process -o calls true 2> /dev/null || skip "strace is not installed"
    ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=%process -o calls "$TH_BIN/th-crop" -j 1 -i chunks -o out rows > records
    # One process tries the encoder, two decode.
    [ "$(grep -cE '^[0-9]+ +v?(clone3?|fork)[(]' calls)" -eq 3 ]
}

@test "clips that exist are passed on unchanged; --force makes them again" {
    { row a_0000 0 9; row a_0001 0 9; } > rows
    crop -i chunks -o out rows > first
    stat -c '%i %y' out/* > before
    crop -i chunks -o out rows > second
    stat -c '%i %y' out/* | diff before -
    diff <(sort first) <(jq -c . second | sed 's/"cached":true,//' | jq -c . | sed 's/":/": /g; s/,"/, "/g' | sort)
    crop -f -i chunks -o out rows > third
    [ "$(stat -c %i out/* | sort | comm -12 - <(cut -d ' ' -f 1 before | sort) | wc -l)" -lt 2 ]
    diff <(sort first) <(sort third)
}

@test "a clip that exists is ok even if its chunk is missing" {
    { row a_0000 0 9; row a_0001 0 9; } > rows
    crop -i chunks -o out rows > records
    crop -i nowhere -o out rows > again
    [ "$(jq -r '.status, .cached' again | sort | uniq -c | xargs)" = '2 ok 2 true' ]
    video a skipped gone false | crop -q -o out -t rows > again || true
    [ "$(jq -r '[.kind, .status] | join(" ")' again | sort | uniq -c | xargs)" = '2 clip ok 1 video skipped' ]
}

@test "records of th-crop: failed tubes are tried again, and no others" {
    mkdir some
    cp chunks/a_0000.mp4 some
    { row a_0000 0 9; row a_0001 0 9; row a_0000 0 70; } > rows
    crop -q -i some -o out rows > first || true
    [ "$(jq -r .status first | sort | uniq -c | xargs)" = '2 failed 1 ok' ]
    stat -c '%i %y' out/a_0000* > before
    status=0
    grep -v '"status": *"ok"' first | crop -q -i chunks -o out > second || status=$?
    [ "$status" -eq 1 ]
    [ "$(said second)" = 'a_0000_S0_E70_L0_T0_R64_B64 failed out_of_range
a_0001_S0_E9_L0_T0_R64_B64 ok' ]
    crop -q -i chunks -o out first > third || true
    [ "$(said third | wc -l)" -eq 3 ]
    grep '"ok"' first | diff - <(grep a_0000_S0_E9 third)
    stat -c '%i %y' out/a_0000* | diff before -
}

@test "records of th-crop say where the chunk is" {
    mkdir moved
    { row a_0000 0 9; row a_0000 0 70; } | crop -q -i chunks -o out > first || true
    rm out/*
    sed 's/"status": "ok"/"status": "failed", "error": "crashed"/' first > failed
    crop -q -o out failed > second || true
    [ "$(jq -r 'select(.status == "ok") | .source' second)" = chunks/a_0000.mp4 ]
}

@test "a chunk that could not be started: its records say where it is, so that a rerun finds it" {
    skip_under_sanitizers
    mkfifo pipe
    "$TH_BIN/th-crop" -i chunks -o out < pipe > records 2> said &
    pid=$!
    exec 7> pipe
    { echo 'not a row'; row a_0000 0 9; } >&7
    until_true grep -q '^th-crop: stdin:1: ' said
    prlimit --pid $pid --nofile=4:4 # no more than what is open: no pipe for a child
    exec 7>&-
    status=0
    wait $pid || status=$?
    [ "$status" -eq 75 ]
    [ "$(field error < records)" = io ]
    crop -o out < records > again
    [ "$(field status < again)" = ok ]
}

@test "skipped tubes are skipped again for the same reason while there is no chunk" {
    row a_0000 0 9 > tubes
    video a skipped gone false | crop -q -o out -t tubes > first || true
    grep clip first | crop -q -o out > second || true
    diff <(grep clip first) second
    grep clip first | crop -q -i chunks -o out > third
    [ "$(jq -r .status third)" = ok ]
}

@test "clips that failed in th-verify are made again, the others are passed on" {
    { row a_0000 0 9; row a_0001 0 9; } | crop -i chunks -o out > first
    stat -c '%n %i %y' out/a_0000* > before
    echo broken > out/a_0001_S0_E9_L0_T0_R64_B64.mp4
    sed 's/"crop"/"verify"/; /a_0001/s/"status": "ok"/"status": "failed", "error": "unreadable", "retry": true/' first > verify.jsonl
    crop -q -o out verify.jsonl > second
    [ "$(jq -r '[.stage, .status, .cached // empty] | join(" ")' second | sort | xargs)" = 'crop ok verify ok' ]
    stat -c '%n %i %y' out/a_0000* | diff before -
    ffprobe -v error out/a_0001*
}

@test "clip records of a former run, then the whole manifest: one record a tube" {
    { row a_0000 0 9; row a_0000 0 19; row a_0001 0 9; row a_0001 0 70; row c_0000 0 9; } > tubes
    { chunk a_0000; chunk a_0001; video a; video c skipped gone false; } > split.jsonl
    crop -q -o out -t tubes split.jsonl > first || true
    [ "$(grep -c clip first)" -eq 5 ]
    stat -c '%i %y' out/a_0000_S0_E9_* > before
    # All failed records, one clip that failed in th-verify, one that was deleted, and all chunks again.
    {
        grep clip first | grep -v '"status": "ok"'
        grep a_0000_S0_E19 first | sed 's/"crop"/"verify"/; s/"status": "ok"/"status": "failed", "error": "frozen", "retry": true/'
        cat split.jsonl
    } > mixed
    rm out/a_0001_S0_E9_*
    crop -q -o out -t tubes mixed > second || true
    [ "$(said <(grep clip second))" = "$(said <(grep clip first))" ]
    [ "$(jq -r 'select(.cached) | .key' second)" = a_0000_S0_E9_L0_T0_R64_B64 ]
    stat -c '%i %y' out/a_0000_S0_E9_* | diff before -
    # The same with the ok records too, and in reverse order.
    { cat first split.jsonl; } | crop -q -o out -t tubes > third || true
    [ "$(said <(grep clip third))" = "$(said <(grep clip first))" ]
}

@test "several records of the same tubes, in any order: one record a tube" {
    { row a_0000 0 9; row a_0001 0 9; } > tubes
    { chunk a_0000; chunk a_0001; video a; } > split.jsonl
    crop -o out -t tubes split.jsonl > crop.jsonl
    sed 's/"crop"/"verify"/' crop.jsonl > verify.jsonl
    sed '/a_0001/s/"status": "ok"/"status": "failed", "error": "frozen", "retry": true/' verify.jsonl > failed.jsonl
    for files in 'split.jsonl crop.jsonl' 'split.jsonl verify.jsonl' 'crop.jsonl verify.jsonl' 'tubes verify.jsonl' \
        'failed.jsonl crop.jsonl' 'failed.jsonl crop.jsonl split.jsonl'; do
        # shellcheck disable=SC2086
        crop -q -i chunks -o out -t tubes $files > records
        [ "$(said records)" = "$(said crop.jsonl)" ] || { echo "$files:"; cat records; false; }
    done
}

@test "a clip that failed in th-verify is made again without a second record, even if that record comes late" {
    row a_0000 0 9 > tubes
    chunk a_0000 > split.jsonl
    crop -q -o out -t tubes split.jsonl > first
    sed 's/"crop"/"verify"/; s/"status": "ok"/"status": "failed", "error": "frozen", "retry": true/' first > failed.jsonl
    echo broken > out/a_0000_S0_E9_L0_T0_R64_B64.mp4
    mkfifo late
    crop -q -o out -t tubes split.jsonl late > records &
    exec 7> late
    until_true test -s records
    cat failed.jsonl >&7
    exec 7>&-
    wait $!
    [ "$(said records)" = 'a_0000_S0_E9_L0_T0_R64_B64 ok' ]
    ffprobe -v error out/a_0000_S0_E9_*
}

@test "a video that was fetched but not split is rejected" {
    echo '{"stage": "fetch", "kind": "video", "key": "a", "status": "ok", "path": "a.mp4"}' > fetch.jsonl
    run -1 --separate-stderr crop -o out -t /dev/null fetch.jsonl
    [[ $stderr == *'fetch.jsonl:1: '*th-split* ]]
}

@test "--dry-run writes nothing and says what would be done" {
    { row a_0000 0 9; row a_0001 0 9; row a_0009 0 9; } > rows
    row a_0000 0 9 | crop -i chunks -o out > records
    run -1 --separate-stderr crop -q -n -i chunks -o out rows
    [ "$(said - <<< "$output")" = 'a_0000_S0_E9_L0_T0_R64_B64 ok
a_0001_S0_E9_L0_T0_R64_B64 skipped dry_run
a_0009_S0_E9_L0_T0_R64_B64 failed no_such_chunk' ]
    row a_0000 0 9 | crop -q -n -i chunks -o fresh
    [ ! -e fresh ]
}

@test "an encoder or an option that does not work: status 3 before any work" {
    row a_0000 0 9 > rows
    while read -r words message; do
        # shellcheck disable=SC2086
        run -3 --separate-stderr crop -i chunks -o out ${words//@/ } rows
        [[ $stderr == *"$message"* ]] || { echo "$words: $stderr"; false; }
        [ -z "$output" ]
        [ ! -e out ]
    done << 'END'
--encoder@nothing this FFmpeg has no video encoder named nothing
--encoder@aac no video encoder named aac
--preset@quick quick
--encoder-opts@nope=1 the encoder libx264 has no option `nope`
--encoder-opts@nope have not the form name=value
--encoder@ffv1@--crf@20 the encoder ffv1 has no option `crf`
--encoder-opts@profile=wrong wrong
END
    run -2 crop -i chunks -o out --crf best rows
    [[ $output == *'--crf is "best"'* ]]
}

@test "the user's encoder, quality, preset and options reach the clip" {
    row a_0000 0 9 > rows
    crop -i chunks -o out --crf 30.5 --preset superfast --encoder-opts g=5:x264-params=ref=2 rows > records
    grep -aq 'crf=30.5' out/*.mp4
    grep -aq 'ref=2 .*keyint=5 ' out/*.mp4
    crop -i chunks -o other --encoder mpeg4 --encoder-opts qscale=2 rows > records ||
        crop -i chunks -o other --encoder mpeg4 rows > records
    [ "$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 other/*.mp4)" = mpeg4 ]
}

@test "-j 1 and -j 2 give the same bytes" {
    for chunk in a_0000 a_0001 --b_c_0000; do row "$chunk" 0 29; row "$chunk" 10 49 33 21 98 85; done > rows
    crop -j 1 -i chunks -o one rows > records
    crop -j 2 -i chunks -o two rows > records
    diff <(sums one) <(sums two)
}

@test "damage in the middle: tubes before it are ok, the others are unreadable" {
    mkdir bad
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=192x144:r=25:d=4 -c:v libx264 -preset veryfast -g 20 \
        -movflags faststart bad/a_0000.mp4
    cp bad/a_0000.mp4 good.mp4
    # Overwrites a slice header in the second half of the packets.
    position=$(ffprobe -v error -show_entries packet=pos -of csv=p=0 good.mp4 | sort -n | sed -n 70p)
    printf '\377\377\377\377\377\377\377\377' | dd of=bad/a_0000.mp4 bs=1 seek="$position" conv=notrunc status=none
    { row a_0000 0 29; row a_0000 40 99; row a_0000 90 99; } > rows
    run -1 --separate-stderr crop -q -i bad -o out rows
    [ "$(said - <<< "$output")" = 'a_0000_S0_E29_L0_T0_R64_B64 ok
a_0000_S40_E99_L0_T0_R64_B64 failed unreadable
a_0000_S90_E99_L0_T0_R64_B64 failed unreadable' ]
    [ "$(entries out)" = a_0000_S0_E29_L0_T0_R64_B64.mp4 ]
}

@test "a truncated chunk, cut at any place: no wrong clip is called ok" {
    mkdir bad
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=192x144:r=25:d=2 -c:v libx264 -preset veryfast -g 20 -bf 3 \
        -movflags faststart whole.mp4
    cp whole.mp4 bad/w_0000.mp4
    for end in 4 9 14 19 24 29 34 39 44 49; do row w_0000 $((end - 4)) "$end"; done > rows
    crop -i bad -o whole rows > records
    first=$(ffprobe -v error -show_entries packet=pos -of csv=p=0 whole.mp4 | sort -n | head -n 1)
    size=$(stat -c %s whole.mp4)
    # In the middle of packets, and at the end of some.
    for place in $(seq $((first + 1)) $(((size - first) / 12)) "$size") \
        $(ffprobe -v error -show_entries packet=pos -of csv=p=0 whole.mp4 | sort -n | sed -n '12p;23p;34p;45p'); do
        head -c "$place" whole.mp4 > bad/w_0000.mp4
        rm -rf out
        crop -q -i bad -o out rows > records || true
        [ "$(wc -l < records)" -eq 10 ]
        for clip in out/*.mp4; do
            if [ -e "$clip" ]; then cmp "$clip" "whole/${clip##*/}"; fi
        done
        [ "$(entries out | wc -l)" -eq "$(grep -c '"status": "ok"' records)" ]
    done
}

@test "chunks that are no video, empty files or folders" {
    mkdir bad bad/d_0000.mp4
    : > bad/e_0000.mp4
    echo '<html>' > bad/h_0000.mp4
    ffmpeg -v error -nostdin -f lavfi -i sine=d=1 bad/s_0000.mp4
    printf '#EXTM3U\n#EXTINF:1,\n/etc/passwd\n' > bad/p_0000.mp4
    for chunk in d_0000 e_0000 h_0000 s_0000 p_0000; do row "$chunk" 0 9; done > rows
    run -1 --separate-stderr crop -q -i bad -o out rows
    [ "$(said - <<< "$output" | cut -d ' ' -f 2- | sort | uniq -c | xargs)" = \
        '1 failed no_such_chunk 1 failed no_video 3 failed unreadable' ]
    [ -z "$(entries out)" ]
}

@test "a picture size that changes: tubes across the change fail, the others are right" {
    for size in 192x144 384x288; do
        ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=$size:r=25:d=1" -c:v libx264 -preset veryfast -f mpegts "$size.ts"
    done
    cat 192x144.ts 384x288.ts > both.ts
    chunk a_0000 | sed 's/chunks.a_0000.mp4/both.ts/' > split.jsonl
    { row a_0000 0 9; row a_0000 20 30; row a_0000 30 39; } > tubes
    run -1 --separate-stderr crop -q -o out -t tubes split.jsonl
    [ "$(said - <<< "$output")" = 'a_0000_S0_E9_L0_T0_R64_B64 ok
a_0000_S20_E30_L0_T0_R64_B64 failed unreadable
a_0000_S30_E39_L0_T0_R64_B64 ok' ]
    [ "$(jq -c 'select(.key == "a_0000_S30_E39_L0_T0_R64_B64") | .box' <<< "$output")" = '{"x":0,"y":0,"w":128,"h":128}' ]
}

@test "a child that crashes: tubes without a record fail, and no others" {
    slow_rows > rows
    ASAN_OPTIONS=handle_segv=0 "$TH_BIN/th-crop" -q -j 2 -i slow -o out rows > records &
    pid=$!
    until_true has_part out
    kill -SEGV "$(children "$pid" | head -n 1)"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 75 ]
    [ "$(wc -l < records)" -eq 8 ]
    [ "$(jq -r 'select(.status == "failed") | [.error, .message, .chunk] | join(" ")' records | sort -u | wc -l)" -eq 1 ]
    [ "$(jq -r 'select(.status == "failed") | "\(.error) \(.retry)"' records | sort -u)" = 'crashed true' ]
    grep '"failed"' records | grep -q SIGSEGV
    [ "$(jq -r 'select(.status == "ok") | .chunk' records | sort -u | wc -l)" -eq 1 ]
    [ "$(entries out | wc -l)" -eq 4 ]
    grep -v '"status": "ok"' records | crop -q -o out > second
    [ "$(jq -r .status second | uniq -c | xargs)" = '4 ok' ]
}

@test "a child that makes no progress is killed" {
    slow_rows | grep s_0000 > rows
    "$TH_BIN/th-crop" -q --preset veryslow --stall-timeout 3 -i slow -o out rows > records &
    pid=$!
    until_true has_part out
    kill -STOP "$(children "$pid")"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 75 ]
    [ "$(jq -r '[.status, .error] | join(" ")' records | sort | uniq -c | xargs)" = '4 failed stalled' ]
    [ "$(entries out)" = .th-crop.options ]
}

@test "kill -9 at any moment: a rerun gives the bytes of a run without it, and no other file" {
    slow_rows > rows
    crop -q -i slow -o whole rows > records
    for moment in 0.05 0.3 0.6 0.9 1.3 1.8; do
        "$TH_BIN/th-crop" -q -i slow -o out rows > records &
        pid=$!
        sleep "$moment"
        case $moment in
        0.6 | 1.3) children "$pid" | xargs -r kill -9 2> /dev/null || true ;;
        *) kill -9 "$pid" || true ;;
        esac
        wait "$pid" 2> /dev/null || true
        # Every file with a final name is complete.
        for clip in out/*.mp4; do
            if [ -e "$clip" ]; then cmp "$clip" "whole/${clip##*/}"; fi
        done
    done
    crop -q -i slow -o out rows > records
    diff <(sums whole) <(sums out)
    [ "$(entries out)" = "$(entries whole)" ]
}

@test "SIGTERM: status 143, no incomplete file, no child left" {
    slow_rows > rows
    "$TH_BIN/th-crop" -q --preset veryslow -i slow -o out rows > records &
    pid=$!
    until_true has_part out
    offspring=$(children "$pid")
    kill "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 143 ]
    [ "$(find out -name '.*')" = out/.th-crop.options ]
    for child in $offspring; do run ! kill -0 "$child"; done
}

@test "a full disk: disk_full, and no incomplete file" {
    mkdir small
    mount -t tmpfs -o size=40k tmpfs small 2> /dev/null || skip "a small file system cannot be mounted here"
    status=0
    slow_rows | crop -q -i slow -o small > records || status=$?
    left=$(find small -type f -name '.*')
    umount small
    [ "$status" -eq 75 ]
    [ "$(wc -l < records)" -eq 8 ]
    [ "$(jq -r 'select(.status == "failed") | .error' records | sort -u)" = disk_full ]
    [ -z "$left" ]
}
