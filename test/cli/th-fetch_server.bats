#!/usr/bin/env bats
# th-fetch against each fault of the faulty server, many files at once, kills, full disks, HTTP/2.

bats_require_minimum_version 1.5.0

load fetch

# The file of a: whole, new (what the server changed it to), part (some of it waits for the next run) or none.
state_of_file() {
    if [ -e out/a.mp4 ]; then
        cmp -s out/a.mp4 "$MIRROR/a.mp4" && echo whole && return
        cmp -s out/a.mp4 "$MIRROR/a.mp4.new" && echo new && return
        echo wrong
    elif [ -e out/a.mp4.part ]; then
        echo part
    else
        echo none
    fi
}

@test "each fault: exit status, record, number of requests, file" {
    while read -r mode expected word tries file; do
        rm -rf out
        : > "$REQUESTS"
        slow=60
        case $mode in *stall* | *trickle*) slow=1 ;; esac
        fetch_mode "$mode" --low-speed-time "$slow"
        found="$status $(grep -o '"error": "[a-z_]*"' records | cut -d '"' -f 4) $(requests) $(state_of_file)"
        [ "$(wc -l < records)" -eq 1 ]
        [ "$word" != - ] || grep -q '"status": "ok"' records
        # The number of requests to a server that sends a byte a second depends on timing.
        [ "${found/  / - }" = "$expected $word $tries $file" ] || { echo "$mode: $found" >&3; return 1; }
    done <<- 'END'
		ok                       0  -              1  whole
		once+cut                 0  -              2  whole
		once+cut+no-etag         0  -              2  whole
		once+cut+no-range        0  -              2  whole
		once+cut+short-range     0  -              2  whole
		once+cut+shifted         0  -              2  whole
		changes+once+cut         0  -              2  new
		changes+blind+once+cut   0  -              3  new
		cut                      75 network        4  part
		once+stall               0  -              2  whole
		once+trickle             0  -              2  whole
		trickle                  75 timeout        4  part
		no-length                0  -              1  whole
		longer                   75 bad_media      2  none
		shorter                  75 network        7  part
		gzip                     75 bad_media      2  none
		once+gzip                0  -              2  whole
		redirect                 0  -              2  whole
		chain-5                  0  -              6  whole
		chain-11                 75 server        11  none
		redirect-loop            75 server        11  none
		redirect-file            1  forbidden      1  none
		redirect-ftp             1  forbidden      1  none
		once+status-500          0  -              2  whole
		once+status-502          0  -              2  whole
		once+status-503          0  -              2  whole
		once+status-504          0  -              2  whole
		status-503               75 server         4  none
		once+status-429          0  -              2  whole
		once+status-429+retry-after-1 0 -          2  whole
		once+status-503+retry-after-1 0 -          2  whole
		status-429               75 rate_limited   4  none
		status-429+retry-after-1 75 rate_limited   4  none
		status-503+retry-after-1 75 server         4  none
		status-503+retry-after-99999 75 rate_limited 1 none
		status-200               75 bad_media      2  none
		as-page                  75 bad_media      2  none
		as-sound                 75 bad_media      2  none
		as-cut-off               75 bad_media      2  none
		status-404               1  gone           1  none
		status-410               1  gone           1  none
		status-403               1  forbidden      1  none
	END
}

@test "headers of the resolver are not sent to the host of a redirect, but to the same host" {
    for mode in redirect redirect-host; do
        : > "$REQUESTS"
        rm -rf out
        resolver resolve <<- END
			echo '{"url": "$SERVER/$mode/a.mp4", "http_headers": {"X-Test": "secret", "Accept-Language": "en"}}'
		END
        no_proxy='*' fetch_resolved ./resolve <<< a
        record_says 'status ok'
        grep -q "^/$mode/a.mp4 .*x-test=secret" "$REQUESTS"
        [ "$(grep -c '^/ok/a.mp4 .*x-test=secret' "$REQUESTS")" -eq "$([ $mode = redirect ] && echo 1 || echo 0)" ]
    done
}

@test "--max-time: a download that is never too slow, and never ends" {
    printf 'HTTP/1.1 200 OK\r\n\r\n' > sent
    head -c 65536 /dev/zero > again
    SECONDS=0
    raw sent again --limit-rate 1M --max-time 2
    record_says 'error timeout' 'retry true'
    grep -q -- '--max-time' records
    [ "$SECONDS" -ge 2 ]
}

