# The sound of clips: cut at the times of the tube's frames, shown with clicks.
# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0

load exact

# Ten clicks a second, each 2 ms of a loud tone, the k-th at k/10 s; every fifth has a higher pitch.
clicks="aevalsrc='0.8*lt(mod(t,0.1),0.002)*sin(2*PI*t*if(eq(mod(floor(t*10),5),0),3000,1500))':s=48000:d=6"

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir chunks
    make -f lavfi -i testsrc2=s=192x144:r=25:d=6 -c:v libx264 -preset ultrafast -g 25 -bf 2 chunks/mute_0000.mp4
    make -f lavfi -i "$clicks" clicks.wav
    make -i chunks/mute_0000.mp4 -i clicks.wav -c:v copy -c:a aac -b:a 128k chunks/aac_0000.mp4
    make -i chunks/mute_0000.mp4 -i clicks.wav -c:v copy -c:a libopus -b:a 128k chunks/opus_0000.mkv
    make -i chunks/mute_0000.mp4 -i clicks.wav -c:v copy -c:a libmp3lame -b:a 128k chunks/mp3_0000.mp4
    make -i chunks/mute_0000.mp4 -i clicks.wav -c:v copy -c:a flac chunks/flac_0000.mkv
    # mp4 does not hold these in any version of FFmpeg.
    make -i chunks/mute_0000.mp4 -i clicks.wav -c:v copy -c:a pcm_mulaw chunks/pcm_0000.mov
    make -i chunks/mute_0000.mp4 -i clicks.wav -c:v copy -c:a libvorbis chunks/vorbis_0000.mkv
    make -i chunks/mute_0000.mp4 -i clicks.wav -c:v copy -c:a truehd -strict -2 chunks/truehd_0000.mkv
    make -i chunks/mute_0000.mp4 -i clicks.wav -c:v copy -c:a adpcm_ms chunks/adpcm_0000.mkv
    make -i chunks/mute_0000.mp4 -i clicks.wav -c:v copy -c:a pcm_mulaw -ar 192000 \
        -af 'pan=5.1|FL=c0|FR=c0|FC=c0|LFE=c0|BL=c0|BR=c0' chunks/high_0000.mov
    make -i chunks/mute_0000.mp4 -i clicks.wav -c:v copy -c:a pcm_mulaw -af 'pan=22.2|FL=c0|FR=c0|FC=c0|BL=c0' \
        chunks/odd_0000.mov
    make -i chunks/mute_0000.mp4 -i clicks.wav -c:v copy -c:a pcm_mulaw \
        -af "aselect='gt(t,0.95)*not(between(t,2.05,2.95))'" chunks/gap_0000.mkv
    make -i chunks/mute_0000.mp4 -i clicks.wav -c:v copy -c:a truehd -strict -2 -bsf:a noise=amount=1 chunks/broken_0000.mkv
    # As th-split cuts them: times continue from the chunk before.
    make -i chunks/aac_0000.mp4 -c copy -map 0 -f segment -segment_time 2 chunks/cut_%04d.mp4
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    ln -s "$BATS_FILE_TMPDIR/chunks" .
}

# crop CHUNK S E [OPTION...]: makes a clip as `clip.mp4`, and its record as `record`.
crop() {
    local row="$1, 144, 192, $2, $3, 0, 0, 64, 64"
    shift 3
    "$TH_BIN/th-crop" -q -f -i chunks -o out --preset ultrafast --audio "$@" <<< "$row" > record
    cp "$(jq -r .path record)" clip.mp4
}

# click_times FILE [FROM TO]: when the clicks of its sound begin, in milliseconds, as a player hears it.
click_times() {
    ffmpeg -v error -nostdin -i "$1" -map 0:a -af "aresample=async=1:first_pts=0${2:+,atrim=$2:$3,asetpts=PTS-STARTPTS}" \
        -ac 1 -ar 48000 -f s16le - | od -An -v -t d2 -w2 |
        awk '{ loud = $1 > 4000 || $1 < -4000 } loud && (!seen || NR - seen > 2400) { printf "%.1f\n", NR / 48 } loud { seen = NR }'
}

# sound_of FILE ENTRY,...: these entries of the audio stream, one a line.
sound_of() {
    ffprobe -v error -select_streams a -show_entries "stream=$2" -of default=nk=1:nw=1 "$1"
}

