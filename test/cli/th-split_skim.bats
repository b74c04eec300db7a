# th-split --no-copy reads little more than the headers of H.264 packets in mp4, and writes the same as if it read everything.

bats_require_minimum_version 1.5.0
load helpers

# Frames that need many bytes each.
# shellcheck disable=SC2054 # a filter graph holds commas
picture=(-f lavfi -i testsrc2=s=192x160:r=25:d=8,noise=alls=60:allf=t,format=yuv420p)
tone=(-f lavfi -i sine=d=8)
h264=(-c:v libx264 -preset ultrafast -crf 12 -g 30)

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
}

make() {
    ffmpeg -v error -nostdin -y "$@"
}

# index DIR FILE: the index of the video, without sizes and times of chunk files.
index() {
    sed 's/"size": [0-9]*, "mtime": [0-9]*, "ends": -*[0-9]*, "range"/"range"/' "$1/.index/${2%.*}.jsonl"
}

# alike FILE...: ranges, times and frame counts are the same whether th-split reads everything or not.
alike() {
    printf '%s\n' "$@" > videos
    "$TH_BIN/th-split" --seconds 2 -o all videos > all.jsonl
    "$TH_BIN/th-split" --seconds 2 --no-copy -o none videos > none.jsonl
    local file
    for file; do
        [ "$(index none "$file" | grep -c '"range": {.*"sum"')" -gt 1 ]
        diff <(index all "$file") <(index none "$file")
    done
}

@test "only the headers of frames are read from an mp4 file" {
    skip_under_sanitizers
    make "${picture[@]}" "${h264[@]}" -bf 2 a.mp4
    make -i a.mp4 -c copy -movflags +frag_keyframe+empty_moov fragments.mp4
    for file in a fragments; do
        echo "$file.mp4" > videos
        count=$(bytes_read "$TH_BIN/th-split" --no-copy --seconds 2 -o none videos)
        [ "$count" -lt $(($(stat -c %s "$file.mp4") / 2)) ] || { echo "$file: $count"; false; }
    done
}

@test "the same with B-frames, open groups, no groups, frames in slices, fields" {
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -bf 3 -c:a aac frames.mp4
    make "${picture[@]}" "${h264[@]}" -bf 3 -x264-params open-gop=1 open.mp4
    make "${picture[@]}" "${h264[@]}" -x264-params intra-refresh=1 refresh.mp4
    make "${picture[@]}" "${h264[@]}" -x264-params slices=4:aud=1 slices.mp4
    make "${picture[@]}" "${h264[@]}" -x264-params tff=1:nal-hrd=vbr:vbv-maxrate=9000:vbv-bufsize=9000 fields.mp4
    alike frames.mp4 open.mp4 refresh.mp4 slices.mp4 fields.mp4
}

# hide FILE: makes its table of key frames name only the first one, repeatedly.
hide() {
    local at count
    at=$(grep -abo stss "$1" | head -n 1 | cut -d : -f 1)
    count=$((16#$(dd if="$1" bs=1 skip=$((at + 8)) count=4 status=none | od -An -tx1 | tr -d ' ')))
    for ((i = 0; i < count; i++)); do printf '\0\0\0\1'; done |
        dd of="$1" bs=1 seek=$((at + 12)) conv=notrunc status=none
}

@test "the same with key frames that the index does not list" {
    make "${picture[@]}" "${h264[@]}" -g 10 near.mp4
    # Parameter sets and a long SEI text come before each key frame's slice.
    text=086f3693-b7b3-4f2c-9653-21492feee5b8+$(printf '%01500d' 7)
    make "${picture[@]}" "${h264[@]}" -frames:v 10 -bsf:v "h264_metadata=sei_user_data=$text" piece.h264
    for ((i = 0; i < 20; i++)); do cat piece.h264; done > far.h264
    make -r 25 -i far.h264 -c copy far.mp4
    hide near.mp4
    hide far.mp4
    alike near.mp4 far.mp4
    [ "$(grep -c '"kind": "chunk"' none.jsonl)" -eq 8 ]
}

@test "the same with other forms of mp4, of other containers and codecs, of small pictures" {
    make "${picture[@]}" "${tone[@]}" "${h264[@]}" -bf 2 -c:a aac a.mp4
    make -i a.mp4 -c copy -movflags +frag_keyframe+empty_moov+default_base_moof fragments.mp4
    make -i a.mp4 -c copy -movflags +dash+frag_every_frame+global_sidx dash.mp4
    make -ss 1.3 -i a.mp4 -c copy -movflags +faststart edit.mp4
    make -i a.mp4 -c copy a.mov
    mv a.mov quick.mov
    make -i a.mp4 -c copy m.mkv
    make -i a.mp4 -c copy t.ts
    make "${picture[@]}" -c:v mpeg4 -q:v 2 -g 30 -bf 2 four.mp4
    make -f lavfi -i testsrc=s=128x96:r=25:d=8 -c:v libx264 -preset ultrafast -g 30 small.mp4
    alike a.mp4 fragments.mp4 dash.mp4 edit.mp4 quick.mov m.mkv t.ts four.mp4 small.mp4
}

@test "truncated files are noticed all the same" {
    make "${picture[@]}" "${h264[@]}" -bf 2 a.mp4
    make -i a.mp4 -c copy -movflags +faststart front.mp4
    make -i a.mp4 -c copy -movflags +frag_keyframe+empty_moov fragments.mp4
    # The last box of pictures ends where the file does, wherever that is.
    cp fragments.mp4 open.mp4
    at=$(grep -abo mdat open.mp4 | tail -n 1 | cut -d : -f 1)
    printf '\0\0\0\0' | dd of=open.mp4 bs=1 seek=$((at - 4)) conv=notrunc status=none
    head -c $((at + 20000)) open.mp4 > cut_open.mp4
    for file in front fragments; do
        size=$(stat -c %s "$file.mp4")
        for ((i = 1; i < 10; i++)); do
            head -c $((size * i / 10 + i)) "$file.mp4" > "cut_$file$i.mp4"
        done
        head -c $((size - 1)) "$file.mp4" > "cut_${file}0.mp4"
    done
    printf '%s\n' cut_*.mp4 > videos
    run --separate-stderr "$TH_BIN/th-split" --seconds 2 -o all videos
    expected=$(sort <<< "$output")
    run --separate-stderr "$TH_BIN/th-split" --seconds 2 --no-copy -o none videos
    [ "$(grep -c '"status": "failed", "error": "unreadable"' <<< "$output")" -eq 21 ]
    [ "$(sort <<< "$output")" = "$expected" ]
}
