# shellcheck shell=bash disable=SC2034,SC2154 # the driver sources this file and sets the variables
# recheck asks whether the downloaded videos are still there and free; prune deletes all files made from a video.
#
# One answer "this video is gone" is not enough to delete: on a bad day a resolver says it of every video. recheck keeps
# what it found in manifests/losses.tsv, a line "ID<tab>WORD<tab>FIRST<tab>LAST" for each loss: the times (seconds since
# 1970) of the first and the last run that found it. A run that found the video well removes the line.

readonly losses_apart=86400 # seconds between two runs that together confirm a loss

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

# Notes the folders outside the set's own that the records of this run name, for prune: TH_CROP_FLAGS='-o DIR' and the
# like write there.
keep_folders() {
    local found=$clip_manifests/folders
    {
        [ ! -e "$found" ] || cat -- "$found"
        LC_ALL=C awk "$member_of_record"'
            { path = text("path") }
            path ~ /^\// && sub(/\/[^\/]*$/, "", path) && path != last { print last = path }
        ' "$manifests"/{fetch,split}.jsonl "$clip_manifests/crop.jsonl" 2>/dev/null | LC_ALL=C sort -u |
            grep -vxF -e "$data/$set/raw_videos" -e "$data/$set/1min_clips" -e "$clip_set/cropped_clips"
    } | LC_ALL=C sort -u >"$(part_of rejected)"
    if [ -s "$(part_of rejected)" ]; then
        mv -f -- "$(part_of rejected)" "$found" || stop "$exit_cannot" "cannot write $found"
    fi
}

