# shellcheck shell=bash disable=SC2154 # the driver sources this file and sets the variables
# The end of a run: the table, the report, and the command to run next.

# -q leaves it out. began: when the run began (SECONDS); empty: its time is not told.
show_table() {
    local stage files=() took=''
    [ -z "$quiet" ] || return 0
    [ -z "$began" ] || took=$((SECONDS - began))
    for stage in "${stages[@]}"; do
        files+=("stage=$stage" "$(part_of "$stage")")
    done
    LC_ALL=C awk -v set="$full_name" -v stages="${stages[*]}" -v seconds="$took" \
        -f "$here/common/driver/records_table.awk" words=1 "$here/common/error.h" words=0 "${files[@]}"
}

# Prints the TH_*_FLAGS to put before the command of a rerun: th-crop refuses to add to clips that it made with other
# options. With --public, a value with a URL that may hold a password or a key is replaced by a reference to the variable,
# and the command fails where that is not set.
flags_of_rerun() {
    local name
    for name in TH_FETCH_FLAGS TH_SPLIT_FLAGS TH_CROP_FLAGS TH_VERIFY_FLAGS; do
        if [[ ${1-} == --public && ${!name-} =~ ://[^[:space:]]*[@?\&#] ]]; then
            # shellcheck disable=SC2016 # the shell of the rerun expands it
            printf '%s="${%s:?}" ' "$name" "$name"
        elif [ -n "${!name-}" ]; then
            printf '%s=%q ' "$name" "${!name}"
        fi
    done
}

# Prints a command of this script for the same data, without options of this run.
command_for() {
    local words
    printf -v words ' %q' "$0" "${place_options[@]}" ${variant:+--variant "$variant"} "$@"
    printf 'bash%s\n' "$words"
}

# Prints a command of this script for the same data, with the options of this run and the words.
rerun_command() {
    printf '    %sbash' "$(flags_of_rerun)"
    printf ' %q' "$0" "${rerun_options[@]}" ${variant:+--variant "$variant"} "$@"
    printf '\n'
}

# Prints the command that retries what failed, for use in any folder. It runs all stages, because the report covers all.
rerun_from_anywhere() {
    local word before=''
    flags_of_rerun --public
    printf 'bash %q' "$here/$program"
    for word in "${rerun_options[@]}"; do
        case $before in
            --data) word=$data ;;
            --lists) word=$lists ;;
        esac
        printf ' %q' "$word"
        before=$word
    done
    printf ' %q' ${variant:+--variant "$variant"} "$set"
    printf '\n'
}

# Sets resolver_advice to what to do about yt-dlp when videos failed that it was asked about, and it is old or lacks what
# YouTube needs.
advise_on_resolver() {
    resolver_advice=''
    [ "$set" != demo ] || return 0
    grep -qE '^[{]"stage": "fetch", .*"status": "failed".*"retry": true' -- "$(kept_of fetch)" 2>/dev/null || return 0
    ! judge_resolver || [ "$resolver_state" = ok ] || resolver_advice="yt-dlp $resolver_says"
}

# Writes report.html, summary.json and clips.jsonl of the clips from the kept records of this run and earlier ones. The last
# record of a key counts. A stage's own manifest holds the current ones, later manifests only copies: so it is named after them.
write_report() {
    local stage file kept=() result
    advise_on_resolver
    for stage in verify crop split fetch; do
        file=$(kept_of "$stage")
        [ ! -e "$file" ] || kept+=(--manifest "$file")
    done
    [ ${#kept[@]} -gt 0 ] || return 0
    run "$bin/th-verify" "${common_flags[@]}" --progress never --summary "$clip_set/summary.json" \
        --passed "$clip_set/clips.jsonl" --report "$clip_set/report.html" --title "$full_name" --rerun "$(rerun_from_anywhere)" \
        ${resolver_advice:+--advice "$resolver_advice"} "${kept[@]}" \
        </dev/null >/dev/null
    result=$?
    ! cannot_work "$result" || stop "$exit_cannot" "cannot write the report in $clip_set"
}

# Prints the command that makes the clips again with other options, from the videos that are there.
show_remake() {
    local next=(crop verify)
    [ -e "$(kept_of split)" ] || next=()
    printf 'This makes them again from the videos that are there:\n'
    rerun_command -f "$set" "${next[@]}"
} >&2

# Says how to get the sound of videos that were downloaded without it.
show_silent() {
    local was_asked=''
    runs crop && grep -q '"sound": false' -- "$(kept_of crop)" || return 0
    [[ " ${TH_FETCH_FLAGS-} " != *' --audio '* ]] || was_asked=yes
    [ -n "$was_asked" ] || local TH_FETCH_FLAGS="--audio${TH_FETCH_FLAGS:+ $TH_FETCH_FLAGS}"
    printf 'Clips without sound: %s. ' "$(grep -c '"sound": false' -- "$(kept_of crop)")"
    if [[ $set == demo || " $TH_FETCH_FLAGS" == *' --url-template'* ]]; then
        printf 'This downloads the videos again, with sound:\n'
        rerun_command -f "$set" "${all_stages[@]}"
    elif [ -n "$was_asked" ] && runs fetch; then
        printf 'Their videos have none that can be downloaded.\n'
    else
        printf 'This downloads their sound:\n'
        rerun_command "$set"
    fi
}

# Prints the command to run next, if it can help.
show_next() {
    local stage kept=() next=()
    show_silent
    for stage in "${stages[@]}"; do
        kept+=("$(kept_of "$stage")")
    done
    grep -q '"retry": true' -- "${kept[@]}" || return 0
    # th-crop remakes the clips that th-verify rejected.
    [ "${stages[*]}" != verify ] || next=(crop)
    [ -z "$named_stages" ] || [ ${#stages[@]} -eq ${#all_stages[@]} ] || next+=("${stages[@]}")
    ! grep -q '"error": "not_fetched"' -- "${kept[@]}" || next=()
    advise_on_resolver
    [ -z "$resolver_advice" ] || printf '%s\n' "$resolver_advice"
    printf 'Another run may mend some of this:\n'
    rerun_command "$set" "${next[@]}"
}
