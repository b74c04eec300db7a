#!/usr/bin/env bats
# Which videos th-fetch downloads, and how: selection, shards, formats, free space.

bats_require_minimum_version 1.5.0

load fetch

@test "-t: videos without a suitable tube are recorded, not downloaded" {
    printf '%s\n' 'a_0000, 720, 1280, 0, 89, 0, 0, 600, 512' 'c_0003, 720, 1280, 0, 9, 0, 0, 100, 90' nonsense > tubes
    printf '%s\n' a c --b_ > ids
    fetch --url-template "$SERVER/ok/{id}.mp4" -t tubes ids > records 2> messages || status=$?
    [ "$status" -eq 1 ] # c is not on the server
    grep -q '"key": "--b_", "status": "skipped", "error": "not_selected", "retry": false, "message": "the video has no tube"' records
    grep -q '^th-fetch: tubes:3: ' messages
    [ "$(requests)" -eq 2 ]
    : > "$REQUESTS"
    for limit in '--min-size 512' '--min-frames 90' '--min-size 91 --min-frames 10'; do
        # shellcheck disable=SC2086 # several words
        fetch --url-template "$SERVER/ok/{id}.mp4" -t tubes $limit ids > records
        [ "$(grep -c '"error": "not_selected"' records)" -eq 2 ]
        grep -q '"key": "a", "status": "ok"' records
    done
    [ "$(requests)" -eq 0 ]
    # A later run with other limits downloads what this one skipped.
    fetch --url-template "$SERVER/ok/{id}.mp4" records > again || status=$?
    grep -q '"key": "--b_", "status": "ok"' again
}

@test "videos that are not selected go down the pipe as skipped, and are no failure" {
    echo 'c_0000, 720, 1280, 0, 9, 0, 0, 100, 90' > tubes
    echo a | fetch --url-template "$SERVER/ok/{id}.mp4" -t tubes |
        "$TH_BIN/th-split" -o chunks -t tubes > records
    grep -q '"stage": "split", "kind": "video", "key": "a", "status": "skipped", "error": "not_selected"' records
}

@test "--shard: each id is in one share, whatever the list; slurm says which" {
    printf 'x%s\n' {1..60} > ids
    for share in 1/3 2/3 3/3; do
        fetch -n --url-template "$SERVER/ok/{id}.mp4" --shard $share ids | field key > "share-${share%/*}"
        [ -s "share-${share%/*}" ]
    done
    diff <(sort ids) <(sort share-*)
    # A longer list moves no id to another share.
    printf 'y%s\n' {1..60} | cat - ids | fetch -n --url-template "$SERVER/ok/{id}.mp4" --shard 2/3 | field key > longer-list
    diff share-2 <(grep x longer-list)
    for task in 1 2 3; do
        SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_COUNT=3 fetch -n --url-template "$SERVER/ok/{id}.mp4" \
            --shard slurm ids | field key > "task-$task"
    done
    diff <(sort ids) <(sort task-*)
    run env -u SLURM_ARRAY_TASK_ID "$TH_BIN/th-fetch" -o out --shard slurm ids
    [ "$status" -eq 2 ]
    [[ $output == *SLURM_ARRAY_TASK_ID* ]]
}

@test "--format and --max-height go to yt-dlp, as one word each" {
    mkdir path
    resolver path/yt-dlp <<< 'printf "<%s>" "$@" > arguments; echo "ERROR: Private video" >&2; exit 1'
    # shellcheck disable=SC2030 # each test has its own
    PATH=$PWD/path:$PATH
    echo x | fetch --max-height 720 > records || true
    plain='[protocol^=http][protocol!*=dash]'
    plain+='[format_id!$=-sr]'
    choice="bestvideo[ext=mp4][vcodec^=avc1]$plain/bestvideo[ext=mp4]$plain/best[ext=mp4]$plain/best$plain"
    choice+="/${choice//'[protocol^=http][protocol!*=dash]'/}"
    grep -qF "<--format><${choice//-sr]/-sr][height<=720]}><https://www.youtube.com/watch?v=x>" arguments
    echo x | fetch > records || true
    grep -qF "<$choice>" arguments
    # shellcheck disable=SC2016 # must not be expanded
    echo x | fetch --format '--exec $(touch injected)' > records || true
    # shellcheck disable=SC2016
    grep -qF '<--format><--exec $(touch injected)><https' arguments
    [ ! -e injected ]
}

