#!/usr/bin/env bats
# The driver writes SET/report.html and SET/summary.json at the end of each run, whatever its result.
# shellcheck disable=SC2016,SC2030,SC2031 # the page shows a command for another shell

bats_require_minimum_version 1.5.0

load helpers

setup_file() {
    export MIRROR=$BATS_FILE_TMPDIR/mirror LISTS=$BATS_FILE_TMPDIR/lists
    mkdir "$MIRROR" "$LISTS"
    demo_sources "$BATS_FILE_TMPDIR/demo"
    ffmpeg -v error -i "$BATS_FILE_TMPDIR/demo/--demo_talk.mp4" -t 4 -c copy "$MIRROR/--demo_talk.mp4"
    mkdir "$MIRROR/not_there_1.mp4" # a folder is no video, and never will be
    printf '%s\n' --demo_talk not_there_1 > "$LISTS/tiny_video_ids.txt"
    cat > "$LISTS/tiny_video_tubes.txt" << 'END'
--demo_talk_0000, 360, 640, 0, 49, 83, 37, 286, 331
--demo_talk_0000, 360, 640, 50, 89, 345, 41, 570, 346
not_there_1_0000, 360, 640, 0, 99, 83, 37, 286, 331
END
    export TH_FETCH_FLAGS="--url-template file://$MIRROR/{id}.mp4 --retries 0" TH_CROP_FLAGS='--preset ultrafast'
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    data=$BATS_TEST_TMPDIR/data
}

tiny() {
    driver --data "$data" --lists "$LISTS" "$@"
}

# rerun: the command that the page shows.
rerun() {
    sed -n 's/.*<pre><code>\(.*\)<\/code>.*/\1/p' "$data/tiny/report.html" | sed "s/<[^>]*>//g; s/&quot;/\"/g; s/&#39;/'/g; s/&amp;/\&/g"
}

# counts FILTER: the result of jq on the summary.
counts() {
    jq -c "$1" "$data/tiny/summary.json"
}

@test "after a partial run the report has all stages, and the closing lines name it" {
    run -1 --separate-stderr tiny tiny
    [[ $output == *"The report is $data/tiny/report.html"* ]]
    [ "$(counts '.clips | [.total, .ok, .failed, .skipped]')" = '[3,2,0,1]' ]
    [ "$(counts '.stages | [.fetch.video.failed, .split.video.skipped, .split.chunk.ok, .crop.clip.ok, .verify.clip.ok]')" = '[1,1,1,2,2]' ]
    [ "$(counts '.clips.frames')" = 90 ]
    [ "$(counts '[.videos[] | [.id, .ok, .error]] | sort')" = '[["--demo_talk",2,null],["not_there_1",0,"no_format"]]' ]
    grep -q '<h1><bdi>tiny</bdi></h1>' "$data/tiny/report.html"
    grep -q 'Proven: 2 by decoding each frame\.' "$data/tiny/report.html"
    [ "$(grep -o '<img ' "$data/tiny/report.html" | wc -l)" -eq 6 ]
    [ -z "$(find "$data" -name '*.part')" ]
}

@test "the table says once for each reason what it means and what to do; -q leaves it out" {
    run -1 --separate-stderr tiny tiny
    [ "$(grep -c '^  no_format  ' <<< "$output")" -eq 1 ]
    [[ $output == *$'What to do:\n  no_format           The source offers no video format that can be used.'*'common/install-yt-dlp.sh --update'* ]]
    [[ $output == *'clips cropped              2             0         0         1 '*' kB'* ]]
    run -1 --separate-stderr tiny tiny
    [[ $output == *'clips cropped              0             2         0         1'* ]]
    [[ $output == *'videos downloaded          0             1         1         0'* ]]
    run -1 --separate-stderr tiny -q tiny
    [ -z "$output" ]
}

