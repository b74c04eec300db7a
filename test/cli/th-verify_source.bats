# th-verify --level source: clips are compared with the chunk that they were made from.
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own, and that is meant
bats_require_minimum_version 1.5.0

TUBE='{"H": 180, "W": 320, "S": 20, "E": 59, "L": 100, "T": 40, "R": 228, "B": 136}'
BOX='{"x": 100, "y": 40, "w": 128, "h": 96}'
NAME=vid_0000_S20_E59_L100_T40_R228_B136

# Sets the duration of packets, which setpts loses in FFmpeg 7, so that players show the last picture.
LASTING='setts=pts=PTS:dts=DTS:duration=floor(0.04/TB+0.5)'

# chunk FILE SOURCE: 80 frames of 320x180.
chunk() {
    ffmpeg -v error -nostdin -f lavfi -i "$2" -frames:v 80 -c:v libx264 -preset ultrafast -crf 18 -pix_fmt yuv420p "$1"
}

# cut CHUNK CLIP [options]: the clip of the tube, LATE frames late and RIGHT, BELOW pixels displaced.
cut() {
    local start=$((20 + ${LATE:-0})) from=$1 to=$2
    shift 2
    ffmpeg -v error -nostdin -y -i "$from" -vf "trim=start_frame=$start:end_frame=$((start + 40)),setpts=PTS-STARTPTS,
        crop=128:96:$((100 + ${RIGHT:-0})):$((40 + ${BELOW:-0}))" -c:v libx264 -threads 1 -preset veryfast -bsf:v "$LASTING" "$@" "$to"
}

# record CLIP CHUNK: th-crop's record of a clip.
record() {
    echo '{"stage": "crop", "kind": "clip", "key": "'$NAME'", "status": "ok", "path": "'"$1"'",' \
        '"video": "vid", "chunk": "vid_0000", "source": "'"$2"'", "tube": '"$TUBE"', "box": '"$BOX"', "frames": 40, "bytes": 1}'
}

verify() {
    "$TH_BIN/th-verify" --level source "$@"
}

# says CLIP CHUNK SENTENCE: the clip differs from its source in that way.
says() {
    run --separate-stderr verify <<<"$(record "$1" "$2")"
    echo "$output"
    [ "$status" -eq 75 ]
    [[ $output == *'"status": "failed", "error": "differs_from_source", "retry": true, "message": "'"$3"* ]]
}

# passes CLIP CHUNK
passes() {
    run --separate-stderr verify <<<"$(record "$1" "$2")"
    echo "$output$stderr"
    [ "$status" -eq 0 ]
    [[ $output == *'"source": {"match": {"ok": true, "frames": 40, '* ]]
    [ -z "$stderr" ]
}

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    chunk fast.mp4 testsrc2=size=320x180:rate=25
    # A slow zoom into a drawing: neighbouring frames differ by a level or two.
    chunk slow.mp4 "mandelbrot=size=320x180:rate=25:end_pts=2000"
    chunk still.mp4 smptebars=size=320x180:rate=25
    chunk noise.mp4 "color=gray:size=320x180:rate=25,noise=alls=60:allf=t+u"
    export CHUNKS=$PWD
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "good clips match, from crf 18 to 35" {
    for footage in fast slow still noise; do
        for crf in 18 35; do
            cut "$CHUNKS/$footage.mp4" clip.mp4 -crf $crf
            passes clip.mp4 "$CHUNKS/$footage.mp4"
        done
    done
}

@test "a clip that begins a frame late or early is named, also on slow footage" {
    for footage in fast slow; do
        for crf in 18 30; do
            LATE=1 cut "$CHUNKS/$footage.mp4" late.mp4 -crf $crf
            says late.mp4 "$CHUNKS/$footage.mp4" 'the clip is 1 frame late: it shows frames 21 to 60 of the chunk, not 20 to 59'
            LATE=-1 cut "$CHUNKS/$footage.mp4" early.mp4 -crf $crf
            says early.mp4 "$CHUNKS/$footage.mp4" 'the clip is 1 frame early: '
        done
    done
    LATE=12 cut "$CHUNKS/slow.mp4" late.mp4
    says late.mp4 "$CHUNKS/slow.mp4" 'the clip is 12 frames late: it shows frames 32 to 71'
    [[ $output == *'"late": 12, "right": 0, "below": 0'* ]]
}

