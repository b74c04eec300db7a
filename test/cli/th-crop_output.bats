# Another size, frame rate or encoder after the crop. The ffmpeg program does the same to lossless clips, and the frames
# must be equal.
# shellcheck disable=SC2154 # bats sets $stderr, exact.bash the arrays

bats_require_minimum_version 1.5.0

load exact

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir chunks
    make "${picture[@]}" "${h264[@]}" chunks/a_0000.mp4
    # 25 frames a second up to frame 19, then each third one.
    make "${picture[@]}" -vf "select='lt(n,20)+not(mod(n,3))'" -fps_mode vfr "${h264[@]}" chunks/v_0000.mp4
    make "${picture[@]}" -t 1 -vf setsar=4/3 "${h264[@]}" chunks/w_0000.mp4
    make "${picture[@]}" -t 1 -pix_fmt yuv444p "${h264[@]}" chunks/f_0000.mp4
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    ln -s "$BATS_FILE_TMPDIR/chunks" .
}

# crop ROW OPTION...: makes the clip of that row as `clip.mp4`, and its record as `record`.
crop() {
    local row=$1
    shift
    "$TH_BIN/th-crop" -q -f -i chunks -o out --preset ultrafast "$@" <<< "$row" > record
    cp "$(jq -r .path record)" clip.mp4
}

# like FILTERS: the clip has the frames and times that the ffmpeg program makes of `whole.mp4` with FILTERS.
like() {
    diff <(frames whole.mp4 "$1") <(frames clip.mp4)
}

@test "--size: scaled, bordered, cropped, stretched as the ffmpeg program does it" {
    local scale='flags=lanczos+accurate_rnd+full_chroma_int+bitexact'
    for chunk in a f; do
        crop "${chunk}_0000, 144, 192, 3, 12, 13, 15, 114, 98" --crf 0
        cp clip.mp4 whole.mp4
        read -r w h < <(jq -r '"\(.box.w) \(.box.h)"' record)
        fitted=$((64 * h / w / 2 * 2))
        [ "$chunk" = a ] || fitted=$(((64 * 2 * h / w + 1) / 2))
        crop "${chunk}_0000, 144, 192, 3, 12, 13, 15, 114, 98" --crf 0 --size 64
        like "scale=64:$fitted:$scale,pad=64:64:0:-1,setsar=1"
        [ "$(jq -c .scale record)" = '{"width":64,"height":64,"fit":"pad"}' ]
        crop "${chunk}_0000, 144, 192, 3, 12, 13, 15, 114, 98" --crf 0 --size 96x48 --fit stretch
        like "scale=96:48:$scale,setsar=1"
    done
    crop 'a_0000, 144, 192, 3, 12, 0, 0, 96, 64' --crf 0
    cp clip.mp4 whole.mp4
    crop 'a_0000, 144, 192, 3, 12, 0, 0, 96, 64' --crf 0 --size 128 --fit crop
    like "scale=192:128:$scale,crop=128:128,setsar=1"
    [ "$(jq -c '[.box.w, .box.h, .frames]' record)" = '[96,64,10]' ]
}

@test "--size: pixels that are not square become square, and nothing is distorted" {
    crop 'w_0000, 144, 192, 0, 9, 0, 0, 96, 128' --size 128
    [ "$(ffprobe -v error -show_entries stream=width,height,sample_aspect_ratio -of csv=p=0 clip.mp4)" = 128,128,1:1 ]
    # 96 pixels of 4:3 are as long as 128 lines: no border.
    [ "$(ffmpeg -v info -i clip.mp4 -vf cropdetect=24:2:0 -f null - 2>&1 | grep -o 'crop=[0-9:]*' | tail -n 1)" = crop=128:128:0:0 ]
}

