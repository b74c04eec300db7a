#!/usr/bin/env bats
# The command line of th-fetch: against folders, a faulty web server, and resolvers of all kinds.

bats_require_minimum_version 1.5.0

load fetch

@test "a folder as the source: records, hashes, facts" {
    printf '%s\n' a --b_ | fetch --url-template "file://$MIRROR/{id}.mp4" -j 1 > records
    is_whole a
    is_whole --b_
    hash=$(sha256sum < "$MIRROR/a.mp4")
    grep -q "^{\"stage\": \"fetch\", \"kind\": \"video\", \"key\": \"a\", \"status\": \"ok\", \"path\": \"out/a.mp4\"," records
    grep -q "\"url\": \"file://$MIRROR/a.mp4\", \"bytes\": $(stat -c %s "$MIRROR/a.mp4"), \"sha256\": \"${hash%% *}\"" records
    grep -qE '"width": 160, "height": 120, "fps": 25.0, "retrieved": "20[0-9-]{8}T[0-9:]{8}Z"' records
    [ "$(wc -l < records)" -eq 2 ]
}

@test "--no-hash: the record has all but the hash" {
    echo a | fetch --url-template "file://$MIRROR/{id}.mp4" --no-hash > records
    is_whole a
    record_says 'status ok' 'width 160'
    run ! grep sha256 records
}

@test "only regular files are a source" {
    mkfifo pipe.mp4
    mkdir folder.mp4
    printf 'file://%s\n' /dev/zero "$PWD/pipe.mp4" "$PWD/folder.mp4" "$PWD/nothing.mp4" "$MIRROR/a.mp4" |
        fetch > records || status=$?
    [ "$status" -eq 75 ]
    [ "$(grep -c '"error": "no_format", "retry": false' records)" -eq 3 ]
    grep '"key": "nothing"' records | grep -q '"error": "io"'
    is_whole a
}

@test "a video that is there is passed on as cached, without any request; --force downloads it again" {
    fetch_mode ok
    [ "$status" -eq 0 ]
    [ "$(requests)" -eq 1 ]
    fetch_mode ok
    [ "$status" -eq 0 ]
    record_says 'status ok' 'cached true' 'width 160' "bytes $(stat -c %s "$MIRROR/a.mp4")"
    [ "$(requests)" -eq 1 ]
    fetch_mode ok --force
    record_says 'status ok'
    run ! grep cached records
    [ "$(requests)" -eq 2 ]
    is_whole a
}

@test "a broken file that is there is downloaded again" {
    mkdir out
    head -c 20000 "$MIRROR/a.mp4" > out/a.mp4
    fetch_mode ok
    [ "$status" -eq 0 ]
    run ! grep cached records
    grep -q 'out/a.mp4 is there, but' messages
    is_whole a
}

@test "a transfer that is cut is resumed" {
    half=$(($(stat -c %s "$MIRROR/a.mp4") / 2))
    fetch_mode once+cut
    [ "$status" -eq 0 ]
    is_whole a
    [ "$(requests)" -eq 2 ]
    grep -q "range=bytes=$half- if-range=\"v1\"" "$REQUESTS"
}

@test "a transfer that another run began is resumed" {
    fetch_mode cut --retries 0
    [ "$status" -eq 75 ]
    record_says 'status failed' 'error network' 'retry true'
    [ -e out/a.mp4.part ]
    [ ! -e out/a.mp4 ]
    kept=$(stat -c %s out/a.mp4.part)
    : > "$REQUESTS"
    fetch_mode cut --retries 0
    grep -q "range=bytes=$kept-" "$REQUESTS"
    # The same name from another source may be another file.
    : > "$REQUESTS"
    fetch_mode ok
    grep -q 'range=- ' "$REQUESTS"
    is_whole a
}

@test "a file that changed in between is downloaded from the start" {
    for mode in changes+once+cut changes+blind+once+cut; do
        rm -rf out
        fetch_mode "$mode"
        [ "$status" -eq 0 ]
        is_whole a a.mp4.new
    done
}

