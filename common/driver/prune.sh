# shellcheck shell=bash disable=SC2154 # the driver sources this file and sets the variables
# recheck asks whether the downloaded videos are still there and free; prune deletes all files made from a video.

# awk code: text(NAME) is the text of the first member NAME of the record $0, "" without one. JSON escapes quotes within a
# text, so the pattern matches only members.
# shellcheck disable=SC2016 # awk's own variables
readonly member_of_record='
    function text(name, value) {
        if (!match($0, "\"" name "\": *\"([^\"\\\\]|\\\\.)*\""))
            return ""
        value = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
        sub(/^ *"/, "", value)
        gsub(/\\"/, "\"", value)
        gsub(/\\\\/, "\\", value)
        return value
    }'

# Prints "ID<tab>PATH" of each file, or folder of pictures, that was made from a video. Paths are relative to the set's
# folder. The whole name is matched, because one id can be the beginning of another.
files_here() {
    (cd -- "$data/$set" 2>/dev/null && find -H raw_videos raw_videos/.index 1min_clips 1min_clips/.index cropped_clips \
        -mindepth 1 -maxdepth 1 \( ! -type d -o -path 'cropped_clips/*' \) ! -name $'*[\n\t]*' -print 2>/dev/null) |
        LC_ALL=C awk '
            { id = $0 }
            sub(/^raw_videos\/[.]index\//, "", id) { found = sub(/[.]json$/, "", id) }
            sub(/^raw_videos\//, "", id) {
                found = sub(/[.](mp4|m4a)([.]part([.]json)?)?$/, "", id)
            }
            sub(/^1min_clips\/[.]index\//, "", id) { found = sub(/[.]jsonl$/, "", id) }
            sub(/^1min_clips\//, "", id) { found = sub(/_[0-9][0-9][0-9][0-9]+[.]mp4$/, "", id) }
            # Clips may end in something other than .mp4.
            sub(/^cropped_clips\//, "", id) {
                found = sub(/_[0-9][0-9][0-9][0-9]+_S[0-9]+_E[0-9]+_L[0-9]+_T[0-9]+_R[0-9]+_B[0-9]+([.][a-z0-9]+)?$/, "", id)
            }
            found && id != "" { print id "\t" $0 }
            { found = 0 }'
}

# Prints a record of each video that has files: the kept one of its download, which has the URL of the page, or else one
# with only the id.
records_here() {
    local downloads=$manifests/fetch.jsonl
    [ -e "$downloads" ] || downloads=/dev/null
    files_here | cut -f 1 | LC_ALL=C sort -u | LC_ALL=C awk "$member_of_record"'
        is_record {
            if (text("stage") == "fetch" && text("status") == "ok")
                record[text("key")] = $0
            next
        }
        $0 in record { print record[$0]; next }
        {
            gsub(/\\/, "\\\\")
            gsub(/"/, "\\\"")
            printf "{\"stage\": \"fetch\", \"kind\": \"video\", \"key\": \"%s\", \"status\": \"ok\"}\n", $0
        }
    ' is_record=1 "$downloads" is_record=0 -
}

recheck() {
    local found=$manifests/recheck.jsonl lost
    build
    begin_records
    command_of fetch
    records_here >"$(part_of rejected)"
    [ -s "$(part_of rejected)" ] || stop "$exit_cannot" "there are no files of $set in $data"
    run "${command[@]}" --recheck -- "$(part_of rejected)" >"$(part_of recheck)"
    status=$?
    { ! cannot_work "$status" && [ -z "$dry_run" ]; } || exit "$status"
    mv -f -- "$(part_of recheck)" "$found" || stop "$exit_cannot" "cannot write $found"
    lost=$(lost_videos)
    if [ -n "$lost" ]; then
        files_of "$lost" | LC_ALL=C awk -F '\t' '
            !($2 in files) { order[++count] = $2 }
            { word[$2] = $1; files[$2] += $3 != "" }
            END { for (i = 1; i <= count; i++) printf "%-12s %s (%d files)\n", word[order[i]], order[i], files[order[i]] }'
        printf 'To list the files of these videos, run\n   '
        printf ' %q' bash "$0" "${rerun_options[@]}" "$set" prune
        printf '\nand to delete them, add --yes.\n'
    fi
    exit "$status"
}

# Prints "WORD<tab>ID" of each video to prune: those on the command line, or else those that recheck found gone or no longer
# free.
lost_videos() {
    if [ ${#pruned[@]} -gt 0 ]; then
        printf 'gone\t%s\n' "${pruned[@]}"
    else
        LC_ALL=C awk "$member_of_record"'
            text("stage") != "fetch" || text("status") != "failed" { next }
            text("error") == "gone" || text("error") == "relicensed" { print text("error") "\t" text("key") }
        ' "$manifests/recheck.jsonl"
    fi
}

# Prints "WORD<tab>ID<tab>PATH" of each file of the videos $1 (the output of lost_videos), by video. A video without files
# has one line with an empty PATH.
files_of() {
    files_here | LC_ALL=C awk -F '\t' '
        is_lost { if (!($2 in word)) { word[$2] = $1; order[++count] = $2 } next }
        $1 in word { files[$1] = files[$1] word[$1] "\t" $1 "\t" $2 "\n" }
        END {
            for (i = 1; i <= count; i++)
                printf "%s", order[i] in files ? files[order[i]] : word[order[i]] "\t" order[i] "\t\n"
        }
    ' is_lost=1 <(printf '%s\n' "$1") is_lost=0 -
}

# Writes a note for each of the videos $1, which stops th-fetch from downloading it again.
leave_notes() {
    local word id when note notes=()
    when=$(date -u +%FT%TZ)
    mkdir -p -- "$data/$set/raw_videos" || stop "$exit_cannot" "cannot make the folder $data/$set/raw_videos"
    while IFS=$'\t' read -r word id; do
        note=$data/$set/raw_videos/$id.mp4.pruned
        printf '%s %s\n' "$word" "$when" >"$note" || stop "$exit_cannot" "cannot write $note"
        notes+=("$note")
    done <<<"$1"
    printf '%s\0' "${notes[@]}" | xargs -0 sync -- || stop "$exit_cannot" "cannot write to $data/$set/raw_videos"
}

# Removes the records and credits of the videos $1. recheck.jsonl is last, so that prune can be repeated after it was
# killed.
forget() {
    local file
    for file in "$manifests"/{fetch,split,crop,verify}.jsonl "$data/$set/ATTRIBUTION.csv" "$manifests/recheck.jsonl"; do
        [ -e "$file" ] || continue
        { LC_ALL=C awk "$member_of_record"'
            is_lost { lost[substr($0, index($0, "\t") + 1)]; next }
            /^"/ {
                match($0, /^"([^"]|"")*"/)
                id = substr($0, 2, RLENGTH - 2)
                gsub(/""/, "\"", id)
                # th-fetch writes an apostrophe before an id that a spreadsheet would take for a formula.
                if (!(id in lost) && !(substr(id, 1, 1) == "\047" && substr(id, 2) in lost))
                    print
                next
            }
            text("video") in lost || (text("kind") == "video" && text("key") in lost) { next }
            { print }' is_lost=1 <(printf '%s\n' "$1") is_lost=0 "$file" >"$(part_of rejected)" &&
            sync -- "$(part_of rejected)" && mv -f -- "$(part_of rejected)" "$file"; } ||
            stop "$exit_cannot" "cannot write $file"
    done
    # The report holds pictures of the clips.
    rm -f -- "$data/$set/report.html" "$data/$set/summary.json"
}

prune() {
    local id word file lost files count=0
    begin_records
    [ ${#pruned[@]} -gt 0 ] || [ -r "$manifests/recheck.jsonl" ] ||
        stop "$exit_cannot" "$manifests/recheck.jsonl is missing: run recheck first, or name the ids"
    for id in "${pruned[@]}"; do
        [[ $id != */* && $id != .* && $id != *[[:cntrl:]]* && -n $id ]] ||
            misused "prune '$id': expected the id of a video"
    done
    lost=$(lost_videos)
    files=$(files_of "$lost")
    while IFS=$'\t' read -r word id file; do
        if [ -n "$file" ]; then
            count=$((count + 1))
            printf '%s %s\n' "$word" "$data/$set/$file"
        elif [ -n "$id" ]; then
            say "nothing of $id is here"
        fi
    done <<<"$files"
    if [ -z "$yes" ] || [ -n "$dry_run" ]; then
        [ "$count" -eq 0 ] || say "$count files; add --yes to delete them"
    elif [ -n "$lost" ]; then
        # First, so that the videos are not downloaded again even if this run is killed.
        leave_notes "$lost"
        (cd -- "$data/$set" && cut -f 3 <<<"$files" | grep . | tr '\n' '\0' | xargs -0 -r rm -rf --) ||
            stop "$exit_cannot" "cannot delete all files"
        forget "$lost"
        [ ! -x "$bin/th-verify" ] || write_report
        say "$count files deleted"
    fi
}
