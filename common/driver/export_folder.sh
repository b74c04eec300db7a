# shellcheck shell=bash disable=SC2154,SC2016 # the driver sources this file and sets the variables; jq has variables, too
# Exports the clips that passed as a VideoFolder of Hugging Face: metadata.jsonl, the clips in data/VIDEO, and a dataset card.

# The jq program for what metadata.jsonl needs of a clip: seconds, name and line. The reader calls the clip "video", so the id
# of the video needs another name. It takes the types of the columns from the first lines, so real numbers always have a point.
readonly metadata_line='
    def real: if . == null then "null" else tostring | if test("[.e]") then . else . + ".0" end end;
    (.file | sub(".*/"; "")) as $clip | ("data/" + .video + "/" + $clip) as $name |
    ($clip | sub("^(?<chunk>.*)_S[0-9]+_E.*$"; "\(.chunk)")) as $chunk |
    "\(.duration // 0)\t\($name)\t{\"file_name\": \($name | tojson), \"video_id\": \(.video | tojson), " +
    "\"chunk\": \($chunk | tojson), \"start\": \(.start | real), \"end\": \(.end | real), \"first_frame\": \(.tube.S), " +
    "\"last_frame\": \(.tube.E), \"box\": [\(.tube.L), \(.tube.T), \(.tube.R), \(.tube.B)], \"frame_width\": \(.tube.W), " +
    "\"frame_height\": \(.tube.H), \"width\": \(.width), \"height\": \(.height), \"frames\": \(.frames), \"fps\": \(.fps | real), " +
    "\"title\": \(.title | tojson), \"author\": \(.author | tojson), \"license\": \(.licence | tojson), \"url\": \(.url | tojson)}"'

export_folder() {
    local made removed how=links would=''
    list_clips "$metadata_line" "$scratch/clips"
    ! cut -f 2 "$scratch/clips" | grep -q . ||
        stop "$exit_cannot" "a VideoFolder holds video files, and clips of $full_name are folders of pictures; export webdataset takes them"
    compare_folder
    made=$(wc -l <"$scratch/changed") removed=$(wc -l <"$scratch/stale")
    [ "$(wc -l <"$scratch/sorted")" -le 100000 ] ||
        say "the Hub takes at most 100,000 files well; export webdataset makes fewer, larger files"
    if [ -n "$dry_run" ]; then
        would='Dry run: '
    else
        write_card >"$scratch/README.md" || cannot_export
        [ $((made + removed)) -eq 0 ] || change_folder
        ! cmp -s -- "$scratch/metadata.jsonl" "$export_dir/metadata.jsonl" || rm -f -- "$scratch/metadata.jsonl"
        { [ ! -e "$scratch/metadata.jsonl" ] || finish metadata.jsonl "$export_dir/metadata.jsonl"; } || cannot_export
        replace_card
    fi
    [ -n "$quiet" ] || printf '%s%d clips in %s: %d made (%s), %d unchanged, %d removed\n' "$would" "$(wc -l <"$scratch/sorted")" \
        "$export_dir" "$made" "$how" $(($(wc -l <"$scratch/sorted") - made)) "$removed"
}

# Moves the file $1 of scratch to $2.
finish() {
    sync -- "$scratch/$1" && mv -f -- "$scratch/$1" "$2"
}

