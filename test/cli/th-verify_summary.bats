#!/usr/bin/env bats
# th-verify --summary: counts, and that they add up.
# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0

load helpers

NAME=vid_0000_S10_E49_L0_T0_R64_B48
BOX='"box": {"x": 0, "y": 0, "w": 64, "h": 48}'
GONE='"error": "gone", "retry": false, "message": "removed"'

setup_file() {
    export GOOD=$BATS_FILE_TMPDIR/good.mp4
    ffmpeg -v error -f lavfi -i testsrc2=size=64x48:rate=25 -frames:v 40 -pix_fmt yuv420p -preset ultrafast "$GOOD"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    # One video whose two clips are made, one of them a wrong file; and one that is gone, with one tube.
    cat > fetch.jsonl << END
{"stage": "fetch", "kind": "video", "key": "vid", "status": "ok", "path": "vid.mp4", "bytes": 5000, "fps": 25.0}
{"stage": "fetch", "kind": "video", "key": "lost", "status": "failed", $GONE}
END
    cat > split.jsonl << END
{"stage": "split", "kind": "chunk", "key": "vid_0000", "status": "ok", "path": "vid_0000.mp4", "video": "vid"}
{"stage": "split", "kind": "video", "key": "vid", "status": "ok", "chunks": 1}
{"stage": "fetch", "kind": "video", "key": "lost", "status": "failed", $GONE}
{"stage": "split", "kind": "video", "key": "lost", "status": "skipped", $GONE}
END
    cat > crop.jsonl << END
{"stage": "crop", "kind": "clip", "key": "$NAME", "status": "ok", "path": "$GOOD", "video": "vid", "chunk": "vid_0000", $BOX, "frames": 40}
{"stage": "crop", "kind": "clip", "key": "vid_0000_S0_E9_L0_T0_R64_B48", "status": "ok", "path": "$GOOD", "video": "vid", "chunk": "vid_0000", $BOX, "frames": 10}
{"stage": "crop", "kind": "clip", "key": "lost_0000_S0_E9_L0_T0_R64_B48", "status": "skipped", $GONE, "video": "lost"}
{"stage": "split", "kind": "video", "key": "lost", "status": "skipped", $GONE}
END
}

verify() {
    "$TH_BIN/th-verify" "$@"
}

# says FILTER EXPECTED: jq finds EXPECTED in the summary.
says() {
    local found
    found=$(jq -c "$1" summary.json)
    [ "$found" = "$2" ] || { echo "$1: $found, not $2"; false; }
}

@test "counts by stage, status and error word, of the records that flow and of other manifests" {
    run -75 verify --summary summary.json --manifest split.jsonl --manifest fetch.jsonl crop.jsonl
    says '.stages.fetch.video | [.total, .ok, .failed, .skipped]' '[2,1,1,0]'
    says '.stages.fetch.video.errors.failed' '{"gone":1}'
    says '.stages.split.video.errors.skipped' '{"gone":1}'
    says '.stages.split.chunk.ok' 1
    says '.stages.crop.clip | [.total, .ok, .failed, .skipped]' '[3,2,0,1]'
    says '.stages.verify.clip | [.total, .ok, .failed, .skipped]' '[3,1,1,1]'
    says '.clips.errors' '{"failed":{"frame_count":1},"skipped":{"gone":1}}'
    says '.clips | [.total, .ok, .failed, .skipped, .verified, .may_be_mended]' '[3,1,1,1,2,1]'
    says '.downloaded_bytes' 5000
}

@test "frames, bytes, hours and sizes are those of the clips that passed" {
    run -75 verify --summary summary.json crop.jsonl
    says '.clips.frames' 40
    says '.clips.bytes' "$(stat -c %s "$GOOD")"
    says '.clips.seconds == 1.6' true
    says '.clips.hours > 0.000444 and .clips.hours < 0.000445' true
    says '.sizes | [.known, .above_512x512, .shorter_side[0].clips]' '[1,0,1]'
    says '.lengths.seconds[1] == {from: 1, below: 2, clips: 1}' true
    says '.videos | map([.id, .clips, .ok, .failed, .skipped])' '[["vid",2,1,1,0],["lost",1,0,0,1]]'
}

@test "videos with a lower picture than the list's are counted, those that were downloaded" {
    verify --summary summary.json --report report.html --manifest /dev/fd/3 3<<- END < /dev/null
		{"stage": "fetch", "kind": "video", "key": "low", "status": "ok", "height": 360, "listed_height": 720}
		{"stage": "fetch", "kind": "video", "key": "as_listed", "status": "ok", "height": 720, "listed_height": 720}
		{"stage": "fetch", "kind": "video", "key": "unlisted", "status": "ok", "height": 360}
		{"stage": "fetch", "kind": "video", "key": "failed", "status": "failed", $GONE, "height": 1, "listed_height": 2}
	END
    says .lower_than_listed 1
    grep -qF '1 video has a lower picture than the one that the tube list was made from.' report.html
}

@test "at the level container the length comes from the frame rate of the video" {
    run -75 verify --level container --summary summary.json --manifest fetch.jsonl crop.jsonl
    says '.clips | [.seconds, .without_length] == [1.6, 0]' true
    run -75 verify --level container --summary summary.json crop.jsonl
    says '.clips | [.seconds, .without_length] == [0, 1]' true
}

