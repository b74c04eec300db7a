# Holding clips against what the ffmpeg program cuts out of the same chunk.

load helpers

# Three seconds, 75 frames, of test picture, and how it is made a chunk quickly.
# shellcheck disable=SC2034 # the tests use them
{
    picture=(-f lavfi -i 'testsrc2=s=192x144:r=25:d=3')
    h264=(-c:v libx264 -preset veryfast -g 20 -bf 3)
}

# frames FILE [FILTER]: "time hash" of each frame that the ffmpeg program decodes, times in seconds.
frames() {
    ffmpeg -v quiet -nostdin -i "$1" -sws_flags bicubic+accurate_rnd+bitexact -map 0:v:0 -vf "${2:-null}" \
        -fps_mode passthrough -enc_time_base 1:9000000 -f framehash -hash md5 - | awk -F '[ ,]+' '
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

# The number of frames that the ffmpeg program decodes.
count() {
    frames "$1" | wc -l
}

# same CHUNK: crops tubes at the start, at the end, one frame long, as long as the chunk, overlapping, with
# odd boxes, and holds each against the ffmpeg program. The picture is 192x144; `quality` loses nothing.
same() {
    local chunk=$1 name=${1%.*} last start end box
    last=$(($(count "$chunk") - 1))
    [ "$last" -gt 20 ]
    while read -r start end box; do
        echo "$name, 144, 192, $start, $end, $box"
    done > tubes <<END
0 0 13, 15, 114, 98
0 9 0, 0, 192, 144
$last $last 14, 17, 113, 99
$((last - 6)) $last 101, 51, 192, 144
0 $last 3, 3, 60, 61
5 20 33, 1, 95, 90
10 15 33, 1, 95, 90
$((last + 1)) $((last + 1)) 0, 0, 50, 50
5 $((last + 1)) 0, 0, 50, 50
END
    chunk_record "$chunk" > split.jsonl
    status=0
    # shellcheck disable=SC2086 # several words
    "$TH_BIN/th-crop" -q -o out -t tubes --preset ultrafast ${quality:---crf 0} split.jsonl > records || status=$?
    [ "$status" -eq 1 ]
    [ "$(jq -r 'select(.status == "failed") | .error' records | sort | uniq -c | xargs)" = '2 out_of_range' ]
    [ "$(jq -r 'select(.status == "ok") | .key' records | wc -l)" -eq 7 ]
    same_frames "$chunk" records
}

# kind FILE: what a file says of its pictures.
kind() {
    ffprobe -v error -select_streams v:0 -of default=nk=1:nw=1 -show_entries \
        stream=width,height,pix_fmt,color_range,color_space,color_transfer,color_primaries,sample_aspect_ratio "$1" | xargs
}

# converted CHUNK: crops two tubes (one with odd edges, one to the last frame) of a chunk whose pictures the encoder does
# not take as they are; frames and what the file says of them are those of the clips that the ffmpeg program makes. There are
# 25 frames a second: the filter fps gives the frames the durations back that setpts forgets in FFmpeg 7.
converted() {
    local chunk=$1 name=${1%.*} last key
    last=$(($(count "$chunk") - 1))
    printf '%s\n' "$name, 144, 192, 3, 9, 13, 15, 114, 98" "$name, 144, 192, $((last - 4)), $last, 0, 0, 192, 144" > tubes
    chunk_record "$chunk" > split.jsonl
    "$TH_BIN/th-crop" -q -o out -t tubes --preset ultrafast --encoder-opts qp=0 split.jsonl > records
    while read -r key start end crop; do
        make -i "$chunk" -sws_flags bicubic+accurate_rnd+bitexact -fps_mode passthrough -preset ultrafast -qp 0 \
            -vf "trim=start_frame=$start:end_frame=$((end + 1)),setpts=PTS-STARTPTS,fps=25,crop=$crop" theirs.mp4
        diff <(kind theirs.mp4) <(kind "out/$key.mp4")
        diff <(frames theirs.mp4) <(frames "out/$key.mp4")
        [ "$(frames "out/$key.mp4" | wc -l)" -eq $((end - start + 1)) ]
    done < <(jq -r '"\(.key) \(.tube.S) \(.tube.E) \(.box.w):\(.box.h):\(.box.x):\(.box.y)"' records)
}
