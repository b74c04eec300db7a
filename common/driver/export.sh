# shellcheck shell=bash disable=SC2154 # the driver sources this file and sets the variables
# Exports the clips that passed for training. clips.jsonl is the only input. Files are made in DIR/.part, and get their
# names when they are whole.

readonly tab=$'\t'

export_clips() {
    local clips=$clip_set/clips.jsonl
    need_programs
    [ -e "$clips" ] || stop "$exit_cannot" "$clips is missing; this writes it: $(command_for "$set" verify), and after runs \
with --shard: $(command_for "$set" report)"
    [ -s "$clips" ] || stop "$exit_cannot" "$clips lists no clip, because none passed; this shows why: $(command_for "$set")"
    [ -n "$export_dir" ] || export_dir=$clip_set/export/$export_format
    export_dir=$(realpath -m -- "$export_dir")
    open_export
    case $export_format in
        webdataset) export_shards ;;
        huggingface) export_folder ;;
    esac
    [ -n "$dry_run" ] || note_export
}

need_programs() {
    command -v jq >/dev/null ||
        stop "$exit_cannot" "export needs jq, which is missing; on Debian and Ubuntu 'apt-get install jq' installs it"
    [ "$export_format" != webdataset ] || [[ $(tar --version 2>/dev/null) == *'GNU tar'* ]] ||
        stop "$exit_cannot" "export webdataset needs GNU tar, which is missing"
}

# Makes the folder and scratch in it. Two exports into one folder would remove each other's files.
open_export() {
    if [ -n "$dry_run" ]; then
        scratch=$(mktemp -d "${TMPDIR:-/tmp}/th.XXXXXXXX") || stop "$exit_cannot" "cannot make a temporary folder"
        return
    fi
    mkdir -p -- "$export_dir" || stop "$exit_cannot" "cannot make the folder $export_dir"
    if command -v flock >/dev/null; then
        exec {lock}<"$export_dir"
        # Other failures: the file system has no locks.
        flock -n -E 9 "$lock" 2>/dev/null || [ $? -ne 9 ] || stop "$exit_cannot" "another run is exporting to $export_dir"
    fi
    rm -rf -- "$export_dir/.part"
    scratch=$export_dir/.part
    [ ! -L "$export_dir/.index" ] || stop "$exit_cannot" "$export_dir/.index is a symbolic link"
    mkdir -p -- "$scratch" "$export_dir/.index" || stop "$exit_cannot" "cannot write to $export_dir"
}

cannot_export() {
    stop "$exit_cannot" "cannot write to $export_dir"
}

# Prints "FILE<tab>TEXT" of each chosen clip. TEXT is what the jq program $1 makes of a line of clips.jsonl: $line is the line
# as it stands, and . the object in it. FILE is absolute or begins with "./", seen from the folder of clips.jsonl.
choose_clips() {
    jq -n -R -r --argjson size "$min_size" --argjson frames "$min_frames" --arg split "$split_file" \
        --rawfile ids "${split_file:-/dev/null}" '
        (reduce ($ids | ltrimstr("\ufeff") | split("\n")[] | gsub("[ \t\r]"; "")) as $id ({}; .[$id] = true)) as $videos |
        inputs | . as $line | fromjson |
        select($split == "" or $videos[.video]) |
        select($size == 0 or ([.width, .height] | min) >= $size) |
        select($frames == 0 or .frames >= $frames) |
        (if .file | startswith("/") then .file else "./" + .file end) + "\t" + ('"$1"')
    ' "$clip_set/clips.jsonl"
}

