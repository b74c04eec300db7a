# The chunks of th-split equal those of the ffmpeg program, packet by packet: data, times, flags.
# shellcheck disable=SC2154 # chunks.bash sets the arrays

bats_require_minimum_version 1.5.0
load chunks

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
}

@test "H.264 with B-frames and closed GOPs" {
    make "${picture[@]}" "${h264[@]}" -bf 2 in.mp4
    same 2 in.mp4 2
    counted
}

@test "H.264 with open GOPs" {
    make "${picture[@]}" "${h264[@]}" -bf 3 -x264-params open-gop=1:keyint=30 in.mp4
    same 2 in.mp4 2
    counted
}

@test "sound" {
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -bf 2 -c:a aac in.mp4
    same 2 in.mp4 2
}

@test "a start time that is not 0: mp4, Matroska, MPEG-TS, FLV" {
    for suffix in mp4 mkv ts flv; do
        make "${picture[@]}" "${tone[@]}" "${h264[@]}" -c:a aac -output_ts_offset 7.3 "in.$suffix"
        rm -rf ours theirs
        same 2 "in.$suffix" 2
    done
}

@test "GOPs longer than a minute, cut at 60 s" {
    make -f lavfi -i testsrc=s=64x64:r=5:d=150 -f lavfi -i sine=d=150 -c:v libx264 -preset veryfast -g 9999 \
        -keyint_min 9999 -sc_threshold 0 -force_key_frames 0,70,75,130 -c:a aac -b:a 32k in.mp4
    same 3 in.mp4 60
    counted
}

@test "a key frame that is shown before the cut, and after it once no time is below 0" {
    make "${picture[@]}" "${tone[@]}" -c:v libx264 -preset veryfast -bf 2 -force_key_frames 0,1.96,2.96,4.4 -c:a aac \
        sound.mp4
    make -i sound.mp4 -map 0:v -c copy in.mp4
    same 3 in.mp4 2
    # th-split counts times from 0, so these are the same with each version of the library.
    [ "$(sed -n 's/.*"frames": \([0-9]*\).*/\1/p' records | xargs)" = "49 61 40" ]
    rm -rf ours
    same 3 sound.mp4 2
    [ "$(sed -n 's/.*"frames": \([0-9]*\).*/\1/p' records | xargs)" = "49 61 40" ]
}

@test "a video shorter than a minute is one chunk" {
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -c:a aac in.mp4
    same 1 in.mp4 60
    [ "$(ls ours)" = in_0000.mp4 ]
}

@test "a variable frame rate, in fine and in coarse ticks" {
    make "${picture[@]}" "${h264[@]}" -vf "select='not(mod(n,3))+gt(random(1),0.5)',setpts=PTS+random(2)*0.3/TB/25" \
        -fps_mode vfr -video_track_timescale 90000 in.mp4
    make -i in.mp4 -c copy in.mkv
    same 3 in.mp4 2
    counted
    rm -rf ours theirs
    same 3 in.mkv 2
}

@test "more frames than ticks" {
    make -f lavfi -i testsrc=s=64x64:r=3000:d=0.8 -c:v libx264 -preset veryfast -g 100 -bf 2 fast.mp4
    make -i fast.mp4 -c copy in.mkv
    same 3 in.mkv 0.2
}

@test "VP9 and Opus in WebM, Matroska and mp4" {
    make "${picture[@]}" "${tone[@]}" -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 40 -c:a libopus in.webm
    make -i in.webm -c copy in.mkv
    make -i in.webm -c copy in.mp4
    for suffix in webm mkv mp4; do
        rm -rf ours theirs
        same 2 "in.$suffix" 2
    done
    counted
}

@test "edit lists and times below 0" {
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -bf 2 -c:a aac whole.mp4
    make -ss 1.3 -i whole.mp4 -c copy edit.mp4
    make -ss 1.3 -i whole.mp4 -c copy -avoid_negative_ts disabled below.mkv
    make -i whole.mp4 -c copy -movflags negative_cts_offsets offsets.mp4
    for file in edit.mp4 below.mkv offsets.mp4; do
        rm -rf ours theirs
        same 2 "$file" 2
    done
}

@test "sound that begins before or after the picture" {
    make "${picture[@]}" "${h264[@]}" -bf 2 v.mp4
    make "${tone[@]}" -c:a aac a.mp4
    make -i v.mp4 -itsoffset 15 -i a.mp4 -map 0 -map 1 -c copy late.mp4
    make -i v.mp4 -itsoffset -0.7 -i a.mp4 -map 0 -map 1 -c copy -avoid_negative_ts disabled early.mkv
    make -itsoffset 15 -i v.mp4 -i a.mp4 -map 0 -map 1 -c copy lead.mp4
    for file in late.mp4 early.mkv lead.mp4; do
        rm -rf ours theirs
        same 2 "$file" 2
    done
}

@test "several sound streams, and sound before the picture in the file's order" {
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -map 1 -map 0 -map 1 -c:a:0 aac -c:a:1 libmp3lame in.mp4
    same 2 in.mp4 2
    counted
}

