# shellcheck shell=bash disable=SC2034,SC2154 # the driver sources this file and shares its variables
# --variant: more clips of the same videos, cropped with other options. SET/variants/NAME holds what SET holds of its own
# clips, and the file "options", the TH_CROP_FLAGS of the run before. Videos, chunks and their records stay in SET.

# Sets clip_set, clip_manifests and full_name to those of the variant, or of the set's own clips when the name is empty.
use_variant() {
    variant=$1
    full_name=$set${1:+-$1}
    clip_set=$data/$set${1:+/variants/$1}
    clip_manifests=$clip_set/manifests
}

# Sets the array variants to the names of those that are there.
find_variants() {
    local file
    variants=()
    for file in "$data/$set"/variants/*/options; do
        [ ! -e "$file" ] || variants+=("$(basename -- "${file%/options}")")
    done
}

# Sets TH_CROP_FLAGS to the options of the run before when this one has none. A name that is not known is often misspelt.
recall_options() {
    [ -n "$variant" ] && [ -z "${TH_CROP_FLAGS-}" ] || return 0
    if [ -r "$clip_set/options" ]; then
        TH_CROP_FLAGS=$(cat -- "$clip_set/options")
        return
    fi
    find_variants
    stop "$exit_usage" "--variant $variant: the first run of a variant needs the options of its clips, such as \
TH_CROP_FLAGS='--size 256'. The variants of $set: ${variants[*]:-none}"
}

# Keeps the options for runs without TH_CROP_FLAGS. th-crop has accepted them for the clips that are there.
keep_options() {
    [ -n "$variant" ] && [ -z "$dry_run" ] && runs crop || return 0
    { printf '%s\n' "$TH_CROP_FLAGS" >"$(part_of kept)" && mv -f -- "$(part_of kept)" "$clip_set/options"; } ||
        stop "$exit_cannot" "cannot write $clip_set/options"
}

# Has a variant start with cropping when another run could download and split nothing more. Videos that are gone are then not
# asked for again.
choose_stages() {
    [ -n "$variant" ] && [ -z "$named_stages" ] && has_chunks || return 0
    stages=(crop verify)
    say "$set has nothing to download and to split; cropping starts"
}

# Whether all videos and chunks of the set are there that a run can get: its records are newer than the lists, none says that
# another run may help, and the files are there.
has_chunks() {
    local fetched split list
    fetched=$(kept_of fetch) split=$(kept_of split)
    for list in "$lists/${set}"_video_{ids,tubes}.txt; do
        [ "$split" -nt "$list" ] || return
    done
    [ ! "$fetched" -nt "$split" ] && ! grep -q '"retry": true' -- "$fetched" "$split" &&
        LC_ALL=C awk "$member_of_record"'
            text("kind") == "chunk" && text("status") == "ok" {
                path = text("path")
                print path == "" ? text("source") : path
            }' "$split" | (cd -- "$data/$set" && tr '\n' '\0' | xargs -0 -r stat -L --) >/dev/null 2>&1
}

# Prints a table of the variants.
list_variants() {
    local name
    find_variants
    [ ${#variants[@]} -gt 0 ] || {
        say "$set has no variants"
        return
    }
    printf '%-18s %9s  %s\n' "$set" clips TH_CROP_FLAGS
    for name in "${variants[@]}"; do
        use_variant "$name"
        printf '%-18s %9d  %s\n' "$name" "$(cat -- "$clip_set/clips.jsonl" 2>/dev/null | wc -l)" "$(paste -s -d ' ' -- "$clip_set/options")"
    done
}

# Locks the records of all variants.
lock_variants() {
    local name
    find_variants
    [ -z "$dry_run" ] || return 0
    for name in "${variants[@]}"; do
        lock_folder "$data/$set/variants/$name/manifests"
    done
}
