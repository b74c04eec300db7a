#!/usr/bin/env bats
# Records that travel: a set's folder can be moved, or copied with a tool that loses times, and all goes on there.

bats_require_minimum_version 1.5.0

load helpers

# The set `two` has two videos of six seconds with a page of their own, and a chunk and a clip of each.
setup_file() {
    export LISTS=$BATS_FILE_TMPDIR/lists HOME_OF_DATA="$BATS_FILE_TMPDIR/first \"home\"" SOURCES=$BATS_FILE_TMPDIR/sources
    mkdir "$LISTS" "$SOURCES"
    demo_sources "$BATS_FILE_TMPDIR/demo"
    for id in aaaa bbbb; do
        ffmpeg -v error -i "$BATS_FILE_TMPDIR/demo/--demo_talk.mp4" -t 6 -c copy "$SOURCES/$id.mp4"
        echo "$id" >> "$LISTS/two_video_ids.txt"
        echo "${id}_0000, 360, 640, 0, 49, 83, 37, 286, 331" >> "$LISTS/two_video_tubes.txt"
    done
    cat > "$BATS_FILE_TMPDIR/resolve" << 'END'
#!/bin/sh
[ "$1" != --version ] || exec echo 2026.01.01
for url; do :; done
id=${url##*=}
file=$(mktemp) && cp "$SOURCES/$id.mp4" "$file" || exit
echo "{\"path\": \"$file\", \"title\": \"Talk \\\"$id\\\"\", \"uploader\": \"Ann\", \"license\": \"Creative Commons Attribution license (reuse allowed)\"}"
END
    chmod +x "$BATS_FILE_TMPDIR/resolve"
    export TH_FETCH_FLAGS="--resolver $BATS_FILE_TMPDIR/resolve --sleep-interval 0"
    driver --data "$HOME_OF_DATA" --lists "$LISTS" two > "$BATS_FILE_TMPDIR/table"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    # Times stay.
    cp -a "$HOME_OF_DATA" old
}

# two WORD...: the driver for the data in `new`.
two() {
    driver --data new --lists "$LISTS" "$@"
}

# is_cached STAGE...: all records of the stages are ok, and those of files cached.
is_cached() {
    for stage; do
        run -1 grep -v '"status": "ok"' "new/two/manifests/$stage.jsonl"
        run -1 grep -v '"cached": true' "new/two/manifests/$stage.jsonl"
    done
}

# what_is_known: of each video, what its page and its download told.
what_is_known() {
    jq -c '{key, title, license, sha256, url, retrieved}' "$1/two/manifests/fetch.jsonl" | sort
}

@test "a moved set: each stage alone, the whole run, without chunks, report, recheck and prune" {
    mv old new
    two two verify
    two two crop verify
    is_cached crop
    two two split crop verify
    is_cached split crop
    two two
    is_cached fetch split crop
    diff <(what_is_known "$HOME_OF_DATA") <(what_is_known new)
    cmp new/two/ATTRIBUTION.csv "$HOME_OF_DATA/two/ATTRIBUTION.csv"
    two --no-chunks two
    is_cached fetch split crop
    rm new/two/cropped_clips/aaaa*
    two two crop verify
    diff <(sums "$HOME_OF_DATA/two/cropped_clips") <(sums new/two/cropped_clips)
    two two recheck
    two two prune --yes -- aaaa
    [ -z "$(find new -name 'aaaa*' ! -name '*.pruned')" ]
    run ! grep -rq '/old/\|first .*home' new/two/manifests
}

@test "a set that moved after its download: the next stages find the videos" {
    driver --data half --lists "$LISTS" two fetch
    mv half new
    two two split
    mv new newer && mkdir new && mv newer/two new/two
    two two crop verify
    diff <(sums "$HOME_OF_DATA/two/cropped_clips") <(sums new/two/cropped_clips)
}

@test "by hand on the kept records of a moved set, from any folder" {
    mv old new
    by_hand() {
        "$TH_BIN/th-split" -o "$BATS_TEST_TMPDIR/chunks" -t "$LISTS/two_video_tubes.txt" "$1/fetch.jsonl" > split.jsonl
        "$TH_BIN/th-crop" -o "$BATS_TEST_TMPDIR/clips" -t "$LISTS/two_video_tubes.txt" "$1/split.jsonl" > crop.jsonl
        "$TH_BIN/th-verify" --level source "$1/crop.jsonl" > verify.jsonl
        [ "$(cat split.jsonl crop.jsonl verify.jsonl | grep -c '"status": "ok"')" -eq 8 ]
        [ "$(grep -c '"path": ".*/\(new/two\|link\)/cropped_clips/aaaa' verify.jsonl)" -eq 1 ]
        run ! grep -q '"base"' split.jsonl crop.jsonl verify.jsonl
        rm -r "$BATS_TEST_TMPDIR"/c{hunks,lips}
    }
    by_hand new/two/manifests
    cd new/two
    by_hand manifests
    mv manifests ../records && ln -s ../records manifests
    cd "$BATS_TEST_TMPDIR/new"
    by_hand "$PWD/two/manifests"
    ln -s two link
    by_hand link/manifests
    # A pipe in the folder of the records.
    cd two
    rm manifests && mv ../records manifests && cd manifests
    grep aaaa crop.jsonl | "$TH_BIN/th-verify" > "$BATS_TEST_TMPDIR/verify.jsonl"
}

@test "records in a pipe, or copied elsewhere, lead to the set that they came from" {
    grep aaaa "$HOME_OF_DATA/two/manifests/crop.jsonl" | "$TH_BIN/th-verify" > verify.jsonl
    [ "$(jq -r .path verify.jsonl)" = "$(ls "$HOME_OF_DATA"/two/cropped_clips/aaaa*)" ]
    cp "$HOME_OF_DATA/two/manifests/crop.jsonl" mine.jsonl
    "$TH_BIN/th-verify" mine.jsonl > verify.jsonl
}

@test "a copy that lost its times: all is cached, and as much is known" {
    cp -r --no-preserve=all old new
    two two
    is_cached fetch split crop
    diff <(what_is_known "$HOME_OF_DATA") <(what_is_known new)
    cmp new/two/ATTRIBUTION.csv "$HOME_OF_DATA/two/ATTRIBUTION.csv"
    # The second run reads the videos no more than any run.
    fetch() { "$TH_BIN/th-fetch" -o new/two/raw_videos "$LISTS/two_video_ids.txt"; }
    [ "$(bytes_read fetch)" -lt "$(cat new/two/raw_videos/*.mp4 | wc -c)" ]
    # Every file belongs to the copy.
    rm new/two/cropped_clips/aaaa* new/two/1min_clips/bbbb*
    run -75 two two verify
    grep -q '"key": "aaaa.*"error": "missing"' new/two/manifests/verify.jsonl
    two two
    diff <(sums "$HOME_OF_DATA/two/cropped_clips") <(sums new/two/cropped_clips)
}

@test "a copy that lost its times, without chunks, and with clips of other options" {
    export TH_CROP_FLAGS='--size 64 --preset ultrafast'
    driver --data small --lists "$LISTS" --no-chunks two > table
    cp -r --no-preserve=all small new
    # As a copy may give it: a time of its own, later than those of the clips.
    touch -d 'now + 1 hour' new/two/cropped_clips/.th-crop.options
    rm new/two/cropped_clips/aaaa*
    # The kept records say where in the video the chunk is.
    two two crop verify
    grep -q '"key": "bbbb.*"cached": true' new/two/manifests/crop.jsonl
    diff <(sums small/two/cropped_clips) <(sums new/two/cropped_clips)
    two --no-chunks two
    is_cached fetch split crop
}

@test "another video of the same size is not taken for the old one" {
    cp -r --no-preserve=all old new
    video=new/two/raw_videos/aaaa.mp4
    printf x | dd of="$video" bs=1 seek=$(($(stat -c %s "$video") / 2)) conv=notrunc status=none
    two two fetch
    [ "$(jq -c 'select(.key == "aaaa") | [.title, .sha256]' new/two/manifests/fetch.jsonl)" = \
        "[null,\"$(sha256sum < "$video" | cut -d ' ' -f 1)\"]" ]
    # Another encoding, as long: its chunk is cut again.
    make -i old/two/raw_videos/aaaa.mp4 -c:v libx264 -preset ultrafast -crf 51 new.mp4
    truncate -r "$video" new.mp4
    cat new.mp4 > "$video"
    run two two fetch split
    run ! grep -q '"key": "aaaa_0000".*"cached"' new/two/manifests/split.jsonl
}

@test "a rerun from an archive keeps the hash" {
    export TH_FETCH_FLAGS="--url-template file://$SOURCES/{id}.mp4"
    for _ in 1 2; do
        two two fetch
        [ "$(jq -r .sha256 new/two/manifests/fetch.jsonl | sort)" = "$(sha256sum "$SOURCES"/*.mp4 | cut -d ' ' -f 1 | sort)" ]
    done
}

@test "shares of a moved set" {
    for share in 1 2; do
        driver --data old --lists "$LISTS" --shard "$share/2" two
    done
    mv old new
    two two report
    two two verify
    two --shard 2/2 two crop verify
    two two report
    diff <(jq -cS 'del(.cached, .base)' "$HOME_OF_DATA/two/manifests/crop.jsonl" | sort) <(jq -cS 'del(.cached, .base)' new/two/manifests/crop.jsonl | sort)
}
