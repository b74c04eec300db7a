# Holding clips against what the ffmpeg program cuts out of the same chunk.

make() {
    ffmpeg -v error -nostdin -y "$@"
}

# frames FILE [FILTER]: "time hash" of each frame that the ffmpeg program decodes, times in seconds.
frames() {
    ffmpeg -v quiet -nostdin -noautorotate -i "$1" -map 0:v:0 -vf "${2:-null}" -vsync passthrough -enc_time_base -1 \
        -f framehash -hash md5 - | awk -F '[ ,]+' '
            /^#tb/ { split($3, base, "/") }
            !/^#/ { printf "%.4f %s\n", $3 * base[1] / base[2], $NF }'
}

chunk_record() {
    printf '{"stage": "split", "kind": "chunk", "key": "%s", "status": "ok", "path": "%s"}\n' "${1%.*}" "$1"
}

# same_frames CHUNK RECORDS: each clip of the records that is ok has the frames and times that the ffmpeg program gives.
same_frames() {
    local key start end crop
    while read -r key start end crop; do
        frames "$1" "trim=start_frame=$start:end_frame=$((end + 1)),setpts=PTS-STARTPTS,crop=$crop" > theirs
        frames "out/$key.mp4" > ours
        [ "$(wc -l < ours)" -eq $((end - start + 1)) ]
        [[ $(head -n 1 ours) == '0.0000 '* ]]
        diff theirs ours
    done < <(jq -r 'select(.status == "ok") | "\(.key) \(.tube.S) \(.tube.E) \(.box.w):\(.box.h):\(.box.x):\(.box.y)"' "$2")
}
