# th-verify on good and damaged clips that the ffmpeg program made.
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own, and that is meant
bats_require_minimum_version 1.5.0

NAME=vid_0000_S10_E49_L0_T0_R64_B48
TUBE='{"H": 48, "W": 64, "S": 10, "E": 49, "L": 0, "T": 0, "R": 64, "B": 48}'
BOX='{"x": 0, "y": 0, "w": 64, "h": 48}'

# make FILE [options]: 40 frames of 64x48 at 25 a second. SOURCE, FILTER and FRAMES change that. Sets the duration
# of packets, which setpts loses in FFmpeg 7, so that players show the last picture.
make() {
    local file=$1
    shift
    ffmpeg -v error -nostdin -y -f lavfi -i "${SOURCE:-testsrc2=size=64x48:rate=25}" -vf "${FILTER:-null}" \
        -fps_mode passthrough -frames:v "${FRAMES:-40}" -c:v libx264 -threads 1 -pix_fmt yuv420p \
        -bsf:v 'setts=pts=PTS:dts=DTS:duration=floor(0.04/TB+0.5)' "$@" -f mp4 "$file"
}

# record PATH [KEY]: th-crop's record of a clip.
record() {
    echo '{"stage": "crop", "kind": "clip", "key": "'"${2:-$NAME}"'", "status": "ok", "path": "'"$1"'",' \
        '"video": "vid", "chunk": "vid_0000", "tube": '"$TUBE"', "box": '"$BOX"', "frames": 40, "bytes": 1}'
}

verify() {
    "$TH_BIN/th-verify" "$@"
}

# says WORD PATH [options]: the clip fails with that word, and a rerun may help.
says() {
    local word=$1 path=$2
    shift 2
    run --separate-stderr verify "$@" <<<"$(record "$path")"
    echo "$output"
    [ "$status" -eq 75 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *'"stage": "verify", "kind": "clip", "key": "'"$NAME"'", "status": "failed", "error": "'"$word"'", "retry": true'* ]]
    [[ $output == *'"video": "vid", "chunk": "vid_0000", "tube": '"$TUBE"* ]]
    [[ $stderr == "th-verify: $NAME: "*" ($word)" ]]
}

# passes PATH [options]: the clip passes all checks.
passes() {
    local path=$1
    shift
    run --separate-stderr verify "$@" <<<"$(record "$path")"
    echo "$output$stderr"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *'"stage": "verify", "kind": "clip", "key": "'"$NAME"'", "status": "ok", "path": "'"$path"'", "video": "vid", "chunk": "vid_0000", "tube": '"$TUBE"* ]]
    [[ $output != *'"ok": false'* ]]
    [ -z "$stderr" ]
}

