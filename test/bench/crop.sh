#!/usr/bin/env bash
# th-crop beside what a user could write with the ffmpeg program, in one run: CPU time, wall time and peak memory (of the largest
# process, and of all of them at one time), as a table and as JSON in build/bench/th-crop.json.
#
# The footage is generated: four chunks of a minute, 1280x720, 30 frames a second, a key frame each 5 s, B-frames, 3 Mbit/s,
# motion and noise. The tubes are tubes.awk's, shaped by the real train list. Figures are medians of RUNS runs (3 unless set),
# taken in turn; the slowest peers run once. The ffmpeg program is held to one thread a codec, as th-crop is, but
# where a row says otherwise.
set -euo pipefail
cd "$(dirname "$0")/../.."
BIN=$PWD/bin
BUILD=$PWD/build
RUNS=${RUNS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_footage() {
    mkdir "$work/chunks"
    ffmpeg -nostdin -v error -f lavfi -i "mandelbrot=s=1920x1080:maxiter=300:start_scale=1.2:rate=30,trim=end_frame=1,
        format=yuv420p,loop=-1:1,setpts=N/30/TB,crop=1280:720:x='320+300*sin(t/3)':y='180+150*sin(t/2)',noise=c0s=4:c0f=t" \
        -t 20 -r 30 -c:v libx264 -b:v 3000k -maxrate 4500k -bufsize 9000k -g 150 -bf 3 \
        -x264-params b-pyramid=normal:scenecut=0 "$work/part.mp4"
    ffmpeg -nostdin -v error -stream_loop 2 -i "$work/part.mp4" -c copy "$work/chunks/bench_0000.mp4"
    for number in 1 2 3; do
        ln "$work/chunks/bench_0000.mp4" "$work/chunks/bench_000$number.mp4"
    done
    # Of 400 seeds the one whose four chunks are the nearest to the list's means.
    awk -v counts='9 3 7 17' -v seed=365 -f test/bench/tubes.awk > "$work/mix"
    grep bench_0000 "$work/mix" > "$work/nine"
    awk -v counts=47 -v seed=365 -f test/bench/tubes.awk > "$work/many"
}

# rows CHUNK: the rows of that chunk in the list that is measured.
rows() {
    grep "^$1," "$work/$list"
}

# read_rows CHUNK: the frames and crop filters of its tubes, as arrays, and the last frame that one needs.
read_rows() {
    starts=() ends=() crops=() last=0
    while IFS=', ' read -r _ _ _ start end left top right bottom; do
        starts+=("$start") ends+=("$end")
        crops+=("crop=$((right - left)):$((bottom - top)):$left:$top")
        [ "$end" -le "$last" ] || last=$end
    done < <(rows "$1")
}

ours() {
    "$BIN/th-crop" -i "$work/chunks" -o "$work/out" -j "$1" -q "$work/$list"
}

# one_graph [OPTION...]: the best that a user can write: all clips of a chunk from one process. The options are for decoder
# and encoders.
one_graph() {
    local chunk graph labels outputs i
    for chunk in "${chunks[@]}"; do
        read_rows "$chunk"
        graph='' labels='' outputs=()
        for i in "${!starts[@]}"; do
            labels+="[s$i]"
            graph+=";[s$i]trim=start_frame=${starts[i]}:end_frame=$((ends[i] + 1)),setpts=PTS-STARTPTS,${crops[i]}[o$i]"
            outputs+=(-map "[o$i]" -c:v libx264 "$@" "$work/out/$chunk.$i.mp4")
        done
        ffmpeg -nostdin -v error "$@" -i "$work/chunks/$chunk.mp4" -filter_complex_threads 1 \
            -filter_complex "[0:v]split=${#starts[@]}$labels$graph" "${outputs[@]}"
    done
}

# one_run_each RESET [OPTION...]: a process for each tube; RESET is a filter that brings the clip's times to 0, or nothing.
one_run_each() {
    local chunk i reset=$1
    shift
    for chunk in "${chunks[@]}"; do
        read_rows "$chunk"
        for i in "${!starts[@]}"; do
            ffmpeg -nostdin -v error "$@" -i "$work/chunks/$chunk.mp4" \
                -vf "trim=start_frame=${starts[i]}:end_frame=$((ends[i] + 1)),$reset${crops[i]}" \
                -an -c:v libx264 "$@" "$work/out/$chunk.$i.mp4"
        done
    done
}

# Decoding alone, up to the last frame that a tube needs.
decode() {
    local chunk
    for chunk in "${chunks[@]}"; do
        read_rows "$chunk"
        ffmpeg -nostdin -v error -threads 1 -i "$work/chunks/$chunk.mp4" -frames:v $((last + 1)) -f null -
    done
}

# The crops as raw pictures, to be encoded by `encode`; not measured.
make_raw() {
    local chunk i
    for chunk in "${chunks[@]}"; do
        read_rows "$chunk"
        for i in "${!starts[@]}"; do
            "$BIN/th-crop" -q -i "$work/chunks" -o "$work/raw.mp4s" --crf 0 --preset ultrafast <(rows "$chunk" | sed -n "$((i + 1))p") > "$work/record"
            ffmpeg -nostdin -v error -i "$(sed 's/.*"path": "\([^"]*\)".*/\1/' "$work/record")" -c:v rawvideo -pix_fmt yuv420p \
                "$work/raw/$chunk.$i.nut"
        done
    done
    rm -r "$work/raw.mp4s"
}

# Encoding alone: one process a chunk.
encode() {
    local chunk i inputs outputs
    for chunk in "${chunks[@]}"; do
        read_rows "$chunk"
        inputs=() outputs=()
        for i in "${!starts[@]}"; do
            inputs+=(-i "$work/raw/$chunk.$i.nut")
            outputs+=(-map "$i:v" -c:v libx264 -threads 1 "$work/out/$chunk.$i.mp4")
        done
        ffmpeg -nostdin -v error "${inputs[@]}" "${outputs[@]}"
    done
}

# The functions above are run by `measure`, as processes of their own.
if [ "${1:-}" = run ]; then
    work=$2 list=$3
    trap - EXIT
    mapfile -t chunks < <(cut -d, -f1 "$work/$list" | sort -u)
    shift 3
    "$@"
    exit
fi

# figures LIST NAME RUNS COMMAND...: measures the command RUNS times; "CPU WALL PEAK TOTAL" goes to the file $work/NAME.
figures() {
    local list=$1 name=$2 runs=$3 run
    shift 3
    for ((run = 0; run < runs; run++)); do
        rm -rf "$work/out"
        mkdir "$work/out"
        "$BUILD/test/bench/measure" bash test/bench/crop.sh run "$work" "$list" "$@" >> "$work/$name"
    done
}

# value NAME FIELD: the median of a field.
value() {
    cut -d ' ' -f "$2" "$work/$1" | sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

json=()
row() {
    local cpu wall peak total
    cpu=$(value "$1" 1) wall=$(value "$1" 2) peak=$(value "$1" 3) total=$(value "$1" 4)
    printf '%-44s %8.2f %8.2f %8.0f %8.0f\n' "$2" "$cpu" "$wall" "$peak" "$total"
    json+=("{\"what\": \"$2\", \"cpu_seconds\": $cpu, \"wall_seconds\": $wall, \"peak_mebibytes\": $peak, \"total_mebibytes\": $total}")
}

ratios=()
# ratio WHAT NAME NAME FIELD GOAL: the first beside the second. GOAL null: there is none.
ratio() {
    local quotient
    quotient=$(awk -v a="$(value "$2" "$4")" -v b="$(value "$3" "$4")" 'BEGIN { printf "%.3f", a / b }')
    printf '%-62s %6.3f   (goal %s)\n' "$1" "$quotient" "$5"
    ratios+=("{\"what\": \"$1\", \"ratio\": $quotient, \"goal\": $5}")
}

make_footage
mkdir "$work/raw"
list=mix
mapfile -t chunks < <(cut -d, -f1 "$work/mix" | sort -u)
make_raw
for ((turn = 0; turn < RUNS; turn++)); do
    figures mix mix.ours1 1 ours 1
    figures mix mix.graph 1 one_graph -threads 1
    figures mix mix.ours2 1 ours 2
    figures mix mix.decode 1 decode
    figures mix mix.encode 1 encode
    figures nine nine.ours1 1 ours 1
    figures nine nine.ours2 1 ours 2
done
figures mix mix.threads 1 one_graph
figures nine nine.graph 1 one_graph -threads 1
figures many many.ours1 1 ours 1
figures many many.ours2 1 ours 2
figures many many.graph 1 one_graph -threads 1
figures mix mix.each 1 one_run_each setpts=PTS-STARTPTS, -threads 1
figures mix mix.literal 1 one_run_each ''
paste -d ' ' "$work/mix.decode" "$work/mix.encode" |
    awk '{ print $1 + $5, $2 + $6, ($3 > $7 ? $3 : $7), ($4 > $8 ? $4 : $8) }' > "$work/mix.floor"

printf '%-44s %8s %8s %8s %8s\n' "th-crop: 4 chunks, $(wc -l < "$work/mix") tubes" 'CPU s' 'wall s' 'peak MiB' 'all MiB'
row mix.ours1 'th-crop -j 1'
row mix.ours2 'th-crop -j 2'
row mix.graph 'ffmpeg, one graph a chunk'
row mix.threads 'the same, with threads as it likes'
row mix.each 'ffmpeg, one run a tube, times reset'
row mix.literal "ffmpeg, the original scripts' filter"
row mix.decode 'decoding alone'
row mix.encode 'encoding alone'
row nine.ours1 'one chunk, 9 tubes: th-crop -j 1'
row nine.ours2 'one chunk, 9 tubes: th-crop -j 2'
row nine.graph 'one chunk, 9 tubes: ffmpeg, one graph'
row many.ours1 'one chunk, 47 tubes: th-crop -j 1'
row many.ours2 'one chunk, 47 tubes: th-crop -j 2'
row many.graph 'one chunk, 47 tubes: ffmpeg, one graph'
ratio 'CPU of th-crop -j 1 to one graph' mix.ours1 mix.graph 1 0.85
ratio 'CPU of th-crop -j 1 to one graph with its threads' mix.ours1 mix.threads 1 0.85
ratio 'CPU of th-crop -j 1 to one run a tube' mix.ours1 mix.each 1 0.25
ratio 'CPU of th-crop -j 1 to decoding and encoding alone' mix.ours1 mix.floor 1 1.05
ratio 'wall of th-crop -j 2 to -j 1' mix.ours2 mix.ours1 2 0.55
ratio 'wall of th-crop -j 2 to -j 1, one chunk of 9 tubes' nine.ours2 nine.ours1 2 0.60
ratio 'peak of th-crop -j 1 to one graph, 9 tubes' nine.ours1 nine.graph 3 0.25
ratio 'peak of th-crop -j 1 to one graph, 47 tubes' many.ours1 many.graph 3 0.15
ratio 'memory of all processes of -j 2 to one graph, 9 tubes' nine.ours2 nine.graph 4 null
ratio 'memory of all processes of -j 2 to one graph, 47 tubes' many.ours2 many.graph 4 null

mkdir -p "$BUILD/bench"
{
    printf '{"program": "th-crop", "runs": %d, "rows": [' "$RUNS"
    (IFS=,; printf '%s' "${json[*]}")
    printf '], "ratios": ['
    (IFS=,; printf '%s' "${ratios[*]}")
    printf ']}\n'
} > "$BUILD/bench/th-crop.json"