# Writes in scratch: sorted, "NAME<tab>SIZE<tab>TIME<tab>FILE<tab>SECONDS<tab>LINE" of each clip; changed, "NAME<tab>FILE" of those
# to make; stale, the names to remove. A hard link or a copy has the size and time of its clip.
compare_folder() {
    local before=$export_dir/.index/files
    if [ ! -e "$before" ]; then
        [ ! -e "$export_dir/metadata.jsonl" ] || stop "$exit_cannot" "$export_dir holds a metadata.jsonl that no export wrote"
        before=/dev/null
    fi
    { LC_ALL=C awk -F '\t' -v OFS='\t' '{ print $7, $4, $5, $1, $6, $8 }' "$scratch/clips" |
        LC_ALL=C sort -u -t "$tab" -k 1,1 >"$scratch/sorted" && rm -f -- "$scratch/clips" &&
        cut -f 1 "$scratch/sorted" >"$scratch/names" && cut -f 6 "$scratch/sorted" >"$scratch/metadata.jsonl"; } || cannot_export
    (cd -- "$export_dir" 2>/dev/null && [ -z "$force" ] && find data -type f -printf '%p\t%s\t%T@\n' 2>/dev/null) |
        LC_ALL=C sort >"$scratch/there"
    { cut -f 1-3 "$scratch/sorted" | LC_ALL=C comm -23 - "$scratch/there" |
        LC_ALL=C join -t "$tab" -o 1.1,2.4 - "$scratch/sorted" >"$scratch/changed" &&
        LC_ALL=C comm -23 "$before" "$scratch/names" >"$scratch/stale"; } || cannot_export
}

# Removes the stale clips and makes the changed ones. Without metadata.jsonl the folder is not whole. .index/files names all
# that this and earlier runs made, also those that were killed, and nothing else is ever removed.
change_folder() {
    local known=$export_dir/.index/files
    [ -e "$known" ] || known=/dev/null
    { LC_ALL=C sort -u -- "$known" "$scratch/names" >"$scratch/files" && finish files "$export_dir/.index/files" &&
        rm -f -- "$export_dir/metadata.jsonl"; } || cannot_export
    (cd -- "$export_dir" && tr '\n' '\0' <"$scratch/stale" | xargs -0 -r rm -f --) || cannot_export
    [ ! -d "$export_dir/data" ] || find "$export_dir/data" -mindepth 1 -type d -empty -delete
    make_links
    finish names "$export_dir/.index/files" || cannot_export
}