@test "servers without ranges, without ETag, without length, with short ranges, with wrong ones" {
    for mode in once+cut+no-range once+cut+no-etag no-length once+cut+short-range once+cut+shifted; do
        rm -rf out
        fetch_mode "$mode"
        [ "$status" -eq 0 ]
        is_whole a
    done
    fetch_mode once+cut+shifted --force
    [ "$status" -eq 0 ]
    is_whole a
}

@test "statuses: what is final, what is tried again, and how often" {
    while read -r code expected error retry tries; do
        rm -rf out
        : > "$REQUESTS"
        fetch_mode "status-$code"
        [ "$status" -eq "$expected" ]
        record_says 'status failed' "error $error" "retry $retry"
        [ "$(requests)" -eq "$tries" ]
        no_strays
    done <<- 'END'
		404 1 gone false 1
		410 1 gone false 1
		401 1 login_required false 1
		403 1 forbidden false 1
		451 1 forbidden false 1
		500 75 server true 4
		503 75 server true 4
		501 75 server true 1
	END
}

@test "503, then success" {
    fetch_mode once+status-503
    [ "$status" -eq 0 ]
    is_whole a
    [ "$(requests)" -eq 2 ]
}

@test "Retry-After is obeyed" {
    SECONDS=0
    fetch_mode once+status-503+retry-after-2
    [ "$status" -eq 0 ]
    [ "$SECONDS" -ge 2 ]
}

@test "429 pauses all requests; videos that are still refused are rate_limited" {
    printf 'v%s\n' {1..20} | fetch --url-template "$SERVER/status-429/{id}.mp4" -j 2 --retry-delay 2 > records || status=$?
    [ "$status" -eq 75 ]
    [ "$(grep -c '"error": "rate_limited", "retry": true' records)" -eq 20 ]
    # Two at first, then one after each pause.
    [ "$(requests)" -le 5 ]
}

@test "429 once: all continue after a pause" {
    fetch_mode once+status-429
    [ "$status" -eq 0 ]
    grep -q 'wants fewer requests' messages
    is_whole a
}

@test "a file that is not a whole video is bad_media, and is removed" {
    printf '%s\n' page sound cut-off a | fetch --url-template "$SERVER/ok/{id}.mp4" > records || status=$?
    [ "$status" -eq 75 ]
    for id in page sound cut-off; do
        grep "\"key\": \"$id\"" records | grep -q '"error": "bad_media", "retry": true'
        [ ! -e "out/$id.mp4" ]
    done
    is_whole a
    rm -rf out
    fetch_mode gzip
    record_says 'error bad_media'
    no_strays
}

@test "redirects: followed within http, with a limit" {
    fetch_mode redirect
    is_whole a
    for mode in redirect-file redirect-ftp; do
        rm -rf out
        fetch_mode $mode
        [ "$status" -eq 1 ]
        record_says 'error forbidden'
        [ ! -e out/a.mp4 ]
    done
    : > "$REQUESTS"
    fetch_mode redirect-loop
    record_says 'error server'
    [ "$(requests)" -eq 11 ]
}

@test "no server, and a server that stops sending" {
    echo a | fetch --url-template 'http://127.0.0.1:1/{id}.mp4' > records || status=$?
    [ "$status" -eq 75 ]
    record_says 'error network' 'retry true'
    fetch_mode once+stall --low-speed-time 1
    [ "$status" -eq 0 ]
    is_whole a
    [ "$(requests)" -eq 2 ]
}

@test "ids that look like options, and ids that are not valid" {
    long=$(head -c 10000 /dev/zero | tr '\0' x)
    printf '%s\n' --b_ ../../x a/b '' '# a comment' "$long" $'a\001b' .. a |
        fetch --url-template "file://$MIRROR/{id}.mp4" > records 2> messages || status=$?
    [ "$status" -eq 1 ]
    [ "$(wc -l < records)" -eq 2 ]
    is_whole --b_
    is_whole a
    for line in 2 3 6 7 8; do
        grep -q "stdin:$line: " messages
    done
    [ "$(find . -name '*.mp4' | wc -l)" -eq 2 ]
}

