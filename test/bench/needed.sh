#!/usr/bin/env bash
# th-fetch --needed beside downloads of whole videos, for the videos of a tube list.
#
# usage: needed.sh [TUBES [CLIPS]]
#
# TUBES: a tube list (default: 26 videos, each with two tubes in one of its minutes, as in `val`). Each video is 30 frames a
# second in groups of 5.3 s, and a minute longer than its last tube. The first CLIPS videos (default 2) are cropped from
# both, and the clips must be the same bytes. Wall times are of four videos at a time and 20 Mbit/s, with 0 and with 50 ms of
# delay for each request.
set -euo pipefail
cd "$(dirname "$0")/../.."
BIN=${TH_BIN:-$PWD/bin}
tubes=${1:-} clips=${2:-2}
work=$(mktemp -d)
trap 'kill "$server" 2> /dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/videos"
build/test/server/faulty_server "$work/port" "$work/videos" &
server=$!

if [ -z "$tubes" ]; then
    tubes=$work/list.txt
    for ((video = 0; video < 26; video++)); do
        minute=$((video * 7 % 28 + 1))
        printf 'bench%06d_%04d, 360, 640, %d, %d, %d, 20, %d, 276\n' "$video" $minute 100 900 100 356 "$video" $minute 1000 1500 200 456
    done > "$tubes"
fi

# 53.3 s, so that no two minutes of a video are alike.
ffmpeg -nostdin -v error -f lavfi -i 'testsrc2=size=640x360:rate=30,noise=alls=6:allf=t' -frames:v 1600 -c:v libx264 -preset veryfast \
    -b:v 600k -maxrate 900k -bufsize 1200k -g 160 -keyint_min 160 -sc_threshold 0 "$work/minute.mp4"

# make_video FILE MINUTES [FFMPEG_OPTION...]
make_video() {
    ffmpeg -nostdin -v error -stream_loop -1 -i "$work/minute.mp4" -c copy -t $(($2 * 60)) "${@:3}" "$work/videos/$1"
}

fragments=(-movflags +frag_keyframe+empty_moov+default_base_moof+dash+global_sidx)

# th_fetch DIR MODE OPTION... < ids
th_fetch() {
    "$BIN/th-fetch" -q --no-hash -o "$work/$1" --url-template "http://127.0.0.1:$(cat "$work/port")/$2/{id}.mp4" "${@:3}"
}

# crop NAME: the clips of NAME.fetch.
crop() {
    "$BIN/th-split" -q --no-copy -o "$work/$1.chunks" -t "$tubes" "$work/$1.fetch" |
        "$BIN/th-crop" -q --preset ultrafast -o "$work/$1.clips" -t "$tubes" | grep -o '"key": "[^"]*", "status": "[a-z]*".*"error": "[a-z_]*"\|"key": "[^"]*", "status": "ok"' | LC_ALL=C sort > "$work/$1.crop" || true
    (cd "$work/$1.clips" && find . -name '*.mp4' -exec sha256sum {} + | sort -k 2) > "$work/$1.sums"
}

number_of() {
    sed -n 's/.*"'"$1"'": \([0-9]*\).*/\1/p'
}

sum() {
    awk '{ sum += $1 } END { print sum + 0 }'
}

until [ -e "$work/port" ]; do sleep 0.1; done
bytes=0 whole=0 requests=0 count=0 same=0
while read -r id minutes; do
    make_video "$id.mp4" "$minutes" "${fragments[@]}"
    th_fetch parts ok --needed -t "$tubes" <<< "$id" > "$work/parts.fetch"
    size=$(stat -c %s "$work/videos/$id.mp4")
    whole=$((whole + size)) count=$((count + 1))
    bytes=$((bytes + $(number_of bytes < "$work/parts.fetch")))
    requests=$((requests + $(number_of requests < "$work/parts.fetch" | grep . || echo 1)))
    if [ "$count" -le "$clips" ]; then
        sed "s|\"path\": \"[^\"]*\"|\"path\": \"$work/videos/$id.mp4\"|" "$work/parts.fetch" > "$work/whole.fetch"
        crop parts
        crop whole
        cmp "$work/parts.sums" "$work/whole.sums"
        cmp "$work/parts.crop" "$work/whole.crop"
        same=$((same + $(wc -l < "$work/parts.sums")))
        rm -rf "$work"/{parts,whole}.{chunks,clips}
    fi
    rm -rf "$work/parts" "$work/videos/$id.mp4"
done < <(awk -F '[, ]+' '{ id = $1; sub(/_[0-9]+$/, "", id); minute = $1; sub(/.*_/, "", minute)
        if (!(id in last)) order[++n] = id
        if (minute + 2 > last[id]) last[id] = minute + 2 }
    END { for (i = 1; i <= n; i++) print order[i], last[order[i]] }' "$tubes")
awk -v bytes=$bytes -v whole=$whole -v requests=$requests -v count=$count -v same=$same 'BEGIN {
    printf "%d videos in fragments: %.1f of %.1f MB (%.3f), %d requests; %d clips the same\n", count, bytes / 1e6, whole / 1e6, bytes / whole, requests, same }'

# The first minutes of four videos at a time, in three kinds of file.
awk -F '[, ]+' '{ id = $1; sub(/_[0-9]+$/, "", id); minute = $1; sub(/.*_/, "", minute)
    if (!(id in number)) { number[id] = ++n }
    if (number[id] <= 4 && minute < 5) print }' "$tubes" > "$work/few.txt"
cut -d , -f 1 "$work/few.txt" | sed 's/_[0-9]*$//' | uniq > "$work/ids"
printf '%-12s %5s   %7s %9s %13s %13s %13s %13s\n' files delay bytes requests 'CPU parts' 'CPU whole' 'wall parts' 'wall whole'
for kind in fragments first last; do
    while read -r id; do
        case $kind in
            fragments) make_video "$id.mp4" 5 "${fragments[@]}" ;;
            first) make_video "$id.mp4" 5 -movflags +faststart ;;
            last) make_video "$id.mp4" 5 ;;
        esac
    done < "$work/ids"
    for delay in 0 50; do
        TIMEFORMAT='%U %S %R'
        rm -rf "$work/parts" "$work/whole"
        parts=$({ time th_fetch parts late-$delay -j 4 --limit-rate 2500000 --needed -t "$work/few.txt" < "$work/ids" > "$work/parts.fetch"; } 2>&1 | tail -n 1)
        all=$({ time th_fetch whole late-$delay -j 4 --limit-rate 2500000 < "$work/ids" > "$work/whole.fetch"; } 2>&1 | tail -n 1)
        awk -v kind=$kind -v delay=$delay -v parts="$parts" -v all="$all" -v bytes="$(number_of bytes < "$work/parts.fetch" | sum)" \
            -v whole="$(number_of bytes < "$work/whole.fetch" | sum)" -v requests="$(number_of requests < "$work/parts.fetch" | sum)" 'BEGIN {
            split(parts, p, " "); split(all, a, " ")
            printf "%-12s %2d ms   %7.3f %9d %11.2f s %11.2f s %11.2f s %11.2f s\n", kind, delay, bytes / whole, requests, p[1] + p[2], a[1] + a[2], p[3], a[3] }'
    done
    rm "$work/videos"/*.mp4
done