# raw HEAD TAIL OPTIONS...: fetches a from a server that sends the file HEAD, and then TAIL (may be empty) for ever.
raw() {
    rm -rf raw_port out
    "$TH_BUILD/test/server/raw_server" raw_port "$1" "$2" 3>&- &
    until [ -s raw_port ]; do sleep 0.02; done
    status=0
    fetch --url-template "http://127.0.0.1:$(cat raw_port)/{id}" --retries 1 "${@:3}" <<< a > records 2> messages || status=$?
    kill $!
}

@test "an answer that is no HTTP, and headers without end: the server's fault, for now" {
    echo 'SSH-2.0-OpenSSH_9.2' > sent
    raw sent /dev/null
    record_says 'error server' 'retry true'
    printf 'HTTP/1.1 200 OK\r\nX-Long: %0200000d' 1 > sent
    raw sent /dev/null
    record_says 'error server' 'retry true'
    printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n' > sent
    printf 'X-Trailer-%0800d: 1\r\n' 1 > again
    skip_under_sanitizers
    ulimit -v 1000000
    raw sent again
    record_says 'error server' 'retry true'
    grep -q 'the server sends more than 1048576 bytes of headers' records
}

@test "Retry-After, with 429 or 503: all wait as long as it says, and then one goes first" {
    for code in 429 503; do
        rm -rf out
        SECONDS=0
        printf '%s\n' a --b_ sound |
            fetch --url-template "$SERVER/once+status-$code+retry-after-2/{id}.mp4" -j 2 > records || true
        [ "$SECONDS" -ge 2 ]
        [ "$(grep -c '"status": "ok"' records)" -eq 2 ]
        : > "$REQUESTS"
        status=0
        printf 'v%s\n' {1..20} |
            fetch --url-template "$SERVER/status-$code+retry-after-3/{id}.mp4" -j 2 --retry-delay 5 > records 2> messages || status=$?
        [ "$status" -eq 75 ]
        [ "$(wc -l < records)" -eq 20 ]
        [ "$(grep -c '"error": "rate_limited", "retry": true' records)" -eq 20 ]
        # Two at first, then one after each of two pauses.
        [ "$(requests)" -le 4 ]
        [ "$(grep -c 'all wait for' messages)" -eq 2 ]
    done
}

# only_bad_fails OPTIONS...: downloads bad, which ./resolve always refuses, and then the videos v1, v2 ... of ids.
only_bad_fails() {
    local status=0
    echo bad | cat - ids > all
    fetch_resolved ./resolve -v "$@" < all
    [ "$status" -eq 75 ]
    grep -q '"key": "bad", "status": "failed", "error": "rate_limited", "retry": true' records
    diff ids <(grep '"status": "ok"' records | field key | sort)
    # As often as any other.
    [ "$(grep -c '^th-fetch: bad: .* it is tried again after the pause' messages)" -le 3 ]
}

@test "an address that always refuses fails its own video only" {
    many 4 > ids
    resolver resolve <<- END
		case \$1 in *bad) mode=status-429 ;; *) mode=ok ;; esac
		echo "{\"url\": \"$SERVER/\$mode/\${1##*=}.mp4\"}"
	END
    only_bad_fails -j 1
    rm -r out
    only_bad_fails -j 2
}

@test "an address that refuses, while the others take longer than all pauses" {
    many 3 > ids
    # The resolver of the others is slow: only bad can send another request.
    resolver resolve <<- END
		case \$1 in *bad) mode=status-429 ;; *) mode=ok; sleep 0.5 ;; esac
		echo "{\"url\": \"$SERVER/\$mode/\${1##*=}.mp4\"}"
	END
    only_bad_fails -j 1
    rm -r out
    # Their downloads, a second each: the first has not ended when bad is refused again and again.
    resolver resolve <<- END
		case \$1 in *bad) echo "ERROR: HTTP Error 429: Too Many Requests" >&2; exit 1 ;; esac
		echo "{\"url\": \"$SERVER/ok/\${1##*=}.mp4\"}"
	END
    only_bad_fails -j 1 --limit-rate 2M
}

