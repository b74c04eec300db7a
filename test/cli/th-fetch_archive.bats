#!/usr/bin/env bats
# Videos that are kept elsewhere: links in the output folder, and archives as the source.

bats_require_minimum_version 1.5.0

load fetch

# Fetches the video a from the mirror's folder.
fetch_a() {
    status=0
    fetch --url-template "file://$MIRROR/{id}.mp4" "$@" <<< a > records 2> messages || status=$?
}

@test "a link to a video counts as the video, without any request" {
    mkdir out store
    cp "$MIRROR/a.mp4" store/object
    ln -s ../store/object out/a.mp4
    resolver resolve <<< 'echo called >> calls; exit 1'
    fetch_resolved ./resolve <<< a
    [ "$status" -eq 0 ]
    record_says 'status ok' 'cached true' 'path out/a.mp4' 'width 160'
    [ ! -e calls ]
    [ "$(readlink out/a.mp4)" = ../store/object ]
    # A link is what the next stages read.
    "$TH_BIN/th-split" -q -o chunks records > split.jsonl
    grep -q '"key": "a_0000", "status": "ok"' split.jsonl
}

@test "a link to a missing file is told, and neither replaced nor written through" {
    mkdir out store
    ln -s ../store/object out/a.mp4
    for option in --no-hash --force; do
        fetch_a "$option"
        [ "$status" -eq 75 ]
        record_says 'status failed' 'error io' 'retry true' 'message out/a.mp4 is a link to a missing file'
        [ "$(readlink out/a.mp4)" = ../store/object ]
        [ -z "$(ls store)" ]
    done
    # The disk is there again.
    cp "$MIRROR/a.mp4" store/object
    fetch_a
    record_says 'status ok' 'cached true'
}

@test "--force, and a link to what is no video: told, and the link stays" {
    mkdir out store
    cp "$MIRROR/a.mp4" store/object
    ln -s ../store/object out/a.mp4
    fetch_a --force
    [ "$status" -eq 75 ]
    record_says 'status failed' 'error io' 'message out/a.mp4 is a link, and --force replaces none; remove it first'
    cmp store/object "$MIRROR/a.mp4"
    echo '<html>' > store/object
    fetch_a
    [ "$status" -eq 75 ]
    record_says 'status failed' 'error io'
    grep -q 'out/a.mp4 is a link to a file that cannot be used' records
    [ "$(readlink out/a.mp4)" = ../store/object ]
    [ "$(cat store/object)" = '<html>' ]
    rm out/a.mp4
    fetch_a
    record_says 'status ok'
    is_whole a
}

@test "a file that the archive has not is no lost video" {
    printf '%s\n' a nothing | fetch --url-template "file://$MIRROR/{id}.mp4" > records 2> messages || status=$?
    [ "$status" -eq 75 ]
    grep -q '"key": "nothing", "status": "failed", "error": "io", "retry": true, "message": "there is no file' records
    is_whole a
}

@test "an archive whose folder is missing: status 3, and its name; no video is blamed" {
    mkdir 'my share'
    for template in 'my%20share/set/{id}.mp4' 'my%20share/set/{id}/{id}.mp4'; do
        status=0
        printf '%s\n' a b | fetch --url-template "file://$PWD/$template" > records 2> messages || status=$?
        [ "$status" -eq 3 ]
        [ ! -s records ]
        [ "$(wc -l < messages)" -eq 1 ]
        grep -qF "cannot find the archive's folder '$PWD/my share/set/': No such file or directory" messages
    done
    # What is there already needs no archive.
    fetch_a
    fetch --url-template "file://$PWD/my%20share/set/{id}.mp4" <<< a > records
    record_says 'cached true'
}

@test "an input that is a web page: one message with its name, and no record of its lines" {
    printf '<!DOCTYPE html>\n<title>404</title>\n<p>Not found\n' > ids.txt
    echo a > more.txt
    fetch --url-template "file://$MIRROR/{id}.mp4" ids.txt more.txt > records 2> messages || status=$?
    [ "$status" -eq 1 ]
    [ "$(cat messages)" = 'th-fetch: ids.txt is a web page, not a list; download the list again' ]
    record_says 'key a' 'status ok'
}

@test "a tube list that is a web page: status 3" {
    printf '\n<html>\n<title>404</title>\n' > tubes.txt
    fetch_a -t tubes.txt
    [ "$status" -eq 3 ]
    grep -q 'the tube list tubes.txt is a web page' messages
    [ "$(wc -l < messages)" -eq 1 ]
    for stage in split crop; do
        status=0
        "$TH_BIN/th-$stage" -o out -t tubes.txt < /dev/null 2> messages || status=$?
        [ "$status" -eq 3 ]
        grep -q 'the tube list tubes.txt is a web page' messages
    done
}
