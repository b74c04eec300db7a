# Damaged pictures: no clip that is called ok holds concealed pixels or wrong frames.

bats_require_minimum_version 1.5.0

load exact

# Two seconds, one key frame, groups of P, B, B, B.
picture=(-f lavfi -i 'testsrc2=s=192x144:r=25:d=2')
h264=(-c:v libx264 -preset veryfast -g 50 -x264-params bframes=3:b-adapt=0:scenecut=0:cabac=0)

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir chunks
}

# crop_frames DIR: makes a clip of each frame of the chunk in chunks/, in the new folder DIR. Writes the files `records`
# (stdout) and `said` (stderr).
crop_frames() {
    "$TH_BIN/th-crop" -v --preset ultrafast -i chunks -o "$1" tubes > records 2> said || true
}

# whole CHUNK: makes the undamaged clips, in the folder `whole`.
whole() {
    mv "$1" chunks
    seq 0 "$(($(count "chunks/$1") - 1))" | sed "s/.*/${1%.*}, 144, 192, &, &, 0, 0, 192, 144/" > tubes
    crop_frames whole
    [ "$(grep -c '"ok"' records)" -eq "$(wc -l < tubes)" ]
}

# no_wrong_clip CHUNK PACKETS [BYTE]: damages each of these packets in turn. Each clip that is made equals the undamaged one,
# and those of frames 0 to 3 are made. At most one packet in four may decode without an error, to other pixels.
no_wrong_clip() {
    local chunk=$1 packet clip packets noticed=0
    read -ra packets <<< "$2"
    cp "chunks/$chunk" undamaged
    for packet in "${packets[@]}"; do
        cp undamaged "chunks/$chunk"
        damage "chunks/$chunk" "$packet" "${@:3}"
        rm -rf out
        crop_frames out
        [ "$(jq -r 'select(.status == "ok" and .tube.S < 4) | .key' records | wc -l)" -eq 4 ]
        grep -q '"unreadable"' records || continue
        noticed=$((noticed + 1))
        for clip in out/*.mp4; do
            cmp "$clip" "whole/${clip##*/}"
        done
    done
    [ $((noticed * 4)) -ge $((${#packets[@]} * 3)) ]
}

@test "H.264 with packets left out: damage that the decoder conceals without an error" {
    make "${picture[@]}" -c:v libx264 -preset veryfast -g 50 -x264-params bframes=3:b-adapt=0:scenecut=0 a_0000.mp4
    whole a_0000.mp4
    no_wrong_clip a_0000.mp4 "9 10 11 12 13 17 21 25"
}

@test "H.265 that was cut within an open group: every frame that the decoder gives becomes a clip" {
    make "${picture[@]}" -c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=20:min-keyint=20:bframes=4:b-adapt=0 a.mp4
    make -ss 0.3 -i a.mp4 -c copy -copyinkf a_0000.mkv
    whole a_0000.mkv
    [ "$(wc -l < tubes)" -gt 20 ]
}

# lose CHUNK PACKET OK: gives that packet's one NAL unit a reserved type, which decoders skip without an error. FFmpeg 9 refuses
# the pictures that reference the lost one. OK clips are made, and each equals the undamaged one.
lose() {
    local pos clip
    pos=$(ffprobe -v error -select_streams v -show_entries packet=pos -of csv=p=0 "chunks/$1" | sed -n "$(($2 + 1))p")
    cp "chunks/$1" undamaged
    printf '\122' | dd of="chunks/$1" bs=1 seek=$((${pos%,} + 4)) conv=notrunc status=none
    [ "$(count "chunks/$1")" -le 49 ]
    crop_frames out
    cp undamaged "chunks/$1"
    [ "$(grep -c '"ok"' records)" -eq "$3" ]
    for clip in out/*.mp4; do
        cmp "$clip" "whole/${clip##*/}"
    done
    rm -r out
}

@test "H.265, a picture that is lost without an error: no clip of the frames after it" {
    make "${picture[@]}" -c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=50:bframes=0 a_0000.mp4
    whole a_0000.mp4
    lose a_0000.mp4 20 20
    lose a_0000.mp4 40 40
    rm -r chunks/* whole
    # Frames 17 to 20 are packets 19 18 20 17.
    make "${picture[@]}" -c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=50:bframes=3:b-adapt=0 b_0000.mp4
    whole b_0000.mp4
    lose b_0000.mp4 19 17
    lose b_0000.mp4 20 19
}

@test "H.264 without times: no clip of a B picture that references a damaged P picture" {
    make "${picture[@]}" "${h264[@]}" -bsf:v h264_mp4toannexb a_0000.avi
    whole a_0000.avi
    grep -q 'times are missing' said
    no_wrong_clip a_0000.avi "9 10 11 12 13" 0
    # The B pictures shown before packet 13, a P picture, reference it; the frames before those do not.
    [ "$(jq 'select(.status == "ok") | .tube.S' records | sort -n | tail -n 1)" -eq 12 ]
}

@test "H.264 behind an edit list" {
    make "${picture[@]}" "${h264[@]}" source.mp4
    make -ss 0.5 -i source.mp4 -c copy a_0000.mp4
    whole a_0000.mp4
    grep -q 'a packet is not exactly one picture' said
    no_wrong_clip a_0000.mp4 "21 22 23 24 25" 0
}

@test "MPEG-4" {
    make "${picture[@]}" -c:v mpeg4 -bf 2 -g 50 -q:v 4 a_0000.mp4
    whole a_0000.mp4
    no_wrong_clip a_0000.mp4 "10 11 12 13" 0
}

@test "H.265, whose decoder marks no damage: no clip after a picture that it refuses" {
    make "${picture[@]}" -c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=50:bframes=3:b-adapt=0 a_0000.mp4
    whole a_0000.mp4
    no_wrong_clip a_0000.mp4 "9 10 11 12 13" 0
    rm -r chunks/* whole
    make -ss 0.2 -i undamaged -c copy b_0000.mp4
    whole b_0000.mp4
    grep -q 'a packet is not exactly one picture' said
    no_wrong_clip b_0000.mp4 "13 14 15 16 17" 0
}
