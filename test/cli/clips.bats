#!/usr/bin/env bats
# What table readers take: SET/clips.jsonl, and records whose keys have one type each.

bats_require_minimum_version 1.5.0

load helpers

# The set `odd`: a video that is well, and rows and videos for each kind of failure.
setup_file() {
    export LISTS=$BATS_FILE_TMPDIR/lists DATA=$BATS_FILE_TMPDIR/data
    local id mirror=$BATS_FILE_TMPDIR/mirror
    mkdir "$LISTS" "$mirror"
    demo_sources "$BATS_FILE_TMPDIR/demo"
    ffmpeg -v error -i "$BATS_FILE_TMPDIR/demo/--demo_talk.mp4" -c copy "$mirror/good.mp4"
    make -f lavfi -i color=s=640x360:d=4 "$mirror/still.mp4"
    make -f lavfi -i sine=d=1 "$mirror/deaf.mp4"
    head -c 50000 "$mirror/good.mp4" > "$mirror/short.mp4"
    cp "$mirror/good.mp4" "$mirror/mine.mp4"
    cat > "$BATS_FILE_TMPDIR/resolve" << END
#!/bin/sh
[ "\$1" != --version ] || exec echo 2026.01.01
for url; do :; done
id=\${url##*=}
[ \$id != gone ] || { echo 'ERROR: Video unavailable' >&2; exit 1; }
[ \$id != silent ] || exit 1
licence='Creative Commons Attribution license (reuse allowed)'
[ \$id != mine ] || licence='Standard YouTube License'
cp "$mirror/\$id.mp4" "$BATS_FILE_TMPDIR/\$id.mp4" || exit
echo "{\"path\": \"$BATS_FILE_TMPDIR/\$id.mp4\", \"title\": \"A \\\\\"\$id\\\\\"\", \"uploader\": \"\$id\", \"license\": \"\$licence\"}"
END
    chmod +x "$BATS_FILE_TMPDIR/resolve"
    for id in good still deaf short gone silent mine; do
        echo "$id"
        echo "${id}_0000, 360, 640, 0, 49, 83, 37, 286, 331" >> "$LISTS/odd_video_tubes.txt"
    done > "$LISTS/odd_video_ids.txt"
    cat >> "$LISTS/odd_video_tubes.txt" << END
good_0000, 360, 640, 50, 109, 82, 36, 282, 336
good_0000, 360, 640, 0, 99999, 83, 37, 286, 331
good_0000, 360, 640, 0, 9, 83, 37, 86, 37
good_0000, 640, 360, 0, 9, 83, 37, 286, 331
good_0000, 360, 640, 9, 0, 83, 37, 286, 331
good_0007, 360, 640, 0, 9, 83, 37, 286, 331
END
    export TH_FETCH_FLAGS="--resolver $BATS_FILE_TMPDIR/resolve --sleep-interval 0 --retries 0 --license cc"
    driver --data "$DATA" --lists "$LISTS" odd > "$BATS_FILE_TMPDIR/table" || true
}

odd() {
    driver --data data --lists "$LISTS" "$@"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp -r "$DATA" data
}

# types_of FILE: each place in its records, and the types of what is there, null left out.
types_of() {
    jq -r 'paths as $path | "\($path | map(if type == "number" then "each" else . end) | join(".")) \(getpath($path) | type)"' "$1" |
        grep -v ' null$' | sort -u
}

@test "a key has one type in all records of a stage, whatever failed" {
    odd odd > table || true
    for clip in data/odd/cropped_clips/good*; do
        truncate -s 1000 "$clip"
        break
    done
    odd odd verify > table || true
    TH_VERIFY_FLAGS='-f --level source' odd odd verify > table || true
    mkdir records
    cat data/odd/manifests/*.jsonl > all
    # Of each stage, what it wrote in any run.
    for stage in fetch split crop verify; do
        grep "^{\"stage\": \"$stage\"" all > "records/$stage"
        types_of "records/$stage" > types
        [ "$(wc -l < types)" -gt 10 ]
        diff /dev/null <(cut -d ' ' -f 1 types | uniq -d)
    done
    [ "$(jq -r '.error // empty' all | sort -u | wc -l)" -ge 9 ]
}

@test "clips.jsonl: a line for each clip that passed, with its size, its times in the video and its author" {
    odd odd > table || true
    list=data/odd/clips.jsonl
    [ "$(jq -r .video "$list" | sort | xargs)" = "good good still" ]
    [ "$(head -n 1 "$list" | jq -c keys_unsorted)" = '["file","width","height","frames","fps","duration","video","start","end","tube","title","author","licence","url"]' ]
    types_of "$list" > types
    diff /dev/null <(cut -d ' ' -f 1 types | uniq -d)
    line=$(grep S50 "$list")
    [ "$(jq -c '[.width, .height, .frames, .fps, .duration, .start, .end, .tube.S]' <<< "$line")" = '[200,300,60,25,2.4,2,4.4,50]' ]
    [ "$(jq -r '[.video, .title, .author, .licence] | join("|")' <<< "$line")" = \
        'good|A "good"|good|Creative Commons Attribution license (reuse allowed)' ]
    while read -r file; do
        [ -s "data/odd/$file" ]
    done < <(jq -r .file "$list")
    # A clip that fails later is taken off; the credit outlives the video.
    cp "$list" before
    mv "data/odd/raw_videos" "data/odd/away"
    cat > gone << 'END'
#!/bin/sh
[ "$1" != --version ] || exec echo 2026.01.01
echo 'ERROR: Video unavailable' >&2
exit 1
END
    chmod +x gone
    TH_FETCH_FLAGS="--resolver $PWD/gone --sleep-interval 0" odd odd fetch > table || true
    [ "$(grep -c '"status": "ok"' data/odd/manifests/fetch.jsonl)" -eq 0 ]
    odd odd verify > table || true
    diff <(sort before) <(sort "$list")
    rm "data/odd/$(jq -r .file <<< "$line")"
    TH_VERIFY_FLAGS=-f odd odd verify > table || true
    diff <(grep -v S50 before | sort) <(sort "$list")
}

@test "clips.jsonl: clips of another size and rate, and trimmed" {
    TH_CROP_FLAGS="--size 64 --fps 5 --trim-edges 5 -o $PWD/clips" odd odd > table || true
    line=$(grep S50 data/odd/clips.jsonl)
    [ "$(jq -c '[.width, .height, .frames, .fps, .start, .end]' <<< "$line")" = '[64,64,10,5,2.2,4.2]' ]
    [ -s "$(jq -r .file <<< "$line")" ]
}