@test "the real yt-dlp chooses a plain download among formats like those of YouTube's pages" {
    real=$(command -v yt-dlp) || skip "yt-dlp is not installed"
    mkdir path
    resolver path/yt-dlp <<- END
		printf '<%s>' "\$@" >> "$PWD/arguments"
		echo >> "$PWD/arguments"
		exec $real --load-info-json "$PWD/info.json" "\$@"
	END
    cat > info.json <<- END
		{"id": "x", "title": "T", "extractor": "youtube", "extractor_key": "Youtube", "_type": "video",
		 "webpage_url": "https://www.youtube.com/watch?v=x", "original_url": "https://www.youtube.com/watch?v=x",
		 "formats": [
		  {"format_id": "sb0", "url": "$SERVER/ok/x", "ext": "mhtml", "protocol": "mhtml", "vcodec": "none", "acodec": "none"},
		  {"format_id": "140", "url": "$SERVER/ok/sound.mp4", "ext": "m4a", "protocol": "http", "vcodec": "none",
		   "acodec": "mp4a.40.2", "tbr": 129, "abr": 129},
		  {"format_id": "251", "url": "$SERVER/ok/x", "ext": "webm", "protocol": "http", "vcodec": "none", "acodec": "opus",
		   "tbr": 140, "abr": 140},
		  {"format_id": "18", "url": "$SERVER/ok/x", "ext": "mp4", "protocol": "http", "vcodec": "avc1.42001E",
		   "acodec": "mp4a.40.2", "height": 360, "width": 640, "tbr": 500},
		  {"format_id": "136", "url": "$SERVER/ok/a.mp4", "ext": "mp4", "protocol": "http", "vcodec": "avc1.4d401f",
		   "acodec": "none", "height": 720, "width": 1280, "tbr": 1500},
		  {"format_id": "299-sr", "url": "$SERVER/ok/x", "ext": "mp4", "protocol": "http", "vcodec": "avc1.4d401f",
		   "acodec": "none", "height": 1080, "width": 1920, "tbr": 2500},
		  {"format_id": "247", "url": "$SERVER/ok/x", "ext": "webm", "protocol": "http", "vcodec": "vp9", "acodec": "none",
		   "height": 720, "width": 1280, "tbr": 1600},
		  {"format_id": "137", "url": "$SERVER/ok/x", "ext": "mp4", "protocol": "http_dash_segments", "vcodec": "avc1.640028",
		   "acodec": "none", "height": 1080, "width": 1920, "tbr": 3000},
		  {"format_id": "270", "url": "$SERVER/x.m3u8", "ext": "mp4", "protocol": "m3u8_native", "vcodec": "avc1.640028",
		   "acodec": "none", "height": 1080, "width": 1920, "tbr": 4000}]}
	END
    # shellcheck disable=SC2031 # each test has its own
    PATH=$PWD/path:$PATH
    fetch --resolver-timeout 250 <<< x > records
    record_says 'status ok' 'format 136' 'title T'
    cmp out/x.mp4 "$MIRROR/a.mp4"
    fetch --resolver-timeout 250 --audio --force <<< x > records
    record_says 'status ok' 'format 136\+140'
    fetch --resolver-timeout 250 --max-height 480 --force <<< x > records || true
    record_says 'error gone' # 18, which this server has not
    [ "$(tail -n 1 "$REQUESTS" | cut -d ' ' -f 1)" = /ok/x ]
    # In segments only when no plain download is as high as the list's picture.
    for height in 720 1080 2160; do
        echo "x_0000, $height, 1280, 0, 89, 0, 0, 10, 10" > tubes
        fetch --resolver-timeout 250 --heights tubes --force --retries 0 <<< x > records 2> messages || true
        case $height in
            1080) tail -n 1 arguments | grep -q -- '<--format><270>' ;;
            *) record_says 'status ok' 'format 136' ;;
        esac
    done
    fetch --resolver-timeout 250 --heights tubes --force --no-segmented <<< x > records
    record_says 'status ok' 'format 136'
    fetch --resolver-timeout 250 --heights tubes --force --max-height 720 <<< x > records
    record_says 'status ok' 'format 136'
}

# The picture of the mirror's a.mp4 is 120 pixels high.
list_heights() {
    printf '%s\n' "a_0000, $1, 1280, 0, 89, 0, 0, 10, 10" 'a_0001, 90, 1280, 0, 9, 0, 0, 10, 10' nonsense > tubes
}

@test "--heights: a picture lower than the list's is told once; which videos are downloaded stays the same" {
    list_heights 240
    printf '%s\n' a --b_ > ids
    fetch --url-template "$SERVER/ok/{id}.mp4" --heights tubes ids > records 2> messages
    [ "$(cat messages)" = 'th-fetch: a: the picture is 120 pixels high; the tube list was made from one of 240' ]
    grep -q '"key": "a", "status": "ok", .*"height": 120, .*"listed_height": 240' records
    run ! grep -q '"key": "--b_".*listed_height' records
    # The record of the file that is there says it, too; and -t tells the heights without --heights.
    fetch --url-template "$SERVER/ok/{id}.mp4" -t tubes ids > records 2> messages
    grep -q '"key": "a", "status": "ok", .*"cached": true, .*"listed_height": 240' records
    run ! grep -q 'pixels high' messages
    list_heights 120
    fetch --url-template "$SERVER/ok/{id}.mp4" --heights tubes -f ids > records 2> messages
    [ ! -s messages ]
}

