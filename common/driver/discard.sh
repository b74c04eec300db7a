# shellcheck shell=bash disable=SC2034,SC2154 # the driver sources this file and shares its variables
# --discard and --max-disk: th-verify tells which videos are finished, discard removes their files, and th-fetch then has
# room for others. A discarded video is known by its note, raw_videos/ID.mp4.discarded, and by what th-fetch and th-split
# keep of it in their folders .index. The note holds the records of clips that were not made for good, and with --level source
# of all.

readonly raw_suffixes=(.mp4.needed.json .mp4.needed .mp4) # of the files in raw_videos that hold the video ID

# Prints the names of the chunk files of the video $1, each ended by NUL. One id can be the beginning of another.
chunks_of() {
    local file number
    for file in "$data/$set/1min_clips/$1"_[0-9][0-9][0-9][0-9]*.mp4; do
        number=${file##*_}
        [[ ${number%.mp4} =~ ^[0-9]+$ && ${file%_*} == "$data/$set/1min_clips/$1" && -e $file ]] && printf '%s\0' "$file"
    done
}

# Whether the video $1 was downloaded by th-fetch and cut by th-split, so that both can answer for it. A link leads to a file of
# the user's.
may_discard() {
    local raw=$data/$set/raw_videos
    { [ -f "$raw/$1.mp4" ] || [ -f "$raw/$1.mp4.needed" ]; } && [ ! -L "$raw/$1.mp4" ] && [ -e "$raw/.index/$1.json" ] && [ -e "$data/$set/1min_clips/.index/$1.jsonl" ]
}

# write_note NOTE RECORD...: complete and synced, or not at all.
write_note() {
    printf '# %q\n' "${TH_CROP_FLAGS-}" >"$1.part" && printf '%s\n' "${@:2}" >>"$1.part" && sync -- "$1.part" &&
        mv -f -- "$1.part" "$1" && sync -- "$(dirname -- "$1")"
}

# discard_video ID RECORD...: first writes down that the video is discarded, then removes its files. The video itself is last:
# while it is there, it counts as not discarded.
discard_video() {
    local raw=$data/$set/raw_videos
    may_discard "$1" || return 0
    if ! write_note "$raw/$1.mp4.discarded" "${@:2}"; then
        say "cannot write $raw/$1.mp4.discarded; the files of $1 stay"
        return
    fi
    chunks_of "$1" | xargs -0 -r rm -f --
    rm -f -- "${raw_suffixes[@]/#/$raw/$1}" || say "cannot remove all files of $1"
}

# Reads what th-verify tells of finished videos (th-verify(1), --finished): discards those of which nothing is left to do, and
# prints the ids of all. Whoever reads these may have ended.
settle_videos() {
    local line records=()
    trap '' PIPE
    while IFS= read -r line; do
        if [[ $line == '{'* ]]; then
            records+=("$line")
            continue
        fi
        [ -z "$discard" ] || [[ $line != settled* ]] || discard_video "${line#*$'\t'}" "${records[@]}"
        records=()
        printf '%s\n' "${line#*$'\t'}" 2>/dev/null
    done
}

# Starts settle_videos. Sets finished to the file that th-verify tells, and released to the one that th-fetch reads.
start_settling() {
    local told
    finished='' released=''
    [ -z "$dry_run" ] && runs verify && [ -n "$discard$max_disk" ] || return 0
    open_pipe
    told=$reader finished=$writer
    open_pipe
    released=$reader
    settle_videos <&"$told" >&"$writer" {told}<&- {writer}>&- {finished}>&- {released}<&- &
    settler=$!
    exec {told}<&- {writer}>&-
}

# Adds the options of a stage that tell, or are told, which videos are finished.
add_settling() {
    local for_videos=$max_disk
    [ -n "$finished" ] || return 0
    case $1 in
        fetch)
            # Chunks are a second copy.
            [ -n "$no_chunks" ] || for_videos=$((for_videos / 2))
            [ -z "$max_disk" ] || command+=(--max-disk "$for_videos" --finished "/dev/fd/$released")
            ;;
        verify) command+=(-t "$tubes" --finished "/dev/fd/$finished") ;;
    esac
}

# Closes the driver's ends, so that the last of the others ends settle_videos.
end_settling() {
    [ -z "$finished" ] || exec {finished}>&- {released}<&-
}

# Once more, after clips were made again.
settle_again() {
    [ -n "$discard" ] || return 0
    start_settling
    command_of verify
    add_settling verify
    run "${command[@]}" -q --progress never -- "$(part_of verify)" >/dev/null
    end_settling
    wait "$settler"
}

# Prints what the notes of discarded videos hold.
discard_notes() {
    find "$data/$set/raw_videos" -maxdepth 1 -name '*.mp4.discarded' -exec cat {} + 2>/dev/null
}