@test "a clip displaced by two pixels is named, even of a still picture" {
    for footage in fast slow still; do
        RIGHT=2 cut "$CHUNKS/$footage.mp4" right.mp4 -crf 28
        says right.mp4 "$CHUNKS/$footage.mp4" 'the clip was taken beside its box of the chunk: 2 pixels to the right'
        RIGHT=-2 cut "$CHUNKS/$footage.mp4" left.mp4 -crf 28
        says left.mp4 "$CHUNKS/$footage.mp4" 'the clip was taken beside its box of the chunk: 2 pixels to the left'
    done
    BELOW=2 cut "$CHUNKS/slow.mp4" below.mp4
    says below.mp4 "$CHUNKS/slow.mp4" 'the clip was taken beside its box of the chunk: 2 pixels below'
    RIGHT=-14 BELOW=-6 cut "$CHUNKS/slow.mp4" far.mp4
    says far.mp4 "$CHUNKS/slow.mp4" 'the clip was taken beside its box of the chunk: 14 pixels to the left and 6 pixels above'
}

@test "a frame dropped in the middle is noticed" {
    ffmpeg -v error -nostdin -i "$CHUNKS/fast.mp4" -vf "trim=start_frame=20:end_frame=61,select=not(eq(n\,19)),
        setpts=N/25/TB,crop=128:96:100:40" -c:v libx264 -threads 1 -bsf:v "$LASTING" slip.mp4
    run verify <<<"$(record slip.mp4 "$CHUNKS/fast.mp4")"
    [ "$status" -eq 75 ]
    [[ $output == *'"error": "differs_from_source"'* ]]
}

@test "the clip of another chunk under this name shows other pictures" {
    cut "$CHUNKS/slow.mp4" other.mp4
    says other.mp4 "$CHUNKS/fast.mp4" 'the clip shows other pictures than its box of the chunk'
}

@test "10 bit, 4:4:4 and full range pictures are compared, too" {
    for format in yuv420p10le yuv444p yuvj420p; do
        ffmpeg -v error -nostdin -y -f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 80 -c:v libx264 -preset ultrafast \
            -pix_fmt $format chunk.mp4
        cut chunk.mp4 good.mp4
        passes good.mp4 chunk.mp4
        LATE=1 cut chunk.mp4 late.mp4
        says late.mp4 chunk.mp4 'the clip is 1 frame late'
    done
}

@test "a chunk that ends before the last frame of the clip is a fault" {
    ffmpeg -v error -nostdin -i "$CHUNKS/fast.mp4" -frames:v 50 -c:v libx264 -preset ultrafast short.mp4
    cut "$CHUNKS/fast.mp4" clip.mp4
    says clip.mp4 short.mp4 "the chunk has 50 frames; the clip's last one would be number 59"
}

@test "a clip whose chunk cannot be read passes, with a message" {
    cut "$CHUNKS/fast.mp4" clip.mp4
    echo nothing >broken.mp4
    for source in none.mp4 broken.mp4; do
        run --separate-stderr verify <<<"$(record clip.mp4 $source)"
        echo "$output"
        [ "$status" -eq 0 ]
        [[ $output == *'"source": {"match": {"ok": null, "why": "'* ]]
        [[ $stderr == *'1 clips could not be compared with their chunks; their records say why' ]]
    done
}

@test "a chunk that was damaged later does not fail its clip" {
    cut "$CHUNKS/fast.mp4" clip.mp4
    size=$(stat -c %s "$CHUNKS/fast.mp4")
    for tenth in 3 4 5 6; do
        cp "$CHUNKS/fast.mp4" damaged.mp4
        head -c 3000 "$TH_BIN/th-verify" | dd of=damaged.mp4 bs=1 seek=$((size * tenth / 10)) conv=notrunc status=none
        run --separate-stderr verify <<<"$(record clip.mp4 damaged.mp4)"
        echo "$output"
        [ "$status" -eq 0 ]
        [[ $output == *'"source": {"match": {"ok": null, "why": "a frame of its chunk is damaged"}'* ]]
    done
}

@test "--chunks says where the chunks are when no record does" {
    mkdir chunks clips
    cp "$CHUNKS/fast.mp4" chunks/vid_0000.mp4
    cut chunks/vid_0000.mp4 clips/$NAME.mp4
    echo 'vid_0000, 180, 320, 20, 59, 100, 40, 228, 136' >tubes
    run --separate-stderr verify --chunks chunks -i clips -t tubes
    [ "$status" -eq 0 ]
    [[ $output == *'"source": "chunks/vid_0000.mp4"'*'"match": {"ok": true, '* ]]
    LATE=1 cut chunks/vid_0000.mp4 clips/$NAME.mp4
    run --separate-stderr verify --chunks chunks -i clips -t tubes
    [ "$status" -eq 75 ]
    [[ $output == *'"error": "differs_from_source"'* ]]
}