setup_file() {
    export GOOD=$BATS_FILE_TMPDIR/good.mp4
    make "$GOOD"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "a trim that is longer than any tube is ignored, and does not overflow" {
    record "$GOOD" | sed 's/"bytes": 1/"trim": 4611686018427387905/' > in.jsonl
    verify in.jsonl > out
    grep -q '"status": "ok"' out
}

@test "a good clip passes, and its record says what was measured" {
    passes "$GOOD"
    [[ $output == *'"frames": 40, "bytes": '"$(stat -c %s "$GOOD")"', "width": 64, "height": 48, "checks": {"container": {"file": {"ok": true,'* ]]
    [[ $output == *'"size": {"ok": true, "got": [64, 48], "want": [64, 48], "from": "box"}'* ]]
    [[ $output == *'"decode": {"pictures": {"ok": true, "damaged": 0, "whole": true}'*'"step": 0.04,'* ]]
}

@test "the level container does not decode" {
    passes "$GOOD" --level container
    [[ $output != *'"decode"'* ]]
}

@test "good clips of all kinds pass: closed and open GOPs, B-frames, key frames only, sound, 29.97 and 60 fps" {
    make closed.mp4 -g 12 -bf 0
    make b.mp4 -g 250 -bf 3 -x264-params b-pyramid=normal
    make open.mp4 -g 10 -bf 3 -x264-params open-gop=1
    make key.mp4 -g 1
    make faststart.mp4 -movflags +faststart
    make ten.mp4 -pix_fmt yuv420p10le
    SOURCE=testsrc2=size=64x48:rate=30000/1001 make ntsc.mp4
    SOURCE=testsrc2=size=64x48:rate=60 make sixty.mp4
    ffmpeg -v error -i "$GOOD" -f lavfi -i sine=duration=1.6 -c:v copy -c:a aac sound.mp4
    for clip in *.mp4; do
        passes "$clip"
    done
}

@test "clips with a variable frame rate pass" {
    FILTER='setpts=2*N+mod(N\,2)' make uneven.mp4
    FILTER='setpts=if(lt(N\,20)\,N\,20+(N-20)*3)' make slower.mp4
    FILTER='select=mod(n\,7),setpts=PTS-STARTPTS' make dropped.mp4
    for clip in *.mp4; do
        passes "$clip"
    done
}

@test "a clip of one frame passes, and is not frozen" {
    NAME=vid_0000_S10_E10_L0_T0_R64_B48 TUBE=${TUBE/49/10}
    FRAMES=1 make one.mp4
    passes one.mp4
}

@test "a good re-encode of a slow scene at crf 35 passes" {
    SOURCE='testsrc2=size=128x96:rate=25' FILTER='trim=start_frame=5,setpts=PTS-STARTPTS,crop=64:48' make slow.mp4 -crf 35
    passes slow.mp4
}

@test "no file, and an empty one, are missing" {
    says missing no/such.mp4
    : >empty.mp4
    says missing empty.mp4
}

@test "what is not a file, or not such a container, is unreadable" {
    mkdir folder
    says unreadable folder
    mkfifo pipe
    says unreadable pipe
    echo '<html>' >page.mp4
    says unreadable page.mp4
    printf '#EXTM3U\n#EXTINF:1,\n%s\n#EXT-X-ENDLIST\n' "$GOOD" >list.mp4
    says unreadable list.mp4
    says missing "http://127.0.0.1:9/a.mp4"
}

@test "a clip cut off at any tenth fails, wherever its index lies" {
    make front.mp4 -movflags +faststart
    for whole in "$GOOD" front.mp4; do
        for tenth in 1 2 3 4 5 6 7 8 9; do
            head -c $(($(stat -c %s "$whole") * tenth / 10)) "$whole" >cut.mp4
            run --separate-stderr verify <<<"$(record cut.mp4)"
            echo "$tenth: $output"
            [ "$status" -eq 75 ]
            [[ $output == *'"status": "failed", "error": "unreadable"'* ||
                $output == *'"status": "failed", "error": "decode_error"'* ]]
        done
    done
}

@test "a clip without its index is unreadable" {
    make front.mp4 -movflags +faststart
    sed 's/moov/gone/' front.mp4 >bare.mp4
    says unreadable bare.mp4
}

@test "flipped bits in the middle are a decode error, which the level container does not notice" {
    cp "$GOOD" flipped.mp4
    ffprobe -v error -show_entries packet=size,pos,flags -of csv=p=0 "$GOOD" | grep -v K | sort -rn | head -n 5 >largest
    while IFS=, read -r _ offset _; do
        printf '\xA5\x5A\xFF\x00\x13\x77\xC3\x3C' | dd of=flipped.mp4 bs=1 seek=$((offset + 10)) conv=notrunc status=none
    done <largest
    passes flipped.mp4 --level container
    says decode_error flipped.mp4
}

@test "one frame less, and one more, are a wrong frame count at each level" {
    FRAMES=39 make less.mp4
    FRAMES=41 make more.mp4
    for clip in less.mp4 more.mp4; do
        says frame_count $clip
        says frame_count $clip --level container
    done
}

@test "a first frame that is repeated in front is named" {
    FILTER='loop=loop=10:size=1:start=0' FRAMES=50 make front.mp4
    says frame_count front.mp4
    [[ $output == *'first picture is repeated 10 times'* ]]
}

@test "a frozen clip is found, though no two of its frames are coded alike" {
    FILTER='loop=loop=-1:size=1:start=0' make frozen.mp4 -g 10
    FRAMES=60 make moving.mp4
    [ "$(ffmpeg -v error -i frozen.mp4 -f framemd5 - | grep -v '^#' | awk '{print $NF}' | sort -u | wc -l)" -gt 1 ]
    run verify <<<"$(record frozen.mp4 | sed 's/"tube"/"source": "moving.mp4", "tube"/')"
    [ "$status" -eq 75 ]
    [[ $output == *'"status": "failed", "error": "frozen", "retry": true, "message": "all 40 frames of the clip show one picture, and its chunk moves there"'* ]]
    run verify --level container <<<"$(record frozen.mp4 | sed 's/"tube"/"source": "moving.mp4", "tube"/')"
    [ "$status" -eq 0 ]
}

@test "a clip that is as still as its source is not frozen" {
    FILTER='loop=loop=-1:size=1:start=0' make frozen.mp4 -g 10
    FILTER='loop=loop=-1:size=1:start=0' FRAMES=60 make still.mp4
    run verify <<<"$(record frozen.mp4 | sed 's/"tube"/"source": "still.mp4", "tube"/')"
    [ "$status" -eq 0 ]
    [[ $output == *'"still": {"ok": true, '*'"still_in_source": true'* ]]
}

@test "a still clip whose source cannot be read passes, with a message: it may be a drawing" {
    FILTER='loop=loop=-1:size=1:start=0' make still.mp4 -g 10
    run --separate-stderr verify <<<"$(record still.mp4)"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *'"still": {"ok": null, '* ]]
    [[ $stderr == *'1 clips could not be compared with their chunks; their records say why' ]]
}