# Writes "FILE<tab>EXT<tab>COUNT<tab>SIZE<tab>TIME<tab>TEXT" of each chosen clip to the file $2, sorted by FILE. A clip that is a
# folder of pictures has their number (COUNT) and their suffix (EXT), others 1 and "". SIZE and TIME (of the last change) tell
# whether a clip has changed. $1: as for choose_clips.
list_clips() {
    { choose_clips "$1" >"$scratch/texts" && LC_ALL=C sort -u -t "$tab" -k 1,1 -o "$scratch/texts" "$scratch/texts"; } ||
        stop "$exit_cannot" "cannot list the clips of $clip_set/clips.jsonl"
    [ -s "$scratch/texts" ] || stop "$exit_cannot" "no clip of $clip_set/clips.jsonl fits the options"
    # find fails when a clip is missing, which is noticed below.
    (cd -- "$clip_set" && cut -f 1 "$scratch/texts" | tr '\n' '\0' |
        xargs -0 sh -c 'find -L "$@" -type f -printf "%p\t%s\t%T@\n"' sh 2>/dev/null) >"$scratch/found"
    # The files of each clip stand together, in the order of the clips.
    found=$scratch/found missing=$scratch/missing LC_ALL=C awk '
        function next_file() {
            if ((getline line < ENVIRON["found"]) > 0)
                split(line, file)
            else
                file[1] = ""
        }
        BEGIN { FS = OFS = "\t"; next_file() }
        {
            count = size = 0
            time = suffix = ""
            for (; file[1] == $1 || index(file[1], $1 "/") == 1; next_file()) {
                picture = substr(file[1], length($1) + 2)
                if (picture != "" && picture !~ /^[0-9]+[.](png|jpg)$/)
                    continue
                suffix = substr(picture, index(picture, ".") + 1)
                count++
                size += file[2]
                if (file[3] "" > time "")
                    time = file[3]
            }
            text = substr($0, length($1) + 2)
            if (count)
                print $1, suffix, count, sprintf("%.0f", size), time, text
            else
                print $1 > ENVIRON["missing"]
        }' "$scratch/texts" >"$2" || cannot_export
    [ ! -s "$scratch/missing" ] || stop "$exit_cannot" "$(wc -l <"$scratch/missing") clips that clips.jsonl lists are missing, such \
as $(head -n 1 "$scratch/missing"); this brings the list up to date: $(command_for "$set" verify)"
    rm -f -- "$scratch/texts" "$scratch/found"
}

