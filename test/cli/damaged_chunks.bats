# Hundreds of damaged chunks: each tube gets its record, and no wrong clip is called ok.

bats_require_minimum_version 1.5.0

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=96x64:rate=25:duration=2 -c:v libx264 -g 10 -bf 2 -pix_fmt yuv420p \
        -movflags +faststart good.mp4
    mkdir chunks good
    "$TH_BUILD/test/media/damage_chunks" good.mp4 chunks bad > kinds
    cp good.mp4 good/good_0000.mp4
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return
}

# rows NAME...: three tubes of each chunk; the second and third overlap.
rows() {
    local name
    for name in "$@"; do
        echo "$name, 64, 96, 0, 9, 8, 8, 72, 56"
        echo "$name, 64, 96, 17, 31, 0, 0, 95, 63"
        echo "$name, 64, 96, 12, 49, 20, 10, 60, 50"
    done
}

# hashes FFMPEG_ARGUMENTS...: of each frame.
hashes() {
    ffmpeg -nostdin -v quiet "$@" -an -fps_mode passthrough -f framemd5 - | grep -v '^#' | awk -F', *' '{ print $NF }'
}

# Whether the clip holds the frames that the ffmpeg program cuts out of its damaged chunk.
is_as_ffmpeg_cuts() {
    local clip=$1
    [[ $clip =~ (bad_[0-9]+)_S([0-9]+)_E([0-9]+)_L([0-9]+)_T([0-9]+)_R([0-9]+)_B([0-9]+)\.mp4$ ]]
    local -a tube=("${BASH_REMATCH[@]:2}")
    hashes -i "$clip" > ours
    local filter="trim=start_frame=${tube[0]}:end_frame=$((tube[1] + 1)),setpts=PTS-STARTPTS"
    filter+=",crop=$(((tube[4] - tube[2]) / 2 * 2)):$(((tube[5] - tube[3]) / 2 * 2))"
    filter+=":$((tube[2] / 2 * 2)):$((tube[3] / 2 * 2))"
    hashes -i "chunks/${BASH_REMATCH[1]}.mp4" -vf "$filter" > theirs
    [ -s ours ] && cmp -s ours theirs
}

@test "there are at least 200 damaged chunks, of all kinds" {
    [ "$(wc -l < kinds)" -ge 200 ]
    [ "$(find chunks -type f | wc -l)" -eq "$(wc -l < kinds)" ]
    [ "$(cut -d ' ' -f 2 kinds | sort | uniq -c | awk '$1 >= 10' | wc -l)" -eq 5 ]
}

@test "each tube gets one record, nothing hangs or crashes, and what is ok is right" {
    rows good_0000 | "$TH_BIN/th-crop" -i good -o expected --crf 0 -q > expected.jsonl
    [ "$(grep -c '"status": "ok"' expected.jsonl)" -eq 3 ]
    # The sanitizers reserve more addresses than there could be memory.
    grep -q __asan_init "$TH_BIN/th-crop" || limit='--max-memory 700M'
    status=0
    # shellcheck disable=SC2046 # names without spaces
    rows $(cut -d ' ' -f 1 kinds) > tubes
    # shellcheck disable=SC2086 # two words, or none
    "$TH_BIN/th-crop" -i chunks -o clips --crf 0 -q --stall-timeout 20 ${limit-} tubes > records || status=$?
    [ "$status" -eq 1 ]
    [ "$(wc -l < records)" -eq "$(wc -l < tubes)" ]
    [ "$(field key < records | sort -u | wc -l)" -eq "$(wc -l < tubes)" ]
    [ "$(grep '"status": "failed"' records | field error | sort -u | tr '\n' ' ')" = 'no_video out_of_range unreadable ' ]
    [ "$(grep -c '"status": "ok"' records)" -eq "$(find clips -name "*.mp4" | wc -l)" ]
    [ "$(grep -c '"status": "ok"' records)" -ge 300 ]
    equal=0
    other=0
    for clip in clips/*.mp4; do
        row=${clip##*_S}
        # Most damage does not touch what is shown.
        if cmp -s "$clip" "expected/good_0000_S$row"; then
            equal=$((equal + 1))
        else
            other=$((other + 1))
            is_as_ffmpeg_cuts "$clip" || { echo "$clip: $(grep "^$(basename "${clip%%_S*}") " kinds)"; false; }
        fi
    done
    echo "# $equal clips as of the whole chunk, $other as ffmpeg cuts them out of the damaged one" >&3
    [ "$equal" -ge 200 ]
    [ "$other" -ge 20 ]
}

@test "damaged chunks whose sound has to be decoded: the same holds" {
    mkdir loud
    ffmpeg -nostdin -v error -i good.mp4 -f lavfi -i sine=d=2:r=44100 -c:v copy -c:a libvorbis -movflags +faststart loud.mp4
    "$TH_BUILD/test/media/damage_chunks" loud.mp4 loud bad > loud.kinds
    awk '{ print $1 ", 64, 96, 12, 41, 20, 10, 60, 50" }' loud.kinds > loud.tubes
    run -1 "$TH_BIN/th-crop" -i loud -o loud.clips --preset ultrafast --audio -q --stall-timeout 20 loud.tubes
    [ "$(field key <<< "$output" | sort -u | wc -l)" -eq "$(wc -l < loud.kinds)" ]
    [ "$(grep '"status": "failed"' <<< "$output" | field error | sort -u | xargs)" = 'no_video out_of_range unreadable' ]
    [ "$(grep -c '"status": "ok"' <<< "$output")" -eq "$(find loud.clips -name '*.mp4' | wc -l)" ]
    [ "$(grep -c '"note": "the sound was encoded as AAC' <<< "$output")" -ge 100 ]
    [ "$(grep -c '"note": "mp4 cannot hold pieces .* decode' <<< "$output")" -ge 10 ]
}
