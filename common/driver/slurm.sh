# shellcheck shell=bash disable=SC2034,SC2154 # the driver sources this file and shares its variables
# --slurm: submits the shares of a set to Slurm as a job array, and the report as a job after it.

readonly warned_before=120 # seconds before the time limit: a task gets SIGUSR1, stops, and is queued again
# How many tasks run at a time. YouTube's pace, 300 videos an hour, brings work for about 32 processors (0.1 CPU hours of
# cropping for each video of train). More tasks would only wait longer for their turns: each starts a video every 12 s times
# the number of tasks.
readonly slurm_runs=16

# submit_job OPTION... -- WORD...: submits a batch script that calls this script with the words, and prints its id. A dry
# run prints what would be submitted.
submit_job() {
    local options=() script
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    script="#!/usr/bin/env bash
exec bash$(printf ' %q' "$here/$program" "$@")"
    if [ -n "$dry_run" ]; then
        printf 'sbatch'
        printf ' %q' "${options[@]}"
        printf ' <<END\n%s\nEND\n' "$script"
    else
        sbatch --parsable "${options[@]}" <<<"$script" | cut -d ';' -f 1
        return "${PIPESTATUS[0]}"
    fi
}

# Sets the array task to the command line of each task of the array.
words_of_task() {
    local flag
    task=("${places[@]}" --shard slurm --parallel-runs "$parallel_runs")
    for flag in "${common_flags[@]}"; do
        [ "$flag" = -n ] || task+=("$flag")
    done
    [ -z "$no_chunks" ] || task+=(--no-chunks)
    [ -z "$only_needed" ] || task+=(--needed)
    [ -z "$discard" ] || task+=(--discard)
    [ -z "$max_disk" ] || task+=(--max-disk "$max_disk")
    task+=(${variant:+--variant "$variant"} "$set")
    [ ${#stages[@]} -eq ${#all_stages[@]} ] || task+=("${stages[@]}")
}

submit() {
    local places=(--data "$data" --lists "$lists") task=() words=() logs=$manifests/slurm array report after
    command -v sbatch >/dev/null || stop "$exit_cannot" "sbatch is missing: --slurm needs Slurm's commands (Debian: \
slurm-client) and their configuration. Without Slurm, --shard I/N divides a set"
    need_list "$lists/${set}_video_ids.txt"
    need_list "$lists/${set}_video_tubes.txt"
    same_division "$({ divisions && printf '%s\n' "$shares"; } | sort -un)"
    build
    [ -n "$dry_run" ] || mkdir -p -- "$logs" || stop "$exit_cannot" "cannot make the folder $logs"
    split_words "${TH_SBATCH_FLAGS-}"
    words_of_task
    array=$(submit_job --job-name="th-$full_name" --requeue --open-mode=append --signal="B:USR1@$warned_before" \
        --output="${logs//%/%%}/%A_%a.log" "${words[@]}" --array="1-$shares%$parallel_runs" -- "${task[@]}") ||
        stop "$exit_cannot" "the shares cannot be submitted"
    after=$array
    if [ -n "$dry_run" ]; then
        printf '%s\n' "$array"
        after=ARRAY
    fi
    report=$(submit_job --job-name="th-$full_name-report" --output="${logs//%/%%}/%j_report.log" "${words[@]}" --cpus-per-task=1 \
        --dependency="afterany:$after" -- "${places[@]}" ${variant:+--variant "$variant"} "$set" report) || {
        scancel "$array"
        stop "$exit_cannot" "the report cannot be submitted; job $array is cancelled"
    }
    if [ -n "$dry_run" ]; then
        printf '%s\n' "$report"
        return
    fi
    printf 'Job %s: shares 1 to %s\nJob %s: the report, when they have ended\n' "$array" "$shares" "$report"
    printf 'Messages: %s\n' "$logs"
}

# A task that was warned of its time limit: Slurm starts it again, and it continues where it was. The job id alone would
# mean the whole array. Slurm often ends scontrol together with the task, which is no refusal.
requeue_task() {
    scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" || [ $? -gt 128 ] ||
        say "Slurm does not start this task again; submit again"
}