@test "the others continue, however the video ends that goes first after a pause" {
    many 2 > /dev/null
    printf '%s\n' bad v1 v2 > ids
    while read -r word answer; do
        rm -rf out
        resolver resolve <<- END
			case \$1 in
			    *bad) echo "ERROR: HTTP Error 429: Too Many Requests" >&2; exit 1 ;;
			    *v2) echo '{"url": "$SERVER/ok/v2.mp4"}'; exit ;;
			esac
			$answer
		END
        case $word in
            blocked) mkdir -p out/v1.mp4.part ;;
            complete)
                # Killed between download and probe.
                resolver begin <<< "echo '{\"url\": \"$SERVER/cut/v1.mp4\"}'"
                fetch_resolved ./begin --retries 0 <<< v1
                cp "$MIRROR/v1.mp4" out/v1.mp4.part
                ;;
        esac
        : > "$REQUESTS"
        fetch_resolved ./resolve -j 1 < ids
        echo "# $word: $(grep -oE '"(status|error)": "[a-z_]*"' records | tr '\n' ' ')" >&3
        [ "$(wc -l < records)" -eq 3 ]
        grep -q '"key": "bad", "status": "failed", "error": "rate_limited"' records
        grep -q '"key": "v2", "status": "ok"' records
        case $word in
            complete | path) grep -q '"key": "v1", "status": "ok"' records ;;
            blocked) grep -q '"key": "v1", "status": "failed", "error": "io"' records ;;
            *) grep -q "\"key\": \"v1\", \"status\": \"failed\", \"error\": \"$word\"" records ;;
        esac
    done <<- END
		gone      echo "ERROR: Video unavailable" >&2; exit 1
		network   echo "ERROR: Connection reset" >&2; exit 1
		resolver  kill -9 \$\$
		path      cp $MIRROR/v1.mp4 own; echo '{"path": "$PWD/own"}'
		resolver  echo '{"path": "$PWD/nowhere"}'
		blocked   echo '{"url": "$SERVER/ok/v1.mp4"}'
		complete  echo '{"url": "$SERVER/ok/v1.mp4"}'
		forbidden echo '{"url": "$SERVER/status-403/v1.mp4"}'
		server    echo '{"url": "$SERVER/status-503/v1.mp4"}'
	END
}

@test "a part of another run is resumed with 206: one request, and the record of the whole file" {
    fetch_mode cut --retries 0
    : > "$REQUESTS"
    # The same address, without its fault.
    kept=$(stat -c %s out/a.mp4.part)
    sed -i 's|/cut/|/ok/|' out/a.mp4.part.json
    fetch_mode ok
    [ "$status" -eq 0 ]
    [ "$(requests)" -eq 1 ]
    grep -q "^/ok/a.mp4 range=bytes=$kept- if-range=\"v1\"" "$REQUESTS"
    record_says 'status ok' "bytes $(stat -c %s "$MIRROR/a.mp4")" "sha256 $(sha256sum < "$MIRROR/a.mp4" | cut -d ' ' -f 1)"
    is_whole a
}

@test "403 in the middle of a transfer: resolved again, and resumed" {
    half=$(($(stat -c %s "$MIRROR/a.mp4") / 2))
    resolver resolve <<- END
		echo x >> calls
		case \$(wc -l < calls) in 1) mode=cut ;; *) mode=ok ;; esac
		echo "{\"url\": \"$SERVER/\$mode/a.mp4\", \"format_id\": \"137\"}"
	END
    fetch_resolved ./resolve --retries 0 <<< a
    [ "$status" -eq 75 ]
    fetch_resolved ./resolve <<< a
    [ "$status" -eq 0 ]
    grep -q "^/ok/a.mp4 range=bytes=$half- if-range=\"v1\"" "$REQUESTS"
    is_whole a
}

@test "a connection that is made but never answered: --connect-timeout" {
    "$TH_BUILD/test/server/faulty_server" "$PWD/port" "$MIRROR" 3>&- &
    until [ -e port ]; do sleep 0.05; done
    # The kernel accepts the connection, but no process answers.
    kill -STOP $!
    status=0
    fetch --connect-timeout 0.3 --retries 1 --url-template "https://127.0.0.1:$(cat port)/{id}.mp4" <<< a > records || status=$?
    kill -KILL $!
    [ "$status" -eq 75 ]
    record_says 'error timeout' 'retry true'
    [ -z "$(entries out)" ]
}

# pieces MODE BYTES OPTIONS...: downloads v1 in pieces of that many bytes.
pieces() {
    local mode=$1 bytes=$2
    shift 2
    rm -rf out
    [ -e "$MIRROR/v1.mp4" ] || many 1
    : > "$REQUESTS"
    resolver resolve <<- END
		echo '{"url": "$SERVER/$mode/v1.mp4", "downloader_options": {"http_chunk_size": $bytes}}'
	END
    fetch_resolved ./resolve --retries 1 "$@" <<< v1
}