@test "a clip that starts late has bad times" {
    FILTER='setpts=PTS+0.2/TB' make late.mp4
    says bad_times late.mp4
    says bad_times late.mp4 --level container
    [[ $output == *'begins at 0.2'* ]]
}

@test "a gap between frames is a fault, unless the source has it, too" {
    FILTER='setpts=if(lt(N\,20)\,N\,N+4)' make gap.mp4
    says bad_times gap.mp4
    [[ $output == *'1 gaps between frames, the first after frame 19'* ]]

    # A chunk whose frames 10 to 49 have that gap, and one that has it a frame later.
    FILTER='setpts=if(lt(N\,30)\,N\,N+4)' FRAMES=60 make chunk.mp4
    FILTER='setpts=if(lt(N\,31)\,N\,N+4)' FRAMES=60 make other.mp4
    run verify <<<"$(record gap.mp4 | sed 's/"tube"/"source": "chunk.mp4", "tube"/')"
    [ "$status" -eq 0 ]
    [[ $output == *'"source": "chunk.mp4"'*'"gaps_in_source": true'* ]]
    run verify <<<"$(record gap.mp4 | sed 's/"tube"/"source": "other.mp4", "tube"/')"
    [ "$status" -eq 75 ]
}

@test "a gap is that of the source, too, where the chunk has packets that cannot be shown" {
    # The first key frame is lost. Pictures shown before the second key frame reference earlier ones, too.
    mkdir chunks
    SOURCE=testsrc2=size=160x120:rate=25 FRAMES=60 make whole.mp4 -c:v libx265 -tag:v hvc1 -x265-params \
        log-level=none:keyint=15:min-keyint=15:scenecut=0:open-gop=1:bframes=4:b-adapt=0
    ffmpeg -v error -i whole.mp4 -c copy -bsf:v "noise=drop=eq(n\,0)" chunks/vid_0000.mp4
    echo 'vid_0000, 120, 160, 0, 39, 0, 0, 64, 48' | "$TH_BIN/th-crop" -q -i chunks -o clips >crop.jsonl
    # FFmpeg 5.1 shows pictures before them and behind, FFmpeg 7 shows them, and FFmpeg 9 begins behind them.
    gaps=$(ffprobe -v error -show_entries frame=pts -of csv=p=0 chunks/vid_0000.mp4 | awk -F, '
        $1 != "" { gaps += last && $1 - last > 600; last = $1 } END { print gaps + 0 }')
    [ "$gaps" -eq 0 ] && expected='"gaps": 0, "gaps_in_source": false' || expected='"gaps": 1, "gaps_in_source": true'
    for level in decode source; do
        run --separate-stderr verify --level $level crop.jsonl
        echo "$output"
        [ "$status" -eq 0 ]
        [[ $output == *"$expected"* ]]
    done
}

@test "another size is wrong, whatever the right one is known from" {
    SOURCE=testsrc2=size=64x64:rate=25 make square.mp4
    says wrong_size square.mp4
    [[ $output == *'"got": [64, 64], "want": [64, 48], "from": "box"'* ]]

    SOURCE=testsrc2=size=128x96:rate=25 make chunk.mp4
    run verify <<<"$(record "$GOOD" | sed 's/"box": {[^}]*}/"source": "chunk.mp4"/')"
    [ "$status" -eq 75 ]
    [[ $output == *'"error": "wrong_size"'*'"want": [128, 96], "from": "source"'* ]]

    run verify <<<"$(record square.mp4 | sed 's/, "box": {[^}]*}//')"
    [ "$status" -eq 75 ]
    [[ $output == *'"error": "wrong_size"'*'"from": "ratio"'* ]]
    run verify <<<"$(record chunk.mp4 | sed 's/, "box": {[^}]*}//')"
    [ "$status" -eq 0 ]
}

@test "sound only, two video streams and subtitles are not a clip" {
    ffmpeg -v error -f lavfi -i sine=duration=1.6 -c:a aac sound.mp4
    says unreadable sound.mp4
    ffmpeg -v error -i "$GOOD" -map 0 -map 0 -c copy two.mp4
    says unreadable two.mp4
    printf '1\n00:00:00,000 --> 00:00:01,000\nHello\n' >text.srt
    ffmpeg -v error -i "$GOOD" -i text.srt -c:v copy -c:s mov_text text.mp4
    says unreadable text.mp4
}

@test "plain paths name clips by their file, and names may begin with a dash" {
    mkdir clips
    cp "$GOOD" "clips/--$NAME.mp4"
    cp "$GOOD" "./-$NAME.mp4"
    run --separate-stderr verify <<<"# a comment

clips/--$NAME.mp4
-$NAME.mp4"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    [[ $output == *'"key": "--vid_0000_S10_E49_L0_T0_R64_B48", "status": "ok"'*'"video": "--vid", "chunk": "--vid_0000"'* ]]
    [[ $output == *'"path": "-vid_0000_S10_E49_L0_T0_R64_B48.mp4"'* ]]
}

@test "a path without a clip's name, and broken lines, are reported with their number and stop nothing" {
    printf '%s\n' holiday.mp4 '{"stage"' '["a"]' '{"stage": "crop"}' "$(record "$GOOD" ../../x)" "$(record "$GOOD")" >lines
    run --separate-stderr verify lines
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *'"status": "ok"'* ]]
    for line in 1 2 3 4 5; do
        [[ $stderr == *"th-verify: lines:$line: "* ]]
    done
}

