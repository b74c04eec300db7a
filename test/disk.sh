#!/usr/bin/env bash
# disk.sh BIN VIDEOS KILLS [OPTION...]: makes the clips of VIDEOS videos that have the length, the picture and the rate of those of train,
# with --no-chunks --discard --max-disk 200M and the OPTIONs, while the run is killed KILLS times at random moments and begun again. Prints
# the most bytes that the set took besides its clips. Status 1 when that is more than 200 MiB and a tenth, or when the clips
# differ from those of an undisturbed run without bounds.
set -u

BIN=$(realpath "$1") VIDEOS=$2 KILLS=$3
shift 3
SIZE=$((200 << 20)) # bytes
PROJECT=$(dirname -- "$(dirname -- "$(realpath -- "$0")")")
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK" || exit
export TH_BIN=$BIN

# A video of 20 minutes, of which the list names 17, at 0.53 Mbit/s.
mkdir archive lists
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=1280x720:r=25:d=60 -c:v libx264 -preset ultrafast -b:v 530k -maxrate 530k \
    -bufsize 1M -g 125 minute.mp4
ffmpeg -v error -nostdin -stream_loop 19 -i minute.mp4 -c copy archive/v1.mp4
for ((i = 1; i <= VIDEOS; i++)); do
    [ -e "archive/v$i.mp4" ] || ln archive/v1.mp4 "archive/v$i.mp4"
    echo "v$i" >> lists/train_video_ids.txt
    for ((minute = 0; minute < 17; minute++)); do
        printf 'v%d_%04d, 720, 1280, 10, 29, 200, 100, 560, 460\n' "$i" "$minute" >> lists/train_video_tubes.txt
    done
done

# run DIR OPTION...: makes the clips in DIR.
run() {
    local data=$1
    shift
    TH_FETCH_FLAGS="--url-template file://$WORK/archive/{id}.mp4" exec setsid \
        bash "$PROJECT/videos_download_and_crop.sh" -q --progress never --data "$WORK/$data" --lists "$WORK/lists" --no-chunks "$@" train
}

# watch PID: sets most to the most bytes besides the clips until the process ends, if that is more than before.
watch() {
    local now
    while kill -0 "$1" 2> /dev/null; do
        now=$(du -s -B1 --exclude=cropped_clips bounded 2> /dev/null | cut -f 1)
        [ "${now:-0}" -le "$most" ] || most=$now
        sleep 0.1
    done
}

(run whole) || exit
most=0 kills=0 status=137
while [ "$status" -ne 0 ]; do
    run bounded --discard --max-disk "$SIZE" "$@" &
    pid=$!
    if [ "$kills" -lt "$KILLS" ]; then
        (sleep "$((RANDOM % 8 + 1)).$((RANDOM % 10))" && kill -KILL -- "-$pid") 2> /dev/null &
    fi
    watch "$pid"
    wait "$pid" 2> /dev/null
    status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 137 ] || exit 1
    kills=$((kills + (status == 137)))
done
printf '%d videos of %d MB, killed %d times: at most %d MB beside %d MB of clips (--max-disk: %d MB)\n' "$VIDEOS" \
    "$(($(stat -c %s archive/v1.mp4) / 1000000))" "$kills" "$((most / 1000000))" \
    "$(($(du -s --apparent-size -B1 bounded/train/cropped_clips | cut -f 1) / 1000000))" "$((SIZE / 1000000))"
diff -r whole/train/cropped_clips bounded/train/cropped_clips || exit 1
[ "$(find bounded/train/cropped_clips -name '*.mp4' | wc -l)" -eq $((VIDEOS * 17)) ] && [ "$most" -le $((SIZE + SIZE / 10)) ]
