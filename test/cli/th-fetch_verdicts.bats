#!/usr/bin/env bats
# What th-fetch blames for failures: the video, the source, the resolver or the network. And how long it waits.
# shellcheck disable=SC2016 # resolvers expand their arguments themselves

bats_require_minimum_version 1.5.0

load fetch

@test "a picture with more pixels than a video has is not decoded to learn about it" {
    skip_under_sanitizers
    ffmpeg -v error -nostdin -f lavfi -i color=black:s=9000x9000:r=1:d=1 -frames:v 1 -c:v png -pix_fmt rgb24 -pred none \
        -compression_level 1 big.mov
    [ "$(stat -c %s big.mov)" -lt 3000000 ]
    mv big.mov big.mp4
    "$TH_BIN/th-fetch" -o out --url-template "file://$PWD/{id}.mp4" <<< big > records 2> messages &
    most=0
    while is_running $!; do
        read -ra children < "/proc/$!/task/$!/children" || true
        for child in "${children[@]}"; do
            now=$(awk '/^VmHWM/ { print $2 }' "/proc/$child/status" 2> /dev/null || true)
            [ "${now:-0}" -lt "$most" ] || most=${now:-0}
        done
        sleep 0.02
    done
    wait $! || true
    echo "# $most KiB at most" >&3
    [ "$most" -lt 100000 ]
}

@test "Retry-After: 1 is a wait of one second, not of --pause" {
    SECONDS=0
    fetch_mode once+status-429+retry-after-1 --pause 60 --retry-delay 2
    [ "$status" -eq 0 ]
    [ "$SECONDS" -ge 1 ]
    [ "$SECONDS" -lt 30 ]
    grep -q 'all wait for 1 seconds' messages
    is_whole a
}

@test "the first pause says why, and what to do" {
    resolver resolve <<< 'echo "ERROR: [youtube] x: Sign in to confirm you are not a bot" >&2; exit 1'
    fetch_resolved ./resolve <<< x
    head -n 1 messages | grep -q 'wants fewer requests (x: the resolver says: .*not a bot); all wait for 1 seconds'
    sed -n 2p messages | grep -q 'the cookies of a browser (--cookies FILE)'
    [ "$(grep -c 'the cookies of a browser' messages)" -eq 1 ]
}

@test "available_at: the download waits until then, and other videos go on" {
    many 4 > ids
    resolver resolve <<- END
		id=\${1##*=}
		at=0
		[ "\$id" = v4 ] || [ "\$id" = v3 ] || at=\$((\$(date +%s) + 8))
		[ "\$id" != v1 ] || echo "\$at" > v1.from
		echo "{\"requested_formats\": [{\"url\": \"$SERVER/ok/\$id.mp4\", \"available_at\": \$at}]}"
	END
    fetch_resolved ./resolve -j 1 -v < ids
    [ "$(date +%s)" -ge "$(cat v1.from)" ]
    [ "$status" -eq 0 ]
    # v3 and v4 are downloaded before, though -j 1 has room for two videos.
    [ "$(field key < records | tr '\n' ' ')" = 'v3 v4 v1 v2 ' ]
    [ "$(requests)" -eq 4 ]
    [ "$(grep -c '^th-fetch: v[12]: the server gives the video in' messages)" -eq 2 ]
}

@test "available_at: a wait of a minute is told without -v, and one of an hour is cut to ten minutes" {
    many 2 > ids
    resolver resolve <<- END
		case \$1 in *v1) after=90 ;; *) after=3600 ;; esac
		echo "{\"url\": \"$SERVER/ok/v1.mp4\", \"available_at\": \$((\$(date +%s) + after))}"
	END
    "$TH_BIN/th-fetch" -o out --resolver ./resolve ids > records 2> messages &
    both_wait() { [ "$(grep -c 'its download waits' messages)" -eq 2 ]; }
    until_true both_wait
    kill $!
    wait $! || true
    grep -qE '^th-fetch: v1: the server gives the video in (8[0-9]|90) seconds; its download waits (8[0-9]|90) seconds' messages
    grep -qE '^th-fetch: v2: the server gives the video in (359[0-9]|3600) seconds; its download waits 600 seconds' messages
    [ "$(requests)" -eq 0 ]
}

# videos N: the ids w1 to wN.
videos() {
    seq -f 'w%g' "$1"
}

# How many records have that error word and may be mended.
mendable() {
    grep -c "\"status\": \"[a-z]*\", \"error\": \"$1\", \"retry\": true" records
}

# The messages on what is to blame.
blamed() {
    grep -cE 'in a row (in the same way|failed)' messages
}

