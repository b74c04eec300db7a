#!/usr/bin/env bats
# The driver: its options, lists, stages, records and exit statuses, and what it leaves behind when it is stopped.
# The set `tiny` has two videos of six seconds, from a mirror on the disk.

bats_require_minimum_version 1.5.0

load helpers

setup_file() {
    export MIRROR=$BATS_FILE_TMPDIR/mirror LISTS=$BATS_FILE_TMPDIR/lists
    mkdir "$MIRROR" "$LISTS"
    demo_sources "$BATS_FILE_TMPDIR/demo"
    for id in --demo_talk -demo_sound; do
        ffmpeg -v error -i "$BATS_FILE_TMPDIR/demo/$id.mp4" -t 6 -c copy "$MIRROR/$id.mp4"
    done
    printf '%s\n' --demo_talk -demo_sound > "$LISTS/tiny_video_ids.txt"
    cat > "$LISTS/tiny_video_tubes.txt" << 'END'
--demo_talk_0000, 360, 640, 0, 99, 83, 37, 286, 331
--demo_talk_0000, 360, 640, 50, 139, 345, 41, 570, 346
-demo_sound_0000, 1080, 1440, 10, 69, 421, 97, 1025, 1010
END
    # The files of an undisturbed run.
    export GOOD=$BATS_FILE_TMPDIR/good
    export TH_FETCH_FLAGS="--url-template file://$MIRROR/{id}.mp4"
    driver --data "$GOOD" --lists "$LISTS" tiny > "$BATS_FILE_TMPDIR/table"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    data=$BATS_TEST_TMPDIR/data
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir "$TMPDIR"
}

teardown() {
    # A run removes its temporary files unless it was killed.
    [ -n "${was_killed:-}" ] || [ -z "$(entries "$TMPDIR")" ]
}

tiny() {
    driver --data "$data" --lists "$LISTS" "$@"
}

# same_files DIR: DIR/tiny holds the same files as the undisturbed run, byte for byte, and no others.
same_files() {
    diff <(cd "$GOOD/tiny" && find . ! -type d | sort) <(cd "$1/tiny" && find . ! -type d | sort) || return
    diff -r --exclude=manifests --exclude=report.html --exclude=report-missing.csv --exclude=summary.json --exclude=clips.jsonl --exclude='.*' "$GOOD/tiny" "$1/tiny"
}

# copy_good: copies the files of the undisturbed run, with the paths in the records adapted.
copy_good() {
    cp -a "$GOOD" "$data"
    sed -i "s|$GOOD/|$data/|g" "$data/tiny/manifests/"*.jsonl
}

# Programs that only end with a status: stand_in FETCH SPLIT CROP VERIFY.
stand_in() {
    local stage
    mkdir -p stand-ins
    for stage in fetch split crop verify; do
        printf '#!/bin/sh\ncase " $* " in *" --dry-run "*) exit 0 ;; esac\nexit %s\n' "$1" > "stand-ins/th-$stage"
        chmod +x "stand-ins/th-$stage"
        shift
    done
}

@test "a wrong command line: status 2, and what is wrong" {
    while IFS='|' read -r words expected; do
        # shellcheck disable=SC2086 # several words
        run driver $words
        [ "$status" -eq 2 ] || { echo "$words: $status $output"; false; }
        [[ $output == *"$expected"* ]] || { echo "$words: $output"; false; }
    done << 'END'
|expected the name of a set
--no-such tiny|--no-such
-j 0 tiny|--jobs 0: expected a number from 1
-j many tiny|--jobs many: expected a number
--progress perhaps tiny|--progress perhaps: expected auto, always or never
-j|requires an argument
--variant ../x tiny|--variant ../x: expected a name of at most 64 letters, digits
--variant .x tiny|--variant .x: expected a name
--variant 256 tiny recheck|recheck is for a set and all its variants; expected no --variant
--variant 256 tiny crop|--variant 256: the first run of a variant needs the options of its clips
tiny variants 256|variants takes no operands but the set
tiny frobnicate|stage 'frobnicate': expected fetch, split, crop or verify
tiny fetch crop|stages 'fetch crop': split is missing
-- -tiny|set '-tiny': expected letters
.tiny|set '.tiny': expected letters
../tiny|set '../tiny': expected letters
a/b|set 'a/b': expected letters
END
    run driver ''
    [ "$status" -eq 2 ]
}

@test "--help goes to stdout and names every stage and variable" {
    run --separate-stderr driver --help
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    for word in fetch split crop verify TH_FETCH_FLAGS TH_DATA_LIST_URL --dry-run; do
        [[ $output == *"$word"* ]]
    done
}

