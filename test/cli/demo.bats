#!/usr/bin/env bats
# The demo set: every frame of every clip is the frame that its tube names.

load helpers

setup_file() {
    export DATA=$BATS_FILE_TMPDIR/data
    driver --data "$DATA" demo > "$BATS_FILE_TMPDIR/table" 2> "$BATS_FILE_TMPDIR/said" || { cat "$BATS_FILE_TMPDIR/said" && false; }
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    ids=$PROJECT/data_list/demo_video_ids.txt
    tubes=$PROJECT/data_list/demo_video_tubes.txt
}

# Rows of a list; its last line has no newline.
rows() {
    grep -c . "$1"
}

@test "the table says that all is done" {
    cat "$BATS_FILE_TMPDIR/table"
    grep -qE "^videos downloaded +$(rows "$ids") +0 +0 +0 +[0-9.]+ [kM]B$" "$BATS_FILE_TMPDIR/table"
    grep -qE "^clips cropped +$(rows "$tubes") +0 +0 +0 +[0-9.]+ [kM]B$" "$BATS_FILE_TMPDIR/table"
    grep -qE "^clips verified +$(rows "$tubes") +0 +0 +0$" "$BATS_FILE_TMPDIR/table"
    [ "$(wc -l < "$BATS_FILE_TMPDIR/table")" -eq 9 ]
}

@test "there is one clip for each row, and nothing else" {
    find "$DATA/demo/cropped_clips" -type f ! -name '.*' | wc -l
    [ "$(find "$DATA/demo/cropped_clips" -type f | wc -l)" -eq "$(rows "$tubes")" ]
    [ "$(grep -c '"kind": "clip"' "$DATA/demo/manifests/crop.jsonl")" -eq "$(rows "$tubes")" ]
    [ "$(grep -c '"kind": "clip"' "$DATA/demo/manifests/verify.jsonl")" -eq "$(rows "$tubes")" ]
    [ -z "$(find "$DATA/demo" -name '*.part')" ]
}

@test "the long video is cut into three chunks, at its key frames" {
    for start in 0000:0 0001:777 0002:1517; do
        [ "$(numbers "$DATA/demo/1min_clips/demo_long_1_${start%:*}.mp4" | head -n 1)" -eq "${start#*:}" ]
    done
    [ "$(numbers "$DATA/demo/1min_clips/demo_long_1_0002.mp4" | tail -n 1)" -eq 1874 ]
}