@test "an id comes twice: one transfer, one record" {
    printf '%s\n' a a https://youtu.be/a | fetch --url-template "$SERVER/ok/{id}.mp4" > records 2> messages
    record_says 'status ok'
    [ "$(requests)" -eq 1 ]
    [ "$(grep -c 'is listed again' messages)" -eq 2 ]
}

@test "own records: ok ones are passed on, others are tried again; records of other stages are passed on" {
    fetch_mode status-503
    echo '{"stage":"fetch","kind":"video","key":"x","status":"ok","path":"elsewhere/x.mp4","note":1}' >> records
    echo '{"stage":"split","kind":"chunk","key":"x_0001","status":"failed","error":"unreadable","retry":false}' >> records
    fetch --url-template "$SERVER/ok/{id}.mp4" records > again || status=$?
    [ "$status" -eq 1 ]
    [ "$(wc -l < again)" -eq 3 ]
    grep -q '"key": "a", "status": "ok"' again
    grep -q '"key": "x", "status": "ok", "path": "elsewhere/x.mp4", "note": 1}' again
    grep -q '"key": "x_0001"' again
    is_whole a
}

@test "records that cannot be read are reported by line, and the rest is done" {
    printf '%s\n' '{"stage":' '{}' '{"stage":"fetch","kind":"video","key":"../x","status":"failed"}' a |
        fetch --url-template "file://$MIRROR/{id}.mp4" > records 2> messages || status=$?
    [ "$status" -eq 1 ]
    record_says 'key a' 'status ok'
    for line in 1 2 3; do
        grep -q "stdin:$line: " messages
    done
}

@test "--dry-run sends no request and writes no file" {
    fetch_mode ok --dry-run
    [ "$status" -eq 0 ]
    record_says 'status skipped' 'error dry_run' 'retry true'
    [ ! -e out ]
    [ "$(requests)" -eq 0 ]
    fetch_mode ok
    fetch_mode ok --dry-run
    record_says 'status ok' 'cached true'
}

@test "a resolver's answer: format, headers, pieces, credit" {
    resolver resolve <<- END
		echo "\$#: \$*" > arguments
		echo noise >&2
		cat <<X
		{"id": "x", "title": "T \\u00e9", "uploader": "U", "license": "Creative Commons", "upload_date": "20200102",
		 "formats": [{"url": "https://x/"}], "requested_formats": [
		 {"url": "$SERVER/ok/sound.mp4", "vcodec": "none", "format_id": "140"},
		 {"url": "$SERVER/ok/a.mp4", "vcodec": "avc1", "format_id": "137", "protocol": "http",
		  "http_headers": {"X-Test": "yes", "Accept-Encoding": "gzip", "Range": "bytes=5-"},
		  "downloader_options": {"http_chunk_size": 70000}}]}
		X
	END
    fetch_resolved "./resolve --opt  x" <<< --Y9
    [ "$status" -eq 0 ]
    cmp out/--Y9.mp4 "$MIRROR/a.mp4"
    record_says 'key --Y9' 'url https://www.youtube.com/watch\?v=--Y9' 'format 137' 'title T é' 'uploader U' \
        'license Creative Commons' 'upload_date 20200102' 'width 160'
    [ "$(cat arguments)" = '3: --opt x https://www.youtube.com/watch?v=--Y9' ]
    [ "$(requests)" -eq $((($(stat -c %s "$MIRROR/a.mp4") + 69999) / 70000)) ]
    grep -q 'range=bytes=0-69999 if-range=- .*x-test=yes' "$REQUESTS"
    grep -q 'range=bytes=70000-139999 if-range="v1" .*x-test=yes' "$REQUESTS"
}

