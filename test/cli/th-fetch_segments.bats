#!/usr/bin/env bats
# Formats that come in segments, which the default resolver downloads itself.
# shellcheck disable=SC2016,SC2028 # the stand-in expands what `download` holds

bats_require_minimum_version 1.5.0

load fetch

# A stand-in for yt-dlp: answers the first call with page.json, and runs the file `download` for the second one.
setup() {
    prepare
    export TH_YT_DLP_HOME=$PWD/home
    mkdir -p home/current/bin
    cat > home/current/bin/yt-dlp << END
#!/bin/bash
case " \$* " in *' --version '*) date +%Y.%m.%d; exit ;; esac
printf '<%s>' "\$@" >> "$PWD/calls"
echo >> "$PWD/calls"
for word; do [ "\$before" != --output ] || file=\$word; before=\$word; done
case " \$* " in
    *' --dump-single-json '*) cat "$PWD/page.json" ;;
    *) . "$PWD/download" ;;
esac
END
    chmod +x home/current/bin/yt-dlp
    page m3u8_native
    echo "cp '$MIRROR/a.mp4' \"\$file\"" > download
}

page() {
    cat > page.json <<- END
		{"id": "a", "_type": "video", "title": "T", "url": "$SERVER/x.m3u8", "protocol": "$1", "format_id": "270",
		 "vcodec": "avc1", "acodec": "none", "height": 120, "path": "/etc/passwd"}
	END
}

fetch_segments() {
    status=0
    echo "${id:-a}" | fetch --sleep-interval 0 "$@" > records 2> messages || status=$?
}

@test "a format in segments is downloaded by the resolver, then checked and named like others" {
    for protocol in m3u8_native http_dash_segments m3u8; do
        rm -rf out
        page $protocol
        fetch_segments
        record_says 'status ok' 'format 270' 'title T' 'height 120' "sha256 $(sha256sum "$MIRROR/a.mp4" | cut -d ' ' -f 1)"
        is_whole a
        [ "$(entries out)" = "$(printf '%s\n' .index a.mp4)" ]
    done
    # A link that has the folder's name leads elsewhere. Nothing goes there.
    rm out/a.mp4
    mkdir elsewhere
    ln -s ../elsewhere out/a.mp4.part.d
    fetch_segments
    record_says 'status ok'
    [ "$(entries out)" = "$(printf '%s\n' .index a.mp4)" ]
    [ -z "$(entries elsewhere)" ]
    rm -rf out
    : > calls
    printf '.example.com\tTRUE\t/\tTRUE\t0\tname\tvalue\n' > cookies
    id=-b%d fetch_segments --cookies cookies --proxy http://p:1 --limit-rate 5M
    record_says 'status ok'
    [ -e out/-b%d.mp4 ]
    grep -v dump-single-json calls | grep -q '<--no-skip-unavailable-fragments><--limit-rate><5242880><--proxy><http://p:1><--format><270><--output><[0-9a-f]*.mp4><--cookies></dev/fd/[0-9]*><https://www.youtube.com/watch?v=-b%25d>$'
}

@test "--no-segmented refuses such a format, and so does a resolver of the user's own" {
    fetch_segments --no-segmented
    record_says 'error no_format' 'retry false'
    grep -q m3u8_native records
    [ "$(wc -l < calls)" -eq 1 ]
    run ! grep -qF 'best[format_id!$=-sr]>' calls
    fetch_segments --resolver ./home/current/bin/yt-dlp
    record_says 'status failed'
    [ ! -e out/a.mp4 ]
}

@test "segments of five videos refused in a row are the server's doing, and condemn no video" {
    echo 'echo "ERROR: unable to download video data: HTTP Error 403: Forbidden" >&2; exit 1' > download
    id=$(printf 'v%s\n' {1..6}) fetch_segments -j 1 --retries 1
    [ "$status" -eq 75 ]
    [ "$(grep -c '"error": "rate_limited", "retry": true' records)" -eq 6 ]
    grep -q 'the server refused 5 videos in a row' records
}