@test "missing lists: status 3, and where they come from" {
    mkdir lists
    run driver --data "$data" --lists lists small
    [ "$status" -eq 3 ]
    [[ $output == *"lists/small_video_ids.txt is missing"* ]]
    [[ $output == *"data_list.zip of https://github.com/tcwang0509/TalkingHead-1KH"* ]]
    echo x > lists/small_video_ids.txt
    run driver --data "$data" --lists lists small
    [ "$status" -eq 3 ]
    [[ $output == *"lists/small_video_tubes.txt is missing"* ]]
    [ ! -e "$data" ]
}

@test "lists that are empty or a web page: status 3, and which" {
    local bad reason list
    while IFS='|' read -r list bad reason; do
        rm -rf lists
        mkdir lists
        cp "$LISTS/"tiny_* lists
        printf '%b' "$bad" > "lists/tiny_video_$list.txt"
        run driver --data "$data" --lists lists tiny
        [ "$status" -eq 3 ] || { echo "$list $bad: $status $output"; false; }
        [[ $output == *"tiny_video_$list.txt $reason"* ]] || { echo "$list $bad: $output"; false; }
        [ ! -e "$data" ]
    done << 'END'
ids||holds no id
ids|\n# nothing yet\n  \r\n|holds no id
ids|\n\n<!DOCTYPE html>\n<title>Not found</title>\n|is a web page, not a list
ids|\xEF\xBB\xBF<HTML>\n|is a web page, not a list
tubes||holds no tube
tubes|Not found\n|holds no tube
tubes|<?xml version="1.0"?><Error/>\n|is a web page, not a list
END
}

@test "TH_DATA_LIST_URL: missing lists are fetched and unpacked, those that are there stay" {
    mkdir data_list
    cp "$LISTS/"tiny_* data_list
    ln -s /etc/passwd data_list/link_video_ids.txt
    zip -q --symlinks data_list.zip data_list/*
    mkdir lists
    echo '# mine' | cat - "$LISTS/tiny_video_tubes.txt" > lists/tiny_video_tubes.txt
    TH_DATA_LIST_URL=file://$PWD/data_list.zip driver --data "$data" --lists lists tiny fetch
    cmp lists/tiny_video_ids.txt "$LISTS/tiny_video_ids.txt"
    grep -q mine lists/tiny_video_tubes.txt
    [ "$(entries lists | wc -l)" -eq 2 ]
}

@test "TH_DATA_LIST_URL that is of no use: status 3" {
    echo '<html>not found</html>' > page.zip
    for url in "file://$PWD/none.zip" "file://$PWD/page.zip" gopher://localhost/; do
        run env TH_DATA_LIST_URL="$url" bash "$PROJECT/videos_download_and_crop.sh" --lists lists tiny
        [ "$status" -eq 3 ]
        [[ $output == *"$url"* ]]
    done
    [ -z "$(entries lists)" ]
}

@test "a stage whose records of the stage before are missing: status 3, and which to run" {
    run tiny tiny crop
    [ "$status" -eq 3 ]
    [[ $output == *"tiny/manifests/split.jsonl is missing: crop works on the records of split"* ]]
}

@test "the tiny set: all files, all records, and a table" {
    cat "$BATS_FILE_TMPDIR/table"
    sed 's/ *[0-9.]* [kM]B$//; s/^in 0:.* videos an hour; .* clips an hour/in TIME/' "$BATS_FILE_TMPDIR/table" | diff - /dev/fd/3 3<< END
tiny                made now already there    failed   skipped       size
videos downloaded          2             0         0         0
videos split               2             0         0         0
chunks                     2             0         0         0
clips cropped              3             0         0         0
clips verified             3             0         0         0
in TIME
The clips are in $GOOD/tiny/cropped_clips
The report is $GOOD/tiny/report.html
END
    diff <(entries "$GOOD/tiny/manifests") <(printf '%s\n' crop.jsonl fetch.jsonl split.jsonl verify.jsonl)
    [ "$(entries "$GOOD/tiny/cropped_clips" | wc -l)" -eq 3 ]
}

@test "stage by stage, each from the kept records of the one before, gives the same files" {
    for stage in fetch split crop verify; do
        run tiny tiny "$stage"
        [ "$status" -eq 0 ]
    done
    same_files "$data"
}

@test "stages may be chained in part" {
    tiny tiny split fetch
    [ "$(entries "$data/tiny/manifests")" = $'fetch.jsonl\nsplit.jsonl' ]
    tiny tiny crop verify
    same_files "$data"
}

@test "a second run makes nothing anew; -f with all stages makes all anew" {
    copy_good
    stat -c '%i %n' "$data"/tiny/*/*.mp4 > before
    tiny tiny
    stat -c '%i %n' "$data"/tiny/*/*.mp4 | diff before -
    tiny -f tiny fetch split crop verify
    stat -c '%i %n' "$data"/tiny/*/*.mp4 > after
    [ "$(comm -12 <(sort before) <(sort after) | wc -l)" -eq 0 ]
    same_files "$data"
}

