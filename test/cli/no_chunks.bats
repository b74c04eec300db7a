# Without chunk files: clips taken from the videos themselves are the same, byte by byte.

bats_require_minimum_version 1.5.0
load helpers

# shellcheck disable=SC2054 # a filter graph holds commas
picture=(-f lavfi -i testsrc=s=128x96:r=25:d=32,format=yuv420p)
tone=(-f lavfi -i sine=d=32)
h264=(-c:v libx264 -preset ultrafast -g 40)

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
}

# A video of 32 s with sound, as NAME.mp4.
make_video() {
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -bf 2 -c:a aac "$1.mp4"
}

# list ID...: tubes.txt with tubes in the first chunks of each, of 10 s.
list() {
    local id
    for id; do
        printf '%s, 96, 128, %s\n' "${id}_0000" '0, 9, 0, 0, 64, 64' "${id}_0001" '38, 60, 31, 7, 97, 91' \
            "${id}_0002" '100, 129, 0, 0, 128, 96'
    done > tubes.txt
}

split() {
    "$TH_BIN/th-split" --seconds 10 -t tubes.txt "$@"
}

crop() {
    "$TH_BIN/th-crop" --audio --preset ultrafast -t tubes.txt "$@"
}

# alike FILE...: the clips of each are the same with chunks and without.
alike() {
    printf '%s\n' "$@" > videos
    split -o chunks videos > split.jsonl
    split --no-copy -o none videos > ranges.jsonl
    [ "$(entries none)" = .index ]
    crop -o with split.jsonl > with.jsonl
    crop -o without ranges.jsonl > without.jsonl
    [ "$(entries with | grep -c 'mp4$')" -eq $((3 * $#)) ]
    diff -r -x .th-crop.options with without
    diff <(sed 's/"source.*"tube"/"tube"/; s/with\///' with.jsonl | sort) \
        <(sed 's/"source.*"tube"/"tube"/; s/without\///' without.jsonl | sort)
}

@test "the same clips: B-frames, open groups, a start time, an edit list, times below 0, fragments" {
    make_video a
    make -f lavfi -i testsrc=s=128x96:r=30000/1001:d=32,format=yuv420p "${h264[@]}" -bf 3 -x264-params open-gop=1 b.mp4
    make -i a.mp4 -c copy -output_ts_offset 7.3 start.mp4
    make -ss 1.3 -i a.mp4 -c copy edit.mp4
    make -i a.mp4 -itsoffset -0.7 -i a.mp4 -map 0:v -map 1:a -c copy -avoid_negative_ts disabled below.mkv
    make -i a.mp4 -c copy -movflags negative_cts_offsets offsets.mp4
    make -i a.mp4 -c copy -movflags +frag_keyframe+empty_moov fragments.mp4
    list a b start edit below offsets fragments
    alike a.mp4 b.mp4 start.mp4 edit.mp4 below.mkv offsets.mp4 fragments.mp4
}

@test "the same clips: a variable frame rate, VP9 in WebM and mp4, Matroska, MPEG-TS, key frames only" {
    make "${picture[@]}" "${h264[@]}" -vf "select='not(mod(n,3))+gt(random(1),0.5)',setpts=PTS+random(2)*0.3/TB/25" \
        -fps_mode vfr -video_track_timescale 90000 vary.mp4
    make "${picture[@]}" "${tone[@]}" -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 40 -c:a libopus w.webm
    make -i w.webm -c copy v.mp4
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -bf 2 -c:a aac m.mkv
    make -i m.mkv -c copy t.ts
    make "${picture[@]}" -c:v libx264 -preset ultrafast -g 1 keys.mp4
    list vary w v m t keys
    alike vary.mp4 w.webm v.mp4 m.mkv t.ts keys.mp4
}

@test "of an mp4 no more is read than the chunk and what surrounds it" {
    make "${picture[@]}" "${h264[@]}" -bf 2 -b:v 400k -minrate 400k -bufsize 400k -x264-params nal-hrd=cbr one.mp4
    for ((i = 0; i < 6; i++)); do echo "file one.mp4"; done > parts
    make -f concat -i parts -c copy long.mp4
    echo long.mp4 | "$TH_BIN/th-split" --no-copy --seconds 10 -o none > ranges.jsonl
    mkdir again
    "$TH_BUILD/test/media/remake_chunks" again < ranges.jsonl > reads
    [ "$(wc -l < reads)" -ge 15 ]
    bytes=$(stat -c %s long.mp4)
    while read -r key count; do
        [ "$count" -lt $((bytes / 2)) ] || { echo "$key: $count of $bytes"; false; }
    done < reads
}

@test "of an mp4's sound no more is read than its beginning" {
    skip_under_sanitizers
    make -f lavfi -i testsrc=s=128x96:r=0.5:d=40,format=yuv420p -f lavfi -i anoisesrc=d=40 -map 0:v -map 1:a -map 1:a \
        "${h264[@]}" -g 3 -c:a aac -b:a 512k -ac 2 loud.mp4
    echo loud.mp4 > videos
    count=$(bytes_read "$TH_BIN/th-split" --no-copy --seconds 10 -o none videos)
    [ "$count" -lt $(($(stat -c %s loud.mp4) / 2)) ]
}

@test "a record tells where the chunk stands; the next run reads nothing" {
    make_video a
    list a
    split --no-copy -o none <<< a.mp4 > first.jsonl
    [ "$(grep -c '"kind": "chunk".*"start": .*"source": "a.mp4", "range": {"size": [0-9]*, ' first.jsonl)" -eq 3 ]
    run ! grep -q '"path"' first.jsonl
    grep -q '"kind": "video".*"chunks": ' first.jsonl
    split --no-copy -o none <<< a.mp4 > second.jsonl
    diff first.jsonl <(sed 's/, "cached": true//' second.jsonl)
    run ! grep -v '"cached": true' second.jsonl
    split --no-copy -f -o none <<< a.mp4 > third.jsonl
    diff first.jsonl third.jsonl
    # The same size and time, and not a video any more: whoever reads it would notice.
    touch -r a.mp4 time
    head -c "$(stat -c %s a.mp4)" /dev/zero > zero
    cat zero > a.mp4
    touch -r time a.mp4
    split --no-copy -o none <<< a.mp4 | cmp - second.jsonl
}

@test "some chunks with files and some without" {
    make_video a
    printf 'a_0001, 96, 128, 0, 9, 0, 0, 64, 64\n' > tubes.txt
    split -o some <<< a.mp4 > split.jsonl
    [ "$(entries some)" = "$(printf '.index\na_0001.mp4')" ]
    list a
    crop -o want < <(split -o all <<< a.mp4) > want.jsonl
    split --no-copy -o some <<< a.mp4 > ranges.jsonl
    [ "$(entries some)" = "$(printf '.index\na_0001.mp4')" ]
    grep -q '"key": "a_0001", "status": "ok", "path": "some/a_0001.mp4", "cached": true' ranges.jsonl
    [ "$(grep -c '"range"' ranges.jsonl)" -eq 2 ]
    crop -o clips ranges.jsonl > crop.jsonl
    diff -r -x .th-crop.options want clips
    rm some/a_0001.mp4
    split --no-copy -o some <<< a.mp4 > ranges.jsonl
    [ "$(grep -c '"range"' ranges.jsonl)" -eq 3 ]
    split -o some <<< a.mp4 > split.jsonl
    run ! grep -q '"range"' split.jsonl
    diff -r -x .index all some
}

@test "a video that is not the one that was split: the clip fails, splitting again mends it" {
    make_video a
    list a
    split --no-copy -o none <<< a.mp4 > ranges.jsonl
    # A copy that lost its time is the same video.
    touch a.mp4
    crop -o same ranges.jsonl > same.jsonl
    [ "$(grep -c '"status": "ok"' same.jsonl)" -eq 3 ]
    # Another video of the same size.
    make -i a.mp4 "${h264[@]}" -crf 40 b.mp4
    pad=$(($(stat -c %s a.mp4) - $(stat -c %s b.mp4)))
    printf %08X "$pad" | basenc --base16 -d >> b.mp4
    printf free >> b.mp4
    truncate -r a.mp4 b.mp4
    run -75 --separate-stderr crop -o clips <(sed 's/a[.]mp4/b.mp4/' ranges.jsonl)
    [ "$(grep -c '"status": "failed"' <<< "$output")" -eq 3 ]
    echo >> a.mp4
    run -75 --separate-stderr crop -o clips ranges.jsonl
    [ "$(grep -c '"status": "failed", "error": "io", "retry": true, "message": "a.mp4 is not the video that was split' <<< "$output")" -eq 3 ]
    split --no-copy -o none <<< a.mp4 > ranges.jsonl
    run ! grep -q '"cached"' ranges.jsonl
    crop -o clips ranges.jsonl > crop.jsonl
    [ "$(grep -c '"status": "ok"' crop.jsonl)" -eq 3 ]
}

@test "what was not done is done again from the clips' own records" {
    make_video a
    list a
    split --no-copy -o none <<< a.mp4 > ranges.jsonl
    crop -n -o clips ranges.jsonl > dry.jsonl
    [ "$(grep -c '"error": "dry_run".*"source": "a.mp4", "range": {' dry.jsonl)" -eq 3 ]
    "$TH_BIN/th-crop" --audio --preset ultrafast -o clips < <(grep -v '"status": "ok"' dry.jsonl) > again.jsonl
    [ "$(grep -c '"status": "ok".*"range": {' again.jsonl)" -eq 3 ]
    "$TH_BIN/th-verify" < again.jsonl > verify.jsonl
    [ "$(grep -c '"status": "ok".*"range": {' verify.jsonl)" -eq 3 ]
    printf x > clips/a_0001_S38_E60_L31_T7_R97_B91.mp4
    run -75 --separate-stderr "$TH_BIN/th-verify" < again.jsonl
    echo "$output" | crop -o clips > mended.jsonl
    "$TH_BIN/th-verify" < mended.jsonl > verify.jsonl
    [ "$(grep -c '"status": "ok"' verify.jsonl)" -eq 3 ]
}

@test "th-verify asks the video when a clip has gaps or stands still" {
    make "${picture[@]}" "${h264[@]}" -vf "select='not(between(mod(n,300),120,180))'" -fps_mode vfr gaps.mp4
    make -f lavfi -i color=s=128x96:r=25:d=32,format=yuv420p "${h264[@]}" still.mp4
    printf '%s, 96, 128, 120, 180, 0, 0, 128, 96\n' gaps_0001 still_0001 > tubes.txt
    split --no-copy -o none <<< $'gaps.mp4\nstill.mp4' | crop -o clips > crop.jsonl
    "$TH_BIN/th-verify" < crop.jsonl > verify.jsonl
    grep '"key": "gaps' verify.jsonl | grep '"gaps_in_source": true'
    grep '"key": "still' verify.jsonl | grep '"still_in_source": true'
    sed 's/"source": .*, "tube"/"tube"/' crop.jsonl | "$TH_BIN/th-verify" > alone.jsonl || true
    [ "$(grep -c '"status": "failed"' alone.jsonl)" -eq 1 ]
}

@test "a range that makes no sense is told with its line" {
    make_video a
    list a
    split --no-copy -o none <<< a.mp4 > ranges.jsonl
    for change in 's/"frames": [0-9]*, "sum"/"frames": 0, "sum"/' 's/"sum": "/"sum": "x/' 's/"seconds": 10.0/"seconds": -1/' \
        's/"chunk": 0,/"chunk": "0",/' 's/"from": [0-9]*/"from": -7/'; do
        sed "1$change" ranges.jsonl > bad.jsonl
        run -1 --separate-stderr crop -o clips bad.jsonl
        # shellcheck disable=SC2154 # run sets it
        [[ $stderr == *"bad.jsonl:1: "*'"range"'* ]]
        [ "$(grep -c '"status": "ok"' <<< "$output")" -eq 2 ]
        rm -r clips
    done
    sed '1s/"sum": "./"sum": "f/' ranges.jsonl > wrong.jsonl
    run -1 --separate-stderr crop -o clips wrong.jsonl
    [[ $output == *'"unreadable"'*'cannot be made again as it was'* ]]
    # The seek to a time that cannot be is clamped; the whole video is read then.
    sed '2s/"key_dts": [0-9]*/"key_dts": -9223372036854775807/' ranges.jsonl > far.jsonl
    rm -r clips
    crop -o clips far.jsonl > records
    [ "$(grep -c '"status": "ok"' records)" -eq 3 ]
}

@test "the driver: --no-chunks gives the clips of a run with chunks" {
    export TH_CROP_FLAGS='--preset ultrafast'
    driver --data with demo
    mkdir -p without/demo
    cp -a with/demo/source_videos without/demo
    driver --data without --no-chunks demo
    diff -r -x .th-crop.options with/demo/cropped_clips without/demo/cropped_clips
    [ "$(entries without/demo/1min_clips)" = .index ]
    before=$(stat -c '%n %Y %i' without/demo/cropped_clips/*)
    driver --data without --no-chunks demo crop verify
    driver --data without --no-chunks demo
    [ "$before" = "$(stat -c '%n %Y %i' without/demo/cropped_clips/*)" ]
    run ! grep -qv '"cached": true' without/demo/manifests/split.jsonl
}

@test "th-verify holds clips against the video" {
    make_video a
    list a
    split --no-copy -o none <<< a.mp4 | crop -o clips > crop.jsonl
    "$TH_BIN/th-verify" --level source < crop.jsonl > verify.jsonl
    [ "$(grep -c '"match": {"ok": true' verify.jsonl)" -eq 3 ]
    make -i clips/a_0002_S100_E129_L0_T0_R128_B96.mp4 -vf hue=h=90,negate -c:v libx264 -preset ultrafast other.mp4
    mv other.mp4 clips/a_0002_S100_E129_L0_T0_R128_B96.mp4
    "$TH_BIN/th-verify" --level source < crop.jsonl > verify.jsonl || true
    [ "$(grep -c '"error": "differs_from_source"' verify.jsonl)" -eq 1 ]
}