# Makes the changed clips: hard links, or copies where a link cannot be made. Sets how to what it made.
make_links() {
    local name file folder last='' files=()
    read -r file < <(cut -f 2 "$scratch/changed")
    [ -z "$file" ] || (cd -- "$clip_set" && ln -L -- "$file" "$scratch/link") 2>/dev/null || how=copies
    mkdir -- "$scratch/new" || cannot_export
    (cd -- "$export_dir" && cut -f 1 "$scratch/changed" | sed 's|/[^/]*$||' | uniq | tr '\n' '\0' | xargs -0 -r mkdir -p --) || cannot_export
    while IFS=$'\t' read -r name file; do
        folder=${name%/*}
        [ "$folder" = "$last" ] || place_files "$last"
        last=$folder
        files+=("$file")
    done <"$scratch/changed"
    place_files "$last"
}

# Makes the clips of the array files in the folder $1 of the export. A hard link is whole at once.
place_files() {
    [ ${#files[@]} -gt 0 ] || return 0
    (
        cd -- "$clip_set" || exit
        if [ "$how" = links ]; then
            printf '%s\0' "${files[@]}" | xargs -0 cp -L --link --remove-destination -t "$export_dir/$1" --
        else
            printf '%s\0' "${files[@]}" | xargs -0 cp -L --preserve=timestamps -t "$scratch/new" -- &&
                find "$scratch/new" -type f -print0 | xargs -0 sync -- &&
                find "$scratch/new" -type f -exec mv -f -t "$export_dir/$1" -- {} +
        fi
    ) || cannot_export
    files=()
}

# Replaces the card, unless somebody has edited it: it is then not what .index/README.md says.
replace_card() {
    local card=$export_dir/README.md written=$export_dir/.index/README.md
    ! cmp -s -- "$scratch/README.md" "$card" || return 0
    if [ -e "$card" ] && ! cmp -s -- "$card" "$written"; then
        say "$card was edited and stays as it is; remove it to have it written anew"
        return
    fi
    { cp -- "$scratch/README.md" "$scratch/card" && finish card "$written" && finish README.md "$card"; } || cannot_export
}

# Prints the credits of the videos as JSON, a line each.
credits() {
    LC_ALL=C awk -F '\t' '{
        video = $1
        sub(/\/[^\/]*$/, "", video)
        if (video != last)
            print $6
        last = video
    }' "$scratch/sorted"
}

# Prints the dataset card: what a page of the Hub needs at its head, what is in the folder, and whose it is.
write_card() {
    local split=train facts
    case $set in
        val) split=validation ;;
        test) split='test' ;;
    esac
    facts=$(LC_ALL=C awk -F '\t' '{ size += $2; seconds += $5 } END { printf "[%d, %.0f, %.3f]", NR, size, seconds }' "$scratch/sorted")
    credits | jq -s -r --arg set "$full_name" --arg split "$split" --argjson facts "$facts" '
        def is_free: test("creative ?commons|cc[ _-]?by|cc0|public ?domain"; "i");
        def plain: gsub("[\\x00-\\x1f]"; " ") | gsub("(?<mark>[\\\\`*_{}\\[\\]<>#|~$&])"; "\\\(.mark)");
        def named: if . == "" then "unknown" else plain end;
        def category: if . < 1e3 then "n<1K" elif . < 1e4 then "1K<n<10K" elif . < 1e5 then "10K<n<100K"
            elif . < 1e6 then "100K<n<1M" else "1M<n<10M" end;
        . as $videos | map(.license) as $licences |
        (if all($licences[]; . == "Creative Commons Attribution license (reuse allowed)") then "license: cc-by-3.0"
         elif all($licences[]; . == "") then "license: unknown"
         else "license: other\nlicense_name: see-the-credits" end) as $license |
        "---\n\($license)\npretty_name: \($set | tojson)\nsize_categories:\n- \($facts[0] | category)
configs:
- config_name: default
  drop_labels: true
  data_files:
  - split: \($split)
    path:
    - metadata.jsonl
    - data/**
---

# \($set | plain)

\($facts[0]) clips of talking heads from \($videos | length) videos: \($facts[2] / 36 | round / 100) hours, \($facts[1] / 1e7 | round / 100) GB.

    from datasets import load_dataset
    clips = load_dataset(\"PATH OR NAME OF THIS FOLDER\", split=\"\($split)\")

Each line of `metadata.jsonl` is about one clip: `video_id` and `chunk` (a minute of the video); `start` and `end` in the video, in
seconds; `first_frame` and `last_frame` in the chunk; `box` (left, top, right, bottom) in a picture of `frame_width` x
`frame_height` pixels; `width`, `height`, `frames` and `fps` of the clip; `title`, `author`, `license` and `url` of the video.

## Licences

| licence of the videos | videos |
|---|---|
\($licences | group_by(.) | map("| \(.[0] | named) | \(length) |") | join("\n"))

The videos belong to their authors. The clips are changed: cut in time, cropped and encoded again.\(
    if any($licences[]; is_free) then "

A Creative Commons licence that asks for attribution (CC BY) lets you share and change the clips if you name title, author,
source and licence, and say that they are changed. Keep the credits below and the columns of `metadata.jsonl` with every copy.
CC BY 3.0: https://creativecommons.org/licenses/by/3.0/" else "" end)\(
    if any($licences[]; is_free | not) then "

For videos under another licence, or one that is not known, you need the permission of the author, or a law that allows your use,
before you share their clips." else "" end)

## Credits

\($videos | map("- \(if .title == "" then .video_id else .title end | plain)\(if .author == "" then "" else ", by \(.author | plain)" end). \(
    if .license == "" then "Licence unknown" else .license | plain end).\(if .url == "" then "" else " <\(.url | gsub("[<> ]"; "%20"))>" end)") | join("\n"))"'
}
