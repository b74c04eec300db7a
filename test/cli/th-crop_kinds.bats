# Chunks of many codecs and pixel formats: the clips of th-crop equal what the ffmpeg program cuts.
# shellcheck disable=SC2154 # exact.bash sets the arrays

bats_require_minimum_version 1.5.0

load exact

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

@test "RGB: H.264, PNG, raw, with a palette" {
    make "${picture[@]}" -t 1 -c:v libx264rgb -preset ultrafast a_0000.mp4
    converted a_0000.mp4
    make "${picture[@]}" -t 1 -c:v png b_0000.mov
    converted b_0000.mov
    make "${picture[@]}" -t 1 -c:v rawvideo -pix_fmt bgr24 c_0000.avi
    converted c_0000.avi
    make "${picture[@]}" -t 1 -c:v png -pix_fmt pal8 d_0000.mov
    converted d_0000.mov
}

@test "formats that H.264 does not have: 4:1:1, 4:1:0, 4:4:0, alpha, 12 bit, packed" {
    for format in yuv411p yuv410p yuv440p yuva420p yuv420p12le; do
        make "${picture[@]}" -t 1 -c:v ffv1 -pix_fmt "$format" "${format}_0000.mkv"
        echo "$format"
        converted "${format}_0000.mkv"
    done
    make "${picture[@]}" -t 1 -c:v rawvideo -pix_fmt uyvy422 p_0000.avi
    converted p_0000.avi
}

@test "10 bit 4:2:2 and 4:4:4, full range 4:2:2, HEVC of 10 bit" {
    make "${picture[@]}" -pix_fmt yuv422p10le "${h264[@]}" a_0000.mp4
    quality='--encoder-opts qp=0' same a_0000.mp4
    make "${picture[@]}" -pix_fmt yuv444p10le "${h264[@]}" b_0000.mp4
    quality='--encoder-opts qp=0' same b_0000.mp4
    make "${picture[@]}" -pix_fmt yuvj422p "${h264[@]}" c_0000.mp4
    quality='--encoder-opts qp=0' same c_0000.mp4
    make "${picture[@]}" -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none d_0000.mp4
    quality='--encoder-opts qp=0' same d_0000.mp4
}

@test "the colour description is kept: bt601, bt709, bt2020, limited and full range" {
    while read -r name space primaries transfer range; do
        make "${picture[@]}" -t 1 "${h264[@]}" -colorspace "$space" -color_primaries "$primaries" -color_trc "$transfer" \
            -color_range "$range" "${name}_0000.mp4"
        same "${name}_0000.mp4"
        diff <(kind "${name}_0000.mp4") <(kind "out/${name}_0000_S0_E9_L0_T0_R192_B144.mp4")
        [[ $(kind "${name}_0000.mp4") == *" $space "* ]]
    done <<END
a smpte170m smpte170m smpte170m tv
b bt709 bt709 bt709 tv
c bt2020nc bt2020 smpte2084 tv
d bt709 bt709 iec61966-2-1 pc
END
}

@test "a picture that changes its size: tubes that span the change fail, the others are cut" {
    make "${picture[@]}" -t 1 "${h264[@]}" -f mpegts small.ts
    make -f lavfi -i testsrc2=s=384x288:r=25:d=1 "${h264[@]}" -output_ts_offset 1 -f mpegts large.ts
    make -i 'concat:small.ts|large.ts' -c copy a_0000.ts
    printf 'a_0000, 144, 192, %s, 33, 21, 98, 85\n' '0, 9' '20, 30' '30, 45' > tubes
    chunk_record a_0000.ts > split.jsonl
    run -1 "$TH_BIN/th-crop" -q -o out -t tubes --preset ultrafast --crf 0 split.jsonl
    # Records are written as clips end, which is not always in the order of the rows.
    jq -r '[.tube.S, .status, .error // (.box | "\(.w)x\(.h)")] | join(" ")' <<< "$output" | sort -n > said
    diff said - <<END
0 ok 64x64
20 failed unreadable
30 ok 130x128
END
    [[ $(jq -r '.message // empty' <<< "$output") == *'the picture changes from 192x144 to 384x288'* ]]
}

@test "chunks in a folder: mp4 is tried first, then other suffixes" {
    mkdir chunks
    make "${picture[@]}" -t 1 -c:v libvpx-vp9 -cpu-used 8 -deadline realtime chunks/a_0000.webm
    make "${picture[@]}" -t 1 "${h264[@]}" chunks/a_0001.mkv
    make "${picture[@]}" -t 1 "${h264[@]}" chunks/a_0002.mp4
    cp chunks/a_0001.mkv chunks/a_0002.mkv
    printf 'a_000%d, 144, 192, 0, 9, 0, 0, 64, 64\n' 0 1 2 |
        "$TH_BIN/th-crop" -i chunks -o out --preset ultrafast > records
    [ "$(jq -r .source records | sort | xargs)" = 'chunks/a_0000.webm chunks/a_0001.mkv chunks/a_0002.mp4' ]
}
