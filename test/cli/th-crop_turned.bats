# Chunks whose container has a display matrix: their pictures are rotated or mirrored.
# shellcheck disable=SC2154 # exact.bash sets the arrays

bats_require_minimum_version 1.5.0

load exact

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

@test "a display matrix: rotated and mirrored as the ffmpeg program does, then cut" {
    make "${picture[@]}" -t 1 "${h264[@]}" lying.mp4
    make -f lavfi -i testsrc2=s=144x192:r=25:d=1 "${h264[@]}" standing.mp4
    while read -r name file matrix; do
        cp "$file.mp4" "${name}_0000.mp4"
        # shellcheck disable=SC2086 # four numbers
        turn "${name}_0000.mp4" $matrix
        [ "$(ffprobe -v error -select_streams v -show_entries stream_side_data=displaymatrix "${name}_0000.mp4" | wc -l)" -gt 3 ]
        same "${name}_0000.mp4"
        jq -c 'select(.status == "ok")' records | "$TH_BIN/th-verify" --level source > verdicts
        [ "$(jq -r '"\(.status) \(.checks.source.match.ok)"' verdicts | sort | uniq -c | xargs)" = '7 ok true' ]
        # The clip has no display matrix: its pictures are rotated already.
        [ -z "$(ffprobe -v error -show_entries stream_side_data=displaymatrix -of csv=p=0 "out/${name}_0000_S0_E9_L0_T0_R192_B144.mp4")" ]
    done <<END
half lying -1 0 0 -1
across lying -1 0 0 1
down lying 1 0 0 -1
clock standing 0 1 -1 0
counter standing 0 -1 1 0
transposed standing 0 1 1 0
anti standing 0 -1 -1 0
END
}

@test "a rotation matrix on 4:2:2, which is converted before it is rotated" {
    make -f lavfi -i testsrc2=s=144x192:r=25:d=1 -pix_fmt yuv422p "${h264[@]}" upright.mp4
    cp upright.mp4 a_0000.mp4
    turn a_0000.mp4 0 1 -1 0
    converted a_0000.mp4
}
