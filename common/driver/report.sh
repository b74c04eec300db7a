# shellcheck shell=bash disable=SC2154 # the driver, which reads this file, sets the variables and has the other functions
# The last act of a run: a table, the report, and what to run next.

show_table() {
    local stage files=()
    for stage in "${stages[@]}"; do
        files+=("stage=$stage" "$(part_of "$stage")")
    done
    LC_ALL=C awk -v set="$set" -v stages="${stages[*]}" -f "$here/common/driver/records_table.awk" "${files[@]}"
}

# Prints what stands before the command of a rerun: the options of the programs, without which th-crop would rather not
# add to clips that it has made with others. With --public an address that may hold a password or a key is not told, but
# the command does not run where it is not set.
flags_of_rerun() {
    local name
    for name in TH_FETCH_FLAGS TH_SPLIT_FLAGS TH_CROP_FLAGS TH_VERIFY_FLAGS; do
        if [[ ${1-} == --public && ${!name-} =~ ://[^[:space:]]*[@?\&#] ]]; then
            # shellcheck disable=SC2016 # for who runs it
            printf '%s="${%s:?}" ' "$name" "$name"
        elif [ -n "${!name-}" ]; then
            printf '%s=%q ' "$name" "${!name}"
        fi
    done
}

# The command that does again what may be mended, to be called from any folder: all stages, for the report tells of all.
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
    printf ' %q\n' "$set"
}

# Writes SET/report.html and SET/summary.json from all records that are kept, of this run and of those before. Each stage
# has the last word on its own records, which the later ones only pass on: so it comes after them.
write_report() {
    local stage kept=() result
    for stage in verify crop split fetch; do
        [ ! -e "$manifests/$stage.jsonl" ] || kept+=(--manifest "$manifests/$stage.jsonl")
    done
    [ ${#kept[@]} -gt 0 ] || return 0
    run "$bin/th-verify" "${common_flags[@]}" --progress never --summary "$data/$set/summary.json" \
        --report "$data/$set/report.html" --title "$set" --rerun "$(rerun_from_anywhere)" "${kept[@]}" \
        </dev/null >/dev/null
    result=$?
    ! cannot_work "$result" || stop "$exit_cannot" "cannot write the report in $data/$set"
}

# The one command to run next, when there is something that it can mend.
show_next() {
    local stage kept=() next=()
    for stage in "${stages[@]}"; do
        kept+=("$manifests/$stage.jsonl")
    done
    grep -q '"retry": true' -- "${kept[@]}" || return 0
    # A clip that does not pass is made anew by the stage before.
    [ "${stages[*]}" != verify ] || next=(crop)
    [ ${#stages[@]} -eq ${#all_stages[@]} ] || next+=("${stages[@]}")
    printf 'Another run may mend some of this:\n    %sbash' "$(flags_of_rerun)"
    printf ' %q' "$0" "${rerun_options[@]}" "$set" "${next[@]}"
    printf '\n'
}