@test "key frames only" {
    make "${picture[@]}" -c:v libx264 -preset veryfast -g 1 in.mp4
    make "${picture[@]}" -c:v mjpeg in.avi
    same 3 in.mp4 2
    rm -rf ours theirs
    same 3 in.avi 2
}

@test "AVI with B-frames, whose packets have no pts" {
    make "${picture[@]}" "${tone[@]}" -c:v mpeg4 -bf 2 -g 25 -c:a libmp3lame in.avi
    same 1 in.avi 2 # without pts nothing is cut
}

@test "a fragmented mp4" {
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -c:a aac -movflags +frag_keyframe+empty_moov in.mp4
    same 2 in.mp4 2
}

@test "MPEG-TS that leaps, that wraps, that begins within a GOP" {
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -c:a aac whole.ts
    make -i whole.ts -c copy -output_ts_offset 500 late.ts
    make -i whole.ts -c copy -output_ts_offset 95438 wrap.ts
    cat whole.ts late.ts > leap.ts
    cat late.ts whole.ts > back.ts
    tail -c +30081 whole.ts > within.ts
    for file in leap.ts back.ts wrap.ts within.ts; do
        rm -rf ours theirs
        same 2 "$file" 2
    done
}

@test "times that leap in Matroska" {
    make "${picture[@]}" "${h264[@]}" in.mp4
    make -i in.mp4 -c copy -bsf:v 'setts=pts=PTS+if(gt(N\,100)\,100000\,0):dts=DTS+if(gt(N\,100)\,100000\,0)' ahead.mkv
    make -i in.mp4 -c copy -bsf:v 'setts=pts=PTS-if(gt(N\,100)\,20000\,0):dts=DTS-if(gt(N\,100)\,20000\,0)' back.mkv
    same 2 ahead.mkv 2
    rm -rf ours theirs
    same 2 back.mkv 2
}

@test "29.97 frames a second, rotated, with a cover picture and chapters" {
    make -f lavfi -i testsrc=s=32x32 -frames:v 1 cover.png
    printf ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=4000\ntitle=one\n' > chapters.txt
    make -f lavfi -i testsrc=s=128x96:r=30000/1001:d=6 -i cover.png -f ffmetadata -i chapters.txt -map 0 -map 1 \
        -map_metadata 2 "${h264[@]}" -c:v:1 copy -disposition:v:1 attached_pic in.mp4
    turn in.mp4 0 1 -1 0
    same 2 in.mp4 2 -map 0:v
    counted
    for chunks in theirs ours; do
        ffprobe -v error -select_streams v:0 -show_entries stream_side_data=rotation -of csv=p=0 "$chunks/in_0001.mp4"
    done > rotations
    [ "$(grep -c -- -90 rotations)" -eq 2 ]
}

@test "subtitles that mp4 can hold" {
    printf '1\n00:00:01,000 --> 00:00:03,000\none\n\n2\n00:00:04,000 --> 00:00:06,000\ntwo\n' > text.srt
    make "${picture[@]}" "${tone[@]}" -i text.srt -map 0 -map 1 -map 2 "${h264[@]}" -c:a aac -c:s mov_text in.mp4
    same 2 in.mp4 2
}

@test "streams that mp4 cannot hold are left out with a note" {
    printf '1\n00:00:01,000 --> 00:00:03,000\none\n' > text.srt
    make "${picture[@]}" "${tone[@]}" -i text.srt -map 0 -map 1 -map 2 "${h264[@]}" -c:a aac -c:s srt -attach text.srt \
        -metadata:s:t mimetype=text/plain in.mkv
    same 2 in.mkv 2 -map 0:v -map 0:a
    grep -q '"dropped": "stream 2 (subtitle, subrip), stream 3 (attachment, ' records
    make "${picture[@]}" "${tone[@]}" -map 0 -map 1 -map 1 "${h264[@]}" -c:a:0 pcm_mulaw -c:a:1 pcm_s16le \
        -timecode 00:00:01:00 sound.mov
    rm -rf ours theirs
    # shellcheck disable=SC2046 # options, word by word
    same 2 sound.mov 2 $(holdable sound.mov)
    grep -q '"dropped": "stream 1 (audio, pcm_mulaw), ' records
}

@test "only some chunks: the same chunks as in the whole" {
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -bf 2 -c:a aac in.mp4
    echo in.mp4 | "$TH_BIN/th-split" -o whole --seconds 2 > whole.jsonl
    printf '%s, 96, 128, 0, 9, 0, 0, 64, 64\n' in_0001 in_0002 in_0077 other_0000 > tubes.txt
    echo in.mp4 | "$TH_BIN/th-split" -o some -t tubes.txt --seconds 2 > some.jsonl
    [ "$(cd some && echo *)" = "in_0001.mp4 in_0002.mp4" ]
    cmp whole/in_0001.mp4 some/in_0001.mp4
    cmp whole/in_0002.mp4 some/in_0002.mp4
    [ "$(tail -n 1 whole.jsonl)" = "$(tail -n 1 some.jsonl)" ]
}
