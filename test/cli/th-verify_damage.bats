# th-verify names each kind of damage to a clip that th-crop made.
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own, and that is meant
bats_require_minimum_version 1.5.0

load helpers

NAME=vid_0000_S20_E59_L100_T40_R228_B136
CLIP=clips/$NAME.mp4

# footage FILE SOURCE [options]: 90 frames of 320x180, as a chunk.
footage() {
    local file=$1 source=$2
    shift 2
    ffmpeg -v error -nostdin -f lavfi -i "$source" -frames:v 90 -c:v libx264 -preset ultrafast -crf 18 -pix_fmt yuv420p "$@" "$file"
}

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    mkdir chunks
    footage chunks/vid_0000.mp4 testsrc2=size=320x180:rate=25
    printf 'vid_0000, 180, 320, 20, 59, %s\n' '100, 40, 228, 136' '10, 60, 138, 156' >tubes
    "$TH_BIN/th-crop" -q -i chunks -o clips tubes >crop.jsonl
    export MADE=$PWD
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    ln -s "$MADE/chunks" chunks
    cp -r "$MADE/clips" .
    grep "\"$NAME\"" "$MADE/crop.jsonl" >crop.jsonl
}

# named WORD [SENTENCE]: the clip fails with that word, has retry: true, and passes when th-crop has made it again.
named() {
    run --separate-stderr "$TH_BIN/th-verify" --level source crop.jsonl
    echo "$output"
    [ "$status" -eq 75 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *'"key": "'$NAME'", "status": "failed", "error": "'"$1"'", "retry": true, "message": "'*"${2:-}"* ]]
}

# Sets the duration of packets, which setpts loses in FFmpeg 7, so that players show the last picture.
LASTING='setts=pts=PTS:dts=DTS:duration=floor(0.04/TB+0.5)'

# recode FILTER [options]: encodes the clip again through the filter.
recode() {
    local filter=$1
    shift
    ffmpeg -v error -nostdin -i "$CLIP" -vf "$filter" -fps_mode passthrough -c:v libx264 -threads 1 -bsf:v "$LASTING" "$@" changed.mp4
    mv changed.mp4 "$CLIP"
}

# cut START X Y: a clip of the same size and length from elsewhere in the chunk.
cut() {
    ffmpeg -v error -nostdin -y -i chunks/vid_0000.mp4 -vf "trim=start_frame=$1:end_frame=$(($1 + 40)),setpts=PTS-STARTPTS,crop=128:96:$2:$3" \
        -c:v libx264 -threads 1 -bsf:v "$LASTING" "$CLIP"
}

@test "an undamaged clip passes" {
    run --separate-stderr "$TH_BIN/th-verify" --level source crop.jsonl
    [ "$status" -eq 0 ]
    [[ $output == *'"match": {"ok": true'* ]]
}

@test "missing" {
    rm "$CLIP"
    named missing 'there is no file'
}

@test "empty" {
    : >"$CLIP"
    named missing 'is empty'
}

@test "a folder in its place" {
    rm "$CLIP"
    mkdir "$CLIP"
    named unreadable 'is not a file'
}

@test "a web page in its place" {
    echo '<!DOCTYPE html><title>404</title>' >"$CLIP"
    named unreadable
}

@test "truncated at any tenth" {
    cp "$CLIP" whole.mp4
    ffmpeg -v error -i whole.mp4 -c copy -movflags +faststart front.mp4
    for whole in whole.mp4 front.mp4; do
        for tenth in 1 2 3 4 5 6 7 8 9; do
            head -c $(($(stat -c %s $whole) * tenth / 10)) $whole >"$CLIP"
            run --separate-stderr "$TH_BIN/th-verify" --level source crop.jsonl
            echo "$whole $tenth: $output"
            [ "$status" -eq 75 ]
            [[ $output == *'"error": "unreadable"'* || $output == *'"error": "decode_error"'* ]]
        done
    done
}

@test "without its index" {
    sed -i 's/moov/gone/' "$CLIP"
    named unreadable
}

@test "bits flipped in the middle" {
    size=$(stat -c %s "$CLIP")
    for part in 2 3 4; do
        printf '\xA5\x5A\xFF\x00\x13\x77\xC3\x3C' | dd of="$CLIP" bs=1 seek=$((size * part / 6)) conv=notrunc status=none
    done
    named decode_error
}

@test "one frame less" {
    recode 'trim=end_frame=39'
    named frame_count '39 frames'
}

@test "one frame more" {
    recode 'tpad=stop=1:stop_mode=clone'
    named frame_count '41 frames'
}

