# shellcheck shell=bash disable=SC2154 # the driver, which reads this file, sets the variables and has the other functions
# The pipe of the stages: started, waited for, and its statuses made one.

# Opens an anonymous pipe: its ends are $reader and $writer. (The fifo has lost its name before anything is written.)
open_pipe() {
    local fifo both
    fifo=$(mktemp -u "${TMPDIR:-/tmp}/th.XXXXXXXX")
    mkfifo -m 600 -- "$fifo" || stop "$exit_cannot" "cannot make a pipe"
    # shellcheck disable=SC2094 # two ends of one pipe
    exec {both}<>"$fifo" {reader}<"$fifo" {writer}>"$fifo" {both}>&-
    rm -f -- "$fifo"
}

# Starts the stages as `first | tee part | second | tee part ... | last > part`. Each is a child of this shell, so that
# each can be stopped and asked for its status; which a pipeline's members cannot while it runs.
start_pipe() {
    local stage input last=${stages[-1]}
    exec {input}</dev/null
    for stage in "${stages[@]}"; do
        command_of "$stage"
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
}

# Waits for what start_pipe has started and sets status, which is the toolkit's: 128+n > 3 > 2 > 75 > 1 > 0.
wait_for_pipe() {
    local i one reader_gone='' tee_failed=''
    status=0
    for ((i = ${#stages[@]} - 1; i >= 0; i--)); do
        if [ "$i" -lt ${#tees[@]} ]; then
            wait "${tees[i]}" || tee_failed=yes
        fi
        wait "${pids[i]}"
        one=$?
        # Such as 127: there is no program.
        [[ $one =~ ^(0|1|2|3|75)$ ]] || [ "$one" -gt 128 ] || one=$exit_cannot
        # A stage that stops because the one after it did is not what went wrong.
        [ -z "$reader_gone" ] || [ "$one" -ne "$exit_cannot" ] || continue
        ! cannot_work "$one" || reader_gone=yes
        status=$(worse_of "$status" "$one")
    done
    pids=()
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
