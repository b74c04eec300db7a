#!/usr/bin/env bats
# How fast th-fetch asks for pages when nobody says how fast.

bats_require_minimum_version 1.5.0

load fetch

setup() {
    prepare
    # The default resolver: notes the pages that it is asked for, and knows none.
    mkdir bin
    resolver bin/yt-dlp <<- 'END'
		case "$*" in *--version*) date -u +%Y.%m.%d; exit ;; esac
		for page; do :; done
		echo "$page" >> calls
		echo "ERROR: [site] x: Video unavailable" >&2
		exit 1
	END
    : > calls
    export PATH=$PWD/bin:$PATH TH_YT_DLP_HOME=$PWD/none
}

# until_said FILE TEXT: waits until the file holds the text.
until_said() {
    until_true grep -qF -- "$2" "$1" || { cat "$1"; false; }
}

@test "pages of YouTube are asked 12 seconds apart, whatever the jobs; other sites meanwhile, and the time is told" {
    mkdir there
    touch there/{v{1..30},one,two}.mp4
    for options in '-o out' '-o there --recheck'; do
        : > calls
        # shellcheck disable=SC2086 # several words
        printf '%s\n' v{1..30} http://site.invalid/one http://site.invalid/two |
            "$TH_BIN/th-fetch" -j 8 $options > records 2> messages &
        until_said calls youtube
        until_said calls site.invalid/one
        until_said calls site.invalid/two
        until_said messages 'videos at this pace'
        kill -TERM $!
        wait $! || true
        [ "$(grep -c youtube calls)" -eq 1 ]
        [ "$(grep -c site.invalid calls)" -eq 2 ]
        grep -qE '(29|30) videos at this pace: about 6 min \(a page of YouTube each 12 seconds' messages
    done
}

@test "--parallel-runs: shares keep one pace together, and begin one after the other" {
    seq -f v%g 60 | "$TH_BIN/th-fetch" -o out --shard 1/2 --parallel-runs 2 > records 2> messages &
    until_said messages 'videos at this pace'
    kill -TERM $!
    wait $! || true
    grep -qE ' videos at this pace: about [0-9]+ min \(a page of YouTube each 24 seconds' messages
    # Six videos of three shares, in any order: the starts are at least 0.3 seconds apart.
    : > calls
    start=${EPOCHREALTIME/.}
    for share in 1 2 3; do
        seq -f v%g 6 | "$TH_BIN/th-fetch" -o out --shard "$share/3" --parallel-runs 3 --sleep-interval 0.3 > "records$share" 2>&1 3>&- &
    done
    wait
    [ "$(wc -l < calls)" -eq 6 ]
    [ $((${EPOCHREALTIME/.} - start)) -ge 1200000 ]
}

@test "a second page is asked 12 seconds after the first, not before" {
    printf '%s\n' v1 v2 | "$TH_BIN/th-fetch" -o out > records 2> messages &
    until_said calls =v1
    first=${EPOCHREALTIME/.}
    until_said calls =v2
    [ $((${EPOCHREALTIME/.} - first)) -ge 10000000 ]
    wait $! || true
}

@test "--sleep-interval and --resolver are not slowed, and neither are archives" {
    for options in '--sleep-interval 0' '--max-sleep-interval 0.01' '--resolver yt-dlp'; do
        : > calls
        status=0
        # shellcheck disable=SC2086 # an option and its value
        printf '%s\n' v{1..4} | fetch $options > records 2> messages || status=$?
        [ "$status" -eq 1 ]
        [ "$(wc -l < calls)" -eq 4 ]
        run ! grep -q 'this pace' messages
    done
    printf '%s\n' v{1..30} | fetch --url-template "$SERVER/status-404/{id}.mp4" > records 2> messages || true
    [ "$(wc -l < records)" -eq 30 ]
    run ! grep -q 'this pace' messages
}

@test "videos that are there do not wait for pages" {
    mkdir out
    cp "$MIRROR/a.mp4" out/a.mp4
    printf '%s\n' v{1..10} a | "$TH_BIN/th-fetch" -j 1 -o out > records 2> messages &
    until_said records '"key": "a", "status": "ok"'
    kill -TERM $!
    wait $! || true
    [ "$(wc -l < calls)" -eq 1 ]
}
