#!/usr/bin/env bash
# rounds.sh BIN ROUNDS [SEED]: runs the whole pipe ROUNDS times over generated videos, disturbs it each time in one way
# and at one time, both drawn at random, and runs it again until its status is 0. Videos, chunks and clips must then be
# those of an undisturbed run, and nothing else may lie beside them. Prints each round with its seed, with which it can be
# run alone (rounds.sh BIN 1 SEED); status 1 if any went wrong.
set -u

BIN=$(realpath "$1") ROUNDS=$2 RANDOM=${3:-$RANDOM}
WORK=$(mktemp -d)
RERUNS=4            # after a disturbance
LIMIT=unlimited     # of the size of a file, in KiB
DISTURBANCES=(kill_one end_all stop_all delete_folder truncate_source truncate_video overwrite_video truncate_chunk
    limit_files fill_disk make_read_only)
export BIN WORK
trap 'umount -q "$WORK"/*/out; rm -rf "$WORK"' EXIT

# pipe: over the videos in in/, to out/. Its status is 0 when that of all four is 0.
pipe() {
    ulimit -f "$LIMIT"
    {
        printf '%s\n' a b |
            "$BIN/th-fetch" -q -o out/raw --retries 1 --retry-delay 0.05 --url-template "file://$PWD/in/{id}.mp4" |
            "$BIN/th-split" -q -o out/chunks --seconds 2 -t "$WORK/tubes" |
            "$BIN/th-crop" -q -j 2 -o out/clips -t "$WORK/tubes" |
            "$BIN/th-verify" -q -j 2 --level source > records
        statuses="${PIPESTATUS[*]:1}"
    } 2> messages
    [ "$statuses" = '0 0 0 0' ]
}

# processes: those of the running pipe, with their children, which have groups of their own.
processes() {
    pgrep -s "$PIPE" th-
}

# Disturbances, in the middle of a run: NAME_before prepares one, NAME_after takes it back.
kill_one() { processes | shuf -n 1 --random-source=<(yes "$RANDOM") | xargs -r kill -KILL 2> /dev/null; }
end_all() { processes | xargs -r kill -TERM 2> /dev/null; }
stop_all() {
    processes | xargs -r kill -STOP 2> /dev/null
    sleep 0.2
    processes | xargs -r kill -CONT 2> /dev/null
}
delete_folder() {
    local folders=(out/raw out/chunks out/clips out/chunks/.index)
    rm -rf "${folders[RANDOM % 4]}"
}
truncate_source() { truncate -s 9000 in/a.mp4; }
truncate_source_after() { cp "$WORK/in/a.mp4" in/a.mp4; }
truncate_video() { [ ! -e out/raw/a.mp4 ] || truncate -s 9000 out/raw/a.mp4; }
truncate_video_after() { [ ! -e out/raw/a.mp4 ] || cp "$WORK/in/a.mp4" out/raw/a.mp4; }
overwrite_video() { [ ! -e out/raw/a.mp4 ] || dd if="$WORK/in/b.mp4" of=out/raw/a.mp4 conv=notrunc status=none; }
overwrite_video_after() { truncate_video_after; }
truncate_chunk() { [ ! -e out/chunks/a_0001.mp4 ] || truncate -s 2000 out/chunks/a_0001.mp4; }
limit_files_before() { LIMIT=$((RANDOM % 200)); }
limit_files() { :; }
limit_files_after() { LIMIT=unlimited; }
fill_disk_before() { mount -t tmpfs -o "size=$((RANDOM % 600 + 4))k" none out; }
fill_disk() { :; }
fill_disk_after() { mount -o remount,size=64m out; }
make_read_only_before() { mount -t tmpfs none out; }
make_read_only() { mount -o remount,ro out 2> /dev/null || :; } # refused while a file is open for writing
make_read_only_after() { mount -o remount,rw out; }

# if_any FUNCTION: calls it if it exists.
if_any() {
    ! declare -F "$1" > /dev/null || "$1"
}

# results: names and hashes in out/; of the index, which knows the files' times, only names.
results() {
    find out -type f ! -path '*/.index/*' -exec sha256sum {} + | LC_ALL=C sort -k 2
    find out -type f -path '*/.index/*' | LC_ALL=C sort
}

# start: runs the pipe in a session of its own.
start() {
    LIMIT=$LIMIT setsid bash -c pipe &
    PIPE=$!
}

# round SEED: prints what was done; status 1 when it went wrong.
round() {
    local dir=$WORK/$1 what delay run status=1
    RANDOM=$1
    mkdir -p "$dir/out"
    cd "$dir" || exit
    cp -r "$WORK/in" in
    what=${DISTURBANCES[RANDOM % ${#DISTURBANCES[@]}]}
    delay=$((RANDOM % LENGTH))
    if_any "${what}_before"
    start
    sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
    "$what"
    wait "$PIPE"
    if_any "${what}_after"
    for run in $(seq "$RERUNS"); do
        start
        wait "$PIPE" && status=0 && break
    done
    results > found
    echo "seed $1: $what after $delay ms, run again $run times: $([ "$status" -eq 0 ] && cmp -s found "$WORK/first/found" && echo good || echo WRONG)"
    if [ "$status" -ne 0 ]; then
        cat messages
        grep -v '"status": "ok"' records
    fi
    cmp -s found "$WORK/first/found" || { diff "$WORK/first/found" found && false; } || status=1
    cd "$WORK" || exit
    umount -q "$dir/out"
    rm -rf "$dir"
    return "$status"
}

export -f pipe
mkdir -p "$WORK/in" "$WORK/first/out"
for id in a b; do
    ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=160x120:r=25:d=8,hue=h=$([ "$id" = a ] && echo 0 || echo 90)" -c:v libx264 -preset ultrafast -g 20 \
        -bitexact "$WORK/in/$id.mp4" || exit
    for chunk in 0 1 2 3; do
        printf '%s_000%d, 120, 160, %d, %d, 0, 0, %d, 100\n' "$id" "$chunk" 3 35 100 "$id" "$chunk" 10 30 64
    done
done > "$WORK/tubes"
cd "$WORK/first" || exit
cp -r "$WORK/in" in
began=$(date +%s%3N)
start
wait "$PIPE" || { cat messages records; exit 1; }
LENGTH=$(($(date +%s%3N) - began))
results > found
[ "$(grep -c out/clips/ found)" -eq 16 ] || { cat found; exit 1; }
if ! mount -t tmpfs none out 2> /dev/null; then
    echo 'no file system can be mounted here: no full disk, none that is read-only'
    DISTURBANCES=("${DISTURBANCES[@]:0:9}")
fi
umount -q out
wrong=0
for _ in $(seq "$ROUNDS"); do
    seed=$RANDOM
    [ "$ROUNDS" -ne 1 ] || seed=${3:-$seed}
    round "$seed" || wrong=$((wrong + 1))
    RANDOM=$seed
done
echo "$ROUNDS rounds, $wrong wrong"
[ "$wrong" -eq 0 ]