@test "a chunk is decoded once for all of its clips, in whatever order their records come" {
    for start in 40 20 0 30; do
        printf 'vid_000%d, 180, 320, %d, %d, 100, 40, 228, 136\n' 0 $start $((start + 9)) 1 $start $((start + 19))
    done >tubes
    mkdir chunks
    cp "$CHUNKS/fast.mp4" chunks/vid_0000.mp4
    cp "$CHUNKS/slow.mp4" chunks/vid_0001.mp4
    "$TH_BIN/th-crop" -q -i chunks -o clips tubes | shuf --random-source="$TH_BIN/th-verify" >crop.jsonl
    [ "$(wc -l <crop.jsonl)" -eq 8 ]
    strace -f -e trace=openat -o trace true 2> /dev/null || skip "strace is not installed"
    ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=openat -o trace "$TH_BIN/th-verify" -j 1 --level source crop.jsonl >out
    [ "$(grep -c '"match": {"ok": true' out)" -eq 8 ]
    [ "$(grep 'chunks/vid_0000.mp4' trace | grep -vc O_PATH)" -eq 1 ]
    [ "$(grep 'chunks/vid_0001.mp4' trace | grep -vc O_PATH)" -eq 1 ]
}

@test "clips of other sizes are scaled back to their box; those of other frame rates, and tiny ones, are not compared" {
    mkdir chunks
    cp "$CHUNKS/fast.mp4" chunks/vid_0000.mp4
    cp "$CHUNKS/slow.mp4" chunks/vid_0001.mp4
    while read -r option; do
        rm -rf clips beside
        for tube in '20, 59, 60, 20, 220, 140' '21, 60, 60, 20, 220, 140' '20, 59, 62, 20, 222, 140'; do
            # shellcheck disable=SC2086 # an option and its value
            printf 'vid_000%d, 180, 320, %s\n' 0 "$tube" 1 "$tube" | "$TH_BIN/th-crop" -q -i chunks -o clips $option
        done >crop.jsonl
        run --separate-stderr verify crop.jsonl
        [ "$status" -eq 0 ]
        [ "$(grep -c '"match": {"ok": true' <<<"$output")" -eq 6 ]
        name=clips/vid_0000_S20_E59_L60_T20_R220_B140.mp4
        cp clips/vid_0000_S21_E60_L60_T20_R220_B140.mp4 $name
        run --separate-stderr verify <<<"$(grep "$name" crop.jsonl)"
        echo "$option: $output"
        [[ $output == *'the clip is 1 frame late'* ]]
        cp clips/vid_0000_S20_E59_L62_T20_R222_B140.mp4 $name
        run --separate-stderr verify <<<"$(grep "$name" crop.jsonl)"
        echo "$option: $output"
        [[ $output == *'the clip was taken beside its box of the chunk: 2 pixels to the right'* ]]
    done <<'END'
--size 160
--size 256 --fit crop
--size 120x140 --fit stretch
--size 320x160 --trim-edges 5
END
    for option in '--size 30' '--fps 10'; do
        rm -rf clips
        # shellcheck disable=SC2086
        echo 'vid_0000, 180, 320, 20, 59, 60, 20, 220, 140' | "$TH_BIN/th-crop" -q -i chunks -o clips $option >crop.jsonl
        run --separate-stderr verify crop.jsonl
        [ "$status" -eq 0 ]
        [[ $output == *'"match": {"ok": null, "why": "it '*"${option% *}"'"}'* ]]
    done
}

@test "clips of a video that was not split into chunks are compared, too" {
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 150 -g 25 -c:v libx264 -preset ultrafast vid.mp4
    echo 'vid_0001, 180, 320, 5, 34, 100, 40, 228, 136' >tubes
    echo vid.mp4 | "$TH_BIN/th-split" -q --no-copy --seconds 2 -o chunks -t tubes | "$TH_BIN/th-crop" -q -o clips -t tubes >crop.jsonl
    run --separate-stderr verify crop.jsonl
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *'"match": {"ok": true, "frames": 30, '* ]]
}

