#!/usr/bin/env bash
# make bench: CPU and wall time of the programs beside a named peer that does the same work, in one run.
#
# The figures are medians of RUNS runs (5 unless set), taken in turn (ours, the peer's, ours, ...), because a shared
# machine changes its speed from one minute to the next. What to quote is the ratio. With the word `fetch`,
# `split` or `verify` only th-fetch, th-split or th-verify is measured.
set -euo pipefail
cd "$(dirname "$0")/../.."
BIN=$PWD/bin
RUNS=${RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Prints "CPU WALL" in seconds of one run of a command whose output goes to nowhere.
measure() {
    local TIMEFORMAT='%U %S %R'
    { time "$@" > /dev/null 2>&1 < /dev/null; } 2>&1 | tail -n 1 | awk '{ print $1 + $2, $3 }'
}

median() {
    sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

# compare WHAT OUR_COMMAND PEER_NAME PEER_COMMAND: one row of the table. Commands are functions of this script; each
# starts from an empty folder out/.
compare() {
    local what=$1 ours=$2 peer=$3 theirs=$4
    : > "$work/$ours"
    : > "$work/$theirs"
    for ((run = 0; run < RUNS; run++)); do
        for side in "$ours" "$theirs"; do
            rm -rf "$work/out"
            mkdir -p "$work/out"
            measure "$side" >> "$work/$side"
        done
    done
    local figures=()
    for side in "$ours" "$theirs"; do
        for field in 1 2; do
            figures+=("$(cut -d' ' -f$field "$work/$side" | median)")
        done
    done
    awk -v what="$what" -v peer="$peer" -v a="${figures[0]}" -v aw="${figures[1]}" -v b="${figures[2]}" -v bw="${figures[3]}" \
        'BEGIN { printf "%-34s %8.2f %8.2f   %-30s %8.2f %8.2f   %6.2f %6.2f\n", what, a, aw, peer, b, bw, a / b, aw / bw }'
}

make_footage() {
    # Three minutes of 1280x720 with motion everywhere, as hard to encode as a talking head and more.
    ffmpeg -nostdin -v error -f lavfi -i 'testsrc2=size=1280x720:rate=30:duration=150' -f lavfi \
        -i 'sine=frequency=300:duration=150' -c:v libx264 -preset veryfast -c:a aac -shortest "$work/bench.mp4"
    ffmpeg -nostdin -v error -i "$work/bench.mp4" -c copy -map 0 -f segment -segment_time 60 "$work/bench_%04d.mp4"
    mkdir "$work/chunks"
    mv "$work"/bench_0*.mp4 "$work/chunks"
    # Nine tubes on one chunk, the mean of the train list, of its median length and size, overlapping in time.
    for start in 0 60 110 200 260 300 380 420 500; do
        printf 'bench_0000, 720, 1280, %d, %d, %d, 26, %d, 538\n' "$start" $((start + 89)) $((start / 2)) $((start / 2 + 512))
    done > "$work/tubes.txt"
}

# Four videos of ten minutes, the median of the train list: of short ones the loading of the libraries is what is measured.
make_long() {
    for ((i = 0; i < 4; i++)); do echo "file bench.mp4"; done > "$work/parts.txt"
    ffmpeg -nostdin -v error -f concat -i "$work/parts.txt" -c copy "$work/long0.mp4"
    for ((i = 0; i < 4; i++)); do
        [ "$i" -eq 0 ] || ln "$work/long0.mp4" "$work/long$i.mp4"
        echo "$work/long$i.mp4" >> "$work/four.txt"
    done
    head -n 1 "$work/four.txt" > "$work/one.txt"
}

# The videos to split are listed in $input.
split_ours() { "$BIN/th-split" -o "$work/out" -j 1 -q "$input"; }
split_no_copy() { "$BIN/th-split" --no-copy -o "$work/out" -j 1 -q "$input"; }
split_ffmpeg() {
    local video name
    while read -r video; do
        name=${video##*/}
        ffmpeg -nostdin -v error -i "$video" -c copy -map 0 -f segment -segment_time 60 "$work/out/${name%.mp4}_%04d.mp4"
    done < "$input"
}
split_cp() { xargs -a "$input" cp -t "$work/out"; }
# The chunks of th-split are on the disk when it ends, and so they are here.
split_ffmpeg_sync() {
    split_ffmpeg
    sync -- "$work"/out/*
}

verify_ours() { "$BIN/th-verify" -j 1 -q "$work/crop.jsonl"; }
# decode FRAMES FILE...: decodes the files to nowhere in one run, of the last one FRAMES frames (-1: all).
decode() {
    local last=$1 inputs=() outputs=() count=0 file
    shift
    for file; do
        inputs+=(-threads 1 -i "$file")
        outputs+=(-map "$count:v")
        count=$((count + 1))
        [ "$count" -lt $# ] || [ "$last" -lt 0 ] || outputs+=(-frames:v "$last")
        outputs+=(-f null -)
    done
    ffmpeg -nostdin -v error "${inputs[@]}" "${outputs[@]}"
}
verify_one_run() { decode -1 "$work"/clips/*.mp4; }
verify_run_each() {
    for clip in "$work"/clips/*.mp4; do decode -1 "$clip"; done
}

verify_source_ours() { "$BIN/th-verify" -j 1 -q --level source "$work/crop.jsonl"; }
# The chunk up to the frame after the last one of the tubes.
verify_source_one_run() { decode 591 "$work"/clips/*.mp4 "$work/chunks/bench_0000.mp4"; }

# The files to fetch are listed in $ids, without hashing in th-fetch when $hash says so.
fetch_ours() {
    "$BIN/th-fetch" -o "$work/out" -j 4 -q "${hash[@]}" --url-template "http://127.0.0.1:$port/{id}.mp4" "$ids"
}
fetch_curl() {
    (cd "$work/out" && sed "s|.*|url = http://127.0.0.1:$port/&.mp4\noutput = &.mp4|" "$ids" |
        curl --silent --fail --parallel --parallel-max 4 --config -)
}
fetch_aria2c() {
    sed "s|.*|http://127.0.0.1:$port/&.mp4|" "$ids" |
        aria2c --quiet -d "$work/out" -j 4 --file-allocation=none --input-file=-
}
fetch_curl_and_hash() {
    fetch_curl
    openssl dgst -sha256 "$work"/out/*.mp4
}

# pad BYTES: the shortest of the videos, made that long.
pad() {
    local rest=$(($1 - $(stat -c %s "$work/short.mp4")))
    cat "$work/short.mp4"
    # shellcheck disable=SC2059 # a number of four bytes
    printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $((rest >> 24)) $((rest >> 16 & 255)) $((rest >> 8 & 255)) $((rest & 255)))free"
    head -c $((rest - 8)) /dev/zero | tr '\0' x
}

start_server() {
    mkdir "$work/www"
    ffmpeg -nostdin -v error -f lavfi -i 'testsrc2=size=320x240:rate=30:duration=2' -c:v libx264 -preset veryfast \
        "$work/short.mp4"
    # Videos of 8 MiB and of 1 GiB: what is left over is a box that players pass over.
    pad 8388608 > "$work/www/video0.mp4"
    for ((i = 0; i < 40; i++)); do
        [ "$i" -eq 0 ] || cp "$work/www/video0.mp4" "$work/www/video$i.mp4"
        echo "video$i"
    done > "$work/small.txt"
    pad 1073741824 > "$work/www/large.mp4"
    echo large > "$work/large.txt"
    port=$((20000 + RANDOM % 12000))
    cat > "$work/nginx.conf" << EOF
$([ "$(id -u)" -ne 0 ] || echo 'user root;') daemon off; pid $work/nginx.pid; error_log $work/nginx.log; events { }
http { access_log off; client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3;
uwsgi_temp_path $work/t4; scgi_temp_path $work/t5; sendfile on;
server { listen 127.0.0.1:$port; root $work/www; } }
EOF
    PATH=$PATH:/usr/sbin nginx -c "$work/nginx.conf" 2>> "$work/nginx.log" &
    trap 'kill $!; wait; rm -rf "$work"' EXIT
    curl --silent --retry 20 --retry-connrefused --retry-delay 1 --output /dev/null "http://127.0.0.1:$port/video0.mp4"
}

bench_fetch() {
    start_server
    for ids in "$work/small.txt" "$work/large.txt"; do
        case $ids in */small.txt) what='th-fetch, 40 x 8 MiB' ;; *) what='th-fetch, 1 x 1 GiB' ;; esac
        hash=(--no-hash)
        compare "$what, no hash" fetch_ours 'curl --parallel' fetch_curl
        compare "$what, no hash" fetch_ours aria2c fetch_aria2c
        hash=()
        compare "$what, sha256" fetch_ours 'curl --parallel, openssl sha256' fetch_curl_and_hash
    done
}

bench_split() {
    make_long
    input=$work/one.txt
    compare 'th-split, 600 s' split_ours 'ffmpeg -c copy -f segment' split_ffmpeg
    compare 'th-split, 600 s' split_ours 'the same, and sync' split_ffmpeg_sync
    compare 'th-split, 600 s' split_ours 'cp' split_cp
    compare 'th-split --no-copy, 600 s' split_no_copy 'ffmpeg -c copy -f segment' split_ffmpeg
    input=$work/four.txt
    compare 'th-split, 4 x 600 s' split_ours 'ffmpeg -c copy -f segment, each' split_ffmpeg
    compare 'th-split --no-copy, 4 x 600 s' split_no_copy 'ffmpeg -c copy -f segment, each' split_ffmpeg
}

bench_verify() {
    local RUNS=$(((RUNS + 1) / 2))
    "$BIN/th-crop" -i "$work/chunks" -o "$work/clips" -q "$work/tubes.txt" > "$work/crop.jsonl"
    compare 'th-verify, 9 clips' verify_ours 'ffmpeg -f null, one run' verify_one_run
    compare 'th-verify, 9 clips' verify_ours 'ffmpeg -f null, a run each' verify_run_each
    compare 'th-verify --level source' verify_source_ours 'ffmpeg -f null, clips + chunk' verify_source_one_run
}

printf '%-34s %8s %8s   %-30s %8s %8s   %6s %6s\n' '' 'CPU s' 'wall s' 'peer' 'CPU s' 'wall s' 'CPU' 'wall'
only=${1:-all}
case $only in fetch | all) bench_fetch ;; esac
case $only in split | verify | all) make_footage ;; esac
case $only in split | all) bench_split ;; esac
case $only in verify | all) bench_verify ;; esac
[ "$only" != all ] || bash test/bench/crop.sh
