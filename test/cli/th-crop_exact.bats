# The clips of th-crop equal, frame by frame and time by time, what the ffmpeg program cuts out of the same chunk.
# shellcheck disable=SC2154 # exact.bash sets the arrays

bats_require_minimum_version 1.5.0

load exact

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

@test "H.264, closed groups of pictures with B-frames" {
    make "${picture[@]}" "${h264[@]}" a_0000.mp4
    same a_0000.mp4
}

@test "H.264, open groups of pictures: a chunk that begins with leading pictures" {
    make "${picture[@]}" "${h264[@]}" -x264-params open-gop=1:b-adapt=0:scenecut=0:keyint=20:min-keyint=20 whole.mp4
    make -i whole.mp4 -c copy -f segment -segment_time 1.5 a_%04d.mp4
    # A packet after the first, the key frame, is shown before it.
    ffprobe -v error -show_entries packet=pts -of csv=p=0 a_0001.mp4 | head -n 4 > pts
    [ "$(sort -n pts | head -n 1)" != "$(head -n 1 pts)" ]
    same a_0001.mp4
}

@test "a variable frame rate: each frame keeps its own time" {
    make "${picture[@]}" -vf "select='lt(n,20)+not(mod(n,3))'" -fps_mode vfr "${h264[@]}" a_0000.mp4
    same a_0000.mp4
    # 25 fps up to frame 19, then each third frame.
    [ "$(frames out/a_0000_S5_E20_L33_T1_R95_B90.mp4 | tail -n 2 | cut -d ' ' -f 1 | xargs)" = '0.5600 0.6400' ]
}

@test "4:2:2, 4:4:4, full range, grey" {
    for format in yuv422p yuv444p yuvj420p gray; do
        make "${picture[@]}" -pix_fmt "$format" "${h264[@]}" "${format}_0000.mp4"
        same "${format}_0000.mp4"
        for file in "${format}_0000.mp4" "out/${format}_0000_S0_E9_L0_T0_R192_B144.mp4"; do
            ffprobe -v error -show_entries stream=pix_fmt,color_range -of csv=p=0 "$file"
        done > formats
        [ "$(uniq formats | wc -l)" -eq 1 ]
    done
}

@test "10 bit" {
    make "${picture[@]}" -pix_fmt yuv420p10le "${h264[@]}" a_0000.mp4
    # At 10 bit qp 0 is lossless; crf 0 is not.
    quality="--encoder-opts qp=0" same a_0000.mp4
}

@test "VP9 in webm, MPEG-4 and Motion JPEG" {
    make "${picture[@]}" -c:v libvpx-vp9 -cpu-used 8 -deadline realtime a_0000.webm
    same a_0000.webm
    make "${picture[@]}" -c:v mpeg4 -bf 2 b_0000.mp4
    same b_0000.mp4
    make "${picture[@]}" -c:v mjpeg -q 5 c_0000.mp4
    same c_0000.mp4
}

@test "a start time that is not 0, an edit list" {
    make "${picture[@]}" "${h264[@]}" whole.mp4
    make -ss 0.5 -i whole.mp4 -c copy a_0000.mp4
    same a_0000.mp4
    make -copyts -ss 0.9 -i whole.mp4 -c copy b_0000.mkv
    same b_0000.mkv
}

@test "interlaced: pictures as coded, marked as interlaced" {
    make "${picture[@]}" -vf interlace "${h264[@]}" -flags +ildct+ilme a_0000.mp4
    same a_0000.mp4
    for file in a_0000.mp4 out/a_0000_S0_E9_L0_T0_R192_B144.mp4; do
        ffprobe -v error -show_entries frame=interlaced_frame,top_field_first -read_intervals %+#1 \
            -of default=noprint_wrappers=1 "$file" | grep -E '^(interlaced|top)_' | xargs
    done > marks
    [ "$(wc -l < marks)" -eq 2 ]
    [ "$(uniq marks)" = 'interlaced_frame=1 top_field_first=1' ]
}

@test "the colour description and the sample aspect ratio are kept" {
    make "${picture[@]}" -vf setsar=4/3 "${h264[@]}" -colorspace bt709 -color_primaries bt709 -color_trc iec61966-2-1 \
        -color_range tv -chroma_sample_location topleft a_0000.mp4
    same a_0000.mp4
    entries=stream=pix_fmt,color_range,color_space,color_transfer,color_primaries,chroma_location,sample_aspect_ratio
    ffprobe -v error -show_entries "$entries" a_0000.mp4 > theirs
    ffprobe -v error -show_entries "$entries" out/a_0000_S0_E9_L0_T0_R192_B144.mp4 > ours
    diff theirs ours
}

@test "the container has the clip's true number of frames, rate, duration and start" {
    make "${picture[@]}" "${h264[@]}" a_0000.mp4
    echo 'a_0000, 144, 192, 7, 36, 0, 0, 64, 64' > rows
    mkdir chunks
    mv a_0000.mp4 chunks
    "$TH_BIN/th-crop" -i chunks -o out rows > records
    [ "$(ffprobe -v error -count_frames -show_entries \
        stream=nb_frames,nb_read_frames,avg_frame_rate,r_frame_rate,start_time,duration -of compact=p=0 out/*.mp4)" = \
        'r_frame_rate=25/1|avg_frame_rate=25/1|start_time=0.000000|duration=1.200000|nb_frames=30|nb_read_frames=30' ]
    run ! grep -aE 'Lav[fc][0-9]' out/*.mp4
}

@test "default settings give the packets that the ffmpeg program's libx264 gives" {
    mkdir chunks
    make "${picture[@]}" "${h264[@]}" chunks/a_0000.mp4
    echo 'a_0000, 144, 192, 7, 66, 13, 15, 114, 98' | "$TH_BIN/th-crop" -i chunks -o out > records
    # setpts drops durations in FFmpeg 7; the filter fps sets them again.
    make -i chunks/a_0000.mp4 -vf trim=start_frame=7:end_frame=67,setpts=PTS-STARTPTS,fps=25,crop=100:82:12:14 \
        -fps_mode passthrough -c:v libx264 -threads 1 -x264-params cpu-independent=1 theirs.mp4
    for file in theirs.mp4 out/*.mp4; do
        ffprobe -v error -show_data_hash md5 -show_entries packet=pts_time,dts_time,duration_time,size,flags,data_hash \
            -of compact "$file"
    done > packets
    [ "$(wc -l < packets)" -eq 120 ]
    diff <(head -n 60 packets) <(tail -n 60 packets)
}

@test "the bytes of a clip do not depend on the processor" {
    mkdir chunks
    make "${picture[@]}" "${h264[@]}" chunks/a_0000.mp4
    row='a_0000, 144, 192, 0, 74, 0, 0, 192, 144'
    echo "$row" | "$TH_BIN/th-crop" -i chunks -o fast > records
    echo "$row" | "$TH_BIN/th-crop" -i chunks -o plain --encoder-opts x264-params=asm=0 > records
    cmp fast/*.mp4 plain/*.mp4
}