@test "-i and -t verify the clip of every row" {
    mkdir clips
    cp "$GOOD" "clips/-$NAME.mp4"
    cp "$GOOD" "clips/$NAME.mp4"
    cat >tubes <<-ROWS
	-vid_0000, 480, 640, 10, 49, 0, 0, 64, 48
	vid_0000, 480, 640, 10, 49, 0, 0, 64, 48
	vid_0001, 480, 640, 10, 49, 0, 0, 64, 48
	vid_0000, 480, 640, 49, 10, 0, 0, 64, 48
	vid_0000, 480
	ROWS
    run --separate-stderr verify -i clips -t tubes
    echo "$output"
    [ "$status" -eq 75 ]
    [ "${#lines[@]}" -eq 4 ]
    [ "$(grep -c '"status": "ok"' <<<"$output")" -eq 2 ]
    [[ $output == *'"key": "vid_0001_S10_E49_L0_T0_R64_B48", "status": "failed", "error": "missing"'* ]]
    [[ $output == *'"key": "vid_0000_S49_E10_L0_T0_R64_B48", "status": "skipped", "error": "bad_tube", "retry": false'* ]]
    [[ $output == *'"path": "clips/-vid_0000_S10_E49_L0_T0_R64_B48.mp4", "video": "-vid", "chunk": "-vid_0000", "tube": {"H": 480, "W": 640, "S": 10,'* ]]
    [[ $stderr == *"tubes:5: "* ]]
}

