#!/usr/bin/env bats
# --discard and --max-disk: videos go when their clips have passed, and come back when they are needed.

bats_require_minimum_version 1.5.0

load helpers

# The set `eight`: eight videos of 2 s and some 200 kB. Of c and d a tube is out of range.
setup_file() {
    export MIRROR=$BATS_FILE_TMPDIR/mirror LISTS=$BATS_FILE_TMPDIR/lists GOOD=$BATS_FILE_TMPDIR/good
    mkdir "$MIRROR" "$LISTS"
    make -f lavfi -i testsrc2=s=320x180:r=25:d=2 -c:v libx264 -preset ultrafast -crf 15 -g 10 "$MIRROR/a.mp4"
    for id in a b c d e f g -h_0000; do
        [ "$id" = a ] || cp "$MIRROR/a.mp4" "$MIRROR/$id.mp4"
        echo "$id"
    done > "$LISTS/eight_video_ids.txt"
    for id in a b c d e f g -h_0000; do
        echo "${id}_0000, 180, 320, 0, 9, 20, 10, 120, 90"
        [[ $id != [cd] ]] || echo "${id}_0000, 180, 320, 5, 99, 20, 10, 120, 90"
    done > "$LISTS/eight_video_tubes.txt"
    export TH_FETCH_FLAGS="--url-template file://$MIRROR/{id}.mp4"
    driver -q --data "$GOOD" --lists "$LISTS" eight > "$BATS_FILE_TMPDIR/table" || [ $? -eq 1 ]
    TH_VERIFY_FLAGS='--level source' driver -q --discard --data "$BATS_FILE_TMPDIR/discarded" --lists "$LISTS" eight \
        > "$BATS_FILE_TMPDIR/table" || [ $? -eq 1 ]
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    [ ! -e "$MIRROR.away" ] || mv "$MIRROR.away" "$MIRROR"
}

# eight OPTION...: runs the set.
eight() {
    driver --data "$PWD/data" --lists "$LISTS" "$@" eight
}

# sources: what lies where videos and chunks are, without what is known of them.
sources() {
    find data/eight/raw_videos data/eight/1min_clips -type f ! -path '*/.index/*' ! -name '*.discarded' -printf '%f\n' | sort
}

# fetched: the ids of the videos that the last run has downloaded.
fetched() {
    grep -v '"cached": true' data/eight/manifests/fetch.jsonl | field key | tr '\n' ' '
}

