# shellcheck shell=bash disable=SC2034,SC2154 # the driver sources this file and shares its variables
# --shard: runs that share a set. Each share has its own records and lock in manifests/shards/I-of-N; the files of all
# shares are in the same folders. report puts the records together.

# use_shard I/N or slurm: sets share to I and shares to N.
use_shard() {
    if [ "$1" = slurm ]; then
        local task=${SLURM_ARRAY_TASK_ID-} count=${SLURM_ARRAY_TASK_COUNT-}
        local first=${SLURM_ARRAY_TASK_MIN-} last=${SLURM_ARRAY_TASK_MAX-} step=${SLURM_ARRAY_TASK_STEP:-1}
        [[ $task$count$first$last =~ ^[0-9]+$ && -n $task && -n $count && -n $first && -n $last ]] ||
            stop "$exit_cannot" "--shard slurm: this is not a task of a job array (no SLURM_ARRAY_TASK_ID)"
        [ $(((last - first) / step + 1)) -eq "$count" ] ||
            stop "$exit_cannot" "--shard slurm: the tasks of the array have gaps; name the share as I/N"
        share=$(((task - first) / step + 1)) shares=$count array_task=yes
        # Not every Slurm binds a task to its processors.
        [ -z "${SLURM_CPUS_ON_NODE-}" ] || common_flags=(-j "$SLURM_CPUS_ON_NODE" "${common_flags[@]}")
    elif [[ $1 =~ ^([1-9][0-9]{0,5})/([1-9][0-9]{0,5})$ ]] && [ "${BASH_REMATCH[1]}" -le "${BASH_REMATCH[2]}" ]; then
        share=${BASH_REMATCH[1]} shares=${BASH_REMATCH[2]}
    else
        misused "--shard $1: expected I/N with 1 <= I <= N, or slurm"
    fi
}

# shard_folder MANIFESTS I: prints the folder for the records of the I-th share.
shard_folder() {
    printf '%s/shards/%s-of-%s\n' "$1" "$2" "$shares"
}

# Prints the numbers of shares that records are there of.
divisions() {
    local folder
    for folder in "$manifests"/shards/*-of-*/ "$clip_manifests"/shards/*-of-*/; do
        [ ! -d "$folder" ] || basename -- "${folder##*-of-}"
    done | sort -un
}

# same_division NUMBERS: stops when these are more than one.
same_division() {
    [[ $1 != *$'\n'* ]] || stop "$exit_cannot" "there are shares of several divisions in $manifests/shards: of \
${1//$'\n'/, of }. Delete the folders of those that no longer count"
}

# Prints in how many shares the set was divided. Fails when there are none, or shares of several divisions.
count_shares() {
    local counts
    counts=$(divisions)
    [ -n "$counts" ] || stop "$exit_cannot" "there are no shares of $full_name in $clip_manifests/shards"
    same_division "$counts"
    printf '%s\n' "$counts"
}

# Prints what keeps the I-th share from being finished; nothing when it is.
state_of_share() {
    local stage folder missing=''
    folder=$(shard_folder "$clip_manifests" "$1")
    if [ ! -d "$folder" ]; then
        printf 'never ran\n'
        return
    fi
    if command -v flock >/dev/null && ! flock -n "$folder" true; then
        printf 'is running\n'
        return
    fi
    for stage in "${all_stages[@]}"; do
        [ -e "$(kept_of_share "$stage" "$1")" ] || missing+=" $stage"
    done
    [ -z "$missing" ] || printf 'has no records of:%s\n' "$missing"
}

# kept_of_share STAGE I: the file for the records of a stage of the I-th share.
kept_of_share() {
    local manifests clip_manifests
    manifests=$(shard_folder "$data/$set/manifests" "$2")
    clip_manifests=$(shard_folder "$clip_set/manifests" "$2")
    kept_of "$1"
}