@test "a source that refuses everything is to blame, and not the videos" {
    # Addresses of a resolver, with the statuses of expired ones; and an archive.
    for code in 401 403 404 410; do
        : > "$REQUESTS"
        resolver resolve <<< "echo x >> calls; echo '{\"url\": \"$SERVER/status-$code/'\${1##*=}'.mp4\"}'"
        rm -rf out calls
        fetch_resolved ./resolve -j 2 < <(videos 30)
        echo "# $code: status $status, $(requests) requests" >&3
        [ "$status" -eq 75 ]
        [ "$(mendable rate_limited)" -eq 30 ]
        [ "$(wc -l < calls)" -le 30 ]
        grep -q "all wait for" messages
    done
    for code in 401 403; do
        rm -rf out
        : > "$REQUESTS"
        videos 30 | fetch --url-template "$SERVER/status-$code/{id}.mp4" -j 2 --retry-delay 1 > records 2> messages || status=$?
        [ "$status" -eq 75 ]
        [ "$(mendable rate_limited)" -eq 30 ]
        [ "$(requests)" -le 12 ]
    done
}

@test "refused media among others: forbidden, each for itself" {
    many 4 > ids
    resolver resolve <<- END
		id=\${1##*=}
		case \$id in v*) mode=ok ;; *) mode=status-403 ;; esac
		echo "{\"url\": \"$SERVER/\$mode/\$id.mp4\"}"
	END
    printf '%s\n' r1 r2 r3 v1 r4 r5 r6 v2 r7 r8 r9 v3 r10 v4 r11 r12 > ids
    fetch_resolved ./resolve -j 1 < ids
    [ "$status" -eq 1 ]
    [ "$(grep -c '"status": "failed", "error": "forbidden", "retry": false' records)" -eq 12 ]
    [ "$(grep -c '"status": "ok"' records)" -eq 4 ]
    # A single video, and nothing else in the run: it may be the session.
    rm -r out
    fetch_resolved ./resolve <<< r1
    [ "$status" -eq 75 ]
    record_says 'error rate_limited' 'retry true'
}

@test "an archive that has nothing at all may be the wrong one; one that lacks many videos is right" {
    status=0
    videos 30 | fetch --url-template "$SERVER/status-404/{id}.mp4" > records 2> messages || status=$?
    [ "$status" -eq 75 ]
    [ "$(mendable server)" -eq 30 ]
    [ "$(requests)" -eq 30 ]
    grep -q 'check the URL' messages
    rm -r out
    status=0
    { videos 15; echo a; videos 60 | tail -n 45; } |
        fetch --url-template "$SERVER/ok/{id}.mp4" -j 1 > records 2> messages || status=$?
    [ "$status" -eq 1 ]
    [ "$(grep -c '"error": "gone", "retry": false' records)" -eq 60 ]
}

@test "a resolver that fails always is to blame after ten videos" {
    resolver resolve <<< 'echo x >> calls; echo "ERROR: [youtube] ${1##*=}: Failed to extract any player response" >&2; exit 1'
    fetch_resolved ./resolve -j 2 < <(videos 200)
    echo "# $(wc -l < calls) starts" >&3
    [ "$status" -eq 75 ]
    [ "$(mendable resolver)" -eq 200 ]
    [ "$(wc -l < calls)" -le 24 ]
    [ "$(blamed)" -ge 1 ]
    grep -q 'update the resolver' messages
}

@test "a resolver that says that every video is unavailable condemns none" {
    resolver resolve <<< 'echo x >> calls; echo "ERROR: [youtube] ${1##*=}: Video unavailable" >&2; exit 1'
    fetch_resolved ./resolve -j 2 < <(videos 200)
    [ "$status" -eq 75 ]
    [ "$(mendable resolver)" -eq 200 ]
    [ "$(wc -l < calls)" -le 24 ]
    # A few are plainly gone, and so are many with some others among them.
    fetch_resolved ./resolve -j 2 < <(videos 10)
    [ "$status" -eq 1 ]
    [ "$(grep -c '"error": "gone", "retry": false' records)" -eq 10 ]
    resolver resolve <<- END
		case \$1 in *5) echo '{"url": "$SERVER/ok/a.mp4"}'; exit ;; esac
		echo "ERROR: [youtube] \${1##*=}: Video unavailable" >&2
		exit 1
	END
    fetch_resolved ./resolve -j 2 < <(videos 50)
    [ "$status" -eq 1 ]
    [ "$(grep -c '"error": "gone", "retry": false' records)" -eq 45 ]
    [ "$(grep -c '"status": "ok"' records)" -eq 5 ]
}

@test "without a network all ends after a few requests" {
    resolver resolve <<- 'END'
		echo x >> calls
		sleep 0.05 # so that two at a time make at most 12 starts in the 0.3 s of patience
		echo "ERROR: [youtube] ${1##*=}: Unable to download API page: Failed to resolve 'www.youtube.com'" \
		    "([Errno -3] Temporary failure in name resolution) at 0x$$" >&2
		exit 1
	END
    fetch_resolved ./resolve -j 2 < <(videos 28)
    echo "# $(wc -l < calls) starts" >&3
    [ "$status" -eq 75 ]
    [ "$(mendable network)" -eq 28 ]
    [ "$(wc -l < calls)" -le 20 ]
    grep -q 'no connection: .* name resolution' messages
    grep -q 'check the network' messages
    # The same with a server that is not there.
    videos 200 | fetch --url-template 'http://127.0.0.1:1/{id}.mp4' -j 2 > records 2> messages || status=$?
    [ "$status" -eq 75 ]
    [ "$(mendable network)" -eq 200 ]
    grep -q 'check the network' messages
}
