# shellcheck shell=bash disable=SC2034,SC2154 # the driver sources this file and shares its variables
# Makes clips again in the same run that were there before it and failed their check.

# Copies the records of th-verify about such clips; false when there are none. A clip that this run has made would come out the
# same again: what failed is then the video or the chunk.
find_rejected() {
    LC_ALL=C awk '
        match($0, /^[{]"stage": "verify", "kind": "clip", "key": "[^"]*", "status": "failed"/) { failed[key()] = $0 }
        match($0, /^[{]"stage": "crop", "kind": "clip", "key": "[^"]*", "status": "ok"/) && /, "cached": true, / &&
            key() in failed { print failed[key()] }
        function key(    piece) {
            split($0, piece, "\"")
            return piece[12]
        }' "$(part_of verify)" "$(part_of crop)" >"$(part_of rejected)"
    [ -s "$(part_of rejected)" ]
}

# Replaces the records of stage $1 by those of the same clips in the file $2.
replace_records() {
    { LC_ALL=C awk -F '"' '
        FNR == NR { if ($8 == "clip") anew[$12] = $0; next }
        $8 == "clip" && $12 in anew { print anew[$12]; next }
        { print }' "$2" "$(part_of "$1")" >"$(part_of kept)" && mv -f -- "$(part_of kept)" "$(part_of "$1")"; } ||
        stop "$exit_cannot" "cannot write $(part_of "$1")"
}

# remake_stage STAGE FILE: runs it on FILE, a clip a line. Sets result to its exit status.
remake_stage() {
    command_of "$1"
    run "${command[@]}" --total "$(wc -l <"$2")" -- "$2" >"$(part_of "remade_$1")"
    result=$?
    ! cannot_work "$result" || exit "$result"
}

# Makes the clips of find_rejected again, once, and verifies them. Their records replace those of before, and status becomes that
# of all records. Files that TH_VERIFY_FLAGS names tell of one pass, so there is no second one then.
remake_rejected() {
    local result stage
    { [ -z "$dry_run" ] && runs crop && runs verify && find_rejected; } || return 0
    [[ ${TH_VERIFY_FLAGS-} =~ --(su|rep|sc) ]] && return
    say "clips that were there and failed their check are made again: $(wc -l <"$(part_of rejected)")"
    remake_stage crop "$(part_of rejected)"
    status=$(worse_of "$status_before_verify" "$result")
    remake_stage verify "$(part_of remade_crop)"
    for stage in crop verify; do
        replace_records "$stage" "$(part_of "remade_$stage")"
    done
    status=$(worse_of "$status" "$(status_of_records "$(part_of verify)")")
    settle_again
}