# Sets stages to those whose kept records the shares replace. Those of fetch and split may come from runs of other variants
# and of the set's own clips: shares without records of a stage, and an unfinished variant, leave them as they are.
choose_merged() {
    local stage i count least
    stages=()
    for stage in "${all_stages[@]}"; do
        count=0 least=1
        for ((i = 1; i <= shares; i++)); do
            [ ! -e "$(kept_of_share "$stage" "$i")" ] || count=$((count + 1))
        done
        [ -z "$variant" ] || [[ $stage != @(fetch|split) ]] || least=$shares
        [ -e "$(kept_of "$stage")" ] || least=0
        [ "$count" -lt "$least" ] || stages+=("$stage")
    done
}

# Puts the records of the stages, and with fetch the credits, of all shares together, in the order of the shares.
merge_shares() {
    local stage i file
    for stage in "${stages[@]}"; do
        for ((i = 1; i <= shares; i++)); do
            file=$(kept_of_share "$stage" "$i")
            [ ! -e "$file" ] || cat -- "$file" || return
        done >"$(part_of "$stage")" || stop "$exit_cannot" "cannot write $(part_of "$stage")"
    done
    runs fetch || return 0
    for ((i = 1; i <= shares; i++)); do
        file=$(shard_folder "$manifests" "$i")/ATTRIBUTION.csv
        [ ! -e "$file" ] || printf '%s\0' "$file"
    done | LC_ALL=C xargs -0 -r awk 'FNR > 1 || !has_header { print; has_header = 1 }' >"$(part_of rejected)" ||
        stop "$exit_cannot" "cannot put the credits together"
    [ ! -s "$(part_of rejected)" ] || mv -f -- "$(part_of rejected)" "$data/$set/ATTRIBUTION.csv" ||
        stop "$exit_cannot" "cannot write $data/$set/ATTRIBUTION.csv"
}

# Prints how many rows of the tube list belong to listed videos that were not pruned, and how many clip records there are.
count_rows() {
    LC_ALL=C awk -F '[ \t]*,[ \t]*' '
        file == "ids" { gsub(/[ \t\r]/, ""); ids[$0]; next }
        file == "pruned" { delete ids[$0]; next }
        file == "tubes" {
            if (NF == 9) {
                id = $1
                sub(/^[ \t]+/, "", id)
                sub(/_[0-9]+$/, "", id)
                rows += id in ids
            }
            next
        }
        /^[{]"stage": "[a-z]*", "kind": "clip"/ { clips++ }
        END { print rows + 0, clips + 0 }
    ' file=ids "$lists/${set}_video_ids.txt" file=pruned <(cd -- "$data/$set/raw_videos" 2>/dev/null && find . -name '*.mp4.pruned' |
        sed 's|^./||; s|[.]mp4[.]pruned$||') file=tubes "$lists/${set}_video_tubes.txt" file=records "$(kept_of verify)"
}

report_shares() {
    local i state rows clips unfinished=0
    need_list "$lists/${set}_video_ids.txt"
    need_list "$lists/${set}_video_tubes.txt"
    shares=$(count_shares) || exit
    stages=("${all_stages[@]}")
    build
    begin_records
    for ((i = 1; i <= shares; i++)); do
        state=$(state_of_share "$i")
        [ -n "$state" ] || continue
        unfinished=$((unfinished + 1))
        printf 'share %s/%s %s\n' "$i" "$shares" "$state"
    done
    choose_merged
    merge_shares
    show_table || stop "$exit_cannot" "cannot write to stdout"
    keep_records
    read -r rows clips < <(count_rows)
    keep_folders
    write_report
    printf 'The report is %s\n' "$clip_set/report.html"
    status=$(status_of_records "$manifests"/{fetch,split}.jsonl "$clip_manifests"/{crop,verify}.jsonl)
    if [ "$unfinished" -gt 0 ]; then
        printf '%s of %s shares are not finished: %s of %s listed clips have a record\n' "$unfinished" "$shares" "$clips" "$rows"
        status=$exit_try_again
    elif [ "$rows" -ne "$clips" ]; then
        printf 'All shares are finished, but %s rows of the list have %s records. Run the shares again.\n' "$rows" "$clips"
        status=$exit_try_again
    fi
    exit "$status"
}
