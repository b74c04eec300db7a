#!/usr/bin/env bash
# same_bytes.sh BIN OTHER_BIN: checks that th-crop of two builds (two compilers) makes the same clips, byte for byte.
set -eu

bins=("$(realpath "$1")" "$(realpath "$2")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# A chunk of 4:2:0 with key frames, B-frames and sound that mp4 cannot hold, and one of RGB.
mkdir chunks
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=192x144:r=25:d=3 -f lavfi -i sine=d=3 -c:v libx264 -preset veryfast -g 20 \
    -bf 3 -c:a pcm_s16le chunks/a_0000.mov
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=192x144:r=25:d=3 -c:v libx264rgb -preset veryfast chunks/a_0001.mp4
for chunk in a_0000 a_0001; do
    printf '%s, 144, 192, %s\n' $chunk '0, 9, 13, 15, 114, 98' $chunk '31, 64, 0, 0, 192, 144' $chunk '40, 74, 3, 5, 99, 120'
done > tubes

count=0
while read -r options; do
    for i in 0 1; do
        # shellcheck disable=SC2086 # several words, or none
        "${bins[i]}/th-crop" -q -i chunks -o "out$i" $options tubes > "records$i"
        sed -i "s/\"out$i/\"out/" "records$i"
        sort -o "records$i" "records$i"
    done
    cmp records0 records1
    diff -r -x .th-crop.options out0 out1
    count=$((count + $(find out0 -type f -not -name '.*' | wc -l)))
    rm -r out0 out1
done << END

--audio --size 96x64 --fps 12
--encoder ffv1
--frames png --size 63
--frames jpg
END
echo "same_bytes.sh: $count files of ${bins[0]} and ${bins[1]} are the same"
