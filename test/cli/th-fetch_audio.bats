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