# Divides the clips among shards in the order of a hash of their names. The hashes of each shard are an equal part of all,
# and the number of shards is a power of 2, so that a clip more or less changes only its own shard. Writes the list of each
# shard to scratch/lists/NNNNNN.
divide_clips() {
    local count
    { count=$(LC_ALL=C awk -F '\t' -v size="$shard_size" '
        { total += $4 }
        END { for (n = 1; total / n > size * sqrt(2); n *= 2) ; print n }' "$scratch/clips") && mkdir -- "$scratch/lists" &&
        LC_ALL=C awk -F '\t' '
            BEGIN { for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i }
            {
                name = $1
                sub(/.*\//, "", name)
                hash = 0
                for (i = 1; i <= length(name); i++)
                    hash = (hash * 257 + code[substr(name, i, 1)]) % 2147483647
                # Names that differ in the last character must not be neighbours.
                printf "%d\t%s\n", hash * 1664525 % 2147483647, $0
            }' "$scratch/clips" >"$scratch/hashed" &&
        LC_ALL=C sort -t "$tab" -k 1,1n -k 2,2 -o "$scratch/hashed" "$scratch/hashed" &&
        LC_ALL=C awk -F '\t' -v lists="$scratch/lists" -v count="$count" '
            BEGIN { number = last = -1 }
            {
                shard = int($1 * count / 2147483647)
                if (shard != last) {
                    close(list)
                    list = sprintf("%s/%06d", lists, ++number)
                }
                last = shard
                print substr($0, length($1) + 2) > list
            }' "$scratch/hashed"; } || cannot_export
    rm -f -- "$scratch/clips" "$scratch/hashed"
}

# Prints the members of the shard with the list $1 as tar reads them, and writes the .json files among them.
list_members() {
    LC_ALL=C awk -F '\t' -v folder="$scratch/json" '
        {
            name = $1
            sub(/.*\//, "", name)
            if ($2 == "")
                sub(/[.][^.]*$/, "", name)
            json = folder "/" name ".json"
            print $6 > json
            if (close(json))
                exit 1
            print json
            if ($2 == "")
                print $1
            for (i = 0; $2 != "" && i < $3; i++)
                printf "%s/%06d.%s\n", $1, i, $2
        }' "$1" | tr '\n' '\0'
    [ "${PIPESTATUS[*]}" = '0 0' ]
}

# Makes the shard $2 from the list $1. The members are KEY.json and KEY.mp4, or KEY.000000.png and so on. Readers take what is
# before the first dot as the key, so the transformation writes dots within a key as %2E: "/" stands for the dots that stay.
make_shard() {
    local name=$2 hash=$3
    { mkdir -- "$scratch/json" && list_members "$1" >"$scratch/members"; } || cannot_export
    run env -u TAR_OPTIONS LC_ALL=C tar --create --format=gnu --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=0644 \
        --no-recursion --dereference --hard-dereference --absolute-names --directory="$clip_set" \
        --transform='s|.*/\([^/]*[^0-9/][^/]*\)[.]\([^./]*\)$|\1/\2|;s|.*/\([^/]*\)/\([0-9]*\)[.]\([a-z]*\)$|\1/\2/\3|;s|[.]|%2E|g;s|/|.|g' \
        --null --files-from="$scratch/members" >"$scratch/$name" || cannot_export
    # Without its entry the shard is made again if this run ends here.
    { sync -- "$scratch/$name" && rm -f -- "$export_dir/.index/$name" && mv -f -- "$scratch/$name" "$export_dir/$name" &&
        printf '%s\n' "$hash" >"$export_dir/.index/$name"; } || cannot_export
    rm -rf -- "$scratch/json" "$scratch/members"
}

# Removes the shards that have no list.
remove_shards() {
    local shard number
    for shard in "$export_dir/$full_name"-[0-9][0-9][0-9][0-9][0-9][0-9].tar; do
        number=${shard: -10:6}
        { [ -e "$shard" ] && [ ! -e "$scratch/lists/$number" ]; } || continue
        removed=$((removed + 1))
        [ -n "$dry_run" ] || rm -f -- "$shard" "$export_dir/.index/${shard##*/}" || cannot_export
    done
}

export_shards() {
    local list name hash made=0 kept=0 removed=0 would=''
    # shellcheck disable=SC2016 # a jq variable
    list_clips '$line' "$scratch/clips"
    divide_clips
    remove_shards
    for list in "$scratch/lists"/*; do
        name=$full_name-${list##*/}.tar
        hash=$(sha256sum <"$list")
        if [ -z "$force" ] && [ -e "$export_dir/$name" ] && [ "$hash" = "$(cat -- "$export_dir/.index/$name" 2>/dev/null)" ]; then
            kept=$((kept + 1))
            continue
        fi
        made=$((made + 1))
        [ -n "$dry_run" ] || make_shard "$list" "$name" "$hash"
    done
    [ -z "$dry_run" ] || would='Dry run: '
    [ -n "$quiet" ] || printf '%s%d clips in %s: %d shards made, %d unchanged, %d removed\n' "$would" \
        "$(cat -- "$scratch/lists"/* | wc -l)" "$export_dir" "$made" "$kept" "$removed"
}

# Notes the export for prune: a line "FORMAT<tab>DIR<tab>OPTIONS". DIR is empty for the default, which moves with the set.
note_export() {
    local notes=$clip_manifests/exports dir=$export_dir options=''
    [ "$dir" != "$(realpath -m -- "$clip_set/export/$export_format")" ] || dir=''
    [ ${#export_options[@]} -eq 0 ] || printf -v options ' %q' "${export_options[@]}"
    {
        [ ! -e "$notes" ] || dir=$dir LC_ALL=C awk -F '\t' -v format="$export_format" '!($1 == format && $2 == ENVIRON["dir"])' "$notes"
        printf '%s\t%s\t%s\n' "$export_format" "$dir" "$options"
    } >"$scratch/exports" || cannot_export
    { mkdir -p -- "$clip_manifests" && mv -f -- "$scratch/exports" "$notes"; } || stop "$exit_cannot" "cannot write $notes"
}

# Says which exports still hold clips that were pruned.
say_exports() {
    local format dir options
    [ -s "$clip_manifests/exports" ] || return 0
    while IFS= read -r options; do
        format=${options%%"$tab"*} options=${options#*"$tab"}
        dir=${options%%"$tab"*} options=${options#*"$tab"}
        say "${dir:-$clip_set/export/$format} may hold copies of what was pruned; this removes them:
    $(command_for "$set" export "$format" ${dir:+"$dir"})$options"
    done <"$clip_manifests/exports"
}
