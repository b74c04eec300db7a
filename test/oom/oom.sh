#!/usr/bin/env bash
# oom.sh BIN LIBRARY [STEP [FIRST [NAME]]]: runs each program, or only th-NAME, on a small input and fails one allocation,
# in the parent or in a child: number FIRST (1), FIRST + STEP (1), and so on up to the last one. A run must end with
# status 0 and give what an undisturbed run gives, or end with status 75 and leave no wrong file under a final name.
# Prints how many runs there were, and those that went wrong; status 1 if there are any.
set -u

BIN=$(realpath "$1") LIBRARY=$(realpath "$2") STEP=${3:-1} FIRST=${4:-1} BATCH=8
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
export BIN LIBRARY WORK

# program NAME PLACE N: runs it in the current folder; records go to stdout, files to out/.
program() {
    local name=$1 run=(timeout 60 env "FAIL_IN=$2" "FAIL_NTH=$3" "LD_PRELOAD=$LIBRARY")
    case $name in
        fetch) "${run[@]}" "$BIN/th-fetch" -q -j 1 -o out --retries 0 --url-template "file://$WORK/in/{id}.mp4" ;;
        split) "${run[@]}" "$BIN/th-split" -q -j 1 -o out --seconds 1 ;;
        crop) "${run[@]}" "$BIN/th-crop" -q -j 1 -o out -i "$WORK/in" --audio --preset ultrafast ;;
        verify) "${run[@]}" "$BIN/th-verify" -q -j 1 --level source --summary out/summary.json --report out/report.html ;;
    esac < "$WORK/in/$name"
}

# same RECORDS RECORDS: whether they are equal but for times.
same() {
    cmp -s <(sed 's/"retrieved": "[^"]*"//' "$1") <(sed 's/"retrieved": "[^"]*"//' "$2")
}

# names: the videos in the current folder's out/, without hidden files and folders.
names() {
    find out -name '.*' -prune -o -type f -name '*.mp4' -print | LC_ALL=C sort
}

# judge NAME PLACE N: one disturbed run. Prints "failed" when the allocation was reached, and what went wrong.
judge() {
    local dir=$WORK/$1-$2-$3 plain=$WORK/$1 status=0 name
    mkdir -p "$dir/out"
    cd "$dir" || exit
    program "$@" > records 2> messages || status=$?
    ! grep -q '^allocation failed' messages || echo failed
    case $status in
        0) same records "$plain/records" || echo "$*: status 0, and other records" ;;
        75) ;;
        *) echo "$*: status $status: $(tail -n 1 messages)" ;;
    esac
    [ "$status" -ne 0 ] || [ "$(names)" = "$(cd "$plain" && names)" ] || echo "$*: status 0, and other files"
    for name in $(names); do
        cmp -s "$name" "$plain/$name" || echo "$*: $name is another file"
    done
    cd "$WORK" && rm -rf "$dir"
}

# all NAME PLACE: runs it until an allocation with such a number is not reached.
all() {
    local n=$FIRST last=$((BATCH - 1)) failed=0
    while :; do
        seq "$n" "$STEP" $((n + last * STEP)) | xargs -P "$(nproc)" -I{} bash -c 'judge "$@"' judge "$1" "$2" {} > "$WORK/batch"
        grep -v '^failed$' "$WORK/batch" >> "$WORK/wrong"
        failed=$((failed + $(grep -c '^failed$' "$WORK/batch")))
        [ "$failed" -eq $(((n - FIRST) / STEP + BATCH)) ] || break
        n=$((n + BATCH * STEP))
    done
    [ "$failed" -gt 0 ] || echo "th-$1, process $2: no allocation failed" >> "$WORK/wrong"
    echo "th-$1, process $2: $failed failed allocations"
}

export -f program same names judge
mkdir "$WORK/in"
cd "$WORK/in" || exit
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=64x48:r=25:d=2 -f lavfi -i sine=d=2 -c:v libx264 -g 10 -c:a aac -bitexact v.mp4 || exit
echo v > fetch
echo "$PWD/v.mp4" > "split"
echo 'v_0000, 48, 64, 3, 14, 0, 0, 32, 32' > crop
: > "$WORK/wrong"
for name in fetch split crop verify; do
    mkdir -p "$WORK/$name/out"
    cd "$WORK/$name" || exit
    program "$name" 0 0 > records || exit
    case $name in
        split) cp out/*.mp4 "$WORK/in" ;;
        crop) sed "s,out/,$PWD/out/," records > "$WORK/in/verify" ;;
    esac
done
for run in 'fetch 0' 'fetch 1' 'split 0' 'split 1' 'crop 0' 'crop 1' 'crop 2' 'verify 0' 'verify 1'; do
    # shellcheck disable=SC2086 # two words
    [[ $run != "${5-}"* ]] || all $run
done
cat "$WORK/wrong"
[ ! -s "$WORK/wrong" ]