@test "a process that is killed over the clips of a chunk fails none of them" {
    ffmpeg -v error -f lavfi -i testsrc2=size=640x360:rate=25 -frames:v 1500 -c:v libx264 -preset ultrafast vid_0000.mp4
    for start in 0 1400; do
        printf 'vid_0000, 360, 640, %d, %d, 100, 40, 228, 136\n' $start $((start + 29))
    done >tubes
    "$TH_BIN/th-crop" -q -i . -o clips tubes >crop.jsonl
    # Again when the process had ended before the kill.
    killed=
    for _ in {1..5}; do
        : >out
        "$TH_BIN/th-verify" -j 1 --level source crop.jsonl >out 2>err &
        pid=$!
        until [ -s out ]; do sleep 0.01; done
        ! pkill -KILL -P $pid || killed=yes
        wait $pid
        [ -z "$killed" ] || break
    done
    [ "$killed" ]
    cat out err
    [ "$(grep -c '"match": {"ok": true' out)" -eq 2 ]
    [ ! -s err ]
}

@test "piping the records into th-crop makes clips that differ again, and then they pass" {
    mkdir chunks
    cp "$CHUNKS/fast.mp4" chunks/vid_0000.mp4
    echo 'vid_0000, 180, 320, 20, 59, 100, 40, 228, 136' >tubes
    "$TH_BIN/th-crop" -q -i chunks -o clips tubes >crop.jsonl
    LATE=1 cut chunks/vid_0000.mp4 clips/$NAME.mp4
    run --separate-stderr verify crop.jsonl
    [ "$status" -eq 75 ]
    run --separate-stderr bash -c "set -o pipefail; '$TH_BIN/th-crop' -q -o clips | '$TH_BIN/th-verify' --level source" <<<"$output"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *'"status": "ok"'*'"match": {"ok": true, '* ]]
}

# poke FILE AT OCTAL...: writes these bytes at that offset.
poke() {
    local file=$1 at=$2
    shift 2
    printf '%b' "${@/#/\\0}" | dd of="$file" bs=1 seek="$at" conv=notrunc status=none
}

@test "a chunk whose first pictures do not decode: the numbers of the others stay, and no clip of them is condemned" {
    mkdir good bad
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=size=96x64:rate=25:duration=2 -c:v libvpx-vp9 -g 10 good/a_0000.mp4
    cp good/a_0000.mp4 bad
    at=$(ffprobe -v error -show_entries packet=pos -of csv=p=0 good/a_0000.mp4 | head -n 1)
    poke bad/a_0000.mp4 $((at + 4)) 177 377 377 377 # a picture of 65536x65536
    [ "$(ffmpeg -v quiet -i bad/a_0000.mp4 -f framemd5 - | grep -vc '^#')" -eq 40 ]
    printf 'a_0000, 64, 96, %s, 0, 0, 95, 63\n' '5, 9' '17, 31' '40, 49' > rows
    for kind in good bad; do
        "$TH_BIN/th-crop" -q --crf 0 -i $kind -o $kind.clips rows > $kind.jsonl || [ $kind = bad ]
    done
    [ "$(grep -c '"status": "ok"' bad.jsonl)" -eq 2 ]
    cmp good.clips/a_0000_S17_*.mp4 bad.clips/a_0000_S17_*.mp4
    cmp good.clips/a_0000_S40_*.mp4 bad.clips/a_0000_S40_*.mp4
    grep '"ok"' bad.jsonl | "$TH_BIN/th-verify" --level source 2> said > verify.jsonl
    [ "$(grep -c '"why": "a frame of its chunk is damaged"' verify.jsonl)" -eq 2 ]
}

@test "a chunk whose times go back: its clips have times that rise, and are not condemned for a gap" {
    mkdir bad
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=size=96x64:rate=25:duration=2 -c:v libx264 -g 10 -bf 2 bad/a_0000.mp4
    at=$(grep -abo ctts bad/a_0000.mp4 | head -n 1)
    poke bad/a_0000.mp4 $((${at%%:*} + 8)) 0 0 0 0
    printf 'a_0000, 64, 96, %s, 0, 0, 95, 63\n' '30, 47' '40, 47' > rows
    "$TH_BIN/th-crop" -q -i bad -o clips rows > crop.jsonl
    for level in decode source; do
        "$TH_BIN/th-verify" --level $level crop.jsonl > verify.jsonl
        [ "$(grep -c '"status": "ok"' verify.jsonl)" -eq 2 ]
    done
}
