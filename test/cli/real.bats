#!/usr/bin/env bats
# Footage that the project did not make: served by nginx on loopback, resolved by the real yt-dlp, taken through the driver
# with a list made by hand. Skipped where the footage, from a package of the npm registry, cannot be had.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    local tool
    for tool in npm yt-dlp; do
        command -v $tool > /dev/null || skip "$tool is not installed"
    done
    mkdir lists www
    timeout 60 npm pack --silent tracking > package 2> /dev/null || skip "the npm registry cannot be reached"
    tar -xzf "$(cat package)" -O package/examples/assets/minions.mp4 > www/minions.mp4
}

teardown() {
    [ -z "${NGINX_PID:-}" ] || kill "$NGINX_PID"
}

@test "real footage goes all the way, and its clips are the frames that the list names" {
    port=$(new_port)
    start_nginx "$PWD/nginx" "$port" <<< "listen 127.0.0.1:$port; root $PWD/www;"
    echo "http://127.0.0.1:$port/minions.mp4" > lists/real_video_ids.txt
    cat > lists/real_video_tubes.txt << 'END'
minions_0000, 450, 800, 0, 89, 211, 60, 561, 410
minions_0000, 450, 800, 300, 419, 101, 31, 437, 367
minions_0000, 900, 1600, 350, 350, 411, 33, 1437, 777
minions_0000, 450, 800, 1700, 1799, 355, 26, 701, 371
minions_0000, 450, 800, 1700, 1803, 355, 26, 701, 371
minions_0002, 450, 800, 0, 10, 0, 0, 100, 100
END
    status=0
    TH_CROP_FLAGS='--crf 0 --preset ultrafast' driver --lists lists --data . real || status=$?
    [ "$status" -eq 1 ]

    # The video has 1813 frames, 1803 of them in its first chunk, the others in its second and last one.
    [ "$(grep -c '"status": "ok"' real/manifests/verify.jsonl)" -eq 4 ]
    grep -q '"key": "minions_0000_S1700_E1803_.*"error": "out_of_range"' real/manifests/verify.jsonl
    grep -q '"key": "minions_0002_.*"error": "no_such_chunk"' real/manifests/verify.jsonl
    cmp www/minions.mp4 real/raw_videos/minions.mp4

    # The same frames from the ffmpeg program. The third tube is listed in twice the size: its box is half of it, rounded
    # down, and then down to even numbers.
    while IFS=: read -r clip start end crop; do
        ffmpeg -nostdin -v error -i real/1min_clips/minions_0000.mp4 -an -fps_mode passthrough \
            -vf "trim=start_frame=$start:end_frame=$((end + 1)),setpts=PTS-STARTPTS,crop=${crop//,/:}" \
            -f framemd5 - | grep -v '^#' | cut -d, -f6 > expected
        ffmpeg -nostdin -v error -i "real/cropped_clips/$clip.mp4" -fps_mode passthrough -f framemd5 - |
            grep -v '^#' | cut -d, -f6 > made
        [ "$(wc -l < made)" -eq $((end - start + 1)) ]
        diff expected made
    done << 'END'
minions_0000_S0_E89_L211_T60_R561_B410:0:89:350,350,210,60
minions_0000_S300_E419_L101_T31_R437_B367:300:419:336,336,100,30
minions_0000_S350_E350_L411_T33_R1437_B777:350:350:512,372,204,16
minions_0000_S1700_E1799_L355_T26_R701_B371:1700:1799:346,344,354,26
END
}
