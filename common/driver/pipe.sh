# shellcheck shell=bash disable=SC2034,SC2154 # the driver sources this file and sets the variables
# Starts the pipe of the stages, waits for it, and combines their exit statuses.

# Has the stages say whether they can work, before the first one downloads: one that ends in the middle of the pipe would have
# the others complain that their reader is gone.
try_stages() {
    local stage said result
    for stage in "${stages[@]}"; do
        [ "$stage" != fetch ] || continue
        command_of "$stage"
        said=$("${command[@]}" --dry-run --progress never -- /dev/null 2>&1 >/dev/null)
        result=$?
        cannot_work "$result" || continue
        printf '%s\n' "$said" >&2
        [[ $said != *'expected another folder, or --force'* ]] || show_remake
        exit "$result"
    done
}

# Opens an anonymous pipe with the ends $reader and $writer: a fifo whose name is removed at once. If a signal comes first,
# clean_up removes it.
open_pipe() {
    local both
    fifo=$(mktemp -u "${TMPDIR:-/tmp}/th.XXXXXXXX")
    mkfifo -m 600 -- "$fifo" || stop "$exit_cannot" "cannot make a pipe"
    # shellcheck disable=SC2094 # two ends of one pipe
    exec {both}<>"$fifo" {reader}<"$fifo" {writer}>"$fifo" {both}>&-
    rm -f -- "$fifo"
    fifo=''
}

# Starts the stages as `first | tee part | second | tee part ... | last > part`. Unlike the members of a bash pipeline, each
# is a child of this shell whose process id is known: it can be stopped, and waited for alone.
start_pipe() {
    local stage input last=${stages[-1]}
    exec {input}</dev/null
    pids=() tees=()
    start_settling
    for stage in "${stages[@]}"; do
        command_of "$stage"
        add_settling "$stage"
        add_inputs "$stage"
        if [ "$stage" != "$last" ]; then
            open_pipe
            "${command[@]}" <&"$input" >&"$writer" {reader}<&- {writer}>&- {input}<&- &
            pids+=("$!")
            exec {input}<&- {writer}>&-
            input=$reader
            open_pipe
            tee -- "$(part_of "$stage")" <&"$input" >&"$writer" {reader}<&- {writer}>&- {input}<&- &
            tees+=("$!")
            exec {input}<&- {writer}>&-
            input=$reader
        else
            "${command[@]}" <&"$input" >"$(part_of "$stage")" {input}<&- &
            pids+=("$!")
            exec {input}<&-
        fi
    done
    end_settling
}

# Waits for the stages and sets status to the worst of theirs: 128+n > 3 > 2 > 75 > 1 > 0. status_before_verify: without th-verify's.
wait_for_pipe() {
    local i one reader_gone='' tee_failed=''
    status=0 status_before_verify=0
    for ((i = ${#stages[@]} - 1; i >= 0; i--)); do
        if [ "$i" -lt ${#tees[@]} ]; then
            wait "${tees[i]}" || tee_failed=yes
        fi
        wait "${pids[i]}"
        one=$?
        # Others, such as 127 for a missing program, count as 3.
        [[ $one =~ ^(0|1|2|3|75)$ ]] || [ "$one" -gt 128 ] || one=$exit_cannot
        # A stage that ends because the one after it has ended is not the cause.
        [ -z "$reader_gone" ] || [ "$one" -ne "$exit_cannot" ] || continue
        ! cannot_work "$one" || reader_gone=yes
        status=$(worse_of "$status" "$one")
        [ "${stages[i]}" = verify ] || status_before_verify=$(worse_of "$status_before_verify" "$one")
    done
    pids=()
    [ -z "$finished" ] || wait "$settler"
    if [ -n "$tee_failed" ] && [ -z "$reader_gone" ]; then
        stop "$exit_cannot" "cannot keep the records in $work"
    fi
}

cannot_work() {
    [ "$1" -ne 0 ] && [ "$1" -ne 1 ] && [ "$1" -ne "$exit_try_again" ]
}

worse_of() {
    local one
    for one in 0 1 $exit_try_again $exit_usage "$exit_cannot"; do
        [ "$1" -ne "$one" ] || { printf '%s\n' "$2" && return; }
        [ "$2" -ne "$one" ] || { printf '%s\n' "$1" && return; }
    done
    printf '%s\n' "$1"
}

# Prints the exit status that the records in the files stand for.
status_of_records() {
    if grep -q '"retry": true' -- "$@"; then
        echo "$exit_try_again"
    elif grep -hE '"status": "(failed|skipped)"' -- "$@" | grep -qv '"error": "not_selected"'; then
        echo 1
    else
        echo 0
    fi
}
