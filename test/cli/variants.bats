#!/usr/bin/env bats
# --variant: more clips of a set's videos, cropped with other options, beside those of the set.

bats_require_minimum_version 1.5.0

load helpers

# The set `tiny` has two videos of four seconds, and one that never can be had; its variant `64` has clips of 64 pixels.
setup_file() {
    export MIRROR=$BATS_FILE_TMPDIR/mirror LISTS=$BATS_FILE_TMPDIR/lists MADE=$BATS_FILE_TMPDIR/made
    mkdir "$MIRROR" "$LISTS"
    make -f lavfi -i testsrc2=size=640x360:rate=25:duration=4 -preset ultrafast "$MIRROR/aaaa.mp4"
    cp "$MIRROR/aaaa.mp4" "$MIRROR/bbbb.mp4"
    mkdir "$MIRROR/never.mp4" # a folder is no video
    printf '%s\n' aaaa bbbb never > "$LISTS/tiny_video_ids.txt"
    printf '%s_0000, 360, 640, 0, 49, 83, 37, 286, 331\n' aaaa bbbb never > "$LISTS/tiny_video_tubes.txt"
    touch -d '1 hour ago' "$LISTS"/*
    export TH_FETCH_FLAGS="--url-template file://$MIRROR/{id}.mp4 --retries 0"
    TH_CROP_FLAGS='--preset ultrafast' driver --data "$MADE" --lists "$LISTS" tiny > "$BATS_FILE_TMPDIR/first" || [ $? -eq 1 ]
    cp -a "$MADE" "$BATS_FILE_TMPDIR/without"
    TH_CROP_FLAGS='--size 64 --preset ultrafast' driver --data "$MADE" --lists "$LISTS" --variant 64 tiny > "$BATS_FILE_TMPDIR/second" 2>&1 ||
        [ $? -eq 1 ]
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp -a "$MADE" data
}

tiny() {
    driver --data data --lists "$LISTS" "$@"
}

@test "a variant has clips, records, a report and a list of its own, and changes nothing of the set" {
    diff -r --exclude=variants "$BATS_FILE_TMPDIR/without" data
    [ -z "$(cd data/tiny && find variants -path '*1min*' -o -path '*raw*' -o -name fetch.jsonl -o -name split.jsonl)" ]
    [ "$(jq -c '[.video, .width, .height, .file[0:14]]' data/tiny/variants/64/clips.jsonl | sort)" = \
        $'["aaaa",64,64,"cropped_clips/"]\n["bbbb",64,64,"cropped_clips/"]' ]
    [ "$(jq -c '[.clips.ok, .clips.skipped, .stages.fetch.video.ok]' data/tiny/variants/64/summary.json)" = '[2,1,2]' ]
    grep -q '<h1><bdi>tiny-64</bdi></h1>' data/tiny/variants/64/report.html
    # Videos that are there, and one that never can be had, are no reason to ask.
    [[ $(cat "$BATS_FILE_TMPDIR/second") == *'tiny has nothing to download and to split; cropping starts'*'tiny-64 '* ]]
    run ! grep -q 'videos downloaded' "$BATS_FILE_TMPDIR/second"
    [ "$(tiny tiny variants)" = $'tiny                   clips  TH_CROP_FLAGS\n64                         2  --size 64 --preset ultrafast' ]
}

@test "a rerun takes the options of the run before, and refuses others with the command that makes the clips anew" {
    rm data/tiny/variants/64/cropped_clips/aaaa*
    run -1 tiny --variant 64 tiny
    [[ $output == *'clips cropped              1             1 '* ]]
    diff <(sums "$MADE/tiny/variants/64/cropped_clips") <(sums data/tiny/variants/64/cropped_clips)
    TH_CROP_FLAGS='--size 32 --preset ultrafast' run -3 tiny --variant 64 tiny
    [[ $output == *'were made with --size 64x64'*"TH_CROP_FLAGS=--size\\ 32\\ --preset\\ ultrafast bash "*' --variant 64 -f tiny crop verify' ]]
    [[ $(tiny tiny variants) == *' --size 64 --preset ultrafast' ]]
    run -1 bash -c "$(tail -n 1 <<< "$output")"
    [ "$(jq .width data/tiny/variants/64/clips.jsonl)" = $'32\n32' ]
    [[ $(tiny tiny variants) == *' --size 32 --preset ultrafast' ]]
    # A name that is misspelt makes no second variant.
    for words in '' 'report' 'export webdataset'; do
        # shellcheck disable=SC2086 # two words
        run -2 tiny --variant 46 tiny $words
        [[ $output == *"--variant 46: the first run of a variant needs the options of its clips"*'The variants of tiny: 64' ]]
    done
    [ "$(entries data/tiny/variants)" = 64 ]
}

@test "records of a variant in a moved set lead to its new place" {
    run -1 tiny --variant 64 tiny verify
    run -1 tiny --variant 64 tiny crop verify
    [[ $output == *'clips cropped              0             2 '* ]]
    [ "$(field base < data/tiny/variants/64/manifests/verify.jsonl | sort -u)" = "$PWD/data/tiny" ]
}

@test "videos that are missing are fetched into the set's own folders" {
    rm data/tiny/{raw_videos,1min_clips,cropped_clips,variants/64/cropped_clips}/aaaa*
    TH_VERIFY_FLAGS='--level source' run -1 tiny --variant 64 tiny
    [[ $output == *'videos downloaded          1             1         1 '*'clips cropped              1             1 '*'clips verified             2 '* ]]
    diff -r --exclude='.*' "$MADE/tiny/1min_clips" data/tiny/1min_clips
    diff <(sums "$MADE/tiny/variants/64/cropped_clips") <(sums data/tiny/variants/64/cropped_clips)
    [ "$(grep -c '"key": "bbbb".*"cached": true' data/tiny/manifests/fetch.jsonl)" -eq 1 ]
    [ -z "$(find data/tiny/cropped_clips -name 'aaaa*')" ]
    # Another list may name minutes that were not split.
    cp -r "$LISTS" lists
    echo 'bbbb_0000, 360, 640, 50, 89, 83, 37, 286, 331' >> lists/tiny_video_tubes.txt
    run -1 driver --data data --lists lists --variant 64 tiny
    [[ $output == *'videos split '*'clips cropped              1             2 '* ]]
}

@test "prune deletes the clips of a video in the variants, too, and names their exports" {
    tiny --variant 64 tiny export webdataset
    [ "$(entries data/tiny/variants/64/export/webdataset | grep -v '^[.]')" = tiny-64-000000.tar ]
    run -2 tiny --variant 64 tiny prune
    [[ $output == *'prune is for a set and all its variants'* ]]
    flock -F data/tiny/variants/64/manifests sleep 60 3>&- &
    holder=$!
    until_true bash -c '! flock -n data/tiny/variants/64/manifests true'
    tiny tiny prune --yes -- aaaa > said 2>&1 3>&- &
    pruning=$!
    until_true grep -q 'another run is working on .*/variants/64; waiting for it' said
    kill "$holder"
    wait "$pruning"
    [ -z "$(find data -name 'aaaa*' ! -name '*.pruned')" ]
    run ! grep -rqs '"aaaa' data/tiny --include='*.json*'
    grep -q 'bbbb' data/tiny/variants/64/report.html
    run ! grep -q 'aaaa' data/tiny/variants/64/report.html
    [ "$(wc -l < data/tiny/variants/64/clips.jsonl)" -eq 1 ]
    [[ $(cat said) == *'/variants/64/export/webdataset may hold copies'*" --variant 64 tiny export webdataset"* ]] || { cat said; false; }
    run -0 bash -c "$(sed -n 's/^ *\(bash .* export webdataset\)$/\1/p' said)"
    [[ $output == *'1 clips in '*' 1 shards made'* ]]
}

@test "shares of a variant, and its report, leave the set's own records" {
    run -0 tiny --shard 1/2 --variant 64 tiny
    [[ $output == *' --variant 64 tiny report'* ]]
    run -75 tiny --variant 64 tiny report
    [[ $output == *'share 2/2 never ran'* ]]
    [ "$(grep -c '"kind": "video"' data/tiny/manifests/fetch.jsonl)" -eq 3 ]
    run -1 tiny --shard 2/2 --variant 64 tiny
    run -1 tiny --variant 64 tiny report
    [ "$(jq -c '[.clips.ok, .clips.skipped]' data/tiny/variants/64/summary.json)" = '[2,1]' ]
    # The set has no shares of its own clips.
    run -75 tiny tiny report
    [ "$(grep -c '"status": "ok"' data/tiny/manifests/crop.jsonl)" -eq 2 ]
    mkdir bin
    touch bin/sbatch
    chmod +x bin/sbatch
    PATH=$PWD/bin:$PATH run -0 tiny -n --slurm 2 --variant 64 tiny
    [[ $output == *'--job-name=th-tiny-64 '*' --variant 64 tiny'*'--job-name=th-tiny-64-report '*' --variant 64 tiny report'* ]]
}
