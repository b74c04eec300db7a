#!/usr/bin/env bats
# A set in shares: under Slurm (a real one, of two nodes on this machine), with GNU parallel, and what the README says of it.
# shellcheck disable=SC2030,SC2031 # each test has its own array

bats_require_minimum_version 1.5.0

load helpers
load slurm

README=$PROJECT/README.md

# The set `four` has four videos of six seconds, one in each share of 4.
setup_file() {
    export LISTS=$BATS_FILE_TMPDIR/lists GOOD=$BATS_FILE_TMPDIR/good SOURCES=$BATS_FILE_TMPDIR/sources
    mkdir "$LISTS" "$GOOD"
    demo_sources "$SOURCES"
    for id in gggg cccc bbbb aaaa; do
        ffmpeg -v error -i "$SOURCES/--demo_talk.mp4" -t 6 -c copy "$BATS_FILE_TMPDIR/$id.mp4"
        echo "$id" >> "$LISTS/four_video_ids.txt"
        echo "${id}_0000, 360, 640, 0, 9, 83, 37, 286, 331" >> "$LISTS/four_video_tubes.txt"
        echo "${id}_0000, 360, 640, 10, 109, 0, 0, 640, 360" >> "$LISTS/four_video_tubes.txt"
    done
    driver_of_four "$GOOD" four > "$BATS_FILE_TMPDIR/table"
    SLURM_LACKS=$(slurm_lacks)
    export SLURM_LACKS
    [ -n "$SLURM_LACKS" ] || start_slurm "$BATS_FILE_TMPDIR/slurm"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

need_slurm() {
    [ -z "$SLURM_LACKS" ] || skip "$SLURM_LACKS"
}

# driver_of_four DATA WORD...
driver_of_four() {
    TH_FETCH_FLAGS="--url-template file://$BATS_FILE_TMPDIR/{id}.mp4" \
        driver --data "$1" --lists "$LISTS" "${@:2}"
}

# submit [OPTION...]: submits four shares, one at a time on a node. Sets array to the id of the job.
submit() {
    TH_SBATCH_FLAGS='--time=10 --cpus-per-task=2' run -0 driver_of_four data "$@" --slurm 4 four
    array=$(sed -n 's/^Job \([0-9]*\): shares 1 to 4$/\1/p' <<< "$output")
    [ -n "$array" ]
}

# makes_clip ID: whether a clip of the video is being made.
makes_clip() {
    compgen -G "data/four/cropped_clips/.th.part-*/.$1*.th.part" > /dev/null
}

# same_result GOOD DATA SET: the same files, byte by byte, and the same numbers in the summary.
same_result() {
    local folder
    for folder in raw_videos 1min_clips cropped_clips; do
        diff -r --exclude='.*' "$1/$3/$folder" "$2/$3/$folder"
    done
    numbers_of() { jq -S 'del(.written, .videos) | walk(if type == "object" then del(.cached) else . end)' "$1"; }
    diff <(numbers_of "$1/$3/summary.json") <(numbers_of "$2/$3/summary.json")
}

# restarts TASK: how often Slurm started the task again.
restarts() {
    scontrol -o show job "${array}_$1" | sed -n 's/.* Restarts=\([0-9]*\) .*/\1/p'
}

@test "the README's lines for Slurm: four shares on two nodes make what one run makes" {
    need_slurm
    mkdir -p copy/common one/demo copy/demo
    touch copy/Makefile
    cp "$PROJECT/videos_download_and_crop.sh" copy
    cp -r "$PROJECT/common/driver" "$PROJECT/common/error.h" "$PROJECT/common/install-yt-dlp.sh" copy/common
    cp -r "$PROJECT/data_list" copy
    cp -r "$SOURCES" one/demo/source_videos
    cp -r "$SOURCES" copy/demo/source_videos
    export TH_CROP_FLAGS='--preset ultrafast'
    driver --data one demo > table
    sed -n 's/^    \(.*--slurm .*\)/\1/p' "$README" > lines
    [ "$(wc -l < lines)" -eq 1 ]
    (cd copy && bash -eu ../lines) > said
    wait_for_jobs
    cat said copy/demo/manifests/slurm/*
    same_result one copy demo
    array=$(sed -n 's/^Job \([0-9]*\): shares 1 to 4$/\1/p' said)
    report=$(sed -n 's/^Job \([0-9]*\): the report.*/\1/p' said)
    [ "$(for task in 1 2 3 4; do scontrol -o show job "${array}_$task"; done | grep -oE ' NodeList=n[12]' | sort -u | wc -l)" -eq 2 ]
    grep -q '^clips verified  *17  *0' "copy/demo/manifests/slurm/${report}_report.log"
    [ "$(ls copy/demo/manifests/slurm)" = "$(printf "${array}_%s.log\n" 1 2 3 4 && echo "${report}_report.log")" ]
}

@test "a task that is warned of its time limit stops, is queued again by itself, and continues" {
    need_slurm
    submit
    until_true makes_clip bbbb
    # As --signal does before the time limit. The last share but one, as scancel sends the signal again for a task with several
    # waiting behind it.
    scancel --signal=USR1 --batch "${array}_3"
    wait_for_jobs
    same_result "$GOOD" data four
    [ "$(restarts 3)" -eq 1 ]
    log=data/four/manifests/slurm/${array}_3.log
    run ! grep 'does not start this task again' "$log"
    sed -n '/stopped; the same command continues/,$p' "$log" | grep -q '^videos downloaded  *0  *1 '
}

@test "a cancelled array leaves nothing half-made, and the report names its shares" {
    need_slurm
    submit --parallel-runs 2
    until_true makes_clip gggg
    scancel "$array"
    wait_for_jobs
    [ -z "$(find data/four -name '*.part*')" ]
    for file in data/four/*/*.mp4; do
        cmp "$file" "$GOOD/${file#data/}"
    done
    run -75 driver_of_four data four report
    [[ $output == *'share 1/4 has no records of:'* ]]
    [[ $output == *'share 3/4 never ran'*'share 4/4 never ran'* ]]
    diff <(grep ^share <<< "$output") <(grep -h ^share data/four/manifests/slurm/*_report.log)
}

# The last test with the cluster: the node does not come back.
@test "a node whose slurmd and task are killed with -9: the task runs again on another node and continues" {
    need_slurm
    submit
    until_true makes_clip cccc
    node=$(squeue -h -t R -j "${array}_2" -o %N)
    [[ $node == n[12] ]]
    kill_daemon "$node"
    [ ! -e data/four/manifests/shards/2-of-4/verify.jsonl ]
    [ -n "$(find data/four -name '*.part')" ]
    wait_for_jobs
    same_result "$GOOD" data four
    [ "$(restarts 2)" -eq 1 ]
    [ -z "$(find data/four -name '*.part')" ]
}

@test "the README's line for GNU parallel makes what one run makes" {
    command -v parallel > /dev/null || skip "parallel is not installed"
    grep -o 'parallel bash [^`]*' "$README" > line
    [ "$(wc -l < line)" -eq 1 ]
    sed -i "s|videos_download_and_crop.sh|$PROJECT/& --data data --lists $LISTS|; s| demo | four |" line
    TH_FETCH_FLAGS="--url-template file://$BATS_FILE_TMPDIR/{id}.mp4" bash -eu line
    run -0 driver_of_four data four report
    same_result "$GOOD" data four
}

@test "--slurm without Slurm, and with what does not fit" {
    cp -rs /usr/bin bin
    rm -f bin/sbatch
    PATH=$PWD/bin run -3 driver_of_four data --slurm 4 four
    [[ $output == *"sbatch is missing: --slurm needs Slurm's commands"* ]]
    for words in '--slurm 0 four' '--slurm four four' '--slurm 4 --shard 1/4 four' '--slurm 4 four report' '--slurm 4 doctor' \
        '--parallel-runs 2 four' '--parallel-runs 0 --slurm 4 four'; do
        # shellcheck disable=SC2086 # several words
        run -2 driver_of_four data $words
    done
    # The report cannot be submitted: the shares do not run without it.
    rm -f bin/scancel
    printf '#!/bin/sh\ncase "$*" in *afterany*) exit 1 ;; esac\necho 17\n' > bin/sbatch
    printf '#!/bin/sh\necho "$@" > cancelled\n' > bin/scancel
    chmod +x bin/sbatch bin/scancel
    PATH=$PWD/bin run -3 driver_of_four data --slurm 4 four
    [ "$(cat cancelled)" = 17 ]
    # Records of another division are there.
    mkdir -p data/four/manifests/shards/1-of-3
    PATH=$PWD/bin run -3 driver_of_four data --slurm 4 four
    [[ $output == *'several divisions'*'of 3, of 4'* ]]
}

@test "--slurm: what is submitted, with TH_SBATCH_FLAGS and the options of the tasks" {
    cp -rs /usr/bin bin
    rm -f bin/sbatch
    printf '#!/bin/sh\nexit 1\n' > bin/sbatch
    chmod +x bin/sbatch
    TH_SBATCH_FLAGS="--account=a --comment='two words'" PATH=$PWD/bin run -0 driver_of_four 'da ta' -n -j 2 --no-chunks \
        --slurm 64 --parallel-runs 8 four crop verify
    [[ ${lines[0]} == "sbatch "*" --requeue "*" --signal=B:USR1@120 --output=$(printf %q "$PWD/da ta/four/manifests/slurm/%A_%a.log")"* ]]
    [[ ${lines[0]} == *" --account=a --comment=two\\ words --array=1-64%8 <<END" ]]
    [ "${lines[2]}" = "exec bash $PROJECT/videos_download_and_crop.sh --data $(printf %q "$PWD/da ta") --lists $LISTS \
--shard slurm --parallel-runs 8 --progress never -j 2 --no-chunks four crop verify" ]
    [[ ${lines[4]} == "sbatch "*" --account=a --comment=two\\ words "*" --dependency=afterany:ARRAY <<END" ]]
    [ ! -e 'da ta' ]
    # At most 16 run at a time, and keep one pace together.
    PATH=$PWD/bin run -0 driver_of_four data -n --slurm 64 four
    [[ ${lines[0]} == *' --array=1-64%16 <<END' ]]
    [[ ${lines[2]} == *' --shard slurm --parallel-runs 16 '* ]]
    PATH=$PWD/bin run -0 driver_of_four data -n --slurm 4 four
    [[ ${lines[0]} == *' --array=1-4%4 <<END' ]]
}
