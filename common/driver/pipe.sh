# shellcheck shell=bash disable=SC2034,SC2154 # the driver sources this file and sets the variables
# Starts the pipe of the stages, waits for it, and combines their exit statuses.

# Counts the listed videos and the tubes of these for the progress lines: total_videos, total_clips. Says how many tubes belong
# to videos that are not in the list of ids. Of a share only the totals.
count_lists() {
    local others strangers ids=$lists/${set}_video_ids.txt
    total_videos=0 total_clips=0
    [ -r "$ids" ] && [ -r "$tubes" ] || return 0
    if [ -n "$share" ]; then
        exec {reader}< <(ids_of_share)
        ids=/dev/fd/$reader
    fi
    read -r total_videos total_clips others strangers < <(LC_ALL=C awk '
        FNR == 1 { sub(/^\357\273\277/, "") }
        { gsub(/[ \t\r]/, "") }
        /^(#|$)/ { next }
        list == "ids" { has_urls = has_urls || /\//; videos += !($0 in ids); ids[$0]; next }
        split($0, tube, ",") == 9 {
            sub(/_[0-9]+$/, "", tube[1])
            if (has_urls || tube[1] in ids)
                clips++
            else {
                others++
                strangers += !(tube[1] in seen)
                seen[tube[1]]
            }
        }
        END { print videos + 0, clips + 0, others + 0, strangers + 0 }' list=ids "$ids" list=tubes "$tubes")
    [ -z "$share" ] || exec {reader}<&-
    [ -n "$share" ] || [ "$others" -eq 0 ] || say "tubes that are not used, because their videos are not in ${set}_video_ids.txt: $others (of $strangers videos)"
}

# Prints the ids of this share. No file is looked for: a dry run of th-fetch without its folder.
ids_of_share() {
    "$bin/th-fetch" -n -q -o "$lists" --shard "$share/$shares" --url-template 'file:///{id}' "$lists/${set}_video_ids.txt" 2>/dev/null |
        sed -n 's/.*"kind": "video", "key": "\([^"]*\)".*/\1/p'
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

# Waits for the stages and sets status to the worst of theirs: 128+n > 3 > 2 > 75 > 1 > 0.
wait_for_pipe() {
    local i one reader_gone='' tee_failed=''
    status=0
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
