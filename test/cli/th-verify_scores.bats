# th-verify --reference: scores of reconstructions, compared with those of the ffmpeg program.
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own, and that is meant
bats_require_minimum_version 1.5.0

A=vid_0000_S0_E19_L20_T0_R212_B176
B=vid_0000_S30_E39_L20_T0_R212_B176

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    mkdir chunks
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 40 -c:v libx264 -preset ultrafast chunks/vid_0000.mp4
    printf 'vid_0000, 180, 320, %s, 20, 0, 212, 176\n' '0, 19' '30, 39' >tubes
    "$TH_BIN/th-crop" -q -i chunks -o clips tubes >crop.jsonl
    export MADE=$PWD
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    ln -s "$MADE/clips" clips
    cp "$MADE/crop.jsonl" .
    mkdir model
    # A reconstruction of the first clip, with other colours and less detail.
    reconstruct $A -vf 'gblur=1,eq=contrast=0.9:brightness=0.05'
    cp clips/$B.mp4 model
}

# reconstruct NAME [options]
reconstruct() {
    local name=$1
    shift
    ffmpeg -v error -nostdin -y -i "clips/$name.mp4" "$@" -c:v libx264 -preset ultrafast -crf 20 "model/$name.mp4"
}

score() {
    run --separate-stderr "$TH_BIN/th-verify" --reference model "$@" crop.jsonl
    echo "$output" "${stderr:=}"
}

# near A B TOLERANCE
near() {
    awk -v a="$1" -v b="$2" -v by="$3" 'BEGIN { exit !(a - b <= by && b - a <= by) }' || { echo "$1 is not $2"; false; }
}

# figure NAME: the score of that name of the first clip.
figure() {
    jq -r "select(.key == \"$A\") | .scores.$1" <<<"$output"
}

@test "L1 and PSNR are those of the ffmpeg program on RGB" {
    score
    [ "$status" -eq 0 ]
    exact=scale=flags=bicubic+accurate_rnd+full_chroma_int,format=gbrp # FFmpeg 7 takes a coarser way unless it is told
    rgb="[0:v]${exact}[a];[1:v]${exact}[b];[a][b]"
    near "$(figure psnr)" "$(ffmpeg -v info -nostdin -i clips/$A.mp4 -i model/$A.mp4 -lavfi "${rgb}psnr=f=psnr.log" -f null - 2>/dev/null;
        sed 's/.*psnr_avg:\([0-9.]*\).*/\1/' psnr.log | awk '{ s += $1 } END { print s / NR }')" 0.05
    near "$(figure l1)" "$(ffmpeg -v error -nostdin -i clips/$A.mp4 -i model/$A.mp4 -lavfi "${rgb}blend=all_mode=difference" \
        -f rawvideo -pix_fmt gbrp - | od -An -v -tu1 | awk '{ for (i = 1; i <= NF; i++) { s += $i; n++ } } END { print s / n }')" 0.1
}

@test "SSIM is near that of the ffmpeg program, whose window differs; MS-SSIM is higher, since blur affects fine detail only" {
    score
    theirs=$(ffmpeg -nostdin -i clips/$A.mp4 -i model/$A.mp4 -lavfi ssim -f null - 2>&1 | sed -n 's/.* Y:\([0-9.]*\).*/\1/p')
    near "$(figure ssim)" "$theirs" 0.03
    near "$(figure ms_ssim)" 0.98 0.02
    near "$(figure frames)" 20 0
    [[ $output == *'"scores": {"reference": "model/'$A'.mp4", "frames": 20, "l1": '* ]]
}

@test "a perfect reconstruction has perfect scores" {
    score
    grep "\"$B\"" <<<"$output" | jq -e '.scores | .l1 == 0 and .psnr == 100 and .ssim == 1 and .ms_ssim == 1'
}

@test "the table has a row for each clip, and the means of clips and of frames" {
    score --scores scores.tsv
    [ "$status" -eq 0 ]
    cat scores.tsv
    [ "$(head -n 1 scores.tsv)" = "$(printf 'clip\tframes\tl1\tpsnr\tssim\tms_ssim\terror')" ]
    [ "$(wc -l <scores.tsv)" -eq 5 ]
    l1=$(figure l1)
    grep -q "^$A"$'\t20\t'"$(printf %.6f "$l1")" scores.tsv
    near "$(awk -F'\t' '$1 == "mean of clips" { print $3 }' scores.tsv)" "$(awk "BEGIN { print $l1 / 2 }")" 1e-5
    near "$(awk -F'\t' '$1 == "mean of frames" { print $3 }' scores.tsv)" "$(awk "BEGIN { print $l1 * 20 / 30 }")" 1e-5
    [[ $stderr == 'th-verify: scores of 2 clips: L1 '*' PSNR '*' dB, SSIM '*' MS-SSIM '* ]]
}

