# shellcheck shell=bash disable=SC2034,SC2154 # the driver sources this file and shares its variables
# The lists of a set, and what else the first stage reads: are they there, what is in them.

# awk code: clip_of_row() is the name of the clip that the record $0, a row of a tube list, asks for.
# shellcheck disable=SC2016 # awk's own variables
readonly clip_of_row='
    function clip_of_row(tube) {
        gsub(/[ \t\r]/, "")
        split($0, tube, ",")
        return tube[1] "_S" (tube[4] + 0) "_E" (tube[5] + 0) "_L" (tube[6] + 0) "_T" (tube[7] + 0) \
            "_R" (tube[8] + 0) "_B" (tube[9] + 0)
    }'

# Checks that the lists are there, and sets first_input to the file that the first stage reads.
find_inputs() {
    local ids=$lists/${set}_video_ids.txt stage before=''
    tubes=$lists/${set}_video_tubes.txt
    ! runs fetch || need_list "$ids"
    { ! runs split && ! runs crop; } || need_list "$tubes"
    first_input=$ids
    for stage in "${all_stages[@]}"; do
        [ "$stage" != "${stages[0]}" ] || break
        before=$stage
        first_input=$(kept_of "$before")
    done
    [ -r "$first_input" ] ||
        stop "$exit_cannot" "$first_input is missing: ${stages[0]} works on the records of $before; run that first"
}

known_sets() {
    local file known=''
    for file in "$lists"/*_video_ids.txt; do
        [ ! -e "$file" ] || known+=" $(basename -- "$file" _video_ids.txt)"
    done
    [ -z "$known" ] || printf ' There are lists of:%s.' "$known"
}

# Checks once for all programs that the folders of the set can be written.
check_folders() {
    local folder
    [ -z "$dry_run" ] || return 0
    for folder in "$data/$set" "$data/$set"/{raw_videos,1min_clips,manifests} ${variant:+"$data/$set/variants"} "$clip_set" "$clip_set"/{cropped_clips,manifests}; do
        [ -e "$folder" ] || continue
        { [ -d "$folder" ] && [ -w "$folder" ]; } ||
            stop "$exit_cannot" "the folder $folder cannot be written; --data DIR chooses another place"
    done
}

need_list() {
    if [ ! -e "$1" ] && [ -n "${TH_DATA_LIST_URL:-}" ]; then
        say "downloading the lists from $TH_DATA_LIST_URL"
        run bash "$here/data_list/get_lists.sh" "$TH_DATA_LIST_URL" "$lists" || exit "$exit_cannot"
        [ -e "$1" ] || stop "$exit_cannot" "there is no ${1##*/} among the lists from $TH_DATA_LIST_URL"
    fi
    [ -e "$1" ] || stop "$exit_cannot" "$1 is missing.$(known_sets)
The lists of small, train and val are in data_list.zip of https://github.com/tcwang0509/TalkingHead-1KH. Download it and run
    unzip -j data_list.zip '*.txt' -d $(printf %q "$lists")
or set TH_DATA_LIST_URL to its address to have it downloaded and unpacked. To write the list of your own set, see
$here/data_list/README.md."
    [ -r "$1" ] || stop "$exit_cannot" "$1 cannot be read"
    check_list "$1"
}

# Checks that the list $1 has an entry. A failed download leaves an empty list, or the page of a server.
check_list() {
    local entry=id commas=0
    [[ $1 != *_tubes.txt ]] || entry=tube commas=8
    case $(LC_ALL=C awk -v commas="$commas" '
        NR == 1 { sub(/^\357\273\277/, "") }
        { gsub(/[ \t\r]/, "") }
        /^(#|$)/ { next }
        /^<([!?]|[Hh][Tt][Mm][Ll])/ { print "page"; exit }
        gsub(/,/, "") >= commas { print "entry"; exit }' "$1") in
        entry) ;;
        page) stop "$exit_cannot" "$1 is a web page, not a list; remove it, and download the list again" ;;
        *) stop "$exit_cannot" "$1 holds no $entry; remove it, and download the list again" ;;
    esac
}

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