@test "an expired address is resolved once more" {
    for code in 403 404 410; do
        rm -rf out calls
        : > "$REQUESTS"
        resolver resolve <<- END
			echo x >> calls
			[ "\$(wc -l < calls)" -gt 1 ] && mode=ok || mode=status-$code
			echo "{\"url\": \"$SERVER/\$mode/a.mp4\"}"
		END
        fetch_resolved ./resolve <<< a
        [ "$status" -eq 0 ]
        record_says 'status ok' "bytes $(stat -c %s "$MIRROR/a.mp4")"
        is_whole a
        [ "$(wc -l < calls)" -eq 2 ]
        [ "$(requests)" -eq 2 ]
    done
    resolver resolve <<< "echo x >> calls; echo '{\"url\": \"$SERVER/status-410/a.mp4\"}'"
    rm -r out calls
    fetch_resolved ./resolve <<< a
    [ "$status" -eq 1 ]
    record_says 'error gone'
    [ "$(wc -l < calls)" -eq 2 ]
}

@test "resolvers that refuse" {
    while IFS='|' read -r said expected error retry; do
        resolver resolve <<< "echo 'WARNING: something' >&2; echo \"ERROR: [youtube] x: $said\" >&2; exit 1"
        fetch_resolved ./resolve <<< x
        [ "$status" -eq "$expected" ]
        record_says 'status failed' "error $error" "retry $retry"
        grep -qF "$said" records
    done <<- 'END'
		Private video. Sign in if you have been granted access|1|gone|false
		Sign in to confirm your age|1|login_required|false
		The uploader has not made this video available in your country|1|forbidden|false
		Premieres in 3 hours|75|resolver|true
		Requested format is not available|1|no_format|false
		Unable to download webpage: <urlopen error timed out>|75|timeout|true
		Something that nobody has heard before|75|resolver|true
	END
}

@test "a bot check pauses all requests" {
    resolver resolve <<< 'echo x >> calls; echo "ERROR: [youtube] x: Sign in to confirm you are not a bot" >&2; exit 1'
    status=0
    printf 'v%s\n' {1..10} | fetch --resolver ./resolve -j 2 --retry-delay 2 > records || status=$?
    [ "$status" -eq 75 ]
    [ "$(grep -c '"error": "rate_limited", "retry": true' records)" -eq 10 ]
    [ "$(wc -l < calls)" -le 5 ]
}

