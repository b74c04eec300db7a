#!/usr/bin/env bats
# th-fetch --audio: two streams joined, in step, with no packet changed.

bats_require_minimum_version 1.5.0

load fetch

setup() {
    prepare
    # Sound and picture of the same length, B frames and priming samples included, both with marks at each second.
    [ -e "$MIRROR/picture.mp4" ] || {
        ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=160x120:r=30000/1001:d=130 -c:v libx264 -preset veryfast \
            -bf 2 -g 60 -movflags faststart "$MIRROR/picture.mp4"
        ffmpeg -v error -nostdin -f lavfi -i 'sine=b=4:d=130' -c:a aac -movflags faststart "$MIRROR/voice.m4a"
        ffmpeg -v error -nostdin -f lavfi -i 'sine=b=4:d=5' -c:a libopus "$MIRROR/voice.webm"
    }
    answer /ok/picture.mp4 /ok/voice.m4a
}

# answer VIDEO AUDIO: the paths on the server that the resolver names.
answer() {
    resolver resolve <<- END
		echo x >> calls
		cat <<X
		{"requested_formats": [
		 {"format_id": "137", "url": "$SERVER$1", "vcodec": "avc1", "acodec": "none"},
		 {"format_id": "140", "url": "$SERVER$2", "vcodec": "none", "acodec": "mp4a.40.2"}]}
		X
	END
}

# silent: downloads the video talk without its sound, as runs without --audio do. No request is left in the log.
silent() {
    fetch_resolved ./resolve <<< talk
    record_says 'status ok' 'format 137'
    : > "$REQUESTS"
    rm calls
}

# keeps_silent ARGUMENT...: --audio leaves the video as it is. The record says why, and no later run asks again.
keeps_silent() {
    silent
    cp out/talk.mp4 before.mp4
    "$@"
    fetch_resolved ./resolve --audio <<< talk
    [ "$status" -eq 0 ]
    record_says 'status ok' 'cached true' 'sound false' 'format 137' "sha256 $(sha256sum < before.mp4 | cut -d ' ' -f 1)"
    cmp before.mp4 out/talk.mp4
    [ "$(entries out)" = "$(printf '%s\n' .index talk.mp4)" ]
    rm -f calls
    cp records first
    fetch_resolved ./resolve --audio <<< talk
    diff first records
    [ ! -e calls ]
}

# packets FILE STREAM: times and hashes of its packets.
packets() {
    ffmpeg -v error -nostdin -i "$1" -map "0:$2" -c copy -copyts -f framemd5 - | grep -v '^#'
}

@test "--audio: every packet of both is there, unchanged and at its time" {
    fetch_resolved ./resolve --audio <<< talk
    [ "$status" -eq 0 ]
    record_says 'format 137\+140' 'width 160' 'status ok'
    [ "$(field sha256 < records)" = "$(sha256sum < out/talk.mp4 | cut -d ' ' -f 1)" ]
    [ "$(entries out)" = "$(printf '%s\n' .index talk.mp4)" ]
    diff <(packets "$MIRROR/picture.mp4" v) <(packets out/talk.mp4 v)
    diff <(packets "$MIRROR/voice.m4a" a) <(packets out/talk.mp4 a)
    # Decoded, they have the same times and samples.
    diff <(ffprobe -v error -select_streams v -show_entries frame=pts_time -of csv=p=0 -read_intervals '%+3' "$MIRROR/picture.mp4") \
        <(ffprobe -v error -select_streams v -show_entries frame=pts_time -of csv=p=0 -read_intervals '%+3' out/talk.mp4)
    [ "$(ffmpeg -v error -i "$MIRROR/voice.m4a" -f md5 -)" = "$(ffmpeg -v error -i out/talk.mp4 -map a -f md5 -)" ]
}