# same_clicks CHUNK S E: the clip's clicks are those of the chunk between its frames S and E + 1, at the same times to within
# `near` milliseconds. 25 frames a second.
same_clicks() {
    local first from to
    # The ffmpeg program counts from the first of all packets, frames count from the first picture.
    first=$(ffprobe -v error -select_streams v -of default=nk=1:nw=1 -show_entries stream=start_time:format=start_time "$1" |
        xargs | awk '{ print $1 - $2 }')
    from=$(awk "BEGIN { print $first + $2 / 25 }")
    to=$(awk "BEGIN { print $first + ($3 + 1) / 25 }")
    click_times "$1" "$from" "$to" > theirs
    # The last packet may sound on for a part of its 20 to 26 ms.
    click_times clip.mp4 | awk -v end="$((($3 + 1 - $2) * 40))" '$1 < end - 0.5 { print } $1 > end + 26.2 { exit 1 }' > ours
    [ "$(wc -l < theirs)" -gt 3 ]
    paste theirs ours | awk -v near="${near:-1}" 'NF != 2 || $1 - $2 > near || $2 - $1 > near { exit 1 }' || {
        paste theirs ours
        false
    }
}

@test "AAC: the clicks of the clip are those between frames S and E + 1" {
    for range in '0 24' '13 61' '50 149' '101 133'; do
        # shellcheck disable=SC2086 # two numbers
        crop aac_0000 $range
        # shellcheck disable=SC2086
        same_clicks chunks/aac_0000.mp4 $range
        [ "$(jq .sound record)" = true ]
        # Pictures are the same as without sound, and both begin at 0.
        [ "$(ffprobe -v error -select_streams v -show_entries stream=start_time,nb_frames -of csv=p=0 clip.mp4)" = \
            "0.000000,$(jq .frames record)" ]
        # It lasts as long as the pictures, to within one frame of sound (1024 samples, 21.3 ms).
        ffprobe -v error -show_entries stream=codec_type,duration -of csv=p=0 clip.mp4 > durations
        awk -F , '{ d[$1] = $2 } END { x = d["audio"] - d["video"]; exit !(x < 0.0214 && x > -0.0214) }' durations
    done
}

@test "AAC: its packets are copied, not encoded anew" {
    crop aac_0000 50 99
    packets() {
        ffprobe -v error -select_streams a -show_data_hash md5 -show_entries packet=data_hash -of csv=p=0 "$1" | cut -d , -f 1 | sort
    }
    packets chunks/aac_0000.mp4 > theirs
    packets clip.mp4 > ours
    [ "$(wc -l < ours)" -ge 94 ] && [ "$(wc -l < ours)" -le 98 ]
    [ -z "$(comm -13 theirs ours)" ]
}

@test "chunks whose times go on from the chunk before" {
    crop cut_0001 10 39
    same_clicks chunks/cut_0001.mp4 10 39
}

@test "Opus in Matroska, MP3" {
    crop opus_0000 26 75
    same_clicks chunks/opus_0000.mkv 26 75
    crop mp3_0000 26 75
    same_clicks chunks/mp3_0000.mp4 26 75
}

@test "a chunk without sound: clips without, and their records say so; without --audio nothing is said" {
    crop mute_0000 0 9
    [ "$(jq -c '[.status, .sound, .note]' record)" = '["ok",false,null]' ]
    [ "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 clip.mp4)" = video ]
    "$TH_BIN/th-crop" -q -i chunks -o other <<< 'aac_0000, 144, 192, 0, 9, 0, 0, 64, 64' > record
    [ "$(jq 'has("sound")' record)" = false ]
    [ "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 other/*.mp4)" = video ]
}