@test "pieces of a file whose length the server does not say" {
    pieces no-total 1000000
    [ "$status" -eq 0 ]
    is_whole v1
    [ "$(requests)" -eq 3 ]
    # The last piece is full, so the next request is beyond the end.
    pieces no-total "$(stat -c %s "$MIRROR/v1.mp4")"
    [ "$status" -eq 0 ]
    is_whole v1
    [ "$(requests)" -eq 2 ]
}

@test "pieces of a file that changes with each request, and tiny pieces, fail" {
    for mode in always-new+blind tiny-range tiny-range+no-total; do
        pieces $mode 65536
        echo "# $mode: status $status, $(requests) requests" >&3
        [ "$status" -eq 75 ]
        [ "$(requests)" -le 20 ]
        [ ! -e out/v1.mp4 ]
    done
}

@test "--max-filesize, with and without a known length" {
    for mode in ok no-length; do
        pieces $mode 0 --max-filesize 10000
        [ "$status" -eq 1 ]
        record_says 'error no_format'
        [ -z "$(entries out)" ]
    done
}

# A list with ids of the kind that the train set has. TH_IDS=2872 makes it as long.
train_ids() {
    local number
    for ((number = 0; number < ${TH_IDS:-500}; number++)); do
        printf 'Id%04d_%05d\n' "$number" $((number * 7919 % 99991))
    done
}