@test "its first frame repeated in front, as the original scripts did" {
    recode 'loop=loop=20:size=1:start=0'
    named frame_count 'its first picture is repeated 20 times: made without setting the times back to 0'
}

@test "shifted by one frame" {
    cut 21 100 40
    named differs_from_source 'the clip is 1 frame late: it shows frames 21 to 60 of the chunk, not 20 to 59'
}

@test "shifted by two pixels" {
    cut 20 102 40
    named differs_from_source 'the clip was taken beside its box of the chunk: 2 pixels to the right'
}

@test "from another box of the same size" {
    cut 20 10 60
    named differs_from_source 'the clip shows other pictures than its box of the chunk'
}

@test "from far away in time" {
    cut 45 100 40
    named differs_from_source 'the clip is 25 frames late'
}

@test "of another size" {
    recode 'scale=130:96'
    named wrong_size 'the clip is 130x96; its tube asks for 128x96'
}

@test "frozen" {
    recode 'trim=end_frame=1,loop=loop=39:size=1:start=0,setpts=N/25/TB'
    named frozen 'all 40 frames of the clip show one picture'
}

@test "with times that start late" {
    recode 'setpts=PTS+0.2/TB'
    named bad_times 'begins at 0.2'
}

@test "at half its speed" {
    recode 'setpts=2*PTS' -bsf:v "${LASTING/0.04/0.08}"
    named bad_times 'the last frame is at 3.120000 s; in the chunk it is 1.560000 s after the first one'
    [[ $output == *'"match": {"ok": true'* ]]
}

@test "with a gap in its times" {
    recode 'setpts=if(lt(N\,20)\,N\,N+5)/25/TB'
    named bad_times '1 gaps between frames'
}

@test "marked as another codec than it is" {
    sed -i 's/avc1/mp4v/2' "$CLIP"
    cmp -s "$CLIP" "$MADE/$CLIP" && sed -i 's/avc1/mp4v/' "$CLIP"
    named decode_error
}

@test "sound only" {
    ffmpeg -v error -y -f lavfi -i sine=duration=1.6 -c:a aac "$CLIP"
    named unreadable 'no video stream'
}

@test "two videos in one file" {
    ffmpeg -v error -i "$CLIP" -map 0 -map 0 -c copy two.mp4
    mv two.mp4 "$CLIP"
    named unreadable '2 video streams'
}

@test "another clip under this name" {
    cp clips/vid_0000_S20_E59_L10_T60_R138_B156.mp4 "$CLIP"
    named differs_from_source 'the clip shows other pictures than its box of the chunk'
}

@test "a frame left out in the middle and the last one doubled" {
    recode 'select=not(eq(n\,20)),setpts=N/25/TB,tpad=stop=1:stop_mode=clone'
    named differs_from_source
}

@test "backwards" {
    recode 'reverse'
    named differs_from_source
}

@test "mirrored" {
    recode 'hflip'
    named differs_from_source 'the clip shows other pictures'
}

@test "all black" {
    recode 'drawbox=t=fill:color=black,noise=alls=20:allf=t'
    named differs_from_source 'the clip shows other pictures'
}

@test "without colours" {
    recode 'lutyuv=u=128:v=128'
    named differs_from_source 'the clip shows its box of the chunk in other colours'
}

@test "its two colours exchanged" {
    recode swapuv
    named differs_from_source 'the clip shows its box of the chunk in other colours'
}

@test "marked to be shown upside down" {
    turn "$CLIP" -1 0 0 -1
    named differs_from_source 'the clip is marked to be shown turned or mirrored'
    [[ $output == *'"turn": {"ok": false}'*'"match": {"ok": true'* ]]
    run --separate-stderr "$TH_BIN/th-verify" --level container crop.jsonl
    [ "$status" -eq 75 ]
}

@test "piping the records into th-crop repairs every damage, and so does running everything again" {
    cp crop.jsonl good.jsonl
    cut 21 100 40
    "$TH_BIN/th-verify" -q --level source crop.jsonl >verify.jsonl || [ $? -eq 75 ]
    "$TH_BIN/th-crop" -q -o clips verify.jsonl | "$TH_BIN/th-verify" --level source >again.jsonl
    grep -q '"status": "ok"' again.jsonl
    cmp "$CLIP" "$MADE/$CLIP"
    # th-crop does not touch other clips, nor those that passed.
    touch -d '2001-01-01' "$CLIP"
    "$TH_BIN/th-crop" -q -o clips again.jsonl | cmp - again.jsonl
    [ "$(date -r "$CLIP" +%Y)" -eq 2001 ]
}