@test "--max-filesize holds for segments" {
    echo 'trap "" XFSZ; head -c 30000 /dev/zero > "$file.part" 2> said || { echo "ERROR: $(cat said)" >&2; exit 1; }' > download
    fetch_segments --max-filesize 20000
    record_says 'error no_format' 'retry false'
    grep -q 'File too large' records
    [ "$(stat -c %s out/a.mp4.part.d/*.part)" -eq 20000 ]
}

@test "what an interrupted download left is continued, by the next try and by the next run" {
    echo 'echo ERROR: unable to download video data: HTTP Error 503 >&2; echo x >> $file.part; exit 1' > download
    fetch_segments --retries 1
    record_says 'error server' 'retry true'
    [ "$(cat out/a.mp4.part.d/*.mp4.part)" = "$(printf 'x\nx')" ]
    echo "[ \"\$(cat \"\$file.part\")\" = \$'x\nx' ] && cp '$MIRROR/a.mp4' \"\$file\"" > download
    fetch_segments
    record_says 'status ok'
    is_whole a
    # Another format begins anew.
    rm -r out
    echo 'echo x > $file.part; exit 1' > download
    fetch_segments --retries 0
    sed -i 's/"270"/"271"/' page.json
    echo "[ ! -e \"\$file.part\" ] && cp '$MIRROR/a.mp4' \"\$file\"" > download
    fetch_segments
    record_says 'status ok' 'format 271'
    [ "$(entries out)" = "$(printf '%s\n' .index a.mp4)" ]
}

@test "lines of progress keep a slow download alive; one without any is stopped" {
    echo "for i in {1..12}; do echo \"[download] \$i%\"; sleep 0.5; done; cp '$MIRROR/a.mp4' \"\$file\"" > download
    fetch_segments --low-speed-time 4 --retries 0
    record_says 'status ok'
    rm -r out
    echo 'sleep 20' > download
    fetch_segments --low-speed-time 0.3 --retries 0
    record_says 'error timeout' 'retry true'
}

@test "a file that is not whole is refused, and the next run begins anew" {
    echo "cp '$MIRROR/cut-off.mp4' \"\$file\"" > download
    fetch_segments --retries 0
    record_says 'error bad_media' 'retry true'
    [ -z "$(entries out)" ]
    echo 'exit 0' > download # says that it is done, and has made no file
    fetch_segments --retries 0
    record_says 'error resolver'
}

@test "--audio: sound in segments is joined" {
    cat > page.json <<- END
		{"id": "a", "requested_formats": [
		 {"format_id": "v", "protocol": "m3u8_native", "vcodec": "avc1", "acodec": "none"},
		 {"format_id": "s", "protocol": "m3u8_native", "vcodec": "none", "acodec": "mp4a"}]}
	END
    echo "case \$file in *.m4a) cp '$MIRROR/sound.mp4' \"\$file\" ;; *) cp '$MIRROR/a.mp4' \"\$file\" ;; esac" > download
    fetch_segments --audio
    record_says 'status ok' 'format v\+s'
    [ "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 out/a.mp4 | sort | xargs)" = 'audio video' ]
    no_strays
    # Of a video that is there without sound, only the sound is downloaded.
    cp "$MIRROR/a.mp4" out/a.mp4
    : > calls
    fetch_segments --audio
    record_says 'status ok' 'sound true'
    [ "$(grep -c -- --output calls)" -eq 1 ] && grep -q '<--format><s>' calls
    no_strays
}

@test "the real yt-dlp downloads HLS" {
    real=$(PATH=${PATH//$PWD/} command -v yt-dlp) || skip "yt-dlp is not installed"
    mkdir hls
    ffmpeg -v error -nostdin -i "$MIRROR/a.mp4" -c copy -hls_time 1 -hls_playlist_type vod hls/a.m3u8
    printf '#!/bin/sh\nexec %s "$@"\n' "$real" > home/current/bin/yt-dlp
    port=$(new_port)
    start_nginx "$PWD/nginx" "$port" <<< "listen 127.0.0.1:$port; root $PWD/hls;
        types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; }"
    echo "http://127.0.0.1:$port/a.m3u8" | fetch --resolver-timeout 250 > records 2> messages || true
    kill "$NGINX_PID"
    record_says 'status ok'
    [ "$(ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0 out/a.mp4 | tr -d ,)" -eq 75 ]
    [ "$(entries out)" = "$(printf '%s\n' .index a.mp4)" ]
}