@test "sound that mp4 cannot hold is encoded as AAC, cut as exactly, and the record says so" {
    for range in '0 24' '13 61' '101 149'; do
        for chunk in pcm_0000.mov vorbis_0000.mkv truehd_0000.mkv adpcm_0000.mkv; do
            # shellcheck disable=SC2086 # two numbers
            crop "${chunk%.*}" $range
            [ "$(jq -c '[.status, .sound]' record)" = '["ok",true]' ]
            [ "$(jq -r .note record)" = "the sound was encoded as AAC: mp4 cannot hold pieces of the chunk's, $(sound_of "chunks/$chunk" codec_name)" ]
            [ "$(sound_of clip.mp4 codec_name)" = aac ]
            # shellcheck disable=SC2086
            same_clicks "chunks/$chunk" $range
            # It lasts as long as the pictures, to within a frame of sound, and begins with them.
            sound_of clip.mp4 start_time,duration | xargs |
                awk -v want="$(jq .frames record)" '{ x = $2 - want / 25; exit !($1 == 0 && x < 0.0214 && x > -0.0214) }'
        done
    done
    # Two runs, the same bytes; and the pictures are those without sound.
    cp clip.mp4 first.mp4
    crop adpcm_0000 101 149
    cmp clip.mp4 first.mp4
    "$TH_BIN/th-crop" -q -i chunks -o mute --preset ultrafast <<< 'adpcm_0000, 144, 192, 101, 149, 0, 0, 64, 64' > record
    diff <(frames clip.mp4) <(frames mute/*.mp4)
}

@test "sound that mp4 holds only by a new standard is copied: FLAC" {
    crop flac_0000 13 61
    [ "$(jq -c '[.status, .sound, .note]' record)" = '["ok",true,null]' ]
    [ "$(sound_of clip.mp4 codec_name)" = flac ]
    same_clicks chunks/flac_0000.mkv 13 61
}

@test "sound of a rate and of channels that AAC has not; sound that begins late, and has a gap" {
    crop high_0000 13 61
    [ "$(sound_of clip.mp4 codec_name,sample_rate,channel_layout | xargs)" = 'aac 48000 5.1' ]
    same_clicks chunks/high_0000.mov 13 61
    crop odd_0000 13 61
    [ "$(sound_of clip.mp4 channels)" = 2 ]
    same_clicks chunks/odd_0000.mov 13 61
    # Clicks from 1 s to 2 s and from 3 s on, of which the clip has what lies between 0.52 s and 4.48 s. (Where the filter
    # parts them is its own affair, to within 0.1 s.)
    crop gap_0000 13 111
    same_clicks chunks/gap_0000.mkv 13 111
    awk 'NR == 1 && $1 < 470 { exit 1 } $1 - last > 850 { gaps++ } { last = $1 } END { exit !(gaps == 1 && last > 3870) }' ours
}

@test "sound whose times jump by years is not silence for years" {
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=192x144:r=25:d=4 -f lavfi -i sine=r=48000:d=4 -c:v libx264 -c:a pcm_s16le \
        -bsf:a "setts=ts='TS+100000000000*gt(N,20)'" chunks/jump_0000.mkv
    crop jump_0000 0 50
    [ "$(jq -c '[.status, .sound]' record)" = '["ok",true]' ]
    awk '$1 > 0.3 && $1 < 0.6 { fits++ } END { exit !(NR == 1 && fits == 1) }' <(sound_of clip.mp4 duration)
}

@test "sound that nothing can be made of is left out, and the record says why" {
    crop broken_0000 0 9
    [ "$(jq -c '[.status, .sound]' record)" = '["ok",false]' ]
    [ "$(jq -r .note record)" = "mp4 cannot hold pieces of the chunk's sound, truehd, and nothing of it decodes" ]
    [ "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 clip.mp4)" = video ]
}

@test "with --fps and --trim-edges the sound stays with the pictures; two runs, the same bytes; cached clips say it, too" {
    crop aac_0000 10 89 --fps 10 --trim-edges 3
    same_clicks chunks/aac_0000.mp4 13 86
    cp clip.mp4 first.mp4
    crop aac_0000 10 89 --fps 10 --trim-edges 3
    cmp clip.mp4 first.mp4
    "$TH_BIN/th-crop" -q -i chunks -o out --preset ultrafast --audio --fps 10 --trim-edges 3 \
        <<< 'aac_0000, 144, 192, 10, 89, 0, 0, 64, 64' > again
    [ "$(jq -c '[.cached, .sound]' again)" = '[true,true]' ]
}

@test "th-verify: sound that the record promises must be there" {
    crop aac_0000 10 59
    "$TH_BIN/th-verify" record > verdict
    [ "$(jq -c '.checks.container.streams.sound' verdict)" = 1 ]
    make -i clip.mp4 -c copy -an mute.mp4
    jq -c '.path = "mute.mp4"' record > wrong
    run -75 "$TH_BIN/th-verify" -q wrong
    [[ $(jq -r .message <<< "$output") == *'no sound, which its record promises'* ]]
}

@test "--audio with silent chunks: told once with their number, and made again when the chunk has got its sound" {
    rm chunks && mkdir chunks
    cp "$BATS_FILE_TMPDIR/chunks/mute_0000.mp4" chunks/a_0000.mp4
    printf 'a_0000, 144, 192, %s, 0, 0, 64, 64\n' '0, 9' '10, 19' > rows
    run -0 --separate-stderr "$TH_BIN/th-crop" -i chunks -o out --preset ultrafast --audio rows
    [ "$(grep -c '2 clips have no sound, because their chunks have none' <<< "$stderr")" -eq 1 ]
    run -0 --separate-stderr "$TH_BIN/th-crop" -i chunks -o out --preset ultrafast --audio rows
    [ "$(jq -c '[.cached, .sound]' <<< "$output" | sort -u)" = '[true,false]' ]
    cp "$BATS_FILE_TMPDIR/chunks/aac_0000.mp4" chunks/a_0000.mp4
    touch -d '+2 seconds' chunks/a_0000.mp4
    run -0 --separate-stderr "$TH_BIN/th-crop" -i chunks -o out --preset ultrafast --audio rows
    [ "$(jq -c '[.cached, .sound]' <<< "$output" | sort -u)" = '[null,true]' ]
    [[ $stderr != *'have no sound'* ]]
    run -0 "$TH_BIN/th-crop" -q -i chunks -o out --preset ultrafast --audio rows
    [ "$(jq -c '[.cached, .sound]' <<< "$output" | sort -u)" = '[true,true]' ]
}
