#!/usr/bin/env bats
# th-fetch where only ranges of a video are there: what it asks for, and what servers do.

bats_require_minimum_version 1.5.0

load fetch

# The video v1 of 2.1 MB, and what is there of it at first.
RANGES='[[0,300000],[700000,1200000],[2000000,2000010]]'

# leave MODE [VALIDATOR]: what a run with --needed has left of v1, which the server gives in that mode.
leave() {
    local from to
    [ -e "$MIRROR/v1.mp4" ] || many 1 > /dev/null
    SIZE=$(stat -c %s "$MIRROR/v1.mp4")
    rm -rf out
    mkdir out
    truncate -s "$SIZE" out/v1.mp4.needed
    tr -d '[]' <<< "${RANGES//],/ }" | tr ' ' '\n' | while IFS=, read -r from to; do
        tail -c +$((from + 1)) "$MIRROR/v1.mp4" | head -c $((to - from)) |
            dd of=out/v1.mp4.needed bs=64K oflag=seek_bytes seek="$from" conv=notrunc status=none
    done
    cat > out/v1.mp4.needed.json <<- END
		{"source": "$SERVER/$1/v1.mp4", "validator": "${2-\"v1\"}", "bytes": $SIZE, "requests": 4, "ranges": $RANGES}
	END
    sed -i 's|""v\([12]\)""|"\\"v\1\\""|' out/v1.mp4.needed.json
    : > "$REQUESTS"
}

fetch_v1() {
    status=0
    fetch --url-template "$SERVER/$1/{id}.mp4" "${@:2}" <<< v1 > records 2> messages || status=$?
}

asked() {
    sed 's/.* range=\([^ ]*\) if-range=\([^ ]*\) .*/\1 \2/' "$REQUESTS"
}

@test "a run without --needed fetches what is missing" {
    leave ok
    fetch_v1 ok
    [ "$status" -eq 0 ]
    diff <(asked) - <<- END
		bytes=300000-699999 "v1"
		bytes=1200000-$((SIZE - 1)) "v1"
	END
    record_says 'status ok' "bytes $SIZE" "sha256 $(sha256sum < "$MIRROR/v1.mp4" | cut -d ' ' -f 1)"
    is_whole v1
    [ -z "$(find out -name '*.needed*')" ]
}
