#!/usr/bin/env bats
# th-fetch where ranges of a video are there: what it asks for, and what servers do.

bats_require_minimum_version 1.5.0

load fetch

# What is there of the video v1 of 2.1 MB; the rest of it.
RANGES='[[0,300000],[700000,1200000],[2000000,2000010]]'

# leave SOURCE [VALIDATOR]: puts these ranges of v1 into out, as a run with --needed does.
leave() {
    local from to
    [ -e "$MIRROR/v1.mp4" ] || many 1 > /dev/null
    SIZE=$(stat -c %s "$MIRROR/v1.mp4")
    rm -rf out
    mkdir out
    truncate -s "$SIZE" out/v1.mp4.needed
    while read -r from to; do
        tail -c +$((from + 1)) "$MIRROR/v1.mp4" | head -c $((to - from)) |
            dd of=out/v1.mp4.needed bs=64K oflag=seek_bytes seek="$from" conv=notrunc status=none
    done <<< "$(grep -oE '[0-9]+,[0-9]+' <<< "$RANGES" | tr , ' ')"
    cat > out/v1.mp4.needed.json <<- END
		{"source": "$1", "format": "137", "validator": "\"${2:-v1}\"", "bytes": $SIZE, "requests": 4, "ranges": $RANGES}
	END
    : > "$REQUESTS"
}

# fetch_v1 MODE...: each call of the resolver gives an address of the next mode, and then of the last one.
fetch_v1() {
    printf '%s\n' "$@" > modes
    resolver resolve <<- END
		echo "{\"url\": \"$SERVER/\$(head -n 1 modes)/v1.mp4\", \"format_id\": \"137\"}"
		[ \$(wc -l < modes) -eq 1 ] || sed -i 1d modes
	END
    fetch_resolved ./resolve <<< v1
}

PAGE='https://www.youtube.com/watch?v=v1'

asked() {
    sed 's/.* range=\(bytes=\)\?\([^ ]*\) if-range=\([^ ]*\) .*/\2 \3/' "$REQUESTS"
}

nothing_is_left() {
    is_whole v1
    [ -z "$(find out -name '*.needed*')" ]
}

@test "a run for the whole video asks for what is missing only" {
    leave "$PAGE"
    fetch_v1 ok
    record_says 'status ok' "bytes $SIZE" "sha256 $(sha256sum < "$MIRROR/v1.mp4" | cut -d ' ' -f 1)"
    nothing_is_left
    diff <(asked) - <<- END
		300000-699999 "v1"
		1200000-$((SIZE - 1)) "v1"
	END
}

@test "an address that expires: the page is asked again, and the ranges are continued" {
    leave "$PAGE"
    fetch_v1 expires ok
    [ "$status" -eq 0 ]
    nothing_is_left
    diff <(asked) - <<- END
		300000-699999 "v1"
		1200000-$((SIZE - 1)) "v1"
		1200000-$((SIZE - 1)) "v1"
	END
}

@test "what servers do: number of requests, file" {
    while read -r mode validator count; do
        leave "$PAGE" "$validator"
        fetch_v1 "$mode"
        [ "$status $(requests)" = "0 $count" ] || { echo "$mode $validator: $status $(requests)" >&3; return 1; }
        nothing_is_left
    done <<- END
		no-range        v1 1
		ok              v0 1
		blind           v0 2
		no-etag         v1 2
		once+cut        v1 3
		once+shifted    v1 3
		once+status-503 v1 3
		redirect        v1 4
	END
    leave "$PAGE"
    fetch_v1 tiny-range
    [ "$status" -eq 75 ]
    record_says 'error server'
    # What has come stays.
    grep -q '\[\[0, \?3000[1-9]' out/v1.mp4.needed.json
}

@test "ranges that are of no use are removed" {
    leave "https://elsewhere/"
    fetch_v1 ok
    [ "$status $(requests)" = '0 1' ]
    nothing_is_left
    leave "$PAGE"
    cp "$MIRROR/v1.mp4" out
    fetch_v1 ok
    [ "$status $(requests)" = '0 0' ]
    nothing_is_left
    leave "$PAGE"
    fetch --force --resolver ./resolve <<< v1
    [ "$(requests)" -eq 1 ]
    nothing_is_left
}
