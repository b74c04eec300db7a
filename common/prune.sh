# shellcheck shell=bash disable=SC2154 # the driver, which reads this file, sets the variables and has the other functions
# recheck and prune: what has become of the videos that are here, and the deletion of all that came from one.

# The ids of all videos of which there are files, a line each.
ids_here() {
    {
        find "$data/$set/raw_videos" -maxdepth 1 -name '*.mp4' -printf '%f\n' | sed 's/\.mp4$//'
        find "$data/$set/1min_clips" -maxdepth 1 -name '*.mp4' -printf '%f\n' | sed -nE 's/_[0-9]{4,}\.mp4$//p'
        find "$data/$set/cropped_clips" -mindepth 1 -maxdepth 1 -printf '%f\n' |
            sed -nE 's/_[0-9]{4,}_S[0-9]+_E[0-9]+_L[0-9]+_T[0-9]+_R[0-9]+_B[0-9]+(\.[a-z0-9]+)?$//p'
    } 2>/dev/null | LC_ALL=C sort -u
}

# The records of the videos that ids_here names. The kept record of a download says the page, too; where there is none,
# the id alone has to.
records_here() {
    local downloads=$manifests/fetch.jsonl
    [ -e "$downloads" ] || downloads=/dev/null
    LC_ALL=C awk '
        is_record {
            if (split($0, piece, "\"") > 15 && piece[4] == "fetch" && piece[16] == "ok")
                record[piece[12]] = $0
            next
        }
        $0 in record { print record[$0]; next }
        { printf "{\"stage\": \"fetch\", \"kind\": \"video\", \"key\": \"%s\", \"status\": \"ok\"}\n", $0 }
    ' is_record=1 "$downloads" is_record=0 -
}

recheck() {
    local found=$manifests/recheck.jsonl id word one
    begin_records
    command_of fetch
    ids_here | records_here >"$(part_of rejected)"
    [ -s "$(part_of rejected)" ] || stop "$exit_cannot" "there are no files of $set in $data"
    run "${command[@]}" --recheck -- "$(part_of rejected)" >"$(part_of recheck)"
    status=$?
    ! cannot_work "$status" || exit "$status"
    [ -z "$dry_run" ] || exit "$status"
    mv -f -- "$(part_of recheck)" "$found" || stop "$exit_cannot" "cannot write $found"
    while read -r word id; do
        one=$(files_of "$id" | tr '\0' '\n' | wc -l)
        printf '%-12s %s (%d files)\n' "$word" "$id" "$one"
    done < <(lost_videos)
    if [ -n "$(lost_videos)" ]; then
        printf 'What came from these is shown by\n   '
        printf ' %q' bash "$0" "${rerun_options[@]}" "$set" prune
        printf '\nand deleted with --yes.\n'
    fi
    exit "$status"
}

# "WORD ID" of each video that is to be pruned: those that were named, or else those that recheck found gone or no longer
# free.
lost_videos() {
    if [ ${#pruned[@]} -gt 0 ]; then
        printf 'gone %s\n' "${pruned[@]}"
    else
        LC_ALL=C awk -F '"' '$4 == "fetch" && $16 == "failed" && ($20 == "gone" || $20 == "relicensed") {
            print $20, $12
        }' "$manifests/recheck.jsonl"
    fi
}

# All files that come from a video, each ended by NUL. Other videos may have names that begin the same.
files_of() {
    local id=$1 file rest
    # Clips have other endings, too, or are folders of pictures.
    local chunk='^[0-9]{4,}\.mp4$' clip='^[0-9]{4,}_S[0-9]+_E[0-9]+_L[0-9]+_T[0-9]+_R[0-9]+_B[0-9]+(\.[a-z0-9]+)?$'
    for file in "$data/$set/raw_videos/$id".{mp4,m4a}{,.part,.part.json} "$data/$set/1min_clips/.index/$id.jsonl"; do
        [ ! -f "$file" ] || printf '%s\0' "$file"
    done
    for file in "$data/$set/1min_clips/${id}_"*.mp4 "$data/$set/cropped_clips/${id}_"*; do
        rest=${file##*/}
        rest=${rest#"${id}_"}
        if [ -e "$file" ] && [[ $rest =~ $chunk || $rest =~ $clip ]]; then
            printf '%s\0' "$file"
        fi
    done
}

# Takes what the records and the credits say of a video away.
forget() {
    local file
    for file in "$manifests"/{fetch,split,crop,verify,recheck}.jsonl "$data/$set/ATTRIBUTION.csv"; do
        [ -e "$file" ] || continue
        # The id goes through the environment, where awk leaves backslashes alone.
        { ID=$1 LC_ALL=C awk '
            BEGIN {
                own = "\"key\": \"" ENVIRON["ID"] "\", "
                lineage = "\"video\": \"" ENVIRON["ID"] "\""
                credit = "\"" ENVIRON["ID"] "\","
                safe_credit = "\"\047" ENVIRON["ID"] "\","
            }
            {
                record = $0 # other programs write records with other spaces
                gsub(/": */, "\": ", record)
                gsub(/, *"/, ", \"", record)
            }
            record ~ /^[{]"stage": "[a-z]+", "kind": "video", / && index(record, own) { next }
            index(record, lineage) || index($0, credit) == 1 || index($0, safe_credit) == 1 { next }
            { print }' "$file" >"$(part_of rejected)" && sync -- "$(part_of rejected)" &&
            mv -f -- "$(part_of rejected)" "$file"; } || stop "$exit_cannot" "cannot write $file"
    done
    # The report shows pictures.
    rm -f -- "$data/$set/report.html" "$data/$set/summary.json"
}

prune() {
    local id word file count=0 before note
    begin_records
    [ ${#pruned[@]} -gt 0 ] || [ -r "$manifests/recheck.jsonl" ] ||
        stop "$exit_cannot" "$manifests/recheck.jsonl is missing: recheck has to run before prune, or name the ids"
    for id in "${pruned[@]}"; do
        [[ $id != */* && $id != .* && $id != *$'\n'* && -n $id ]] || misused "prune '$id': expected the id of a video"
    done
    while read -r word id; do
        before=$count
        if [ -n "$yes" ] && [ -z "$dry_run" ]; then
            # First of all, so that nothing fetches it again whatever happens.
            note=$data/$set/raw_videos/$id.mp4.pruned
            { mkdir -p -- "${note%/*}" && printf '%s %s\n' "$word" "$(date -u +%FT%TZ)" >"$note" && sync -- "$note"; } ||
                stop "$exit_cannot" "cannot write $note"
        fi
        while IFS= read -r -d '' file; do
            count=$((count + 1))
            printf '%s %s\n' "$word" "$file"
            if [ -n "$yes" ] && [ -z "$dry_run" ]; then
                rm -rf -- "$file" || stop "$exit_cannot" "cannot delete $file"
            fi
        done < <(files_of "$id")
        [ "$count" -gt "$before" ] || say "nothing of $id is here"
        [ -z "$yes" ] || [ -n "$dry_run" ] || forget "$id"
    done < <(lost_videos)
    [ -z "$yes" ] || [ -n "$dry_run" ] || [ ! -x "$bin/th-verify" ] || write_report
    if [ "$count" -gt 0 ] && { [ -z "$yes" ] || [ -n "$dry_run" ]; }; then
        say "$count files; with --yes they are deleted"
    else
        say "$count files deleted"
    fi
}