# The connections to the server that are open at the moment, from the kernel: the server notices late that one has ended.
established() {
    awk -v port="$(printf ':%04X$' "${SERVER##*:}")" '$4 == "01" && $3 ~ port' /proc/net/tcp | wc -l
}

@test "many ids: memory, connections and records stay in bounds" {
    ffmpeg -v error -nostdin -f lavfi -i color=s=16x16:r=1:d=1 -c:v libx264 -bitexact -movflags faststart "$MIRROR/tiny.mp4"
    train_ids > ids
    while read -r id; do
        ln "$MIRROR/tiny.mp4" "$MIRROR/$id.mp4"
    done < ids
    "$TH_BIN/th-fetch" -o out -j 4 -q --retries 0 --url-template "$SERVER/ok/{id}.mp4" ids > records 2> messages &
    most=0
    while grep -s VmHWM "/proc/$!/status" > memory.now; do
        # Only the parent is measured: children are copies of it.
        most=$(awk '{ print $2 }' memory.now)
        established >> connections
        sleep 0.05
    done
    wait $!
    [ "$most" -gt 0 ]
    echo "# $(wc -l < ids) ids: $most KiB resident at most" >&3
    # Sanitizers need more memory.
    grep -q __asan_init "$TH_BIN/th-fetch" || [ "$most" -lt 65536 ]
    diff <(sort ids) <(grep '"status": "ok"' records | field key | sort)
    [ "$(requests)" -eq "$(wc -l < ids)" ]
    open=$(sort -n connections | tail -n 1)
    echo "# open at a time: $open" >&3
    [ "$open" -gt 0 ]
    [ "$open" -le 4 ]
    [ "$(find out -type f ! -path 'out/.index/*' | wc -l)" -eq "$(wc -l < ids)" ]
}

# TH_KILLS sets the number of kills; TH_RATE makes the run long enough for many. The server is no faster than a network,
# or most of a file would wait in the kernel of a busy machine when the program that would read it is killed.
@test "kill -9 at random moments: the same bytes, and few of them downloaded twice" {
    many 40 > ids
    : > "$REQUESTS.sent"
    killed=0
    for ((kill = 0; kill < ${TH_KILLS:-8}; kill++)); do
        "$TH_BIN/th-fetch" -o out -j 4 -q --limit-rate "${TH_RATE:-0}" --url-template "$SERVER/steady/{id}.mp4" ids \
            > records &
        # On a slow machine it would be killed before it starts.
        before=$(requests)
        for _ in {1..200}; do
            [ "$(requests)" -eq "$before" ] && is_running $! || break
            sleep 0.01
        done
        sleep "0.0$((RANDOM % 9 + 1))$((RANDOM % 10))"
        if is_running $! && kill -9 $! 2> /dev/null; then killed=$((killed + 1)); fi
        wait $! || true
        for file in out/*.mp4; do
            [ ! -e "$file" ] || cmp "$file" "$MIRROR/${file#out/}"
        done
    done
    "$TH_BIN/th-fetch" -o out -j 4 -q --url-template "$SERVER/steady/{id}.mp4" ids > records
    while read -r id; do cmp "out/$id.mp4" "$MIRROR/$id.mp4"; done < ids
    [ "$(find out -type f ! -path 'out/.index/*' | wc -l)" -eq 40 ]
    sleep 0.3
    twice=$(($(awk '{ sum += $1 } END { printf "%d", sum }' "$REQUESTS.sent") - $(cat "$MIRROR"/v*.mp4 | wc -c)))
    echo "# $killed kills, $(requests) requests, $twice bytes sent twice" >&3
    [ "$twice" -lt $((killed * 2 * 1024 * 1024)) ]
}

@test "a disk that fills up: no incomplete file has a final name, and a rerun resumes when there is space" {
    small_disk 7m out
    many 5 > ids
    status=0
    "$TH_BIN/th-fetch" -o out -j 2 -q --retry-delay 0.02 --url-template "$SERVER/ok/{id}.mp4" ids > records || status=$?
    [ "$status" -eq 75 ]
    [ "$(wc -l < records)" -eq 5 ]
    grep -q '"status": "failed", "error": "disk_full", "retry": true' records
    run ! grep -E '"error": "(io|crashed|network)"' records
    for file in out/*.mp4; do
        [ ! -e "$file" ] || cmp "$file" "$MIRROR/${file#out/}"
    done
    [ "$(find out -name '*.mp4' | wc -l)" -eq "$(grep -c '"status": "ok"' records)" ]
    mount -o remount,size=30m out
    "$TH_BIN/th-fetch" -o out -j 2 -q --url-template "$SERVER/ok/{id}.mp4" records > again
    [ "$(grep -c '"status": "ok"' again)" -eq 5 ]
    while read -r id; do cmp "out/$id.mp4" "$MIRROR/$id.mp4"; done < ids
    [ "$(find out -type f ! -path "out/.index/*" | wc -l)" -eq 5 ]
}

@test "HTTP/2 where the server speaks it" {
    curl --version | grep -q HTTP2 || skip "libcurl knows no HTTP/2"
    command -v openssl > /dev/null || skip "openssl is not installed"
    port=$(new_port)
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext 'subjectAltName=DNS:localhost' \
        -keyout key.pem -out cert.pem 2> openssl.log
    start_nginx "$PWD/nginx" "$port" <<- END
		listen 127.0.0.1:$port ssl http2;
		ssl_certificate $PWD/cert.pem;
		ssl_certificate_key $PWD/key.pem;
		root $MIRROR;
	END
    status=0
    printf '%s\n' a --b_ | no_proxy=localhost CURL_CA_BUNDLE=$PWD/cert.pem fetch \
        --url-template "https://localhost:$port/{id}.mp4" > records 2> messages || status=$?
    # A certificate without a trusted CA is refused.
    mv out trusted
    no_proxy=localhost fetch --retries 0 --url-template "https://localhost:$port/{id}.mp4" <<< a > refused || true
    kill "$NGINX_PID"
    [ "$status" -eq 0 ]
    [ "$(grep -c '^HTTP/2.0 200 ' nginx/access.log)" -eq 2 ]
    cmp trusted/a.mp4 "$MIRROR/a.mp4"
    grep -q '"status": "failed", "error": "network"' refused
}

@test "--max-disk: downloads wait until --finished names others, and no longer when its writer has gone" {
    many 4 > ids
    mkfifo finished
    exec 9<> finished # the reader does not see the end before the writer is here
    fetch -j 4 --max-disk 5M --finished finished --url-template "$SERVER/steady/{id}.mp4" ids > records 2> messages 3>&- 9>&- &
    local fetch=$!
    has_records() { [ "$(wc -l < records)" -eq "$1" ]; }
    until_true has_records 2
    exec 8> finished 9>&-
    # The third was asked for its length at most, and waits.
    [ "$(find out -name '*.mp4' -o -name '*.part' -size +0 | wc -l)" -eq 2 ]
    field key < records | head -n 1 >&8
    until_true has_records 3
    [ "$(find out -name '*.mp4' -o -name '*.part' -size +0 | wc -l)" -eq 3 ]
    exec 8>&-
    wait "$fetch"
    grep -q 'nobody tells any more which videos are finished' messages
    [ "$(grep -c '"status": "ok"' records)" -eq 4 ]
}
