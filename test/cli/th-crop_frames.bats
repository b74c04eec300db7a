# Folders of pictures instead of clips: th-crop --frames.

bats_require_minimum_version 1.5.0

load helpers
load exact

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir chunks
    make -f lavfi -i testsrc2=s=192x144:r=25:d=2 -c:v libx264 -preset veryfast -g 20 -bf 3 chunks/a_0000.mp4
    make -f lavfi -i testsrc2=s=640x360:r=25:d=4 -c:v libx264 -preset ultrafast chunks/s_0000.mp4
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    ln -s "$BATS_FILE_TMPDIR/chunks" .
    row='a_0000, 144, 192, 5, 24, 13, 15, 114, 98'
    key=a_0000_S5_E24_L13_T15_R114_B98
}

crop() {
    "$TH_BIN/th-crop" -q -i chunks -o out "$@"
}

@test "PNG: the pictures that the ffmpeg program writes, numbered from 0, with times of the frames S to E" {
    crop --frames png <<< "$row" > record
    [ "$(jq -c '[.path, .frames, .images, .encoder]' record)" = "[\"out/$key\",20,\"png\",null]" ]
    [ "$(entries out | xargs)" = ".th-crop.options $key" ]
    [ "$(entries "out/$key" | xargs)" = "$(seq -f '%06.0f.png' 0 19 | xargs)" ]
    make -i chunks/a_0000.mp4 -sws_flags bicubic+accurate_rnd+bitexact -fps_mode passthrough \
        -vf trim=start_frame=5:end_frame=25,setpts=PTS-STARTPTS,crop=100:82:12:14 -start_number 0 theirs%06d.png
    for number in 000000 000007 000019; do
        diff <(frames "theirs$number.png") <(frames "out/$key/$number.png")
    done
    [ "$(jq .bytes record)" -eq "$(cat "out/$key/"*.png | wc -c)" ]
}

@test "JPEG, scaled, at another rate; th-verify looks at each picture; two runs, the same bytes" {
    crop --frames jpg --size 64 --fps 5 <<< "$row" > record
    [ "$(jq -c '[.frames, .images, .scale.width]' record)" = '[4,"jpg",64]' ]
    [ "$(ffprobe -v error -show_entries stream=codec_name,width,height -of csv=p=0 "out/$key/000003.jpg")" = mjpeg,64,64 ]
    mv out first
    crop --frames jpg --size 64 --fps 5 <<< "$row" > record
    diff -r -x .th-crop.options first out
    "$TH_BIN/th-verify" record > verdict
    [ "$(jq -c '[.status, .frames, .checks.container.size.ok]' verdict)" = '["ok",4,true]' ]
    truncate -s 300 "out/$key/000002.jpg"
    run -75 "$TH_BIN/th-verify" -q record
    [ "$(jq -r .error <<< "$output")" = decode_error ]
    rm "out/$key/000002.jpg"
    run -75 "$TH_BIN/th-verify" -q record
    [ "$(jq -r .error <<< "$output")" = frame_count ]
    # What th-verify failed is made again and replaces the old pictures.
    "$TH_BIN/th-crop" -q -o out --frames jpg --size 64 --fps 5 <<< "$output" > record
    [ "$(jq -r .status record)" = ok ]
    diff -r -x .th-crop.options first out
}

@test "a folder that is there is passed on; -f replaces it" {
    crop --frames png <<< "$row" > first
    crop --frames png <<< "$row" > second
    [ "$(jq -c 'del(.cached)' second)" = "$(jq -c . first)" ]
    [ "$(jq .cached second)" = true ]
    touch "out/$key/stray"
    crop -f --frames png <<< "$row" > third
    diff first third
    [ ! -e "out/$key/stray" ]
    # A folder of pictures takes no clips, and no pictures of other options.
    run -3 crop <<< "$row"
    run -3 crop --frames jpg <<< "$row"
}

@test "killed in the middle: nothing that looks done, and the next run clears the rest away" {
    for left in 0 10 20 30; do
        echo "s_0000, 360, 640, 0, 99, $left, 0, $((left + 600)), 360"
    done > rows
    "$TH_BIN/th-crop" -q -i chunks -o out -j 1 --frames png < rows > records &
    pid=$!
    has_picture() { [ -n "$(find out -path '*/.th.part-*/*.png' 2> /dev/null)" ]; }
    until_true has_picture
    kill -9 "$pid"
    wait "$pid" || true
    # The child dies with its parent.
    for _ in $(seq 100); do
        before=$(find out -name '*.png' | wc -l)
        sleep 0.2
        [ "$before" -ne "$(find out -name '*.png' | wc -l)" ] || break
    done
    [ -n "$(find out -name '.th.part-*')" ]
    find out -mindepth 1 -maxdepth 1 -name 's_*' | while read -r folder; do
        [ "$(find "$folder" -name '*.png' | wc -l)" -eq 100 ]
    done
    crop --frames png <<< "$row" > record
    [ -z "$(find out -name '.th.part-*')" ]
}

@test "a tube that fails leaves no folder" {
    run -1 crop --frames png <<< 'a_0000, 144, 192, 40, 60, 0, 0, 64, 64'
    [ -z "$(find out -mindepth 1 -not -name .th-crop.options)" ]
}

@test "damage that is found in a second pass fails the same tubes as for clips, for the same reason" {
    make -f lavfi -i testsrc2=s=192x144:r=25:d=6 -c:v libx264 -preset veryfast -g 150 -bf 3 a_0000.mp4
    damage a_0000.mp4 60
    printf 'a_0000, 144, 192, %s, 0, 0, 64, 64\n' '0, 149' '0, 9' '10, 57' '10, 58' '30, 59' '40, 56' '3, 60' > tubes
    for kind in clips pictures; do
        options=()
        [ $kind = clips ] || options=(--frames jpg)
        run -1 "$TH_BIN/th-crop" -q "${options[@]}" -o "$kind" -t tubes < <(chunk_record a_0000.mp4)
        jq -c '[.key, .status, .error]' <<< "$output" | sort > "$kind.txt"
    done
    grep -q unreadable pictures.txt
    grep -q '"ok"' pictures.txt
    diff clips.txt pictures.txt
    [ -z "$(find pictures -name '.th.part-*')" ]
}

@test "options that mean nothing for pictures are refused" {
    for option in '--crf 20' '--encoder libx265' '--preset fast' '--gop 5' --audio; do
        # shellcheck disable=SC2086 # several words
        run -2 --separate-stderr crop --frames png $option < /dev/null
        # shellcheck disable=SC2154 # bats sets $stderr
        [[ $stderr == *"${option%% *} means nothing"* ]]
    done
}
