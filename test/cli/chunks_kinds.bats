# The chunks of th-split equal those of the ffmpeg program: frame rates, codecs, many streams, odd times.
# shellcheck disable=SC2154 # chunks.bash sets the arrays

bats_require_minimum_version 1.5.0
load chunks

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
}

# each LEAST SECONDS FILE...: `same` for each file.
each() {
    local least=$1 seconds=$2 file
    shift 2
    for file; do
        rm -rf ours theirs
        same "$least" "$file" "$seconds"
    done
}

@test "23.976, 24, 25, 29.97, 50 and 59.94 frames a second, in mp4 and Matroska" {
    for rate in 24000/1001 24 25 30000/1001 50 60000/1001; do
        name=${rate%%/*}
        make -f lavfi -i "testsrc=s=64x48:r=$rate:d=6" "${h264[@]}" -bf 2 "r$name.mp4"
        make -i "r$name.mp4" -c copy "k$name.mkv"
        each 2 2 "r$name.mp4" "k$name.mkv"
    done
    counted
}

@test "several sound streams of several kinds, several subtitles, two videos" {
    printf '1\n00:00:01,000 --> 00:00:03,000\none\n\n2\n00:00:03,500 --> 00:00:05,000\ntwo\n' > text.srt
    make "${picture[@]}" "${tone[@]}" -f lavfi -i sine=f=700:d=5 -i text.srt -itsoffset 0.4 -i text.srt -map 0 -map 1 -map 2 \
        -map 1 -map 3 -map 4 "${h264[@]}" -c:a:0 aac -c:a:1 ac3 -c:a:2 libmp3lame -c:s mov_text many.mp4
    make "${picture[@]}" -f lavfi -i testsrc2=s=64x48:r=10:d=6 "${tone[@]}" -map 0 -map 1 -map 2 "${h264[@]}" -c:a aac two.mp4
    each 2 2 many.mp4 two.mp4
    make "${picture[@]}" "${tone[@]}" -map 0 -map 1 -map 1 -map 1 "${h264[@]}" -c:a:0 wavpack -c:a:1 libopus \
        -c:a:2 flac lossless.mkv
    rm -rf ours theirs
    # shellcheck disable=SC2046 # options, word by word
    same 2 lossless.mkv 2 $(holdable lossless.mkv)
    grep -q '"dropped": "stream 1 (audio, wavpack)' records
    run ! grep -q '"dropped": .*stream [02]' records
}

@test "a cover picture as a second video stream, before and after the film" {
    make -f lavfi -i testsrc=s=32x32 -frames:v 1 cover.png
    make "${picture[@]}" "${tone[@]}" -i cover.png -map 0 -map 1 -map 2 "${h264[@]}" -bf 2 -c:a aac -c:v:1 copy \
        -disposition:v:1 attached_pic after.mp4
    each 2 2 after.mp4
    counted
}

@test "data streams: time code, timed metadata" {
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -c:a aac -timecode 00:00:01:00 code.mov
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -c:a aac -timecode 00:00:01:00 code.mp4
    for file in code.mov code.mp4; do
        rm -rf ours theirs
        same 2 "$file" 2 -map 0:v -map 0:a
    done
}

@test "no key frame but the first; a single frame" {
    make -f lavfi -i testsrc=s=64x48:r=10:d=75 "${tone[@]}" -c:v libx264 -preset ultrafast -g 9999 -keyint_min 9999 \
        -sc_threshold 0 -bf 2 -c:a aac first.mp4
    make "${picture[@]}" -frames:v 1 "${h264[@]}" single.mp4
    each 1 60 first.mp4 single.mp4
    counted
}

@test "times that jump in mp4, and that stand still" {
    make "${picture[@]}" "${h264[@]}" in.mp4
    make -i in.mp4 -c copy -bsf:v 'setts=pts=PTS+if(gt(N\,70)\,100000\,0):dts=DTS+if(gt(N\,70)\,100000\,0)' ahead.mp4
    make -i in.mp4 -c copy -bsf:v 'setts=pts=PTS+if(gt(N\,70)\,90000000\,0):dts=DTS+if(gt(N\,70)\,90000000\,0)' far.mp4
    each 2 2 ahead.mp4 far.mp4
    counted
}

@test "edit lists: begun late, begun within a group, with sound of its own" {
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -bf 3 -c:a aac whole.mp4
    for start in 0.5 1.19 2.4 3.01; do
        make -ss "$start" -i whole.mp4 -c copy "edit$start.mp4"
    done
    make -ss 1.3 -i whole.mp4 -itsoffset 0.8 -i whole.mp4 -map 0:v -map 1:a -c copy mixed.mp4
    make -itsoffset 3.7 -i whole.mp4 -i whole.mp4 -map 0:v -map 1:a -c copy late.mp4
    each 1 2 edit0.5.mp4 edit1.19.mp4 edit2.4.mp4 edit3.01.mp4 mixed.mp4 late.mp4
}

@test "HEVC, AV1, MPEG-2, MPEG-4, interlaced H.264" {
    make "${picture[@]}" -c:v libx265 -preset ultrafast -x265-params keyint=30:bframes=3:log-level=none hevc.mp4
    make "${picture[@]}" -c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params keyint=25:open-gop=1:log-level=none open.mkv
    make "${picture[@]}" -c:v libsvtav1 -preset 12 -g 30 av1.mp4 2> /dev/null
    make -i av1.mp4 -c copy av1.webm
    make "${picture[@]}" "${tone[@]}" -c:v mpeg2video -g 15 -bf 2 -c:a mp2 two.mpg
    make "${picture[@]}" "${tone[@]}" -c:v mpeg2video -g 15 -bf 2 -c:a mp2 two.ts
    make "${picture[@]}" -c:v mpeg4 -bf 2 -g 25 four.mp4
    make "${picture[@]}" "${h264[@]}" -flags +ilme+ildct fields.mp4
    each 2 2 hevc.mp4 open.mkv av1.mp4 av1.webm two.mpg two.ts four.mp4 fields.mp4
}
