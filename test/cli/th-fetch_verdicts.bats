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