@test "a folder with spaces and other letters, reached through a link" {
    mkdir "a b"
    ln -s "$PROJECT" "a b/the tools"
    there="$PWD/a b/dätä 100%"
    cd /
    bash "$BATS_TEST_TMPDIR/a b/the tools/videos_download_and_crop.sh" --progress never --data "$there" --lists "$LISTS" tiny
    same_files "$there"
}

@test "the demo set in a folder whose name is not fit for a URL" {
    cp -a "$BATS_FILE_TMPDIR/demo" sources
    mkdir -p "d ä {id}%20#?/demo"
    mv sources "d ä {id}%20#?/demo/source_videos"
    TH_FETCH_FLAGS='' driver --data "d ä {id}%20#?" demo fetch
    [ "$(entries "d ä {id}%20#?/demo/raw_videos" | grep -c "[.]mp4$")" -eq 3 ]
}

@test "any name passes that is safe, and flags reach the programs" {
    cp "$LISTS/tiny_video_ids.txt" "lists.txt"
    mkdir lists
    cp "$LISTS/tiny_video_ids.txt" lists/My.set_2-b_video_ids.txt
    cp "$LISTS/tiny_video_tubes.txt" lists/My.set_2-b_video_tubes.txt
    TH_CROP_FLAGS='--crf 40' driver --data "$data" --lists lists -j 1 My.set_2-b
    for clip in "$GOOD/tiny/cropped_clips/"*; do
        [ "$(stat -c %s "$data/My.set_2-b/cropped_clips/${clip##*/}")" -lt "$(stat -c %s "$clip")" ]
    done
}

@test "quotes in TH_FETCH_FLAGS keep words together, and nothing is expanded or run" {
    stand_in 0 0 0 0
    # shellcheck disable=SC2016 # the stand-in's own
    printf '#!/bin/sh\nprintf "<%%s>\\n" "$@" > args\n' > stand-ins/th-fetch
    # shellcheck disable=SC2030 # each test has its own
    TH_FETCH_FLAGS=$(cat << 'END'
--resolver 'yt-dlp --js-runtimes node' "a \"b\" \x 'c'" c\ d '' e"f"'g'
   * $(touch ran); `touch ran` $HOME ~ \
  h\
i \' \" "'" '\x' "\$"
END
    )
    export TH_FETCH_FLAGS
    TH_BIN=$PWD/stand-ins tiny tiny fetch
    sed '1,/^<--heights>/d' args | sed '1,3d; /^<-->$/,$d' | diff - <(
        # shellcheck disable=SC2016 # to be taken as it stands
        printf '<%s>\n' --resolver 'yt-dlp --js-runtimes node' "a \"b\" \x 'c'" 'c d' '' efg \
            '*' '$(touch' 'ran);' '`touch' 'ran`' '$HOME' '~' hi "'" '"' "'" '\x' '$')
    [ ! -e ran ]
}

@test "flags with a quote that is not closed: status 2, and which variable" {
    for flags in "--crf 'x" '--crf "x' 'x"' "--crf \\" "\"\\"; do
        run env TH_CROP_FLAGS="$flags" bash "$PROJECT/videos_download_and_crop.sh" --data "$data" --lists "$LISTS" tiny
        [ "$status" -eq 2 ] || { echo "$flags: $status $output"; false; }
        [[ $output == *"TH_CROP_FLAGS: a quote is not closed"* ]]
    done
    [ ! -e "$data" ]
}

@test "a dry run writes nothing" {
    run tiny -n tiny
    [ "$status" -eq 0 ]
    [[ $output == *"dry_run 2"* ]]
    [ ! -e "$data" ]
    copy_good
    find "$data" -printf '%p %i %T@\n' | sort > before
    rm "$data/tiny/cropped_clips/"*
    find "$data" -printf '%p %i %T@\n' | sort > before
    tiny -n tiny
    find "$data" -printf '%p %i %T@\n' | sort | diff before -
}

@test "one video missing, one truncated, one a web page: the others whole, and a reason for every tube" {
    mkdir lists bad
    cp "$MIRROR/"* bad
    head -c 100000 "$MIRROR/--demo_talk.mp4" > bad/cut_short_1.mp4
    echo '<!doctype html><title>Sign in</title>' > bad/web-page_12.mp4
    printf '%s\n' -demo_sound no_such_vid cut_short_1 web-page_12 --demo_talk > lists/tiny_video_ids.txt
    {
        printf '%s_0000, 360, 640, 0, 99, 83, 37, 286, 331\n' no_such_vid cut_short_1 web-page_12
        printf '%s_0000, 360, 640, 50, 139, 345, 41, 570, 346\n' no_such_vid cut_short_1 web-page_12
        cat "$LISTS/tiny_video_tubes.txt"
    } > lists/tiny_video_tubes.txt
    # shellcheck disable=SC2030,SC2031 # each test has its own
    export TH_FETCH_FLAGS="--url-template file://$PWD/bad/{id}.mp4 --retries 0"
    run --separate-stderr driver --data "$data" --lists lists tiny
    echo "$output"
    [ "$status" -eq 75 ]
    diff -r -x .th-crop.options "$GOOD/tiny/cropped_clips" "$data/tiny/cropped_clips"
    [[ $output == *"bash $PROJECT/videos_download_and_crop.sh --data $data --lists lists tiny"* ]]
    for stage in crop verify; do
        grep '"kind": "clip"' "$data/tiny/manifests/$stage.jsonl" > clips
        [ "$(wc -l < clips)" -eq 9 ]
        [ "$(field key < clips | sort -u | wc -l)" -eq 9 ]
        [ "$(grep -c '"key": "no_such_vid_.*"status": "skipped".*"error": "io"' clips)" -eq 2 ]
        [ "$(grep -c '"key": "cut_short_1_.*"status": "skipped".*"error": "bad_media"' clips)" -eq 2 ]
        [ "$(grep -c '"key": "web-page_12_.*"status": "skipped".*"error": "bad_media"' clips)" -eq 2 ]
        [ "$(grep -c '"status": "ok"' clips)" -eq 3 ]
    done
    # When the videos are there, the same command makes the missing clips.
    for id in no_such_vid cut_short_1 web-page_12; do cp -- "$MIRROR/--demo_talk.mp4" "bad/$id.mp4"; done
    driver --data "$data" --lists lists tiny
    [ "$(entries "$data/tiny/cropped_clips" | wc -l)" -eq 9 ]
}

@test "a clip that does not pass is made anew by the command that the table names" {
    copy_good
    cd "$data/tiny/cropped_clips"
    first=$(entries . | head -n 1) last=$(entries . | tail -n 1)
    cp -- "$first" "$last"
    cd "$BATS_TEST_TMPDIR"
    run --separate-stderr tiny tiny verify
    [ "$status" -eq 75 ]
    next=$(sed -n 's/^    \(TH_.* bash .*\)/\1/p' <<< "$output")
    [[ $next == *" tiny crop verify" ]]
    bash -c "$next"
    same_files "$data"
}

@test "a clip that shows other frames than its tube names is found by level source, and a rerun of the driver mends it" {
    copy_good
    ffmpeg -v error -nostdin -y -i "file:$data/tiny/1min_clips/--demo_talk_0000.mp4" -an -c:v libx264 -vf \
        'trim=start_frame=51:end_frame=141,setpts=PTS-STARTPTS,crop=225:305:345:41' \
        -bsf:v 'setts=pts=PTS:dts=DTS:duration=floor(0.04/TB+0.5)' \
        "file:$data/tiny/cropped_clips/--demo_talk_0000_S50_E139_L345_T41_R570_B346.mp4"
    export TH_VERIFY_FLAGS='--level source'
    run --separate-stderr tiny tiny verify
    echo "$output"
    [ "$status" -eq 75 ]
    grep -q '"error": "differs_from_source".*"message": "the clip is 1 frame late' "$data/tiny/manifests/verify.jsonl"
    run --separate-stderr tiny tiny
    [ "$status" -eq 0 ]
    same_files "$data"
}

@test "the exit status is the worst of the four, but not that of a stage left without a reader" {
    while read -r fetch split crop verify expected; do
        stand_in "$fetch" "$split" "$crop" "$verify"
        run env TH_BIN="$PWD/stand-ins" bash "$PROJECT/videos_download_and_crop.sh" --data "$data" --lists "$LISTS" tiny
        [ "$status" -eq "$expected" ] || { echo "$fetch $split $crop $verify: $status, not $expected"; false; }
    done << 'END'
0 0 0 0 0
1 0 0 0 1
0 0 1 75 75
75 1 1 1 75
0 2 0 75 2
3 1 2 0 2
3 0 0 75 3
0 3 2 0 2
3 2 0 0 2
0 0 137 1 137
3 3 137 0 137
0 127 0 0 3
END
}

@test "a stage that writes without end stops when the stage after it has ended" {
    stand_in 0 2 0 0
    printf '#!/bin/sh\ntrap "" PIPE\nwhile echo "# more"; do :; done 2> /dev/null\nexit 3\n' > stand-ins/th-fetch
    run env TH_BIN="$PWD/stand-ins" timeout 20 bash "$PROJECT/videos_download_and_crop.sh" --data "$data" --lists "$LISTS" tiny
    [ "$status" -eq 2 ]
}

@test "a stage that cannot work leaves the former records" {
    copy_good
    cp -a "$data/tiny/manifests" before
    run env TH_CROP_FLAGS=--no-such bash "$PROJECT/videos_download_and_crop.sh" --data "$data" --lists "$LISTS" tiny
    [ "$status" -eq 2 ]
    [[ $output == *--no-such* ]]
    diff -r before "$data/tiny/manifests"
}

@test "SIGTERM and SIGINT stop all stages, and leave the former records and no half-made file" {
    copy_good
    cp -a "$data/tiny/manifests" before
    for signal in TERM INT HUP; do
        # Background children of bash ignore SIGINT, and those of nohup SIGHUP, unless this is reset.
        TH_CROP_FLAGS='--preset placebo' env --default-signal=INT,HUP bash "$PROJECT/videos_download_and_crop.sh" --data "$data" --lists "$LISTS" -f tiny > said 2>&1 3>&- &
        pid=$!
        until_true pgrep -P "$pid" -x th-crop > /dev/null
        sleep 0.3
        kill -s "$signal" "$pid"
        status=0
        wait "$pid" || status=$?
        [ "$status" -eq $((128 + $(kill -l "$signal"))) ] || { echo "$signal: $status"; cat said; false; }
        diff -r before "$data/tiny/manifests"
        [ -z "$(pgrep -f "$data/tiny" || :)" ]
        # th-fetch resumes its .part files.
        [ -z "$(find "$data" -name '*.part' ! -path '*/raw_videos/*')" ]
    done
    rm -f "$data/tiny/cropped_clips/.th-crop.options" # of the slow run that was stopped
    tiny tiny
    same_files "$data"
}

@test "kill -9 of the whole pipe at any moment: the next run ends with the same files and no stray one" {
    was_killed=yes
    for _ in {1..8}; do # more with make rounds
        moment=$((RANDOM % 900))
        rm -rf "$data"
        setsid bash "$PROJECT/videos_download_and_crop.sh" --data "$data" --lists "$LISTS" tiny > said 2>&1 3>&- &
        pid=$!
        sleep "$((moment / 1000)).$(printf %03d $((moment % 1000)))"
        kill -9 -- "-$pid" 2> /dev/null || :
        wait "$pid" || :
        tiny tiny
        same_files "$data" || { echo "killed after $moment ms"; false; }
    done
}

@test "kill -9 of a single program: status 137, and the next run mends it" {
    for name in th-fetch th-split th-crop th-verify; do
        for _ in {1..5}; do # again when the kill came too late
            rm -rf "$data"
            bash "$PROJECT/videos_download_and_crop.sh" --data "$data" --lists "$LISTS" tiny > said 2>&1 3>&- &
            pid=$!
            until victim=$(pgrep -P "$pid" "^$name\$"); do
                kill -0 "$pid" 2> /dev/null || break
            done
            [ -z "$victim" ] || kill -9 "$victim" || :
            status=0
            wait "$pid" || status=$?
            [ "$status" -eq 0 ] || break
        done
        [ "$status" -eq 137 ] || { echo "$name: $status"; cat said; false; }
        tiny tiny
        same_files "$data" || { echo "killed $name"; false; }
    done
}

# patient FILE: a run of the set, with its messages in FILE. It begins again when the other run lasts longer than it waits.
patient() {
    local status=3
    while [ "$status" -eq 3 ]; do
        status=0
        tiny tiny > "$1" 2>&1 || status=$?
        [ "$status" -ne 3 ] || grep -q 'another run is working on .*: processes' "$1" || return
    done
    return "$status"
}

@test "two runs on one set wait for each other" {
    patient first 3>&- &
    pid=$!
    sleep 0.3
    patient second
    wait "$pid"
    same_files "$data"
}

# A resolver for the set tiny: the videos whose ids are in the file `pages` have a page.
pages_resolver() {
    cat > resolve << END
#!/bin/sh
id=\${1##*=}
echo "\$id" >> asked
grep -qxF -e "\$id" pages || { echo "ERROR: Video unavailable. This video has been removed by the uploader" >&2; exit 1; }
cp "$MIRROR/\$id.mp4" "own\$\$.mp4"
echo "{\"path\": \"own\$\$.mp4\", \"title\": \"T \$id\", \"license\": \"\$(cat "license\$id" 2> /dev/null || cat license)\"}"
END
    chmod +x resolve
    cp "$LISTS/tiny_video_ids.txt" pages
    echo 'Creative Commons Attribution' > license
    # shellcheck disable=SC2031 # each test has its own
    export TH_FETCH_FLAGS='--resolver ./resolve'
}

# a_day_later: what the last recheck found was found a day ago.
a_day_later() {
    awk -F '\t' -v OFS='\t' '{ print $1, $2, $3 - 86400, $4 - 86400 }' "$data/tiny/manifests/losses.tsv" > older
    mv older "$data/tiny/manifests/losses.tsv"
}

@test "a video with a lower picture than the list's is told, and counted in summary and report" {
    export TH_FETCH_FLAGS="--url-template file://$MIRROR/{id}.mp4"
    run -0 tiny tiny
    height=$(ffprobe -v error -show_entries stream=height -select_streams v -of csv=p=0 "$MIRROR/-demo_sound.mp4")
    [[ $output == *"th-fetch: -demo_sound: the picture is $height pixels high; the tube list was made from one of 1080"* ]]
    [[ $output != *'--demo_talk: the picture'* ]]
    [ "$(jq .lower_than_listed "$data/tiny/summary.json")" -eq 1 ]
    grep -q '1 video has a lower picture' "$data/tiny/report.html"
    # A video without tubes is downloaded, too, and th-fetch alone needs no tubes.
    cp -r "$LISTS" lists
    grep -v talk "$LISTS/tiny_video_tubes.txt" > lists/tiny_video_tubes.txt
    rm -r "$data"
    run -0 driver --data "$data" --lists lists tiny fetch
    [ -e "$data/tiny/raw_videos/--demo_talk.mp4" ]
    rm lists/tiny_video_tubes.txt
    run -0 driver --data "$data" --lists lists tiny fetch
}

@test "recheck and prune: what is gone is told, deleted after --yes, and not fetched again" {
    pages_resolver
    tiny -j 1 tiny
    credits=$data/tiny/ATTRIBUTION.csv
    [ "$(wc -l < "$credits")" -eq 3 ]
    tiny tiny recheck > told
    [ ! -s told ]
    grep -q '"key": "--demo_talk", "status": "ok", .*"checked": "20' "$data/tiny/manifests/recheck.jsonl"

    # Another video whose id begins with the removed one's.
    touch "$data/tiny/1min_clips/--demo_talk_0000_0000.mp4" "$data/tiny/cropped_clips/--demo_talk_more_0000.mp4"
    printf '%s\n' -demo_sound --demo_talk_0000 --demo_talk_more > pages
    # A clip that is a folder of pictures, and a record that another program wrote.
    pictures=$data/tiny/cropped_clips/--demo_talk_0000_S0_E0_L0_T0_R8_B8
    mkdir "$pictures"
    touch "$pictures/0000.png"
    # The segments of an incomplete download.
    mkdir "$data/tiny/raw_videos/--demo_talk.mp4.part.d"
    touch "$data/tiny/raw_videos/--demo_talk.mp4.part.d/x.part"
    echo '{"stage":"fetch","kind":"video","key":"--demo_talk","status":"ok"}' >> "$data/tiny/manifests/split.jsonl"
    find "$data" -name '*.mp4' | sort > before
    run -1 tiny tiny recheck
    [[ $output == *"gone         --demo_talk (8 files)"* ]]
    [[ $output != *demo_sound* ]]
    run -0 tiny tiny prune
    [ "$(grep -c '^gone /' <<< "$output")" -eq 8 ]
    diff before <(find "$data" -name '*.mp4' | sort)

    # One run is not enough; a second one within a day is not either.
    run -0 tiny tiny prune --yes
    [[ $output == *'1 more videos were found lost only within one day'* ]]
    run -1 tiny tiny recheck
    run -0 tiny tiny prune --yes
    diff before <(find "$data" -name '*.mp4' | sort)
    a_day_later
    run -1 tiny tiny recheck
    run -0 tiny tiny prune --yes
    [ "$(cut -f 2,3 "$data/tiny/manifests/pruned.tsv" | sort | uniq -c | xargs)" = '8 gone --demo_talk' ]
    rm "$data/tiny/1min_clips/--demo_talk_0000_0000.mp4" "$data/tiny/cropped_clips/--demo_talk_more_0000.mp4"
    diff <(grep -v demo_talk before) <(find "$data" -name '*.mp4' | sort)
    run ! grep -rl '"[^_a-z]*--demo_talk"' "$data/tiny/manifests" "$credits"
    [ ! -e "$pictures" ]
    [ "$(cut -d ' ' -f 1 "$data/tiny/raw_videos/--demo_talk.mp4.pruned")" = gone ]
    run -0 tiny tiny prune --yes

    # It is not downloaded again, even when its page is back.
    cp "$LISTS/tiny_video_ids.txt" pages
    rm asked
    run -1 tiny -f tiny fetch
    run ! grep -q talk asked
    grep -q '"key": "--demo_talk", "status": "skipped", "error": "gone", "retry": false' "$data/tiny/manifests/fetch.jsonl"
    [ ! -e "$data/tiny/raw_videos/--demo_talk.mp4" ]
    [ -e "$data/tiny/raw_videos/-demo_sound.mp4" ]
}

@test "a rerun's records and clips still say whose they are" {
    pages_resolver
    tiny tiny
    rm -r "$data/tiny/cropped_clips"
    tiny tiny
    [ "$(grep -c '"cached": true, .*"title": "T ' "$data/tiny/manifests/fetch.jsonl")" -eq 2 ]
    for clip in "$data"/tiny/cropped_clips/*.mp4; do
        ffprobe -v error -show_entries format_tags=title,copyright -of csv=p=0 "$clip" >> credits
    done
    [ "$(grep -c '^T .*,Creative Commons Attribution$' credits)" -eq 3 ]
}

@test "recheck tells what is no longer free; prune takes ids, too, and only ids" {
    pages_resolver
    tiny tiny fetch
    echo 'All rights reserved' > license-demo_sound
    run -1 tiny tiny recheck
    [ "$(grep '^relicensed ' <<< "$output")" = 'relicensed   -demo_sound (2 files)' ]
    run -0 tiny tiny prune --yes -- -demo_sound
    [ "$(entries "$data/tiny/raw_videos")" = "$(printf '%s\n' --demo_talk.mp4 -demo_sound.mp4.pruned .index)" ]
    [ "$(entries "$data/tiny/raw_videos/.index")" = --demo_talk.json ]
    run -0 tiny tiny prune --yes -- nosuchid
    [[ $output == *"nothing of nosuchid is here"* ]]
    for id in ../x .. a/b ''; do
        run -2 tiny tiny prune --yes -- "$id"
    done
    run -2 tiny tiny recheck more
    run -3 driver --data "$BATS_TEST_TMPDIR/none" tiny prune
    run -3 driver --data "$BATS_TEST_TMPDIR/none" tiny recheck
}

@test "recheck: a page that does not state the licence is no loss" {
    pages_resolver
    tiny tiny fetch
    : > license-demo_sound
    run -75 tiny tiny recheck
    grep -q '"key": "-demo_sound", "status": "failed", "error": "license_unknown"' "$data/tiny/manifests/recheck.jsonl"
    [ ! -s "$data/tiny/manifests/losses.tsv" ]
    [ -z "$(tiny tiny prune --yes --expect 0)" ]
    [ -e "$data/tiny/raw_videos/-demo_sound.mp4" ]
}

@test "recheck does not believe a run that finds everything lost" {
    pages_resolver
    tiny tiny fetch
    : > pages
    run -75 tiny tiny recheck
    [[ $output == *'2 of 2 videos seem lost at once, and 0 were found well'* ]]
    [ ! -e "$data/tiny/manifests/losses.tsv" ]
    run -3 tiny tiny prune --yes
    # Six videos, of which two were found well.
    for id in a b c d; do
        cp "$data/tiny/raw_videos/-demo_sound.mp4" "$data/tiny/raw_videos/$id.mp4"
    done
    cp "$LISTS/tiny_video_ids.txt" pages
    run -75 tiny tiny recheck
    [[ $output == *'4 of 6 videos seem lost at once'* ]]
    printf '%s\n' a >> pages
    run -1 tiny tiny recheck
    [ "$(wc -l < "$data/tiny/manifests/losses.tsv")" -eq 3 ]
    # What is found well again is no longer lost.
    printf '%s\n' b c d >> pages
    run -0 tiny tiny recheck
    [ ! -s "$data/tiny/manifests/losses.tsv" ]
    [ -z "$(tiny tiny prune --yes)" ]
    [ "$(find "$data/tiny/raw_videos" -name '*.mp4' | wc -l)" -eq 6 ]
}

@test "recheck says when there was nothing to check" {
    copy_good
    unset TH_FETCH_FLAGS
    run -1 tiny tiny recheck
    [[ $output == *'nothing was checked: the videos of tiny come from an archive'* ]]
}

@test "prune deletes a link, and says that its target stays" {
    tiny tiny
    mkdir store
    mv "$data/tiny/raw_videos/--demo_talk.mp4" store/object
    ln -s "$PWD/store/object" "$data/tiny/raw_videos/--demo_talk.mp4"
    clips=("$data/tiny/cropped_clips/--demo_talk_"*)
    ln -sf ../../nowhere.mp4 "${clips[0]}"
    # What is there is found through the link.
    run -0 tiny tiny fetch
    [ -L "$data/tiny/raw_videos/--demo_talk.mp4" ]

    for options in '' --yes; do
        # shellcheck disable=SC2086 # no option is no word
        run -0 tiny tiny prune $options -- --demo_talk
        [[ $output == *"gone $data/tiny/raw_videos/--demo_talk.mp4"$'\n'"stays $PWD/store/object"* ]]
        [[ $output == *$'\n'"stays $data/nowhere.mp4"$'\n'* ]]
        [[ $output == *'2 of the files are links; prune deletes the links'* ]]
    done
    [ -z "$(find "$data/tiny" -name '*demo_talk*' ! -name '*.pruned')" ]
    cmp store/object "$MIRROR/--demo_talk.mp4"
}

@test "prune finds clips that were made outside the set's folder" {
    pages_resolver
    tiny tiny
    TH_CROP_FLAGS="--size 64 -o '$PWD/small clips'" tiny tiny crop verify
    TH_CROP_FLAGS="--frames png -o '$PWD/pictures'" tiny tiny crop
    touch 'small clips/--demo_talk.txt' # the user's own
    [ "$(find pictures 'small clips' -mindepth 1 -maxdepth 1 -name '--demo_talk_*' | wc -l)" -eq 4 ]
    run -0 tiny tiny prune --yes -- --demo_talk
    [ -z "$(find pictures 'small clips' "$data" -name '--demo_talk_*')" ]
    [ -e 'small clips/--demo_talk.txt' ]
    [ "$(find pictures 'small clips' -mindepth 1 -maxdepth 1 -name '-demo_sound_*' | wc -l)" -eq 2 ]
}

@test "recheck and prune: folders that are links, and an id that JSON and CSV write another way" {
    pages_resolver
    tiny tiny fetch
    id='=a"b\c'
    mv "$data/tiny/raw_videos" elsewhere
    ln -s "$PWD/elsewhere" "$data/tiny/raw_videos"
    cp elsewhere/--demo_talk.mp4 "elsewhere/$id.mp4"
    mkdir "elsewhere/folder.mp4"
    printf '%s\n' "\"'=a\"\"b\\c\",\"row\"" >> "$data/tiny/ATTRIBUTION.csv"
    printf '%s\n' '{"stage": "fetch", "kind": "video", "key": "=a\"b\\c", "status": "ok"}' >> "$data/tiny/manifests/fetch.jsonl"
    echo --demo_talk > pages
    run -1 tiny tiny recheck
    [[ $output == *"gone         $id (1 files)"* ]]
    [[ $output == *"gone         -demo_sound (2 files)"* ]]
    run -2 tiny tiny prune --yes --expect 2
    [[ $output == *'--expect 2: there are 3 files to delete'* ]]
    run -0 tiny tiny prune --yes --expect 3
    [ "$(entries elsewhere)" = "$(printf '%s\n' --demo_talk.mp4 -demo_sound.mp4.pruned .index "$id.mp4.pruned" folder.mp4)" ]
    [ "$(wc -l < "$data/tiny/ATTRIBUTION.csv")" -eq 2 ]
    [ "$(wc -l < "$data/tiny/manifests/fetch.jsonl")" -eq 1 ]
    [ "$(field key < "$data/tiny/manifests/recheck.jsonl")" = --demo_talk ]
}

@test "a list's bad line is named by the list's own name" {
    mkdir strange
    printf '%s\n' '--demo_talk' 'bad/id' > strange/tiny_video_ids.txt
    cp "$LISTS/tiny_video_tubes.txt" strange
    status=0
    driver --data "$data" --lists strange -n tiny 2> said || status=$?
    [ "$status" -eq 1 ]
    grep -q "^th-fetch: .*/strange/tiny_video_ids.txt:2: .*bad/id" said
}

@test "a closed stdout is told" {
    copy_good
    status=0
    tiny tiny >&- 2> said || status=$?
    cat said
    [ "$status" -eq 3 ]
}
