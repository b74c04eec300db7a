#!/usr/bin/env bats
# What th-fetch blames for failures: the video, the source, the resolver or the network. And how long it waits.

bats_require_minimum_version 1.5.0

load fetch

@test "Retry-After: 1 is a wait of one second, not of --pause" {
    SECONDS=0
    fetch_mode once+status-429+retry-after-1 --pause 60 --retry-delay 2
    [ "$status" -eq 0 ]
    [ "$SECONDS" -ge 1 ]
    [ "$SECONDS" -le 4 ]
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
		[ "\$id" = v4 ] || [ "\$id" = v3 ] || at=\$((\$(date +%s) + 2))
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
    until [ "$(grep -c 'its download waits' messages)" -eq 2 ]; do sleep 0.05; done
    kill $!
    wait $! || true
    grep -qE '^th-fetch: v1: the server gives the video in (89|90) seconds; its download waits (89|90) seconds' messages
    grep -qE '^th-fetch: v2: the server gives the video in (3599|3600) seconds; its download waits 600 seconds' messages
    [ "$(requests)" -eq 0 ]
}