@test "a reconstruction that is missing, short, long, of another size or damaged is reported, and its clip stays ok" {
    while IFS='|' read -r word message make; do
        rm -f model/$B.mp4
        eval "$make"
        score --scores scores.tsv
        [ "$status" -eq 1 ]
        [[ $output == *'"key": "'$B'", "status": "ok"'*'"scores": {"reference": "model/'$B'.mp4", "error": "'"$word"'", "message": "'*"$message"* ]]
        [[ $stderr == *'1 clips have no scores; their records say why' ]]
        grep -q "^$B"$'\t0\t\t\t\t\t'"$word\$" scores.tsv
        grep -q "^mean of clips"$'\t20\t' scores.tsv
    done <<'END'
missing|there is no file|true
frame_count|9 frames, fewer than the clip|reconstruct $B -frames:v 9
frame_count|more frames than the 10 of the clip|reconstruct $B -vf tpad=stop=1
wrong_size|the reconstruction is 96x88, the clip 192x176|reconstruct $B -vf scale=96:88
unreadable||echo page > model/$B.mp4
unreadable||head -c 500 clips/$B.mp4 > model/$B.mp4
END
}

@test "reconstructions smaller than 176 pixels have no MS-SSIM, and other pixel formats are fine" {
    echo 'vid_0000, 180, 320, 0, 9, 20, 0, 148, 96' | "$TH_BIN/th-crop" -q -i "$MADE/chunks" -o small >crop.jsonl
    name=$(basename small/*.mp4)
    for format in yuv444p yuv420p10le yuvj420p; do
        ffmpeg -v error -nostdin -y -i "small/$name" -pix_fmt $format -c:v libx264 -crf 1 "model/$name"
        score
        [ "$status" -eq 0 ]
        jq -e '.scores.ms_ssim == null and .scores.ssim > 0.98 and .scores.psnr > 40' <<<"$output"
    done
}

@test "each mean is over the clips that have the measure" {
    echo 'vid_0000, 180, 320, 0, 9, 20, 0, 148, 96' | "$TH_BIN/th-crop" -q -i "$MADE/chunks" -o small >small.jsonl
    cp small/*.mp4 model
    cat small.jsonl crop.jsonl >both.jsonl
    "$TH_BIN/th-verify" --reference model --scores both.tsv both.jsonl 2>said >/dev/null
    score --scores large.tsv
    cat both.tsv
    for mean in 'mean of clips' 'mean of frames'; do
        want=$(grep "^$mean" large.tsv | cut -f 6)
        [[ $want == 0.9* ]]
        [ "$(grep "^$mean" both.tsv | cut -f 6)" = "$want" ]
    done
    grep -q 'scores of 3 clips: .* MS-SSIM 0\.9' said
    "$TH_BIN/th-verify" --reference model --scores small.tsv small.jsonl 2>said >/dev/null
    grep -q 'scores of 1 clips: .* SSIM 1\.0000, no MS-SSIM (means of clips)' said
    [ "$(grep -c "^mean of .*"$'\t1.000000\t\t$' small.tsv)" -eq 2 ]
}

@test "a clip that fails has no scores; one that passed before is scored now" {
    "$TH_BIN/th-verify" -q crop.jsonl >verify.jsonl
    mv verify.jsonl crop.jsonl
    score
    [ "$(grep -c '"scores": {' <<<"$output")" -eq 2 ]
    rm clips
    mkdir clips
    cp "$MADE/clips/$B.mp4" clips
    score
    [ "$status" -eq 75 ]
    [ "$(grep -c '"scores": {' <<<"$output")" -eq 1 ]
}

@test "options that do not fit together are refused" {
    run "$TH_BIN/th-verify" --scores x </dev/null
    [ "$status" -eq 2 ]
    run "$TH_BIN/th-verify" --reference model --level container </dev/null
    [ "$status" -eq 2 ]
    run "$TH_BIN/th-verify" --reference model --scores none/scores.tsv </dev/null
    [ "$status" -eq 3 ]
}
