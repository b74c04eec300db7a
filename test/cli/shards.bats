#!/usr/bin/env bats
# Runs that share a set: --shard, and the report that puts their records together.

bats_require_minimum_version 1.5.0

load helpers

# The set `three` has three videos of six seconds. Shares of 2: share 1 and share 2 both have some.
setup_file() {
    export MIRROR=$BATS_FILE_TMPDIR/mirror LISTS=$BATS_FILE_TMPDIR/lists GOOD=$BATS_FILE_TMPDIR/good
    mkdir "$MIRROR" "$LISTS"
    demo_sources "$BATS_FILE_TMPDIR/demo"
    for id in aaaa bbbb cccc dddd; do
        ffmpeg -v error -i "$BATS_FILE_TMPDIR/demo/--demo_talk.mp4" -t 6 -c copy "$MIRROR/$id.mp4"
        echo "$id"
    done > "$LISTS/four_video_ids.txt"
    for id in aaaa bbbb cccc dddd; do
        echo "${id}_0000, 360, 640, 0, 99, 83, 37, 286, 331"
        echo "${id}_0000, 360, 640, 100, 999999, 83, 37, 286, 331" # out of range
    done > "$LISTS/four_video_tubes.txt"
    export TH_FETCH_FLAGS="--url-template file://$MIRROR/{id}.mp4"
    driver --data "$GOOD" --lists "$LISTS" four > "$BATS_FILE_TMPDIR/table" || [ $? -eq 1 ]
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

four() {
    driver --data "$PWD/data" --lists "$LISTS" "$@"
}

# same_result: the files, and the report's numbers, are those of the undisturbed run without shares.
same_result() {
    diff <(sums "$GOOD/four/cropped_clips") <(sums data/four/cropped_clips)
    diff -r --exclude='.*' "$GOOD/four/1min_clips" data/four/1min_clips
    numbers_of() { jq -S 'del(.videos, .written) | walk(if type == "object" then del(.cached) else . end)' "$1/four/summary.json"; }
    diff <(numbers_of "$GOOD") <(numbers_of data)
    for stage in fetch split crop verify; do
        diff <(jq -cS 'del(.path, .source, .retrieved, .cached, .sha256)' "$GOOD/four/manifests/$stage.jsonl" | sed "s|$GOOD|DATA|g" | sort) \
            <(jq -cS 'del(.path, .source, .retrieved, .cached, .sha256)' "data/four/manifests/$stage.jsonl" | sed "s|$PWD/data|DATA|g" | sort)
    done
}

@test "shares at the same time, then the report: what one run makes" {
    for share in 1 2 3; do
        four --shard "$share/3" four > "said$share" 2>&1 3>&- &
    done
    for job in $(jobs -p); do
        wait "$job" || [ $? -le 1 ]
    done
    run -1 four four report
    [[ $output != *'not finished'* ]]
    same_result
    # Once more, and from the shares that are there already.
    run -1 four --shard 1/3 four
    [[ $output == *'put them together:'*"--data $PWD/data --lists $LISTS four report"* ]]
    run -1 four four report
    same_result
}

@test "the progress lines of a share know how much is in it" {
    mkdir bin
    # shellcheck disable=SC2016 # the stand-in's own words
    printf '#!/bin/sh\necho "${0##*/} $*" >> "%s/calls"\nexec "%s/${0##*/}" "$@"\n' "$PWD" "$TH_BIN" | tee bin/th-{fetch,split,crop,verify} > /dev/null
    chmod +x bin/*
    TH_BIN=$PWD/bin four --shard 1/3 four > said || [ $? -eq 1 ]
    videos=$(find data -name '*.mp4' -path '*/raw_videos/*' | wc -l)
    [ "$videos" -ge 1 ] && [ "$videos" -lt 4 ]
    for stage in fetch split; do grep -q "^th-$stage .* --total $videos " calls; done
    for stage in crop verify; do grep -q "^th-$stage .* --total $((videos * 2)) " calls; done
    # A share of which there is nothing.
    rm calls
    TH_BIN=$PWD/bin four --shard 1/9 four > said
    [ "$(grep -v -e --dry-run calls | grep -c ' --total 0 ')" -eq 4 ]
}

@test "the report names shares that are missing, unfinished or running" {
    four --shard 2/3 four > said || true
    four --shard 1/3 four fetch
    run -75 four four report
    [[ $output == *'share 1/3 has no records of: split crop verify'* ]]
    [[ $output == *'share 3/3 never ran'* ]]
    [[ $output == *'2 of 3 shares are not finished: '*' of 8 listed clips have a record'* ]]
    exec {lock}< data/four/manifests/shards/2-of-3
    flock "$lock"
    run -75 four four report
    [[ $output == *'share 2/3 is running'* ]]
    exec {lock}<&-
    for share in 1 3; do
        four --shard "$share/3" four > said || true
    done
    run -1 four four report
    same_result
}

@test "a share of a job array, and shares that do not fit together" {
    SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=2 SLURM_ARRAY_TASK_MAX=6 SLURM_ARRAY_TASK_STEP=2 \
        four --shard slurm four > said || true
    [ -e data/four/manifests/shards/2-of-3/verify.jsonl ]
    run -3 four --shard slurm four
    [[ $output == *'this is not a task of a job array'* ]]
    for words in 0/3 4/3 1 1/ a/b; do
        run -2 four --shard "$words" four
        [[ $output == *"--shard $words: expected I/N"* ]]
    done
    run -2 four --shard 1/3 four report
    four --shard 1/2 four > said || true
    run -3 four four report
    [[ $output == *'shares of several divisions'*'of 2, of 3'* ]]
    run -3 driver --data none --lists "$LISTS" four report
}

@test "what prune deletes does not come back with the next report" {
    for share in 1 2; do
        four --shard "$share/2" four > said || true
    done
    run -1 four four report
    four four prune --yes -- aaaa
    run -1 four four report
    [ -z "$(find data -name 'aaaa*' ! -name '*.pruned')" ]
    run ! grep -rq '"aaaa"' data/four/manifests --include='*.jsonl'
}

@test "a run that waits for another one in vain names its processes" {
    mkdir -p data/four/manifests
    flock -n "data/four/manifests" sleep 60 3>&- &
    holder=$!
    starts_sleep() { sleeper=$(pgrep -P "$holder"); }
    until_true starts_sleep # flock has the lock by then
    run -3 four four
    kill "$holder"
    [[ $output == *"another run is working on $PWD/data/four: processes "* ]]
    # No process of its own is named.
    [ "$(grep -o '[0-9]*' <<< "${output##*processes}" | sort)" = "$(printf '%s\n' "$holder" "$sleeper" | sort)" ]
}