@test "frame k of each clip is frame S+k of its chunk" {
    for chunk in "$DATA/demo/1min_clips/"*.mp4; do
        chunk=${chunk##*/}
        numbers "$DATA/demo/1min_clips/$chunk" > "./${chunk%.mp4}"
        [ "$(grep -c '^-1' "./${chunk%.mp4}")" -eq 0 ]
    done
    clips=0
    # shellcheck disable=SC2034 # the listed picture's size does not matter here
    while IFS=', ' read -r chunk height width start end left top right bottom || [ -n "$chunk" ]; do
        sed -n "$((start + 1)),$((end + 1))p" "./$chunk" > expected
        [ "$(wc -l < expected)" -eq $((end - start + 1)) ]
        numbers "$DATA/demo/cropped_clips/${chunk}_S${start}_E${end}_L${left}_T${top}_R${right}_B${bottom}.mp4" > found
        diff expected found || { echo "$chunk $start $end"; false; }
        clips=$((clips + 1))
    done < "$tubes"
    [ "$clips" -eq "$(rows "$tubes")" ]
}

@test "the first frame of each clip is at time 0, and each frame has a time of its own" {
    for clip in "$DATA/demo/cropped_clips/"*.mp4; do
        "$TH_BUILD/test/media/trace_frames" "$clip" |
            awk 'NR == 1 && $2 != 0 || NR > 1 && $2 <= last { bad = 1 } { last = $2 } END { exit bad }' ||
            { echo "$clip"; false; }
    done
}

@test "a second run makes nothing anew" {
    (cd "$DATA/demo" && stat -c '%i %Y %n' source_videos/* raw_videos/* 1min_clips/* cropped_clips/*) > before
    driver --data "$DATA" demo > table
    (cd "$DATA/demo" && stat -c '%i %Y %n' source_videos/* raw_videos/* 1min_clips/* cropped_clips/*) > after
    diff before after
    grep -qE "^videos downloaded +0 +$(rows "$ids") +0 +0$" table
    grep -qE "^clips cropped +0 +$(rows "$tubes") +0 +0$" table
    grep -qE "^clips verified +$(rows "$tubes") +0 +0 +0$" table
    [ "$(grep -c '"cached": true' "$DATA/demo/manifests/crop.jsonl")" -eq "$(rows "$tubes")" ]
}

@test "a copy of the tree without test/, in a folder with spaces, builds the programs and makes the same files" {
    mkdir "my tools"
    (cd "$PROJECT" && cp -R Makefile common data_list th-* videos_download_and_crop.sh "$BATS_TEST_TMPDIR/my tools")
    mkdir "my tools/demo"
    cp -R "$DATA/demo/source_videos" "my tools/demo"
    unset TH_BIN TH_BUILD
    # The variables of a make that runs this test must not reach the driver's own make.
    export BUILD=elsewhere BIN=elsewhere MAKEFLAGS='-- BIN=elsewhere' CFLAGS=-O0
    (cd / && bash "$BATS_TEST_TMPDIR/my tools/videos_download_and_crop.sh" demo)
    [ ! -e "my tools/test" ]
    for folder in raw_videos 1min_clips cropped_clips; do
        diff -r --exclude='.*' "$DATA/demo/$folder" "my tools/demo/$folder"
    done
}

@test "the list has what is hard in lists" {
    grep -q '^--' "$ids" && grep -q '^-[^-]' "$ids" && grep -q '_' "$ids"
    [ "$(tail -c 1 "$tubes" | od -An -tx1)" != " 0a" ]
    awk -F ', ' '
        $6 % 2 && $7 % 2 { odd++ }
        $8 - $6 != $9 - $7 { oblong++ }
        $4 == 0 { first++ }
        $1 == chunk && $4 <= end { overlap++ }
        { chunk = $1; end = $5 }
        END { exit !(odd && oblong && first && overlap) }' "$tubes"
}

@test "the generator gives the same bytes each time, and leaves alone what is there" {
    demo_sources again
    diff -r again "$DATA/demo/source_videos"
    echo mine > again/-demo_sound.mp4
    rm -- again/--demo_talk.mp4
    demo_sources again
    [ "$(cat again/-demo_sound.mp4)" = mine ]
    cmp -- again/--demo_talk.mp4 "$DATA/demo/source_videos/--demo_talk.mp4"
}

@test "the number is read from crops at odd places and from poor encodes" {
    for place in 72:36:148:276 73:37:147:275 205:301:83:37 91:57:139:265; do
        ffmpeg -v error -y -i "$DATA/demo/source_videos/--demo_talk.mp4" -frames:v 60 \
            -vf "format=yuv444p,crop=$place:exact=1" -pix_fmt yuv444p -crf 32 -preset veryfast crop.mp4
        numbers crop.mp4 > found
        diff <(seq 0 59) found || { echo "$place"; false; }
    done
}

@test "no number is read where there is none" {
    ffmpeg -v error -f lavfi -i testsrc2=size=320x240:duration=2 -preset veryfast plain.mp4
    [ "$(numbers plain.mp4 | sort -u)" = -1 ]
    # Half a pattern is none.
    ffmpeg -v error -i "$DATA/demo/source_videos/--demo_talk.mp4" -frames:v 5 -vf crop=200:200:84:90 -preset veryfast half.mp4
    [ "$(numbers half.mp4 | sort -u)" = -1 ]
}