@test "with and without --audio the chunks hold the same video" {
    fetch_resolved ./resolve <<< talk
    record_says 'format 137'
    mv out silent
    fetch_resolved ./resolve --audio <<< talk
    for folder in silent out; do
        "$TH_BIN/th-split" -q -o "chunks-$folder" <<< "$folder/talk.mp4" > /dev/null
        for chunk in "chunks-$folder"/*.mp4; do
            ffmpeg -v error -nostdin -i "$chunk" -map 0:v -c copy -f streamhash -
            ffprobe -v error -select_streams v -show_entries packet=size,duration -of csv=p=0 "$chunk" | md5sum
        done > "$folder.sums"
    done
    [ "$(wc -l < out.sums)" -eq 6 ]
    diff silent.sums out.sums
}

@test "--audio: sound of webm, no sound at all, and sound within the video" {
    answer /ok/a.mp4 /ok/voice.webm
    fetch_resolved ./resolve --audio <<< talk
    record_says 'status ok'
    diff <(packets "$MIRROR/a.mp4" v) <(packets out/talk.mp4 v)
    [ "$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 out/talk.mp4 | tr '\n' ' ')" = 'h264 opus ' ]
    resolver resolve <<< "echo '{\"url\": \"$SERVER/ok/a.mp4\", \"format_id\": \"18\"}'"
    fetch_resolved ./resolve --audio <<< a
    record_says 'format 18'
    is_whole a
}

@test "--audio resumes either stream" {
    answer /once+cut/picture.mp4 /once+cut/voice.m4a
    fetch_resolved ./resolve --audio <<< talk
    record_says 'status ok'
    diff <(packets "$MIRROR/voice.m4a" a) <(packets out/talk.mp4 a)
    [ "$(requests)" -eq 4 ]
    [ "$(grep -c 'range=bytes=[0-9]' "$REQUESTS")" -eq 2 ]
    # When the video is whole, only the sound is requested.
    rm -r out
    : > "$REQUESTS"
    answer /ok/picture.mp4 /status-503/voice.m4a
    fetch_resolved ./resolve --audio <<< talk
    [ "$status" -eq 75 ]
    [ "$(entries out)" = "$(printf '%s\n' talk.mp4.part talk.mp4.part.json)" ]
    [ "$(grep -c picture "$REQUESTS")" -eq 1 ]
    answer /ok/picture.mp4 /ok/voice.m4a
    fetch_resolved ./resolve --audio <<< talk
    record_says 'status ok'
    [ "$(grep -c picture "$REQUESTS")" -eq 1 ]
    [ "$(entries out)" = "$(printf '%s\n' .index talk.mp4)" ]
    diff <(packets "$MIRROR/picture.mp4" v) <(packets out/talk.mp4 v)
}

@test "--audio: a disk that is full during the join loses neither part" {
    small_disk 6m out
    # The parts fit on the disk, the joined file does not.
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=320x240:r=30:d=60 -c:v libx264 -preset ultrafast -bf 2 -b:v 400k "$MIRROR/big.mp4"
    [ "$(stat -c %s "$MIRROR/big.mp4")" -gt 2400000 ]
    [ "$(stat -c %s "$MIRROR/big.mp4")" -lt 3500000 ]
    answer /ok/big.mp4 /ok/voice.m4a
    fetch_resolved ./resolve --audio --retries 0 <<< talk
    record_says 'error disk_full'
    cmp "$MIRROR/big.mp4" out/talk.mp4.part
    # Another run, without sound, uses the part that is there.
    fetch_resolved ./resolve <<< talk
    record_says 'status ok'
    cmp "$MIRROR/big.mp4" out/talk.mp4
    [ "$(entries out)" = "$(printf '%s\n' .index talk.mp4)" ]
    [ "$(requests)" -eq 2 ]
}

@test "--audio: a file without sound is bad_media, an expired address is resolved once more" {
    answer /ok/a.mp4 /ok/page.mp4
    fetch_resolved ./resolve --audio <<< talk
    [ "$status" -eq 75 ]
    record_says 'error bad_media'
    [ -z "$(entries out)" ]
    rm calls
    answer /ok/a.mp4 /status-403/sound.mp4
    fetch_resolved ./resolve --audio <<< talk
    record_says 'error forbidden'
    [ "$(wc -l < calls)" -eq 2 ]
    [ ! -e out/talk.mp4 ]
}

@test "--audio on a video that was downloaded without sound: only the sound is downloaded, and joined" {
    silent
    mtime=$(stat -c %Y.%y out/talk.mp4)
    fetch_resolved ./resolve --audio --dry-run <<< talk
    grep -q 'its sound would be downloaded from https://www.youtube.com/watch?v=talk' records
    [ "$mtime" = "$(stat -c %Y.%y out/talk.mp4)" ] && [ ! -e calls ]
    fetch_resolved ./resolve --audio <<< talk
    [ "$status" -eq 0 ]
    [ "$(requests)" -eq 1 ]
    grep -q voice.m4a "$REQUESTS"
    record_says 'status ok' 'format 137\+140' 'sound true' "bytes $(stat -c %s out/talk.mp4)" \
        "sha256 $(sha256sum < out/talk.mp4 | cut -d ' ' -f 1)"
    run ! grep cached records
    diff <(packets "$MIRROR/picture.mp4" v) <(packets out/talk.mp4 v)
    diff <(packets "$MIRROR/voice.m4a" a) <(packets out/talk.mp4 a)
    [ "$(entries out)" = "$(printf '%s\n' .index talk.mp4)" ]
    # No later run asks again, and none without --audio loses the sound.
    rm calls
    for options in --audio ''; do
        fetch_resolved ./resolve $options <<< talk
        record_says 'cached true' 'format 137\+140' "sha256 $(sha256sum < out/talk.mp4 | cut -d ' ' -f 1)"
    done
    [ ! -e calls ]
}

@test "--audio on such a video, killed: the video stays whole, and the next run resumes its sound" {
    silent
    cp out/talk.mp4 before.mp4
    "$TH_BIN/th-fetch" -o out --resolver ./resolve --audio --limit-rate 100K <<< talk > records 2> messages &
    until [ -s out/talk.m4a.part ]; do
        kill -0 $!
        sleep 0.02
    done
    kill -9 $!
    wait $! || true
    cmp before.mp4 out/talk.mp4
    : > "$REQUESTS"
    fetch_resolved ./resolve --audio <<< talk
    record_says 'format 137\+140'
    grep -q 'voice.m4a .*range=bytes=[1-9]' "$REQUESTS"
    # Killed after the index was written, and before the joined file got its name.
    cp before.mp4 out/talk.mp4
    fetch_resolved ./resolve --audio <<< talk
    record_says 'sound true'
    diff <(packets "$MIRROR/voice.m4a" a) <(packets out/talk.mp4 a)
}

@test "--audio, and there is no sound to be had: the video stays, its record says why, and nobody asks again" {
    keeps_silent resolver resolve <<< "echo x >> calls; echo '{\"url\": \"$SERVER/ok/picture.mp4\", \"format_id\": \"137\"}'"
    record_says 'note the page offers no sound'
    rm -r out
    answer /ok/picture.mp4 /ok/voice.m4a
    keeps_silent resolver resolve <<< 'echo x >> calls; echo "ERROR: [youtube] talk: Private video" >&2; exit 1'
    record_says 'note .*Private video.*'
    rm -r out
    # The sound of another version of the video, which lasts 5 seconds.
    answer /ok/picture.mp4 /ok/voice.m4a
    keeps_silent answer /ok/picture.mp4 /ok/voice.webm
    record_says "note the page's sound lasts 5.0 seconds, and the video 130.0"
}

@test "--audio on such a video: what another run may mend is a failure, and leaves the video" {
    silent
    cp out/talk.mp4 before.mp4
    answer /ok/picture.mp4 /status-503/voice.m4a
    fetch_resolved ./resolve --audio <<< talk
    [ "$status" -eq 75 ]
    record_says 'status failed' 'error server' 'retry true'
    # Equal refusals of many pages are the resolver's fault, and no word about the videos.
    for id in {1..21}; do cp before.mp4 "out/v$id.mp4"; done
    resolver resolve <<< 'echo "ERROR: [youtube] x: Private video" >&2; exit 1'
    status=0
    printf 'v%d\n' {1..21} | fetch --resolver ./resolve --audio > records 2> messages || status=$?
    [ "$status" -eq 75 ]
    [ "$(grep -c '"error": "resolver", "retry": true' records)" -eq 21 ]
    [ "$(entries out/.index)" = talk.json ]
    answer /ok/picture.mp4 /ok/voice.m4a
    printf '%s\n' talk v{1..21} | fetch --resolver ./resolve --audio > records
    [ "$(grep -c '"sound": true' records)" -eq 22 ]
}

@test "--audio on such a video: all of it is downloaded when the sound is no stream of its own; links and archives stay" {
    ffmpeg -v error -nostdin -i "$MIRROR/picture.mp4" -i "$MIRROR/voice.m4a" -c copy "$MIRROR/both.mp4"
    silent
    resolver resolve <<< "echo '{\"url\": \"$SERVER/ok/both.mp4\", \"format_id\": \"22\"}'"
    fetch_resolved ./resolve --audio <<< talk
    record_says 'format 22' 'sound true'
    is_whole talk both.mp4
    ln -s "$MIRROR/picture.mp4" out/link.mp4
    fetch_resolved ./resolve --audio <<< link
    record_says 'status ok' 'cached true'
    cp "$MIRROR/picture.mp4" out/both.mp4
    fetch --url-template "$SERVER/ok/{id}.mp4" --audio <<< both > records
    record_says 'status ok' 'cached true'
    [ "$(requests)" -eq 1 ]
}

@test "a set that was made without sound: the command that is printed adds it, and its clips are made anew" {
    answer /ok/a.mp4 /ok/sound.mp4
    echo talk > set_video_ids.txt
    printf 'talk_0000, 120, 160, %s, 20, 20, 120, 120\n' '0, 19' '5, 24' > set_video_tubes.txt
    export TH_FETCH_FLAGS="--resolver $PWD/resolve" TH_CROP_FLAGS='--preset ultrafast --audio'
    run -0 driver --data "$PWD" --lists "$PWD" set
    [[ $output == *$'Clips without sound: 2. This downloads their sound:\n    TH_FETCH_FLAGS=--audio\ --resolver'*' set'* ]]
    next=$(grep -o 'TH_FETCH_FLAGS=--audio.*' <<< "$output")
    [[ $next != *' -f '* ]]
    : > "$REQUESTS"
    run -0 bash -c "$next"
    [[ $output != *'sound:'* ]]
    [ "$(requests)" -eq 1 ]
    [ "$(grep -c '"sound": true' set/manifests/crop.jsonl)" -eq 2 ]
    # Without --audio, the sound stays; and where there is none, no command can bring it.
    run -0 driver --data "$PWD" --lists "$PWD" set
    [ "$(grep -c '"cached": true' set/manifests/crop.jsonl)" -eq 2 ]
    rm -r set
    resolver resolve <<< "echo '{\"url\": \"$SERVER/ok/a.mp4\", \"format_id\": \"137\"}'"
    TH_FETCH_FLAGS="--audio $TH_FETCH_FLAGS" run -0 driver --data "$PWD" --lists "$PWD" set
    [[ $output == *'Clips without sound: 2. Their videos have none that can be downloaded.'* && $output != *'their sound:'* ]]
}

@test "--audio asks yt-dlp for the same video as without, and for sound" {
    mkdir path
    resolver path/yt-dlp <<< 'printf "<%s>" "$@" > arguments; echo "ERROR: Private video" >&2; exit 1'
    PATH=$PWD/path:$PATH
    echo x | fetch --audio --max-height 480 > records || true
    choices=$(sed 's/.*<--format><//; s/><https.*//' arguments | tr / '\n')
    diff - <(echo "$choices") <<- 'END'
		bestvideo[ext=mp4][vcodec^=avc1][protocol^=http][protocol!*=dash][format_id!$=-sr][height<=480]+bestaudio[ext=m4a][protocol^=http][protocol!*=dash]
		bestvideo[ext=mp4][vcodec^=avc1][protocol^=http][protocol!*=dash][format_id!$=-sr][height<=480]+bestaudio[protocol^=http][protocol!*=dash]
		bestvideo[ext=mp4][vcodec^=avc1][protocol^=http][protocol!*=dash][format_id!$=-sr][height<=480]
		bestvideo[ext=mp4][protocol^=http][protocol!*=dash][format_id!$=-sr][height<=480]+bestaudio[ext=m4a][protocol^=http][protocol!*=dash]
		bestvideo[ext=mp4][protocol^=http][protocol!*=dash][format_id!$=-sr][height<=480]+bestaudio[protocol^=http][protocol!*=dash]
		bestvideo[ext=mp4][protocol^=http][protocol!*=dash][format_id!$=-sr][height<=480]
		best[ext=mp4][protocol^=http][protocol!*=dash][format_id!$=-sr][height<=480]
		best[protocol^=http][protocol!*=dash][format_id!$=-sr][height<=480]
		bestvideo[ext=mp4][vcodec^=avc1][format_id!$=-sr][height<=480]+bestaudio[ext=m4a]
		bestvideo[ext=mp4][vcodec^=avc1][format_id!$=-sr][height<=480]+bestaudio
		bestvideo[ext=mp4][vcodec^=avc1][format_id!$=-sr][height<=480]
		bestvideo[ext=mp4][format_id!$=-sr][height<=480]+bestaudio[ext=m4a]
		bestvideo[ext=mp4][format_id!$=-sr][height<=480]+bestaudio
		bestvideo[ext=mp4][format_id!$=-sr][height<=480]
		best[ext=mp4][format_id!$=-sr][height<=480]
		best[format_id!$=-sr][height<=480]
	END
}