# Prints the paths of all files, and folders of pictures, in the set's folders, relative to the set's folder, and of those
# in the other folders that its runs wrote to, absolute.
paths_here() {
    local folder
    (cd -- "$data/$set" 2>/dev/null &&
        find -H raw_videos raw_videos/.index 1min_clips 1min_clips/.index cropped_clips variants/*/cropped_clips -mindepth 1 -maxdepth 1 \
            \( ! -type d -o -path '*cropped_clips/*' -o -path 'raw_videos/*.part.d' \) ! -name $'*[\n\t]*' -print 2>/dev/null)
    cat -- "$manifests/folders" "$data/$set"/variants/*/manifests/folders 2>/dev/null | LC_ALL=C sort -u |
        while read -r folder; do
            find -H "$folder" -mindepth 1 -maxdepth 1 ! -name $'*[\n\t]*' -print 2>/dev/null
        done
}

# Prints "ID<tab>PATH" of each file, or folder of pictures, that was made from a video. The whole name is matched, because
# one id can be the beginning of another.
files_here() {
    paths_here | LC_ALL=C awk '
            { id = $0; found = 0 }
            # Outside the set only chunks and clips are taken: other files may be the user'\''s own.
            sub(/^\/(.*\/)?/, "", id) {
                found = sub(/_[0-9][0-9][0-9][0-9]+(_S[0-9]+_E[0-9]+_L[0-9]+_T[0-9]+_R[0-9]+_B[0-9]+([.][a-z0-9]+)?|[.]mp4)$/, "", id)
            }
            sub(/^raw_videos\/[.]index\//, "", id) { found = sub(/[.]json$/, "", id) }
            sub(/^raw_videos\//, "", id) {
                found = sub(/[.](mp4|m4a)([.](needed([.]json)?|part([.](json|d))?))?$/, "", id) || sub(/[.]mp4[.]discarded([.]part)?$/, "", id)
            }
            sub(/^1min_clips\/[.]index\//, "", id) { found = sub(/[.]jsonl$/, "", id) }
            sub(/^1min_clips\//, "", id) { found = sub(/_[0-9][0-9][0-9][0-9]+[.]mp4$/, "", id) }
            # Clips may end in something other than .mp4.
            sub(/^(variants\/[^\/]*\/)?cropped_clips\//, "", id) {
                found = sub(/_[0-9][0-9][0-9][0-9]+_S[0-9]+_E[0-9]+_L[0-9]+_T[0-9]+_R[0-9]+_B[0-9]+([.][a-z0-9]+)?$/, "", id)
            }
            found && id != "" { print id "\t" $0 }'
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

# Prints three counts of the recheck records $1: videos found well, videos that seem lost, all videos.
count_checked() {
    LC_ALL=C awk "$member_of_record"'
        text("stage") != "fetch" { next }
        { all++ }
        text("status") == "ok" { well++ }
        text("status") == "failed" && (text("error") == "gone" || text("error") == "relicensed") { lost++ }
        END { print well + 0, lost + 0, all + 0 }' "$1"
}

# Brings losses.tsv up to date with the records $1 of a recheck.
note_losses() {
    local losses=$manifests/losses.tsv before=/dev/null
    [ ! -e "$losses" ] || before=$losses
    { LC_ALL=C awk -v now="$(date +%s)" "$member_of_record"'
        BEGIN { OFS = FS = "\t" }
        is_before { word[$1] = $2; first[$1] = $3; last[$1] = $4; next }
        text("stage") != "fetch" { next }
        { id = text("key") }
        text("status") == "ok" { delete word[id] }
        text("status") == "failed" && (text("error") == "gone" || text("error") == "relicensed") {
            if (!(id in word))
                first[id] = now
            word[id] = text("error")
            last[id] = now
        }
        END { for (id in word) print id, word[id], first[id], last[id] }
    ' is_before=1 "$before" is_before=0 "$1" | LC_ALL=C sort >"$(part_of rejected)" &&
        sync -- "$(part_of rejected)" && mv -f -- "$(part_of rejected)" "$losses"; } ||
        stop "$exit_cannot" "cannot write $losses"
}

recheck() {
    local found well lost all
    build
    begin_records
    found=$(part_of recheck)
    command_of fetch
    records_here >"$(part_of rejected)"
    [ -s "$(part_of rejected)" ] || stop "$exit_cannot" "there are no files of $set in $data"
    run "${command[@]}" --recheck -- "$(part_of rejected)" >"$found"
    status=$?
    { ! cannot_work "$status" && [ -z "$dry_run" ]; } || exit "$status"
    grep -qv '"error": "not_selected"' -- "$found" ||
        stop 1 "nothing was checked: the videos of $set come from an archive, which has no pages to ask about"
    read -r well lost all < <(count_checked "$found")
    if [ "$lost" -gt 0 ] && { [ "$well" -eq 0 ] || { [ "$lost" -gt 3 ] && [ $((lost * 5)) -gt "$all" ]; }; }; then
        stop "$exit_try_again" "$lost of $all videos seem lost at once, and $well were found well. This run is not \
believed, and nothing is marked. Update the resolver, or try from another address."
    fi
    note_losses "$found"
    mv -f -- "$found" "$manifests/recheck.jsonl" || stop "$exit_cannot" "cannot write $manifests/recheck.jsonl"
    show_losses
    exit "$status"
}

show_losses() {
    local lost
    lost=$(lost_videos)
    [ -n "$lost" ] || return 0
    files_of "$lost" | LC_ALL=C awk -F '\t' '
        !($2 in files) { order[++count] = $2 }
        { word[$2] = $1; files[$2] += $3 != "" }
        END { for (i = 1; i <= count; i++) printf "%-12s %s (%d files)\n", word[order[i]], order[i], files[order[i]] }'
    printf 'To list the files of these videos, run\n   '
    printf ' %q' bash "$0" "${rerun_options[@]}" "$set" prune
    printf '\nWith --yes it deletes what two rechecks, a day apart, agree on.\n'
}

# Prints "WORD<tab>ID" of each video to prune: those on the command line, or else those that recheck found gone or no longer
# free; with the argument "confirmed" only those that two runs agree on.
lost_videos() {
    if [ ${#pruned[@]} -gt 0 ]; then
        printf 'gone\t%s\n' "${pruned[@]}"
    else
        LC_ALL=C awk -F '\t' -v apart="$([ "${1-}" != confirmed ] || echo "$losses_apart")" '
            $4 - $3 >= apart + 0 { print $2 "\t" $1 }' "$manifests/losses.tsv"
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

# Removes the records and credits of the videos $1. losses.tsv is last, so that prune can be repeated after it was killed.
forget() {
    local file
    for file in "$manifests"/{fetch,split,crop,verify}.jsonl "$manifests"/shards/*/{fetch,split,crop,verify}.jsonl \
        "$data/$set"/variants/*/manifests/{,shards/*/}{crop,verify}.jsonl \
        "$data/$set/ATTRIBUTION.csv" "$manifests"/shards/*/ATTRIBUTION.csv "$manifests"/{recheck.jsonl,losses.tsv}; do
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
            FILENAME ~ /losses[.]tsv$/ {
                if (!(substr($0, 1, index($0, "\t") - 1) in lost))
                    print
                next
            }
            text("video") in lost || (text("kind") == "video" && text("key") in lost) { next }
            { print }' is_lost=1 <(printf '%s\n' "$1") is_lost=0 "$file" >"$(part_of rejected)" &&
            sync -- "$(part_of rejected)" && mv -f -- "$(part_of rejected)" "$file"; } ||
            stop "$exit_cannot" "cannot write $file"
    done
    # The report holds pictures of the clips.
    rm -f -- "$data/$set"/{,variants/*/}{report.html,report-missing.csv,summary.json,clips.jsonl}
}

# Prints the files of $1 (the output of files_of), and says which videos have none. Sets count to their number. A symbolic
# link is followed by a line "stays TARGET": only the link is deleted, because its target may belong to an archive.
show_files() {
    local id word file target links=0
    count=0
    while IFS=$'\t' read -r word id file; do
        if [ -n "$file" ]; then
            count=$((count + 1))
            [[ $file == /* ]] || file=$data/$set/$file
            printf '%s %s\n' "$word" "$file"
            if [ -L "$file" ]; then
                links=$((links + 1))
                target=$(readlink -m -- "$file")
                printf 'stays %s\n' "${target//[[:cntrl:]]/?}"
            fi
        elif [ -n "$id" ]; then
            say "nothing of $id is here"
        fi
    done <<<"$1"
    [ "$links" -eq 0 ] ||
        say "$links of the files are links; prune deletes the links, and what they lead to (\"stays\") is yours to delete"
}

# Deletes the files $2 (the output of files_of) of the videos $1, and what is known of these videos.
delete_videos() {
    local name TH_CROP_FLAGS=${TH_CROP_FLAGS-}
    # First, so that the videos are not downloaded again even if this run is killed.
    leave_notes "$1"
    LC_ALL=C awk -F '\t' -v now="$(date -u +%FT%TZ)" '$3 != "" { print now "\t" $0 }' <<<"$2" >>"$manifests/pruned.tsv" ||
        stop "$exit_cannot" "cannot write $manifests/pruned.tsv"
    (cd -- "$data/$set" && cut -f 3 <<<"$2" | grep . | tr '\n' '\0' | xargs -0 -r rm -rf --) ||
        stop "$exit_cannot" "cannot delete all files"
    forget "$1"
    say "$count files deleted; $manifests/pruned.tsv lists them"
    follow_up
    for name in "${variants[@]}"; do
        use_variant "$name"
        TH_CROP_FLAGS=''
        recall_options
        follow_up
    done
}

# Writes the report again, and says which exports still hold clips that were pruned.
follow_up() {
    [ ! -x "$bin/th-verify" ] || write_report
    say_exports
}

prune() {
    local id lost confirmed files count=0
    begin_records
    lock_variants
    [ ${#pruned[@]} -gt 0 ] || [ -r "$manifests/losses.tsv" ] ||
        stop "$exit_cannot" "$manifests/losses.tsv is missing: run recheck first, or name the ids"
    for id in "${pruned[@]}"; do
        [[ $id != */* && $id != .* && $id != *[[:cntrl:]]* && -n $id ]] ||
            misused "prune '$id': expected the id of a video"
    done
    lost=$(lost_videos)
    files=$(files_of "$lost")
    if [ -z "$yes" ] || [ -n "$dry_run" ]; then
        show_files "$files"
        [ "$count" -eq 0 ] || say "$count files. --yes deletes those of named videos, and of videos that two rechecks a \
day apart found lost; --yes --expect $count deletes all"
        return
    fi
    if [ -n "$expected" ]; then
        show_files "$files" >/dev/null 2>&1
        [ "$count" -eq "$expected" ] || misused "--expect $expected: there are $count files to delete"
        confirmed=$lost
    else
        confirmed=$(lost_videos confirmed)
        files=$(files_of "$confirmed")
    fi
    show_files "$files"
    [ -z "$confirmed" ] || delete_videos "$confirmed" "$files"
    [ "$confirmed" = "$lost" ] ||
        say "$(($(grep -c . <<<"$lost") - $(grep -c . <<<"$confirmed"))) more videos were found lost only within one day. \
Their files stay; run recheck again tomorrow"
}