@test "exit statuses: wrong options are 2, a folder or list that cannot be read 3" {
    run verify --level deep
    [ "$status" -eq 2 ]
    [[ $output == *'--level is "deep"; expected one of container decode'* ]]
    run verify -i .
    [ "$status" -eq 2 ]
    run verify -i . -t tubes more
    [ "$status" -eq 2 ]
    run verify -o out </dev/null
    [ "$status" -eq 2 ]
    run verify -i none -t /dev/null
    [ "$status" -eq 3 ]
    run verify -i . -t none
    [ "$status" -eq 3 ]
    run verify </dev/null
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "every clip record in gives one out; other records, and clips that passed, pass through unchanged" {
    video='{"stage": "fetch", "kind": "video", "key": "gone", "status": "failed", "error": "gone", "retry": false, "message": "away"}'
    chunk='{"stage": "split", "kind": "chunk", "key": "vid_0000", "status": "ok", "path": "vid_0000.mp4", "later": [1, 0.25]}'
    proven='{"stage": "verify", "kind": "clip", "key": "proven", "status": "ok", "path": "proven.mp4", "checks": {}}'
    cat >lines <<-RECORDS
	$video
	$chunk
	$proven
	{"stage": "crop", "kind": "clip", "key": "never", "status": "failed", "error": "out_of_range", "retry": false, "message": "too short", "path": "x", "video": "vid", "chunk": "vid_0000", "source": "vid_0000.mp4", "tube": $TUBE}
	{"stage": "crop", "kind": "clip", "key": "later", "status": "skipped", "error": "network", "retry": true, "message": "not cropped: no line", "video": "vid", "chunk": "vid_0001", "tube": $TUBE}
	{"stage": "crop", "kind": "clip", "key": "bad", "status": "ok", "path": "x.mp4", "tube": {"H": "x"}}
	{"stage": "verify", "kind": "clip", "key": "again", "status": "failed", "error": "missing", "retry": true, "message": "", "path": "$GOOD", "tube": $TUBE, "box": $BOX}
	$(record "$GOOD")
	$(record none.mp4)
	RECORDS
    run --separate-stderr verify lines
    echo "$output"
    [ "$status" -eq 75 ]
    [ "${#lines[@]}" -eq 9 ]
    for same in "$video" "$chunk" "$proven"; do
        grep -qxF "$same" <<<"$output"
    done
    [ "$(grep -c '"stage": "verify", "kind": "clip"' <<<"$output")" -eq 7 ]
    [[ $output == *'"key": "never", "status": "skipped", "error": "out_of_range", "retry": false, "message": "not cropped: too short", "video": "vid", "chunk": "vid_0000", "source": "vid_0000.mp4", "tube": '"$TUBE"'}'* ]]
    [[ $output == *'"key": "later", "status": "skipped", "error": "network", "retry": true, "message": "not cropped: no line"'* ]]
    [[ $output == *'"key": "bad", "status": "failed", "error": "bad_tube"'* ]]
    [[ $output == *'"key": "again", "status": "ok"'* ]]

    # With its own records as input, it changes nothing in the skipped ones.
    verify <<<"$output" >second || true
    diff <(sort <<<"$output") <(sort second)
}

@test "what failed is verified again; what passed only with --force" {
    cp "$GOOD" clip.mp4
    record late.mp4 >records
    record clip.mp4 >>records
    run --separate-stderr verify records
    [ "$status" -eq 75 ]
    mv clip.mp4 late.mp4
    run verify <<<"$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c '"status": "ok"' <<<"$output")" -eq 2 ]
    run --separate-stderr verify --force <<<"$output"
    [ "$status" -eq 75 ]
    [[ $output == *'"error": "missing"'* ]]
}

@test "a dry run opens nothing and is no failure" {
    run --separate-stderr verify -n <<<"$(record none.mp4)"
    [ "$status" -eq 0 ]
    [[ $output == *'"status": "skipped", "error": "dry_run", "retry": true, "message": "would be verified", "path": "none.mp4", "video": "vid"'* ]]
    run --separate-stderr verify <<<"$output"
    [ "$status" -eq 75 ]
    [[ $output == *'"error": "missing"'* ]]
}

@test "a child that dies fails one clip" {
    # Slow to decode, quick to make.
    ffmpeg -v error -f lavfi -i testsrc2=size=320x240:rate=25 -frames:v 1000 -c:v libx264 -preset ultrafast -bf 0 part.mp4
    for _ in {1..16}; do echo "file part.mp4"; done >parts
    ffmpeg -v error -f concat -i parts -c copy long.mp4
    for signal in SEGV KILL; do
        { record long.mp4 long; record "$GOOD"; } >records
        "$TH_BIN/th-verify" -j 2 records >out 2>err &
        pid=$!
        for _ in {1..200}; do
            sleep 0.02
            child=$(pgrep -P $pid) || true
            grep -q '"status": "ok"' out && [ "$(wc -w <<<"$child")" -eq 1 ] && break
        done
        kill -$signal "$child"
        status=0
        wait $pid || status=$?
        cat out
        [ "$status" -eq 75 ]
        [ "$(wc -l <out)" -eq 2 ]
        grep -q '"key": "long", "status": "failed", "error": "crashed", "retry": true' out
    done
}

@test "a signal stops it at once, with its status" {
    mkfifo never
    exec 9<>never
    "$TH_BIN/th-verify" <never >out &
    pid=$!
    sleep 0.2
    kill -TERM $pid
    status=0
    wait $pid || status=$?
    [ "$status" -eq 143 ]
}

@test "the man page is clean and knows every option" {
    page=$BATS_TEST_DIRNAME/../../th-verify/th-verify.1
    mandoc -T lint -W warning "$page"
    for option in $(verify --help | grep -o -- '^ *\(-., \)\?--[a-z-]*' | grep -o -- '--[a-z-]*' | cut -c3-); do
        grep -q "Fl -$option" "$page" || { echo "--$option is not in the man page"; false; }
    done
}
