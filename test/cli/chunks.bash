# What the tests of chunks share: the chunks of th-split are held against those of the ffmpeg program.

load helpers

# What a video is made of: 6 s of test picture and tone, small and quick to encode.
# shellcheck disable=SC2034 # the tests use them
{
    picture=(-f lavfi -i testsrc=s=128x96:r=25:d=6)
    tone=(-f lavfi -i sine=d=9)
    h264=(-c:v libx264 -preset veryfast -g 30)
}

# Everything that a reader of the chunks in folder $1 gets.
packets() {
    local chunk
    for chunk in "$1"/*.mp4; do
        echo "${chunk##*/}"
        ffprobe -v quiet -show_data_hash md5 -of compact -show_entries \
            packet=stream_index,pts,dts,duration,size,flags,data_hash:stream=codec_name,codec_tag_string,time_base \
            "$chunk"
    done
}

# Whether this version of the ffmpeg program counts from the first time of the video when it cuts; th-split counts from
# 0, as the program did when the lists were made. Pictures at 1, 2, 3 and 4 s tell.
counts_from_first() {
    rm -rf pieces
    mkdir pieces
    make -f lavfi -i color=s=16x16:r=1:d=4 -c:v mjpeg -output_ts_offset 1 -f segment -segment_time 2 pieces/%d.mp4
    [ "$(entries pieces | wc -l)" -eq 2 ]
}

# theirs FILE SECONDS OPTION...: the chunks of the ffmpeg program, which says what it does in theirs.log.
theirs() {
    local file=$1 seconds=$2
    shift 2
    rm -rf theirs
    mkdir theirs
    ffmpeg -v debug -nostdin -i "$file" -c copy "$@" -f segment -segment_time "$seconds" \
        "theirs/${file%.*}_%04d.mp4" 2> theirs.log
}

# The first time of the video that is cut, in microseconds, as theirs.log has it. 0 when no packet has one.
first_time() {
    local stream pts num den
    stream=$(sed -n 's/.*Selected stream id:\([0-9]*\).*/\1/p' theirs.log)
    pts=$(sed -n "s/.*\] stream:$stream start_pts_time:[^ ]* pts:\([0-9-]*\) .*/\1/p" theirs.log | head -n 1)
    IFS=/ read -r num den < <(ffprobe -v quiet -select_streams "$stream" -show_entries stream=time_base \
        -of default=noprint_wrappers=1:nokey=1 "$(printf '%s\n' theirs/*.mp4 | head -n 1)")
    echo $(((${pts:-0} * num * 1000000 + den / 2) / den))
}

# holdable FILE: -map options for the streams that the ffmpeg program writes to mp4; newer ones take FLAC and PCM.
holdable() {
    local stream
    for stream in $(ffprobe -v quiet -show_entries stream=index -of default=noprint_wrappers=1:nokey=1 "$1" | sort -nu); do
        ! ffmpeg -v quiet -nostdin -y -i "$1" -map "0:$stream" -c copy -t 1 try.mp4 || echo "-map 0:$stream"
    done
}

# same LEAST FILE SECONDS [MAP...]: at least LEAST chunks, all equal to those of ffmpeg with MAP (default: -map 0).
same() {
    local least=$1 file=$2 seconds=$3 count
    shift 3
    [ $# -gt 0 ] || set -- -map 0
    theirs "$file" "$seconds" "$@"
    if counts_from_first; then
        theirs "$file" "$seconds" "$@" -segment_time_delta "$(first_time)us"
    fi
    echo "$file" | "$TH_BIN/th-split" -o ours --seconds "$seconds" > records
    packets theirs > theirs.txt
    packets ours > ours.txt
    diff theirs.txt ours.txt
    count=$(find ours -name '*.mp4' | wc -l)
    [ "$count" -ge "$least" ]
    [ "$(grep -c '"kind": "chunk"' records)" -eq "$count" ]
    grep -q "\"chunks\": $count," records
    remade "$file" "$seconds"
}

# remade FILE SECONDS: without any chunk written, each is made again just as it was.
remade() {
    local chunk count=0
    rm -rf none again
    mkdir again
    echo "$1" | "$TH_BIN/th-split" --no-copy -o none --seconds "$2" > ranges
    [ "$(entries none)" = .index ]
    diff <(sed "s/\"path\": [^,]*, //" records) <(sed "s/, \"range\": {[^}]*}//" ranges)
    "$TH_BUILD/test/media/remake_chunks" again < ranges > reads
    for chunk in ours/*.mp4; do
        cmp "$chunk" "again/${chunk##*/}"
        count=$((count + 1))
    done
    [ "$count" -eq "$(entries again | wc -l)" ]
}

# counted: the records' numbers of frames are those of the chunks.
counted() {
    local key frames
    while read -r key frames; do
        [ "$(ffprobe -v quiet -select_streams v:0 -count_packets -show_entries stream=nb_read_packets \
            -of default=noprint_wrappers=1:nokey=1 "ours/$key.mp4")" = "$frames" ]
    done < <(sed -n 's/.*"kind": "chunk", "key": "\([^"]*\)".*"frames": \([0-9]*\).*/\1 \2/p' records)
}