# Prints records that name the videos of this run.
videos_of_run() {
    if runs fetch; then
        # No file is looked for: a dry run of th-fetch without its folder.
        "$bin/th-fetch" -n -q -o "$lists" ${share:+--shard "$share/$shares"} --url-template 'file:///{id}' "$first_input" 2>/dev/null
    else
        grep '"kind": "video"' -- "$first_input"
    fi
}

# Copies what the notes say of listed clips, for th-crop; false when that is nothing. The reason not_selected counts as long as
# the options of th-crop are the same. With --level source a clip that passed counts while its file has not changed.
keep_reasons() {
    local source=''
    [ -n "$first_pass" ] && [ -n "$(find "$data/$set/raw_videos" -maxdepth 1 -name '*.mp4.discarded' -print -quit 2>/dev/null)" ] || return
    [[ ! "${TH_VERIFY_FLAGS-} " =~ --level[\ =]source\  ]] || source=yes
    flags=$(printf '# %q' "${TH_CROP_FLAGS-}") LC_ALL=C awk -v source="$source" "$member_of_record$clip_of_row"'
        file == "videos" { ids[text("key")]; next }
        file == "tubes" { listed[clip_of_row()]; next }
        file == "clips" { split($0, piece, "\t"); there[piece[3]] = piece[1] " " substr(piece[2], 1, index(piece[2], ".") + 9); next }
        /^#/ { has_same_flags = $0 == ENVIRON["flags"]; next }
        { key = text("key") }
        !(key in listed) || !(text("video") in ids) { next }
        text("status") != "ok" {
            if (has_same_flags || text("error") != "not_selected")
                print
            next
        }
        source {
            time = text("mtime")
            sub(/, "mtime": "[0-9.]*"/, "")
            if (match($0, /"bytes": [0-9]+/) && there[key ".mp4"] == substr($0, RSTART + 9, RLENGTH - 9) " " time)
                print
        }' file=videos <(videos_of_run) file=tubes "$tubes" \
        file=clips <(find -H "$clip_set/cropped_clips" -maxdepth 1 -name '*.mp4' -printf '%s\t%T@\t%f\n' 2>/dev/null) \
        file=notes <(discard_notes) >"$(part_of reasons)"
    [ -s "$(part_of reasons)" ]
}

# Prints the ids of the discarded videos that records of this run need: a clip is missing, or has failed its check.
needed_again() {
    local stage id files=()
    for stage in split crop verify; do
        ! runs "$stage" || files+=("$(part_of "$stage")")
    done
    LC_ALL=C awk "$member_of_record"'
        /"retry": true/ {
            id = text("kind") == "video" ? text("key") : text("video")
            if (id != "" && !seen[id]++)
                print id
        }' "${files[@]}" | while IFS= read -r id; do
        [ ! -e "$data/$set/raw_videos/$id.mp4.discarded" ] || [ -e "$data/$set/raw_videos/$id.mp4" ] ||
            [ -e "$data/$set/raw_videos/$id.mp4.needed" ] || printf '%s\n' "$id"
    done
}

# Takes the records of the videos listed in $1 out of the records of stage $2. Keeps them in part "again", the others in
# part "kept_STAGE".
set_aside() {
    : >"$(part_of again)"
    LC_ALL=C awk -v again="$(part_of again)" "$member_of_record"'
        FNR == NR { ids[$0]; next }
        text("video") in ids || (text("kind") == "video" && text("key") in ids) { print >again; next }
        { print }' "$1" "$(part_of "$2")" >"$(part_of "kept_$2")" || stop "$exit_cannot" "cannot write $(part_of "kept_$2")"
}

# Runs the pipe again for discarded videos that are needed. Their records replace those of before.
bring_back() {
    local stage first=$status needed files=()
    [ -z "$dry_run" ] && runs fetch && runs split || return 0
    needed=$(part_of needed)
    needed_again >"$needed"
    [ -s "$needed" ] || return 0
    say "discarded videos whose clips are missing, or failed their check, are fetched again: $(wc -l <"$needed")"
    (cd -- "$data/$set/raw_videos" && sed 's|.*|./&.mp4.discarded|' "$needed" | tr '\n' '\0' | xargs -0 rm -f --) ||
        stop "$exit_cannot" "cannot remove the notes of discarded videos"
    for stage in "${stages[@]}"; do
        set_aside "$needed" "$stage"
    done
    first_input=$needed first_pass=''
    last_verdicts=$(part_of again) # of the last stage, th-verify if it runs
    start_pipe
    wait_for_pipe
    ! cannot_work "$status" || exit "$status"
    for stage in "${stages[@]}"; do
        { cat -- "$(part_of "$stage")" >>"$(part_of "kept_$stage")" && mv -f -- "$(part_of "kept_$stage")" "$(part_of "$stage")"; } ||
            stop "$exit_cannot" "cannot write $(part_of "$stage")"
        files+=("$(part_of "$stage")")
    done
    [ "$first" -ne "$exit_try_again" ] || first=$(status_of_records "${files[@]}")
    status=$(worse_of "$status" "$first")
}