@test "--size: odd numbers, where the pictures can have them; otherwise it is said, at the start if it is the encoder" {
    row='a_0000, 144, 192, 3, 12, 13, 15, 114, 98'
    for fit in pad crop stretch; do
        "$TH_BIN/th-crop" -q -f -i chunks -o out --frames png --size 63x61 --fit $fit <<< "$row" > record
        [ "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 "$(jq -r .path record)/000000.png")" = 63,61 ]
        run -3 --separate-stderr "$TH_BIN/th-crop" -f -i chunks -o out --size 63x61 --fit $fit <<< "$row"
        [[ $stderr == *'--size is 63x61; expected even numbers, which the encoder libx264 needs' ]]
    done
    for fit in crop stretch; do
        "$TH_BIN/th-crop" -q -f -i chunks -o out --encoder ffv1 --size 63x61 --fit $fit <<< "$row" > record
        [ "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 "$(jq -r .path record)")" = 63,61 ]
    done
    run -1 "$TH_BIN/th-crop" -q -f -i chunks -o out --encoder ffv1 --size 63x61 --fit pad <<< "$row"
    [[ $(jq -r .message <<< "$output") == 'pictures of yuv420p cannot be made to fit 63x61; expected even numbers, or --fit stretch' ]]
}

@test "--fps: frames dropped and repeated as the ffmpeg program's fps filter does it" {
    for row in 'a_0000, 144, 192, 7, 55' 'v_0000, 144, 192, 5, 30' 'a_0000, 144, 192, 4, 4'; do
        crop "$row, 0, 0, 96, 96" --crf 0
        cp clip.mp4 whole.mp4
        for fps in 10 25 60 30000/1001 25/2; do
            [ "$row/$fps" != 'a_0000, 144, 192, 4, 4/10' ] || continue
            crop "$row, 0, 0, 96, 96" --crf 0 --fps "$fps"
            diff <(frames whole.mp4 "fps=$fps" | cut -d ' ' -f 2) <(frames clip.mp4 | cut -d ' ' -f 2)
            frames clip.mp4 | awk -v "n=${fps%/*}" -v "d=${fps#"${fps%/*}"}" '
                { d = d == "" ? 1 : substr(d, 1, 1) == "/" ? substr(d, 2) : d
                  if ($1 != sprintf("%.4f", (NR - 1) * d / n)) exit 1 }'
            [ "$(jq .frames record)" -eq "$(frames clip.mp4 | wc -l)" ]
            ffprobe -v error -show_entries stream=avg_frame_rate,r_frame_rate -of csv=p=0 clip.mp4 > rates
            [[ $(< rates) == "${fps%/1}"* ]] || [[ $(< rates) == "$fps/1,$fps/1" ]]
        done
    done
    # A clip has at least one frame.
    crop 'a_0000, 144, 192, 4, 4, 0, 0, 96, 96' --fps 10
    [ "$(jq '.frames == 1 and .fps == 10' record)" = true ]
    [ "$(frames clip.mp4 | wc -l)" -eq 1 ]
}

@test "--fps: a picture whose time damage has made years long costs its tubes" {
    mkdir jump
    make "${picture[@]}" -c:v libx264 -bf 0 -preset veryfast -bsf:v "setts=ts='TS+100000000000*gt(N,20)'" jump/j_0000.mkv
    printf 'j_0000, 144, 192, %s, 0, 0, 96, 96\n' '0, 19' '10, 30' '20, 20' '30, 40' > tubes
    "$TH_BIN/th-crop" -q -i jump -o out --preset ultrafast --fps 30 tubes > records || true
    [ "$(jq -r '"\(.tube.S) \(.status)"' records | sort -n | xargs)" = '0 ok 10 failed 20 failed 30 ok' ]
    # setts counts in ticks of Matroska in some versions of FFmpeg, and in frames in others.
    grep -qE '"a picture lasts (1|40)00000000 seconds; --fps repeats one for 600 at most"' records
}

@test "--size and --fps at once, and th-verify agrees" {
    "$TH_BIN/th-crop" -q -i chunks -o out --preset ultrafast --size 64x96 --fps 5 > records << END
a_0000, 144, 192, 3, 52, 13, 15, 114, 98
v_0000, 144, 192, 3, 32, 13, 15, 114, 98
END
    "$TH_BIN/th-verify" records > verdicts
    [ "$(jq -r .status verdicts | xargs)" = 'ok ok' ]
    [ "$(jq -c '.checks.container.size.want' verdicts | xargs)" = '[64,96] [64,96]' ]
    # It notices a wrong size.
    jq -c '.scale.width = 62' records | "$TH_BIN/th-verify" -q > verdicts || true
    [ "$(jq -r .error verdicts | xargs)" = 'wrong_size wrong_size' ]
    jq -c '.frames += 1' records | "$TH_BIN/th-verify" -q > verdicts || true
    [ "$(jq -r .error verdicts | xargs)" = 'frame_count frame_count' ]
}

@test "--gop: no two key frames are farther apart" {
    crop 'a_0000, 144, 192, 0, 74, 0, 0, 192, 144' --gop 10
    [ "$(ffprobe -v error -show_entries packet=flags -of csv=p=0 clip.mp4 | grep -c K)" -eq 8 ]
}

@test "encoders: each makes a clip that can be read, with the frames of its tube; two runs, the same bytes" {
    for encoder in libx265 libsvtav1 libvpx-vp9 ffv1 mpeg4; do
        ffmpeg -v quiet -encoders | grep -q " $encoder " || continue
        for run in one two; do
            # Under the sanitizers: x265 leaks a few bytes of its own.
            ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 "$TH_BIN/th-crop" -q -i chunks -o "$run" --encoder "$encoder" \
                <<< 'a_0000, 144, 192, 3, 12, 13, 15, 114, 98' > record 2> said
        done
        [ ! -s said ]
        [ "$(jq -r .encoder record)" = "$encoder" ]
        cmp one/*.mp4 two/*.mp4
        [ "$(frames one/a*.mp4 | wc -l)" -eq 10 ]
        "$TH_BIN/th-verify" record > verdict
        rm -r one two
    done
}

@test "ffv1 loses nothing, in the container from which mp4 was made" {
    crop 'a_0000, 144, 192, 3, 12, 13, 15, 114, 98' --crf 0
    cp clip.mp4 whole.mp4
    "$TH_BIN/th-crop" -q -f -i chunks -o out --encoder ffv1 <<< 'a_0000, 144, 192, 3, 12, 13, 15, 114, 98' > record
    cp "$(jq -r .path record)" clip.mp4
    like null
    [ "$(ffprobe -v error -show_entries stream=codec_name:format_tags=major_brand -of csv=p=0 clip.mp4 | xargs)" = 'ffv1 qt ' ] ||
        [ "$(ffprobe -v error -show_entries stream=codec_name:format_tags=major_brand -of csv=p=0 clip.mp4 | xargs)" = 'ffv1 qt' ]
}

@test "an encoder that does not open says why, and which others FFmpeg has for its codec" {
    run -3 --separate-stderr "$TH_BIN/th-crop" -o out --encoder nothing < /dev/null
    [[ $stderr == *'no video encoder named nothing'*'this FFmpeg has these encoders for h264: '*libx264* ]]
    run -3 --separate-stderr "$TH_BIN/th-crop" -o out --encoder mpeg4 --encoder-opts nope=1 < /dev/null
    [[ $stderr == *'the encoder mpeg4 has no option'*'this FFmpeg has these encoders for mpeg4: '*mpeg4* ]]
    # The name of a codec is not that of an encoder.
    run -3 --separate-stderr "$TH_BIN/th-crop" -o out --encoder av1 < /dev/null
    [[ $stderr == *'no video encoder named av1'*'this FFmpeg has these encoders for av1: '* ]]
}

@test "an encoder whose hardware is not there says what is missing" {
    local count=0
    while IFS=@ read -r encoder options said; do
        ffmpeg -v quiet -encoders | grep -q " $encoder " || continue
        [ ! -e /dev/dri ] && [ ! -e /dev/nvidia0 ] && [ ! -e /dev/video11 ] || skip "there may be such hardware"
        # shellcheck disable=SC2086 # several words, or none
        run -3 --separate-stderr "$TH_BIN/th-crop" -o out --encoder "$encoder" $options < /dev/null
        [[ $stderr == *"the encoder $encoder does not open"*"$said"* ]]
        [[ $stderr == *'this FFmpeg has these encoders for h'*"$encoder"* ]]
        count=$((count + 1))
    done <<END
h264_vaapi@@it needs a vaapi device, and none is found
hevc_vaapi@--encoder-opts device=/dev/none@it needs a vaapi device, and there is none at /dev/none
h264_nvenc@@libcuda
h264_qsv@@MFX session
h264_v4l2m2m@@Could not find a valid device
END
    [ "$count" -gt 0 ] || skip "FFmpeg knows no such encoder"
}

@test "wrong sizes, fits and rates are told with what was expected" {
    while IFS=@ read -r option value said; do
        # shellcheck disable=SC2086 # several words
        run -2 --separate-stderr "$TH_BIN/th-crop" -o out $option $value < /dev/null
        [[ $stderr == *"$said"* ]]
    done <<END
--size@0@--size is "0"; expected N or WxH
--size@64x@--size is "64x"
--size@64x64x64@--size is "64x64x64"
--size@99999@--size is "99999"
--fit@crop@expected --size, too
--fit@round --size 64@expected one of pad crop stretch
--fps@0@--fps is "0"; expected N or N/D
--fps@25/0@--fps is "25/0"
--fps@12.5@--fps is "12.5"
--gop@0@--gop is "0"
END
}

@test "credit: a clip says whose it is when the records know it; --no-credit leaves it out" {
    echo 'a_0000, 144, 192, 3, 12, 13, 15, 114, 98' > tubes
    chunk_record a_0000.mp4 | jq -c '.path = "chunks/a_0000.mp4"' > plain.jsonl
    jq -c '. + {url: "https://example.org/watch?v=a", title: "Tëst", uploader: "Somebody", license: "CC BY 3.0"}' \
        plain.jsonl > split.jsonl
    for run in one two; do
        "$TH_BIN/th-crop" -q -o "$run" -t tubes split.jsonl > records
    done
    cmp one/*.mp4 two/*.mp4
    # The clips of ffv1 are QuickTime.
    "$TH_BIN/th-crop" -q -o quick --encoder ffv1 -t tubes split.jsonl > records
    for clip in one/*.mp4 quick/*.mp4; do
        ffprobe -v error -of json -show_entries format_tags "$clip" |
            jq -r '.format.tags | [.title, .artist, .comment, .copyright, .description][]' > said
        diff said - <<END
Tëst
Somebody
https://example.org/watch?v=a
CC BY 3.0
a_0000, 144, 192, 3, 12, 13, 15, 114, 98
END
    done
    # A local file is not a source page.
    jq -c '. + {url: "file:///home/somebody/a.mp4"}' plain.jsonl | "$TH_BIN/th-crop" -q -o local -t tubes > records
    run ! grep -a somebody local/*.mp4
    # Nothing is written when the records do not say it, or with --no-credit. The pictures are the same.
    "$TH_BIN/th-crop" -q -o plain -t tubes plain.jsonl > records
    "$TH_BIN/th-crop" -q -o none --no-credit -t tubes split.jsonl > records
    cmp plain/*.mp4 none/*.mp4
    [ "$(ffprobe -v error -of json -show_entries format_tags none/*.mp4 | jq '.format.tags | has("title") or has("description")')" = false ]
    diff <(frames one/a*.mp4) <(frames none/a*.mp4)
}

@test "a clip begins with its index, and its packets are those that FFmpeg's muxer writes without" {
    crop 'a_0000, 144, 192, 3, 12, 13, 15, 114, 98'
    [ "$(grep -abo 'moov\|mdat' clip.mp4 | sed 's/.*://' | xargs)" = 'moov mdat' ]
    make -i clip.mp4 -map 0 -c copy plain.mp4
    [ "$(grep -abo 'moov\|mdat' plain.mp4 | sed 's/.*://' | xargs)" = 'mdat moov' ]
    diff <(ffmpeg -v error -i clip.mp4 -c copy -f framehash -) <(ffmpeg -v error -i plain.mp4 -c copy -f framehash -)
}

@test "a write, read or seek that fails at any place of a clip: io, and no clip" {
    strace -f -o /dev/null true 2> /dev/null || skip "strace is not installed"
    skip_under_sanitizers # LeakSanitizer does not work under strace
    export TH_SANDBOX=off # it forbids the system calls that strace changes
    # The folder in which the clip is made gets a name that is known before.
    echo '#include <fcntl.h>
        #include <string.h>
        int mkostemps(char *name, int ending, int flags) {
            memset(name + strlen(name) - (size_t)ending - 6, 0x30, 6);
            return open(name, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
        }' > name.c
    cc -shared -fPIC -o name.so name.c
    row='a_0000, 144, 192, 3, 12, 0, 0, 192, 144'
    for call in lseek pwrite64 pread64; do
        for ((n = 1; n < 20; n++)); do
            status=0
            strace -f -o /dev/null -P "$PWD/out/.th.part-000000/.a_0000_S3_E12_L0_T0_R192_B144.mp4.th.part" \
                -e trace=$call -e inject=$call:error=EIO:when=$n -E LD_PRELOAD="$PWD/name.so" "$TH_BIN/th-crop" -q -f -i chunks -o out <<< "$row" > record || status=$?
            [ $status -ne 0 ] || break
            echo "$call $n: $(cat record)"
            [ "$status" -eq 75 ]
            [ "$(jq -r .error record)" = io ]
            [ -z "$(entries out)" ]
        done
        [ "$(frames "$(jq -r .path record)" | wc -l)" -eq 10 ]
        rm -r out
        [ $call = lseek ] || [ "$n" -gt 1 ]
    done
}

@test "--pix-fmt: 10 bits and 4:4:4 become 4:2:0 as the ffmpeg program does it, and th-verify agrees" {
    make "${picture[@]}" -t 1 -pix_fmt yuv420p10le -c:v libx264 -preset ultrafast b_0000.mp4
    make "${picture[@]}" -t 1 -pix_fmt yuv444p10le -c:v libx264 -preset ultrafast c_0000.mp4
    for chunk in b c chunks/f; do
        row="${chunk##*/}_0000, 144, 192, 3, 12, 13, 15, 114, 98"
        "$TH_BIN/th-crop" -q -f -i "$(dirname "$chunk")" -o out --preset ultrafast --crf 0 --pix-fmt yuv420p <<< "$row" > record
        [ "$(jq -c '[.pix_fmt, .box.x, .box.y, .box.w, .box.h]' record)" = '["yuv420p",12,14,100,82]' ]
        diff <(ffmpeg -v error -i "${chunk}_0000.mp4" -vf 'trim=start_frame=3:end_frame=13,crop=100:82:12:14,format=yuv420p' -fps_mode passthrough -f rawvideo - | md5sum) \
            <(ffmpeg -v error -i "$(jq -r .path record)" -f rawvideo - | md5sum)
        [ "$(ffprobe -v error -show_entries stream=pix_fmt -of csv=p=0 "$(jq -r .path record)")" = yuv420p ]
        "$TH_BIN/th-verify" --level source record > verdict
        grep -q '"match": {"ok": true' verdict
    done
    run -2 --separate-stderr "$TH_BIN/th-crop" -o out --pix-fmt nothing < /dev/null
    [[ $stderr == *'--pix-fmt is "nothing"; expected a pixel format of FFmpeg, such as yuv420p' ]]
    run -2 --separate-stderr "$TH_BIN/th-crop" -o out --pix-fmt rgb48le < /dev/null
    [[ $stderr == *'--pix-fmt is rgb48le; expected one that the encoder libx264 takes' ]]
}