@test "the numbers add up, whatever comes in" {
    run -75 verify --summary summary.json --manifest split.jsonl --manifest fetch.jsonl crop.jsonl
    says '[.. | objects | select(has("total")) | select(.total != .ok + .failed + .skipped)]' '[]'
    says '[.. | objects | select(has("errors")) | select(([.errors[][]] | add // 0) != .total - .ok)]' '[]'
    says '.clips.total == ([.videos[].clips] | add)' true
    says '.clips.ok == ([.videos[].ok] | add) and .clips.frames == ([.videos[].frames] | add)' true
    says '.sizes.known == ([.sizes.shorter_side[].clips] | add)' true
    says '.lengths.known == ([.lengths.seconds[].clips] | add)' true
}

@test "manifests alone are counted without anything being verified, in any order" {
    run -75 verify crop.jsonl
    echo "${output:?}" > verify.jsonl
    sed -i '/^th-verify:/d' verify.jsonl
    for order in 'fetch split crop verify' 'verify crop split fetch' 'crop verify fetch split'; do
        words=()
        for stage in $order; do words+=(--manifest "$stage.jsonl"); done
        verify --summary summary.json "${words[@]}" < /dev/null > out
        [ ! -s out ]
        jq -S 'del(.videos)' summary.json > "counts.${order// /-}"
    done
    diff counts.fetch-split-crop-verify counts.verify-crop-split-fetch
    diff counts.fetch-split-crop-verify counts.crop-verify-fetch-split
    says '.stages.verify.clip | [.total, .ok, .failed, .skipped]' '[3,1,1,1]'
}

@test "of two records the last one counts, but a verdict of this run always does" {
    sed 's/"status": "ok".*/"status": "failed", "error": "frozen", "retry": true}/; s/"crop"/"verify"/; 1q' crop.jsonl > old.jsonl
    head -n 1 crop.jsonl | verify --summary summary.json --manifest crop.jsonl --manifest old.jsonl --manifest crop.jsonl
    says '.clips | [.total, .ok, .skipped]' '[3,2,1]'
    says '.stages.verify.clip | [.total, .ok]' '[1,1]'
    cat crop.jsonl old.jsonl > both.jsonl
    verify --summary summary.json --manifest both.jsonl < /dev/null
    says '.stages.verify.clip.errors.failed' '{"frozen":1}'
    says '.stages.crop.clip.total' 3
}

@test "a list's clips are counted, too" {
    mkdir clips
    cp "$GOOD" "clips/$NAME.mp4"
    printf 'vid_0000, 48, 64, 10, 49, 0, 0, 64, 48\nvid_0000, 48, 64, 50, 59, 0, 0, 64, 48\n' > tubes.txt
    run -75 verify -i clips -t tubes.txt --summary summary.json
    says '.clips | [.total, .ok, .errors.failed.missing]' '[2,1,1]'
}

@test "in a pipe the manifests of earlier stages are complete when they are read" {
    for i in $(seq 200); do
        echo '{"stage": "fetch", "kind": "video", "key": "v'"$i"'", "status": "failed", '"$GONE"'}'
    done > many.jsonl
    tee a.jsonl < many.jsonl | sed 's/fetch/split/; s/failed/skipped/' | tee b.jsonl |
        verify --summary summary.json --manifest b.jsonl --manifest a.jsonl > out || [ $? -eq 1 ]
    says '.stages | [.fetch.video.failed, .split.video.skipped]' '[200,200]'
    [ "$(wc -l < out)" -eq 200 ]
}

@test "the summary is complete or does not exist" {
    # no folder, a folder instead of a file
    for file in no/such/summary.json .; do
        run -3 verify --summary "$file" crop.jsonl
        [[ $output == *"$file"* ]]
    done
    run verify --summary /dev/full/x crop.jsonl
    [ "$status" -eq 3 ]
    # a closed stdout, and a signal: the old one stays
    echo old > summary.json
    # shellcheck disable=SC2016 # for the inner shell
    run -3 bash -c '"$TH_BIN/th-verify" --summary summary.json crop.jsonl >&-'
    [ "$(cat summary.json)" = old ]
    mkfifo never
    sleep 30 > never 3>&- &
    writer=$!
    "$TH_BIN/th-verify" --summary summary.json --manifest never crop.jsonl > out 2> said 3>&- &
    pid=$!
    until [ "$(wc -l < out)" -eq 4 ]; do sleep 0.1; done
    kill "$pid"
    wait "$pid" || status=$?
    [ "$status" -eq 143 ]
    [ "$(cat summary.json)" = old ]
    kill "$writer"
    [ -z "$(find . -name '.*part')" ]
}

@test "a dry run writes none" {
    run -1 verify -n --summary summary.json crop.jsonl
    [ ! -e summary.json ]
}

@test "a manifest that cannot be read, and lines that are not records, are reported and counted" {
    run -1 --separate-stderr verify --summary summary.json --manifest none.jsonl --manifest split.jsonl < /dev/null
    [[ $stderr == *none.jsonl* ]]
    says '.stages.split.video.total' 2
    printf 'plain\n{"stage": "x"}\n{broken\n' > bad.jsonl
    run -1 --separate-stderr verify --summary summary.json --manifest bad.jsonl --manifest split.jsonl < /dev/null
    for line in 1 2 3; do [[ $stderr == *"bad.jsonl:$line: "* ]]; done
    says '.stages.split.video.total' 2
    run -2 verify --manifest split.jsonl
    [[ $output == *"--manifest needs --summary"* ]]
}
