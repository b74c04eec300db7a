# th-verify fails no good clip.
bats_require_minimum_version 1.5.0

# footage FILE SOURCE [options]: 90 frames of 320x180, as a chunk.
footage() {
    local file=$1 source=$2
    shift 2
    ffmpeg -v error -nostdin -f lavfi -i "$source" -frames:v 90 -c:v libx264 -preset ultrafast -crf 18 -pix_fmt yuv420p "$@" "$file"
}

# tubes_of CHUNK COUNT: rows whose boxes and lengths differ.
tubes_of() {
    for ((i = 0; i < $2; i++)); do
        local size=$((64 + i * 7 % 5 * 16)) x=$((i * 37 % 190)) y=$((i * 23 % 50)) start=$((i * 11 % 60))
        echo "$1, 180, 320, $start, $((start + 9 + i % 3 * 8)), $x, $y, $((x + size)), $((y + size))"
    done
}

@test "no false alarm on 500 good clips of all kinds of footage, from crf 18 to 35" {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir chunks
    footage chunks/v_0000.mp4 testsrc2=size=320x180:rate=30000/1001
    footage chunks/v_0001.mp4 "mandelbrot=size=320x180:rate=25:end_pts=2000"
    footage chunks/v_0002.mp4 "mandelbrot=size=640x360:rate=25:end_pts=40000,scale=320:180"
    footage chunks/v_0003.mp4 smptehdbars=size=320x180:rate=25
    footage chunks/v_0004.mp4 "color=gray:size=320x180:rate=25,noise=all_seed=7:alls=60:allf=t+u"
    footage chunks/v_0005.mp4 "mandelbrot=size=320x180:rate=25:end_pts=800,noise=all_seed=7:alls=8:allf=t+u"
    footage chunks/v_0006.mp4 testsrc2=size=320x180:rate=25 -pix_fmt yuv420p10le
    footage chunks/v_0007.mp4 "testsrc2=size=320x180:rate=25,setpts=2*N+mod(N\,3)" -fps_mode passthrough
    footage chunks/v_0008.mp4 "gradients=size=320x180:rate=25:speed=0.02:nb_colors=4:c0=red:c1=blue:c2=green:c3=yellow:seed=7"
    footage chunks/v_0009.mp4 "life=size=320x180:rate=25:mold=10:ratio=0.1:seed=7:death_color=#C83232:life_color=#00ff00"
    footage chunks/v_0010.mp4 "testsrc2=size=320x180:rate=12,fps=24" -g 12 -bf 3
    footage chunks/v_0011.mp4 "testsrc2=size=1280x720:rate=25,zoompan=z='1.2+0.0005*on':d=1:s=320x180:fps=25" -crf 32
    footage chunks/v_0012.mp4 testsrc2=size=320x180:rate=50 -pix_fmt yuv444p
    for chunk in chunks/*.mp4; do
        tubes_of "$(basename "$chunk" .mp4)" 10
    done | head -n 125 >tubes
    for crf in 18 23 28 35; do
        "$TH_BIN/th-crop" -q -i chunks -o "clips$crf" --crf $crf --preset veryfast tubes
    done >crop.jsonl
    run --separate-stderr "$TH_BIN/th-verify" --level source crop.jsonl
    grep -v '"status": "ok"' <<<"$output" || true
    [ "$status" -eq 0 ]
    [ "$(grep -c '"status": "ok".*"match": {"ok": true' <<<"$output")" -eq 500 ]
    [ -z "$stderr" ]
}
