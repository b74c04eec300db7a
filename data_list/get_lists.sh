#!/usr/bin/env bash
# Downloads data_list.zip from URL (http, https or file) and copies its lists to FOLDER (default: that of this script). Lists
# that are there already are kept.
set -u

# stop STATUS MESSAGE
stop() {
    printf 'get_lists.sh: %s\n' "$2" >&2
    exit "$1"
}

# Runs a command in the background and waits, because bash handles signals during wait only.
run() {
    "$@" &
    wait "$!"
}

unpack() {
    if command -v unzip >/dev/null; then
        run unzip -q -j -o "$1" '*.txt' -d "$2" </dev/null
    elif command -v bsdtar >/dev/null; then
        run bsdtar -x -f "$1" -C "$2" --strip-components 1
    else
        stop 3 "neither unzip nor bsdtar is installed"
    fi
}

# Copies, then renames, so that a list with its final name is complete.
put() {
    cp -- "$1" "$2.part" && mv -- "$2.part" "$2"
}

if [ $# -lt 1 ] || [ $# -gt 2 ] || [ "$1" = --help ]; then
    stop 2 "usage: get_lists.sh URL [FOLDER]"
fi
url=$1
folder=${2:-$(dirname -- "${BASH_SOURCE[0]}")}
mkdir -p -- "$folder" || stop 3 "cannot make the folder $folder"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/th.XXXXXXXX") || stop 3 "cannot make a temporary folder"
trap 'rm -rf -- "$scratch"' EXIT
trap 'kill "$!"; exit 143' TERM HUP
trap 'kill "$!"; exit 130' INT

run curl -fsSL --proto '=http,https,file' --proto-redir '=http,https' -o "$scratch/data_list.zip" -- "$url" ||
    stop 3 "cannot get $url"
mkdir -- "$scratch/lists"
unpack "$scratch/data_list.zip" "$scratch/lists" >&2 || stop 3 "cannot unpack the file from $url"

found=
for list in "$scratch/lists/"*_video_ids.txt "$scratch/lists/"*_video_tubes.txt; do
    # Links in an archive could point to any file.
    if [ ! -f "$list" ] || [ -L "$list" ]; then
        continue
    fi
    found=yes
    [ -e "$folder/${list##*/}" ] || put "$list" "$folder/${list##*/}" || stop 3 "cannot write into $folder"
done
[ -n "$found" ] || stop 3 "$url holds no lists"
