# shellcheck shell=bash disable=SC2154 # the driver sources this file and sets the variables
# doctor: a line for each thing that a run needs: ok, or a warning or problem and what to do.

readonly resolver_days_max=90 # YouTube tends to refuse an older yt-dlp
resolver='' resolver_state='' resolver_says='' # of judge_resolver

# finding ok|warning|problem WHAT TEXT
finding() {
    printf '%-8s %-12s %s\n' "$1" "$2" "$3"
    case $1 in
        warning) [ "$doctor_status" -ne 0 ] || doctor_status=1 ;;
        problem) doctor_status=$exit_cannot ;;
    esac
}

doctor_programs() {
    local name missing=''
    for name in th-fetch th-split th-crop th-verify; do
        "$bin/$name" --version >/dev/null 2>&1 || missing+=" $name"
    done
    if [ -n "$missing" ]; then
        finding problem programs "not built, or they do not start:$missing; run: sh common/install-deps.sh && make"
    else
        finding ok programs "$("$bin/th-fetch" --version | sed 's/^th-fetch //')"
    fi
}

# The release of FFmpeg by the major version of its libavformat.
doctor_ffmpeg() {
    local major release message
    [ -x "$bin/th-crop" ] || return 0
    major=$(ldd "$bin/th-crop" 2>/dev/null | sed -n 's/.*libavformat\.so\.\([0-9][0-9]*\).*/\1/p' | head -n 1)
    case $major in
        59 | 6[0-9]) release=$((major - 54)) ;;
        *) release='' ;;
    esac
    if [ -z "$major" ]; then
        finding ok FFmpeg "linked into the programs"
    elif [ -z "$release" ] || [ "$release" -gt 9 ]; then
        finding warning FFmpeg "libavformat $major: tried are FFmpeg 5.1 to 9 (libavformat 59 to 63)"
    else
        finding ok FFmpeg "FFmpeg $release (libavformat $major)"
    fi
    split_words "${TH_CROP_FLAGS-}"
    if message=$("$bin/th-crop" "${words[@]}" -q -o "$scratch" -t /dev/null </dev/null 2>&1 >/dev/null); then
        finding ok encoder "opens"
    else
        finding problem encoder "${message//$'\n'/ }"
    fi
}

# What th-split -v says of the sandbox that the kernel does not give.
doctor_sandbox() {
    local lack
    [ -x "$bin/th-split" ] || return 0
    lack=$("$bin/th-split" -v -n -o "$scratch" /dev/null 2>&1 | sed -n 's/^th-split: \(.*processes that open videos.*\)/\1/p')
    finding ok sandbox "${lack:-processes that open videos reach only their files}"
}

# Judges the yt-dlp that th-fetch will run: sets resolver_state to ok, warning or problem, resolver_says to why, and resolver
# to its path. Asks once a run. Fails when the run needs no yt-dlp.
judge_resolver() {
    local version age lack
    ! option_of_fetch --url-template >/dev/null && ! option_of_fetch --resolver >/dev/null || return
    [ -z "$resolver_state" ] || return 0
    IFS='|' read -r resolver version age lack < <(sh "$here/common/install-yt-dlp.sh" --status)
    resolver_state=warning
    if [ -z "$version" ]; then
        resolver_state=problem
        resolver_says='does not start'
    elif [ "$age" -gt "$resolver_days_max" ]; then
        resolver_says="$version is $age days old, and YouTube will most likely refuse it"
    elif [ -n "$lack" ]; then
        resolver_says="$version has no $lack, and YouTube will most likely refuse it"
    else
        resolver_state=ok
        resolver_says="$version, $age days old, with a JavaScript runtime: $resolver"
    fi
    [ "$resolver_state" = ok ] || resolver_says+="; run: $update_yt_dlp"
}

doctor_resolver() {
    if judge_resolver; then
        finding "$resolver_state" yt-dlp "$resolver_says"
    elif option_of_fetch --url-template >/dev/null; then
        finding ok yt-dlp 'not needed with --url-template'
    else
        finding ok resolver "$(option_of_fetch --resolver) (TH_FETCH_FLAGS)"
    fi
}