@test "the report grows stage by stage" {
    run -1 tiny tiny fetch
    [[ $output == *"The report is $data/tiny/report.html"* ]]
    [ "$(counts '[.stages | keys[]]')" = '["fetch"]' ]
    grep -q 'There are no clips yet' "$data/tiny/report.html"
    run -1 tiny tiny split
    [ "$(counts '.stages.split.chunk.ok')" = 1 ]
    run -1 tiny tiny crop
    [ "$(counts '.clips | [.ok, .verified]')" = '[2,0]' ]
    run -1 tiny tiny verify
    [ "$(counts '.clips | [.ok, .verified]')" = '[2,2]' ]
}

@test "a newer record of a stage counts, not the copy that a later stage passed on" {
    run -1 tiny tiny
    cp -- "$MIRROR/--demo_talk.mp4" "$BATS_TEST_TMPDIR/not_there_1.mp4"
    cp -- "$MIRROR/--demo_talk.mp4" "$BATS_TEST_TMPDIR/"
    TH_FETCH_FLAGS="--url-template file://$BATS_TEST_TMPDIR/{id}.mp4" tiny tiny fetch
    [ "$(counts '.stages.fetch.video | [.ok, .failed]')" = '[2,0]' ]
    [ "$(counts '.clips.skipped')" = 1 ]
}

@test "the page shows the command that repairs the set, and it runs from any folder" {
    tiny tiny > /dev/null 2>&1 || :
    first=$(find "$data/tiny/cropped_clips" -name '*_S0_E49_*.mp4')
    head -c 3000 "$first" > short && mv short "$first"
    run -75 tiny tiny verify
    [ "$(counts '.clips | [.ok, .failed, .may_be_mended]')" = '[1,1,1]' ]
    grep -q '<code>decode_error</code> <bdi>the file holds only a part of a packet' "$data/tiny/report.html"
    [[ $output == *"TH_CROP_FLAGS=--preset\\ ultrafast bash $PROJECT/videos_download_and_crop.sh"*" tiny crop verify"* ]]
    next=$(rerun)
    [[ $next == "TH_FETCH_FLAGS=--url-template\\ file://"*" TH_CROP_FLAGS=--preset\\ ultrafast bash $PROJECT/videos_download_and_crop.sh --data $data --lists $LISTS tiny" ]]
    # without the options of the first run th-crop would refuse to add to its clips
    run -1 env -u TH_FETCH_FLAGS -u TH_CROP_FLAGS bash -c "cd / && $next"
    [ "$(counts '.clips | [.ok, .failed, .may_be_mended]')" = '[2,0,0]' ]
    grep -q 'Nothing is left that another run could mend' "$data/tiny/report.html"
}

@test "the page does not show a URL that may contain a secret" {
    export TH_FETCH_FLAGS="--url-template http://127.0.0.1:9/{id}.mp4?key=SECRET1 --proxy http://me:SECRET2@127.0.0.1:9 --retries 0"
    run -75 tiny tiny fetch
    run ! grep -rE 'SECRET[12]' "$data/tiny/report.html" "$data/tiny/report-missing.csv" "$data/tiny/summary.json"
    [[ $(rerun) == 'TH_FETCH_FLAGS="${TH_FETCH_FLAGS:?}" '*' tiny' ]]
    run -75 bash -c "$(rerun)"
    run ! env -u TH_FETCH_FLAGS bash -c "$(rerun)"
    [[ $output == *"TH_FETCH_FLAGS: parameter null or not set"* ]]
}

@test "TH_VERIFY_FLAGS are for verifying, not for the report; a dry run makes none" {
    TH_VERIFY_FLAGS="--summary $PWD/own.json --level container" run -1 tiny tiny
    [ "$(jq .clips.ok own.json)" = 2 ]
    [ "$(counts '.stages.fetch.video.ok')" = 1 ]
    grep -q 'Proven: 2 by what their containers say, without decoding' "$data/tiny/report.html"
    rm -r "$data"
    run -0 tiny -n tiny
    [ ! -e "$data" ]
}

@test "a report that cannot be written gives status 3, and the records are kept" {
    run -1 tiny tiny
    rm "$data/tiny/report.html"
    mkdir "$data/tiny/report.html"
    run -3 tiny tiny
    [[ $output == *"cannot write the report in $data/tiny"* ]]
    [ "$(grep -c '"stage": "verify"' "$data/tiny/manifests/verify.jsonl")" -eq 3 ]
}