@test "--min-height refuses a lower picture: before the download where the resolver says so, and after it" {
    list_heights 240
    # shellcheck disable=SC2016 # the resolver expands it
    resolver resolve <<< 'echo "{\"url\": \"'"$SERVER"'/ok/a.mp4\", \"height\": $(cat height)}"'
    while read -r height limit count result; do
        rm -rf out
        : > "$REQUESTS"
        echo "$height" > height
        fetch_resolved ./resolve --heights tubes --min-height "$limit" <<< a
        record_says "$result"
        [ "$(requests)" -eq "$count" ] || { echo "$height $limit: $(requests) requests"; false; }
        [ "$result" = 'status ok' ] || { [ "$status" -eq 75 ] && record_says 'retry true' && [ -z "$(entries out)" ]; }
    done <<- 'END'
		120 listed 0 error low_quality
		null listed 1 error low_quality
		720 listed 1 error low_quality
		120 121 0 error low_quality
		720 121 1 error low_quality
		null 120 1 status ok
	END
    # A lower file that is there is not enough, but it stays when there is none better.
    fetch_resolved ./resolve --heights tubes --min-height listed <<< a
    record_says 'error low_quality'
    grep -q 'out/a.mp4 is there, but cannot be used: the picture is 120 pixels high' messages
    is_whole a
}

@test "a format that software has enlarged is told" {
    resolver resolve <<< 'echo "{\"url\": \"'"$SERVER"'/ok/a.mp4\", \"format_id\": \"399-sr\"}"'
    fetch_resolved ./resolve <<< a
    record_says 'status ok' 'format 399-sr'
    grep -q 'a: the format 399-sr is a small picture that software has enlarged' messages
}

@test "--min-free waits while less space is free, and then continues" {
    small_disk 6m out
    many 1 > ids
    head -c 2M /dev/zero > out/other
    fetch --url-template "$SERVER/ok/{id}.mp4" --min-free 3M ids > records 2> messages &
    until_true grep -q 'downloads wait' messages
    sleep 0.5
    grep -q 'less than 3145728 bytes would stay free in out; downloads wait' messages
    # It stopped in the middle, at most the bytes between two checks too late.
    [ "$(stat -f -c %a out)" -gt $((1 * 1024 * 1024 / 4096)) ]
    [ ! -e out/v1.mp4 ]
    [ ! -s records ]
    rm out/other
    wait $!
    grep -q 'downloads go on' messages
    record_says 'status ok'
    is_whole v1
    # No request is sent while space is short.
    : > "$REQUESTS"
    timeout 1 "$TH_BIN/th-fetch" -o out --url-template "$SERVER/ok/{id}.mp4" --min-free 100M <<< a > records || true
    [ "$(requests)" -eq 0 ]
}

@test "a file: URL is not slowed by --limit-rate, and with --min-free it waits until all of it fits" {
    fetch --url-template "file://$MIRROR/{id}.mp4" --limit-rate 1K --retries 0 <<< a > records
    record_says 'status ok'
    is_whole a
    small_disk 6m disk
    many 1 > ids
    head -c 1500K /dev/zero > disk/other
    timeout 300 "$TH_BIN/th-fetch" -o disk --url-template "file://$MIRROR/{id}.mp4" --min-free 3M ids > records 2> messages &
    until_true grep -q 'downloads wait' messages
    [ "$(entries disk)" = other ]
    rm disk/other
    wait $!
    record_says 'status ok'
    cmp disk/v1.mp4 "$MIRROR/v1.mp4"
    [ "$(grep -c 'downloads wait' messages)" -eq 1 ]
}

@test "options that contradict each other are errors" {
    while IFS='|' read -r arguments expected; do
        # shellcheck disable=SC2086 # several arguments
        run --separate-stderr "$TH_BIN/th-fetch" -o out $arguments < /dev/null
        [ "$status" -eq 2 ]
        # shellcheck disable=SC2154 # run sets it
        [[ $stderr == *"$expected"* ]] || { echo "$stderr"; false; }
    done <<- 'END'
		--shard 0/4|expected I/N
		--shard 5/4|expected I/N
		--min-size 100|expected -t FILE
		--format best --url-template http://m/{id}|--format is for the default resolver
		--max-height 720 --resolver ./x|--max-height is for the default resolver
		--min-free lots|expected a number of bytes
		--min-height low|expected a number of pixels from 1 to 100000, or listed
		--min-height 0|expected a number of pixels
		--min-height listed|expected a tube list
		--min-height 720 --max-height 480|expected at most --max-height
	END
    [ ! -e out ]
    run "$TH_BIN/th-fetch" -o out -t nowhere < /dev/null
    [ "$status" -eq 3 ]
    [[ $output == *"cannot open the tube list nowhere"* ]]
}