# The value of a long option in TH_FETCH_FLAGS; false when it is not there.
option_of_fetch() {
    local i words
    split_words "${TH_FETCH_FLAGS-}"
    for ((i = 0; i < ${#words[@]}; i++)); do
        case ${words[i]} in
            "$1") [ $((i + 1)) -lt ${#words[@]} ] && printf '%s\n' "${words[i + 1]}" && return ;;
            "$1="*) printf '%s\n' "${words[i]#*=}" && return ;;
        esac
    done
    return 1
}

doctor_cookies() {
    local file
    file=$(option_of_fetch --cookies) || return 0
    if [ ! -r "$file" ]; then
        finding problem cookies "$file cannot be read"
    elif ! LC_ALL=C awk -F '\t' 'NF == 7 { good = 1 } END { exit !good }' "$file"; then
        finding problem cookies "$file has no line of Netscape's format (seven fields, tabs between them); export it again"
    else
        finding ok cookies "$file, changed $((($(date +%s) - $(stat -c %Y -- "$file")) / 86400)) days ago"
    fi
}

doctor_lists() {
    local ids=$lists/${set}_video_ids.txt file rows
    [ -n "$set" ] || return 0
    tubes=$lists/${set}_video_tubes.txt
    for file in "$ids" "$tubes"; do
        if [ ! -r "$file" ]; then
            finding problem lists "$file cannot be read; data_list/README.md says where the lists come from"
        elif head -c 4096 -- "$file" | LC_ALL=C grep -qi '<html\|<!doctype'; then
            finding problem lists "$file is a web page, not a list"
        elif rows=$(grep -cv '^[[:space:]]*\(#\|$\)' -- "$file"); [ "$rows" -eq 0 ]; then
            finding problem lists "$file is empty"
        else
            finding ok lists "${file##*/}: $rows rows"
        fi
    done
}

# Prints the megabytes that the files of the set need: videos, chunks (with --discard at most --max-disk for both), clips. A video is taken to last until its last listed
# chunk, at 25 frames a second. Bits per pixel and frame: 0.023 for videos (the median of published format lists of yt-dlp:
# 0.53 Mbit/s at 720p), 0.06 for clips (measured at the default --crf 23).
estimate_megabytes() {
    LC_ALL=C awk -F '[[:space:]]*,[[:space:]]*' -v no_chunks="$no_chunks" \
        -v bound="${discard:+$max_disk}" '
        NF != 9 { next }
        {
            number = substr($1, length($1) - 3) + 1
            video = substr($1, 1, length($1) - 5)
            minute[$1] = $2 * $3 * 60 * 25 * 0.023 / 8
            if (number > minutes[video]) minutes[video] = number
            rate[video] = minute[$1]
            clips += ($8 - $6) * ($9 - $7) * ($5 - $4 + 1) * 0.06 / 8
        }
        END {
            for (video in minutes) videos += minutes[video] * rate[video]
            for (name in minute) chunks += minute[name]
            sources = videos + (no_chunks ? 0 : chunks)
            if (bound && bound < sources)
                sources = bound
            printf "%d\n", (sources + clips) / 1e6 + 1
        }' "$tubes"
}

doctor_disk() {
    local place=$data/$set needed free
    while [ ! -d "$place" ]; do place=$(dirname -- "$place"); done
    if [ ! -w "$place" ]; then
        finding problem disk "$place cannot be written; --data DIR chooses another folder"
        return
    fi
    free=$(($(df -Pk -- "$place" | awk 'NR == 2 { print $4 }') * 1024 / 1000000))
    if [ -n "$set" ] && [ -r "$tubes" ]; then
        needed=$(estimate_megabytes)
        if [ "$free" -lt "$needed" ]; then
            finding warning disk "$free MB free; $set needs about $needed MB (--no-chunks, or --discard with --max-disk, needs less)"
        else
            finding ok disk "$free MB free; $set needs about $needed MB"
        fi
    else
        finding ok disk "$free MB free"
    fi
    doctor_file_system "$place"
}

# Whether locks work is tried, for it depends on the server and on how the file system is mounted.
doctor_file_system() {
    local kind trial network=''
    kind=$(stat -f -c %T -- "$1")
    case $kind in
        nfs* | cifs | smb* | lustre | gpfs | ceph | afs | fuse* | 9p | beegfs | panfs) network=' (a network file system)' ;;
    esac
    if trial=$(mktemp "$1/.th-doctor.XXXXXXXX") && (exec {lock}<"$trial" && flock -n "$lock") 2>/dev/null; then
        finding ok 'file system' "$kind$network, locks work"
    else
        finding warning 'file system' "$kind$network, locks do not work: start only one run at a time in $1"
    fi
    [ -z "$trial" ] || rm -f -- "$trial"
}

# Asks about the first video of the list, with the options of a run, and downloads nothing.
doctor_online() {
    local id message
    [ -n "$online" ] && [ -n "$set" ] && [ -r "$lists/${set}_video_ids.txt" ] || return 0
    id=$(grep -v '^[[:space:]]*\(#\|$\)' -- "$lists/${set}_video_ids.txt" | head -n 1 | tr -d ' \t\r')
    if [ "$set" = demo ] || [ -z "$id" ] || option_of_fetch --url-template >/dev/null; then
        finding ok page 'no page to ask about'
        return
    fi
    command_of fetch
    command=("${command[@]/#"$data/$set"/"$scratch"}")
    if message=$(printf '{"stage": "fetch", "kind": "video", "key": "%s", "status": "ok"}\n' "$id" |
        timeout 300 "${command[@]}" --recheck --retries 0 --max-pauses 0 -q - 2>&1 | sed -n 's/.*"message": "\([^"]*\)".*/\1/p') &&
        [ -z "$message" ]; then
        finding ok page "the page of $id answers"
    else
        finding problem page "$id: ${message:-no answer}"
    fi
}

doctor() {
    doctor_status=0
    tubes=''
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/th.XXXXXXXX") || stop "$exit_cannot" "cannot make a temporary folder"
    doctor_programs
    doctor_ffmpeg
    doctor_sandbox
    doctor_resolver
    doctor_cookies
    doctor_lists
    doctor_disk
    doctor_online
    exit "$doctor_status"
}