@test "prune takes the pictures of a video out of the report, too" {
    run -1 tiny tiny
    grep -q -- '--demo_talk' "$data/tiny/report.html"
    run -0 tiny tiny prune --yes -- --demo_talk
    run ! grep -q -- 'demo_talk' "$data/tiny/report.html" "$data/tiny/summary.json"
    [ "$(grep -c '<img ' "$data/tiny/report.html")" -eq 0 ]
    [ "$(counts '.clips.total')" = 1 ]
}

@test "a clip that was there and fails its check is made again in the same run, once" {
    TH_CROP_FLAGS='--preset ultrafast --size 32' run -1 tiny tiny
    [[ $output != *'are made again'* ]]
    first=$(find "$data/tiny/cropped_clips" -name '*_S0_E49_*.mp4')
    sum=$(sha256sum "$first")
    head -c 3000 "$first" > short && cp short "$first"
    TH_CROP_FLAGS='--preset ultrafast --size 32' run -1 tiny tiny # of the video that is not there
    [[ $output == *'clips that were there and failed their check are made again: 1'* ]]
    [[ $output == *'clips cropped              1             1         0         1'*'clips verified             2             0         0         1'* ]]
    [ "$(sha256sum "$first")" = "$sum" ]
    [ "$(counts '.clips | [.total, .ok, .failed, .skipped]')" = '[3,2,0,1]' ]
    [ "$(sort "$data/tiny/manifests/verify.jsonl" | field key | uniq -d)" = '' ]
    # A clip that this run has made would come out the same again.
    mkdir stand-ins
    ln -s "$TH_BIN"/th-{fetch,split,crop} stand-ins
    cat > stand-ins/th-verify << 'END'
#!/bin/sh
case " $* " in *" --dry-run "* | *" --report "*) exit 0 ;; esac
sed 's/"stage": "crop"/"stage": "verify"/; s/"status": "ok", /"status": "failed", "error": "frozen", "retry": true, "message": "still", /'
exit 75
END
    chmod +x stand-ins/th-verify
    rm -r "$data"
    for made in '0 already, all are new' '2 as the run before rejected them'; do
        TH_BIN=$PWD/stand-ins TH_BUILD=$TH_BUILD TH_CROP_FLAGS='--preset ultrafast --size 32' run -75 tiny tiny
        [[ $output == *'clips cropped              2             0'*'failed: frozen 2'* && $output != *'are made again'* ]] || { echo "$made: $output"; false; }
    done
}

@test "--audio with videos that were downloaded without sound: told once, with the command that gets it" {
    ffmpeg -v error -f lavfi -i testsrc2=size=320x180:rate=25:duration=2 -preset ultrafast silent.mp4
    cp silent.mp4 a.mp4
    echo a > sound_video_ids.txt
    printf 'a_0000, 180, 320, %s, 20, 20, 120, 120\n' '0, 19' '20, 39' > sound_video_tubes.txt
    export TH_FETCH_FLAGS="--url-template file://$PWD/{id}.mp4" TH_CROP_FLAGS='--preset ultrafast --audio'
    run -0 driver --data "$data" --lists "$PWD" sound
    [ "$(grep -c 'have no sound' <<< "$output")" -eq 1 ]
    [[ $output == *$'Clips without sound: 2. This downloads the videos again, with sound:\n    TH_FETCH_FLAGS=--audio\\ --url-template'*' -f sound fetch split crop verify'* ]]
    next=$(grep -o 'TH_FETCH_FLAGS=--audio.*' <<< "$output")
    ffmpeg -v error -y -i silent.mp4 -f lavfi -i sine=duration=2 -c:v copy -c:a aac a.mp4
    run -0 bash -c "$next"
    [[ $output != *'sound:'* ]]
    [ "$(grep -c '"sound": true' "$data/sound/manifests/crop.jsonl")" -eq 2 ]
}