# watch_sources PID: prints the most bytes that videos and chunks have while the process runs.
watch_sources() {
    local now most=0
    while is_alive "$1"; do
        now=$(stat -c %s data/eight/{raw_videos,1min_clips}/*.{mp4,part} 2> /dev/null)
        now=$((${now//$'\n'/ + } + 0))
        [ "$now" -le "$most" ] || most=$now
        sleep 0.05
    done
    echo "$most"
}

is_alive() {
    [ -e "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2> /dev/null
}

@test "--discard --max-disk: the same clips with a bounded disk, also after kill -9" {
    size=$(($(stat -c %s "$MIRROR/a.mp4") * 3 + 1000)) most=0
    for delay in 0.8 1.3 ''; do
        # Its own process group, which a signal reaches as a whole.
        setsid bash "$PROJECT/videos_download_and_crop.sh" -q --progress never --data "$PWD/data" --lists "$LISTS" \
            --no-chunks --discard --max-disk "$size" eight > said 2>&1 3>&- &
        run=$!
        [ -z "$delay" ] || { sleep "$delay" && kill -KILL -- "-$run"; } &
        peak=$(watch_sources "$run")
        [ "$peak" -le "$most" ] || most=$peak
        status=0
        wait "$run" || status=$?
    done
    [ "$status" -eq 1 ]
    [ "$most" -le $((size + size / 10)) ]
    diff <(sums "$GOOD/eight/cropped_clips") <(sums data/eight/cropped_clips)
    [ -z "$(sources)" ]
    [ "$(jq -c '.clips | [.total, .ok]' data/eight/summary.json)" = "$(jq -c '.clips | [.total, .ok]' "$GOOD/eight/summary.json")" ]
}

@test "a rerun answers from the clips; a lost, a damaged and a new one bring just their videos back" {
    cp -pr "$BATS_FILE_TMPDIR/discarded" data
    [ -z "$(sources)" ]
    mv "$MIRROR" "$MIRROR.away"
    run -1 eight -q
    [ "$(grep -c '"status": "ok", "cached": true' data/eight/manifests/fetch.jsonl)" -eq 8 ]
    [ "$(grep -c '"discarded": true' data/eight/manifests/split.jsonl)" -eq 16 ]
    rm data/eight/cropped_clips/a_0000_*
    truncate -s -1000 data/eight/cropped_clips/-h_0000_0000_*
    cp -r "$LISTS" lists
    echo "b_0000, 180, 320, 10, 19, 20, 10, 120, 90" >> lists/eight_video_tubes.txt
    run -75 driver --data "$PWD/data" --lists lists eight crop verify
    [[ $output == *"--lists lists eight" ]] # all stages
    mv "$MIRROR.away" "$MIRROR"
    # A video larger than SIZE is worked on alone.
    run -1 driver --data "$PWD/data" --lists lists --discard --max-disk 1K eight
    [ "$(grep -c 'worked on alone' <<< "$output")" -eq 3 ]
    [ "$(fetched)" = 'a b -h_0000 ' ]
    [ -z "$(sources)" ]
    rm data/eight/cropped_clips/b_0000_S10_*
    diff <(sums "$GOOD/eight/cropped_clips") <(sums data/eight/cropped_clips)
}

@test "--level source: a clip that has not changed since it passed needs no video" {
    export TH_VERIFY_FLAGS='--level source'
    cp -pr "$BATS_FILE_TMPDIR/discarded" data
    mv "$MIRROR" "$MIRROR.away"
    run -1 eight -q --discard
    [ "$(grep -c '"match": {"ok": true' data/eight/manifests/verify.jsonl)" -eq 8 ]
    cat data/eight/cropped_clips/a_0000_* > other
    cat other > "$(echo data/eight/cropped_clips/b_0000_*)"
    mv "$MIRROR.away" "$MIRROR"
    run -1 eight -q --discard
    [ "$(fetched)" = 'b ' ]
    [ -z "$(sources)" ]
}

@test "clips that options leave out: the video comes back when other options want them" {
    TH_CROP_FLAGS='--min-size 90' run -0 eight -q --discard
    [ -z "$(sources)" ]
    TH_CROP_FLAGS='--min-size 90' run -0 eight -q --discard
    [ -z "$(fetched)" ]
    run -1 eight -q --discard
    [ "$(fetched | wc -w)" -eq 8 ]
    diff <(sums "$GOOD/eight/cropped_clips") <(sums data/eight/cropped_clips)
}

@test "shares; files that are not th-fetch's own stay; recheck and prune of discarded videos" {
    mkdir -p data/eight/raw_videos
    ln -s "$MIRROR/a.mp4" data/eight/raw_videos/a.mp4
    cp "$MIRROR/b.mp4" data/eight/raw_videos/b.mp4
    for share in 1 2; do
        run eight -q --no-chunks --discard --max-disk 1M --shard "$share/2"
        [ "$status" -le 1 ]
    done
    run -1 driver -q --data "$PWD/data" --lists "$LISTS" eight report
    [ "$(jq -c '.clips | [.total, .ok]' data/eight/summary.json)" = '[10,8]' ]
    find data/eight/raw_videos -name '?.mp4' -printf '%f %y\n' | sort | diff <(printf 'a.mp4 l\nb.mp4 f\n') -
    printf '#!/bin/sh\necho '\''{"url": "http://h/v", "license": "Creative Commons Attribution"}'\''\n' > page
    chmod +x page
    sed -i 's|"url": "[^"]*"|"url": "https://www.youtube.com/watch?v=x"|' data/eight/manifests/fetch.jsonl
    TH_FETCH_FLAGS="--resolver $PWD/page" run -0 driver -q --data "$PWD/data" --lists "$LISTS" eight recheck
    [ "$(grep -c '"status": "ok"' data/eight/manifests/recheck.jsonl)" -eq 8 ]
    run -0 driver -q --data "$PWD/data" --lists "$LISTS" eight prune --yes -- -h_0000
    [ -z "$(find data -name '*h_0000*' ! -name '*.pruned')" ]
}

@test "--discard and --max-disk: what they go with" {
    run -2 driver --discard demo fetch
    run -2 driver --max-disk 1G demo crop verify
    run -2 driver --max-disk 1.5G demo
    TH_CROP_FLAGS="--tubes $LISTS/eight_video_tubes.txt" run -2 driver --max-disk 1G demo
    needed() { driver --data "$PWD" --lists "$LISTS" "$@" doctor eight 2>&1 | sed -n 's/.* needs about \([0-9]*\) MB.*/\1/p'; }
    [ "$(needed --discard --max-disk 1M)" -lt "$(needed)" ]
    eight --discard -n > said || [ $? -eq 1 ]
    [ ! -e data ]
}