@test "after a pause one request goes first, and the others when it is answered" {
    resolver resolve <<- END
		echo start >> calls
		page=\${1##*=}
		if [ "\$page" = v1 ] || [ "\$page" = v2 ] && [ ! -e "\$page" ]; then
		    touch "\$page"
		    until [ -e v1 ] && [ -e v2 ]; do sleep 0.02; done
		    echo "ERROR: [youtube] x: Sign in to confirm you are not a bot" >&2
		    exit 1
		fi
		sleep 0.2
		echo end >> calls
		echo '{"url": "$SERVER/ok/a.mp4"}'
	END
    printf 'v%s\n' {1..5} | fetch --resolver ./resolve -j 2 -v > records 2> messages
    [ "$(grep -c '"status": "ok"' records)" -eq 5 ]
    [ "$(head -n 5 calls | tr '\n' ' ')" = 'start start start end start ' ]
    [ "$(grep -c 'it is tried again after the pause' messages)" -eq 2 ]
}

@test "resolvers that hang, crash, print too much or answer nonsense" {
    resolver hung <<< 'sleep 600 & echo $! > sleeper; sleep 600'
    resolver crashed <<< 'kill -SEGV $$'
    resolver endless <<< 'yes'
    resolver no-json <<< 'echo hello'
    resolver silent <<< ':'
    resolver injects <<< 'echo "{\"url\": \"http://127.0.0.1/\", \"http_headers\": {\"X\": \"a\\r\\nY: b\"}}"'
    resolver array <<< 'echo "[1]"'
    for name in hung crashed endless no-json silent injects array; do
        fetch_resolved "./$name" --retries 0 --resolver-timeout 3 <<< x
        [ "$status" -eq 75 ]
        record_says 'status failed' 'error resolver' 'retry true'
    done
    # All children of the hung one are dead.
    run ! is_running "$(cat sleeper)"
    resolver evil <<< "echo '{\"url\": \"file://$MIRROR/a.mp4\"}'"
    fetch_resolved ./evil <<< x
    record_says 'error no_format'
    [ -z "$(ls out)" ]
}

@test "an answer that Python writes and JSON forbids: what is not needed does no harm" {
    # shellcheck disable=SC2028 # Python's escapes
    resolver resolve <<- END
		cat << 'ANSWER'
		{"url": "$SERVER/ok/a.mp4", "title": "half \\ud83d of \\ud83d\\ude00\\u0000\\\\", "height": 120, "a": NaN,
		 "b": [-Infinity, {"\\udc00": Infinity}], "c": 123456789012345678901234567890, "d": "NaN\\""}
		ANSWER
	END
    fetch_resolved ./resolve --min-height 100 <<< a
    [ "$status" -eq 0 ]
    record_says 'status ok' $'title half \xef\xbf\xbd of \xf0\x9f\x98\x80\xef\xbf\xbd.*'
}

@test "a resolver that does not exist: status 3" {
    fetch_resolved ./nowhere <<< x
    [ "$status" -eq 3 ]
    grep -q "'./nowhere' is not a program" messages
    fetch_resolved no-such-program <<< x
    [ "$status" -eq 3 ]
}

@test "a resolver that downloads the file itself" {
    resolver resolve <<< "cp '$MIRROR/a.mp4' own.mp4; echo '{\"path\": \"own.mp4\", \"title\": \"T\"}'"
    fetch_resolved ./resolve <<< a
    [ "$status" -eq 0 ]
    record_says 'status ok' 'title T'
    is_whole a
    [ ! -e own.mp4 ]
    rm -r out
    ln -s "$MIRROR/a.mp4" link.mp4
    resolver resolve <<< 'echo "{\"path\": \"link.mp4\"}"'
    fetch_resolved ./resolve <<< a
    record_says 'error resolver'
    [ -e "$MIRROR/a.mp4" ]
    [ -z "$(ls out)" ]
}

@test "a resolver's own file that is refused stays where it is" {
    echo 'my thesis' > own.mp4
    # A part of that name would be emptied when it is opened.
    for path in own.mp4 out/a.mp4.part; do
        mkdir -p out
        cp own.mp4 kept.mp4
        [ -e "$path" ] || cp own.mp4 "$path"
        resolver resolve <<< "echo '{\"path\": \"$path\"}'"
        fetch_resolved ./resolve <<< a
        record_says 'error bad_media'
        cmp "$path" kept.mp4
    done
    rm -r out
    cp "$MIRROR/a.mp4" own.mp4
    resolver resolve <<< "echo '{\"path\": \"own.mp4\"}'"
    fetch_resolved ./resolve --min-height 500 <<< a
    record_says 'error low_quality'
    cmp own.mp4 "$MIRROR/a.mp4"
    [ -z "$(entries out)" ]
}

@test "a resolver's own file on another file system is copied, and removed when the copy has its name" {
    own=$(mktemp -d /dev/shm/th-fetch.XXXXXX)
    [ "$(stat -c %d "$own")" != "$(stat -c %d .)" ] || skip "there is one file system only"
    resolver resolve <<< "cp '$MIRROR/page.mp4' '$own/a.mp4'; echo '{\"path\": \"$own/a.mp4\"}'"
    fetch_resolved ./resolve <<< a
    record_says 'error bad_media'
    cmp "$own/a.mp4" "$MIRROR/page.mp4"
    [ -z "$(entries out)" ]
    resolver resolve <<< "cp '$MIRROR/a.mp4' '$own/a.mp4'; echo '{\"path\": \"$own/a.mp4\"}'"
    fetch_resolved ./resolve <<< a
    record_says 'status ok' "sha256 $(sha256sum < "$MIRROR/a.mp4" | cut -d ' ' -f 1)"
    is_whole a
    [ ! -e "$own/a.mp4" ]
    rm -r "$own"
}

@test "a password in a URL is sent, and stands nowhere" {
    local secret="${SERVER/:\/\//:\/\/user:s3cret@}"
    fetch_mode() { fetch -v "$@" > records 2>> messages || true; }
    resolver refuses <<< 'echo "ERROR: Private video" >&2; exit 1'
    for mode in cut ok status-404; do
        fetch_mode --url-template "$secret/$mode/{id}.mp4" --force --retries 0 <<< a
        cat out/a.mp4.part.json >> files 2> /dev/null || true
        cat records >> all
        fetch_mode --force --retries 0 --resolver ./refuses <<< "$secret/$mode/a.mp4"
        cat records >> all
    done
    grep -q 'auth=Basic dXNlcjpzM2NyZXQ=' "$REQUESTS"
    fetch_mode --url-template "$secret/{id}.mp4" --dry-run --force <<< a
    cat records >> all
    fetch_mode --url-template "$secret/no-mark" <<< a
    fetch_mode <<< "${secret/http/ftp}/a"
    fetch_mode <<< "$secret/a b"
    [ "$(grep -c "$SERVER/" all)" -eq 7 ]
    grep -q "is not a URL of http" messages
    [ -s files ]
    run ! grep -r -e s3cret -e user: all messages files out
}

@test "only cookies of the given file go to the server" {
    printf '# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tname\tvalue\n' > cookies
    fetch_mode ok --cookies cookies
    grep -q 'cookie=name=value' "$REQUESTS"
    fetch_mode ok --cookies nowhere
    [ "$status" -eq 3 ]
}

@test "cookies and proxy go to yt-dlp too, which may change its copy of the cookies" {
    mkdir path
    resolver path/yt-dlp <<- END
		printf '<%s>' "\$@" > arguments
		while [ "\$1" != --cookies ]; do shift; done
		cat "\$2" > got
		echo more > "\$2"
		echo '{"url": "$SERVER/ok/a.mp4", "path": "$MIRROR/--b_.mp4"}'
	END
    printf '# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tname\tvalue\n' > cookies
    cp cookies before
    printf '%s\n' a b c | no_proxy='' PATH=$PWD/path:$PATH fetch --sleep-interval 0 --cookies cookies --proxy "$SERVER" > records || true
    cmp before cookies
    cmp before got
    grep -qF "<--proxy><$SERVER>" arguments
    [ "$(requests)" -ge 3 ]
    [ "$(grep -c '^http.* cookie=name=value' "$REQUESTS")" -eq "$(requests)" ]
    # A page cannot make it move a file of this machine.
    [ -e "$MIRROR/--b_.mp4" ]
}

@test "--proxy: the request goes there, and not to the host itself" {
    status=0
    echo a | fetch --url-template 'http://nowhere.invalid/{id}.mp4' --proxy "$SERVER" > records || status=$?
    grep -q '^http://nowhere.invalid/a.mp4 ' "$REQUESTS"
    [ "$status" -eq 1 ] # the server is no proxy, and says 404
    # The same with a proxy of the environment.
    : > "$REQUESTS"
    echo a | http_proxy=$SERVER fetch --url-template 'http://nowhere.invalid/{id}.mp4' > records || true
    grep -q '^http://nowhere.invalid/a.mp4 ' "$REQUESTS"
}

@test "--limit-rate holds for all transfers together" {
    many 3 > ids
    SECONDS=0
    fetch --url-template "$SERVER/ok/{id}.mp4" -j 3 --limit-rate 2M ids > records
    [ "$SECONDS" -ge 2 ]
}

@test "messages about wrong values say what was expected" {
    while IFS='|' read -r arguments expected; do
        # shellcheck disable=SC2086 # several arguments
        run --separate-stderr "$TH_BIN/th-fetch" -o out $arguments < /dev/null
        [ "$status" -eq 2 ]
        # shellcheck disable=SC2154 # run sets it
        [[ $stderr == *"$expected"* ]]
    done <<- 'END'
		--url-template https://m/x.mp4|{id}
		--url-template ftp://m/{id}|http, https or file
		--retries many|expected a whole number
		--resolver-timeout 0|expected a number
		--limit-rate fast|expected a number of bytes
	END
    [ ! -e out ]
}

@test "kill -9 at any moment: a rerun ends with the same bytes, and nothing else" {
    many 12 > ids
    killed=0
    for _ in {1..12}; do
        "$TH_BIN/th-fetch" -o out --url-template "$SERVER/ok/{id}.mp4" -j 3 --limit-rate 2M ids > records 2> messages &
        sleep "0.$((RANDOM % 40 + 10))"
        kill -9 $! && killed=$((killed + 1))
        wait $! || true
        # A file with the final name is whole.
        for file in out/*.mp4; do
            [ ! -e "$file" ] || cmp "$file" "$MIRROR/${file#out/}"
        done
    done
    [ "$killed" -gt 3 ]
    fetch --url-template "$SERVER/ok/{id}.mp4" -j 3 ids > records
    [ "$(grep -c '"status": "ok"' records)" -eq 12 ]
    while read -r id; do is_whole "$id"; done < ids
    [ "$(find out -type f ! -path 'out/.index/*' | wc -l)" -eq 12 ]
}

@test "SIGTERM: stops at once, and keeps what can be resumed" {
    many 1 > ids
    "$TH_BIN/th-fetch" -o out --url-template "$SERVER/ok/{id}.mp4" --limit-rate 100K ids > records &
    until_true test -s out/v1.mp4.part
    kill -TERM $!
    status=0
    wait $! || status=$?
    [ "$status" -eq 143 ]
    [ ! -s records ]
    [ -s out/v1.mp4.part ]
    [ ! -e out/v1.mp4 ]
    kept=$(stat -c %s out/v1.mp4.part)
    fetch --url-template "$SERVER/ok/{id}.mp4" ids > records
    grep -q "range=bytes=$kept-" "$REQUESTS"
    is_whole v1
}

@test "the resolver of a killed run is killed too" {
    resolver hung <<< 'echo $$ > resolver.pid; sleep 600 & echo $! > sleeper.pid; wait'
    echo a > ids
    "$TH_BIN/th-fetch" -o out --resolver ./hung ids > records &
    until [ -s sleeper.pid ]; do sleep 0.05; done
    kill -9 $!
    are_gone() { ! is_running "$(cat resolver.pid)" && ! is_running "$(cat sleeper.pid)"; }
    until_true are_gone
}

@test "a full disk" {
    [ -w /dev/full ] || skip "there is no /dev/full"
    mkdir out
    # The library may write no file longer than this: the same path as a full disk, but it needs no root.
    (ulimit -f 40 && trap '' XFSZ && fetch_mode ok && echo "$status" > status)
    [ "$(cat status)" -eq 75 ]
    grep -qE '"error": "(io|disk_full)", "retry": true' records
    [ ! -e out/a.mp4 ]
    fetch_mode ok
    [ "$status" -eq 0 ]
    is_whole a
}

@test "the real yt-dlp resolves a page of nginx" {
    command -v yt-dlp > /dev/null || skip "yt-dlp is not installed"
    port=$(new_port)
    start_nginx "$PWD/nginx" "$port" <<< "listen 127.0.0.1:$port; root $MIRROR;"
    status=0
    echo "http://127.0.0.1:$port/a.mp4" | fetch --resolver-timeout 250 > records || status=$?
    kill "$NGINX_PID"
    [ "$status" -eq 0 ]
    record_says 'key a' 'status ok' 'title a' "url http://127.0.0.1:$port/a.mp4"
    is_whole a
}
