#!/usr/bin/env bats
# SET export: tar files for webdataset, and a VideoFolder of Hugging Face.

bats_require_minimum_version 1.5.0

load helpers

# The set `own`: clips of three videos, whose ids begin with "-", and hold "_" and ".". The clips need not be videos here.
setup() {
    command -v jq > /dev/null || skip "jq is not installed"
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p own/cropped_clips
    local id
    for id in -a_b talk.2020 c; do
        clip "$id" 0 100 320 240 "Creative Commons Attribution license (reuse allowed)"
        clip "$id" 100 40 128 512 "Creative Commons Attribution license (reuse allowed)"
    done
}

# clip ID S FRAMES WIDTH HEIGHT LICENCE: adds a clip to the set.
clip() {
    local file="cropped_clips/$1_0002_S$2_E$(($2 + $3 - 1))_L10_T20_R300_B400.mp4"
    head -c "$((3000 + $2))" /dev/zero | tr '\0' "${1: -1}" > "own/$file"
    printf '{"file": "%s", "width": %d, "height": %d, "frames": %d, "fps": 25.000000, "duration": %d.000000, "video": "%s", "start": 1.000000, "end": 5.500000, "tube": {"H": 720, "W": 1280, "S": %d, "E": %d, "L": 10, "T": 20, "R": 300, "B": 400}, "title": "%s *1*", "author": "A", "licence": "%s", "url": "https://example.org/%s"}\n' \
        "$file" "$4" "$5" "$3" $(($3 / 25)) "$1" "$2" $(($2 + $3 - 1)) "$1" "$6" "$1" >> own/clips.jsonl
}

own() {
    driver --data . own export "$@"
}

# keys FILE...: the keys of tar files, as readers of webdataset find them, each with its suffixes. A key that other members
# interrupt stands twice.
keys() {
    local file
    for file; do
        tar tf "$file" | awk '
            { key = suffix = $0; sub(/[.].*/, "", key); sub(/^[^.]*[.]/, "", suffix) }
            key != last { if (NR > 1) print line; line = key }
            { line = line " " suffix; last = key }
            END { if (NR) print line }'
    done
}

# inodes DIR: the number and the name of each file of an export.
inodes() {
    find "$1" -type f ! -path '*/.*' -printf '%i %p\n' | sort
}

@test "webdataset: each clip that passed is in one shard, with its line of clips.jsonl, under a key without dots" {
    echo 'not listed' > own/cropped_clips/failed_0000_S0_E9_L1_T1_R1_B1.mp4
    own webdataset shards --shard-size 6000 > out
    [[ $(cat out) == '6 clips in '*'/shards: '*' shards made, 0 unchanged, 0 removed' ]]
    keys shards/*.tar | sort > found
    sort > expected << 'END'
-a_b_0002_S0_E99_L10_T20_R300_B400 json mp4
-a_b_0002_S100_E139_L10_T20_R300_B400 json mp4
c_0002_S0_E99_L10_T20_R300_B400 json mp4
c_0002_S100_E139_L10_T20_R300_B400 json mp4
talk%2E2020_0002_S0_E99_L10_T20_R300_B400 json mp4
talk%2E2020_0002_S100_E139_L10_T20_R300_B400 json mp4
END
    diff expected found
    mkdir members
    for shard in shards/own-0000??.tar; do
        tar xf "$shard" -C members
    done
    diff <(sort own/clips.jsonl) <(cat members/*.json members/-*.json | sort -u)
    cmp members/-a_b_0002_S0_E99_L10_T20_R300_B400.mp4 own/cropped_clips/-a_b_0002_S0_E99_L10_T20_R300_B400.mp4
    [ ! -e shards/.part ]
}

@test "webdataset: the same clips give the same bytes in another place, at another time, in another order of the list" {
    own webdataset shards --shard-size 6000
    mkdir other
    cp -r own other/own
    tac own/clips.jsonl > other/own/clips.jsonl
    find other -exec touch -d '2001-02-03' {} +
    chmod 600 other/own/cropped_clips/*
    (umask 077 && LC_ALL=C.UTF-8 TAR_OPTIONS=--format=pax driver --data other own export webdataset --shard-size 6000)
    (cd shards && sha256sum -- *.tar) > here
    [ "$(wc -l < here)" -gt 1 ]
    (cd other/own/export/webdataset && sha256sum -- *.tar) | diff here -
}

@test "webdataset: a rerun touches nothing, and makes only the shards whose clips have changed" {
    local changed=c_0002_S0_E99_L10_T20_R300_B400
    for start in $(seq 200 10 400); do
        clip c "$start" 9 320 240 ''
    done
    own webdataset shards --shard-size 20000
    inodes shards > before
    own webdataset shards --shard-size 20000 > out
    [[ $(cat out) == *' 0 shards made, 4 unchanged, 0 removed' ]]
    inodes shards | diff before -
    # The same size, another content.
    tr c d < "own/cropped_clips/$changed.mp4" > new
    mv new "own/cropped_clips/$changed.mp4"
    own webdataset shards --shard-size 20000 > out
    [[ $(cat out) == *' 1 shards made, 3 unchanged, 0 removed' ]]
    for shard in shards/*.tar; do
        ! tar tf "$shard" | grep -q "^$changed" || break
    done
    diff <(grep -v "$shard" before) <(inodes shards | grep -v "$shard")
    tar xOf "$shard" "$changed.mp4" | cmp - "own/cropped_clips/$changed.mp4"
    # A clip less.
    grep -v "$changed" own/clips.jsonl > left
    mv left own/clips.jsonl
    own webdataset shards --shard-size 20000 > out
    diff <(grep -v "$shard" before) <(inodes shards | grep -v "$shard")
    [ "$(tar tf "$shard" | grep -c "^$changed")" -eq 0 ]
    # Larger shards are fewer.
    own webdataset shards
    [ "$(entries shards)" = $'.index\nown-000000.tar' ]
    [ "$(entries shards/.index)" = own-000000.tar ]
    # The folder of notes is never a link, which would lead elsewhere.
    mkdir elsewhere
    rm -r shards/.index
    ln -s ../elsewhere shards/.index
    run own webdataset shards
    [ "$status" -eq 3 ]
    [ -z "$(entries elsewhere)" ]
}

@test "webdataset: pictures are members KEY.000000.png" {
    mv own/cropped_clips/talk.2020_0002_S0_E99_L10_T20_R300_B400.mp4 picture
    mkdir own/cropped_clips/talk.2020_0002_S0_E99_L10_T20_R300_B400
    for n in 2 0 1; do
        cp picture "own/cropped_clips/talk.2020_0002_S0_E99_L10_T20_R300_B400/00000$n.png"
    done
    touch own/cropped_clips/talk.2020_0002_S0_E99_L10_T20_R300_B400/.DS_Store
    sed -i '/talk.2020_0002_S0/s/[.]mp4"/"/' own/clips.jsonl
    own webdataset shards
    keys shards/own-000000.tar > found
    grep -x 'talk%2E2020_0002_S0_E99_L10_T20_R300_B400 json 000000.png 000001.png 000002.png' found
    [ "$(grep -c 'mp4$' found)" -eq 5 ]
    own webdataset shards > out
    [[ $(cat out) == *' 0 shards made, 1 unchanged, 0 removed' ]]
    run -3 own huggingface
    [[ $output == *'export webdataset takes them' ]]
}

@test "the options choose clips by size, frames and video" {
    own webdataset size --min-size 200
    [ "$(keys size/*.tar | grep -c _S0_E99_)" -eq 3 ]
    [ "$(keys size/*.tar | wc -l)" -eq 3 ]
    own webdataset frames --min-frames 41
    cmp size/own-000000.tar frames/own-000000.tar
    printf '\xef\xbb\xbf-a_b\r\n# other\r\n\nnobody\r\n' > train
    own webdataset split --split train
    [ "$(keys split/*.tar | grep -c '^-a_b_')" -eq 2 ]
    [ "$(keys split/*.tar | wc -l)" -eq 2 ]
    own huggingface split --split train --min-frames 41
    [ "$(jq -r .video_id split/metadata.jsonl)" = -a_b ]
}

@test "what export cannot do is said, and nothing of an earlier export is lost" {
    own webdataset shards
    inodes shards > before
    run -3 own webdataset shards --min-size 1000
    [[ $output == *'no clip of '*' fits the options' ]]
    rm own/cropped_clips/c_0002_S0*
    run -3 own webdataset shards
    [[ $output == *'1 clips that clips.jsonl lists are missing, such as ./cropped_clips/c_0002_S0_E99_'*' own verify' ]]
    : > own/clips.jsonl
    run -3 own webdataset shards
    [[ $output == *'lists no clip'* ]]
    rm own/clips.jsonl
    run -3 own webdataset shards
    [[ $output == *"clips.jsonl is missing; this writes it: bash $PROJECT/videos_download_and_crop.sh --data . own verify, "* ]]
    inodes shards | diff before -
    run -2 own tar
    run -2 own webdataset a b
    run -2 own webdataset --shard-size 0
    run -2 own huggingface --shard-size 1G
    run -2 own webdataset --split nowhere
    run -2 driver --data . own --min-size 9
    [[ $output == *'--min-size goes with export'* ]]
    mkdir programs
    for program in bash dirname readlink realpath getopt cat grep; do
        ln -s "$(command -v "$program")" programs
    done
    PATH=$PWD/programs run -3 own huggingface
    [[ $output == *'export needs jq, which is missing;'* ]]
}

@test "a disk that fills up leaves no shard and no clip that is not whole" {
    head -c 300000 /dev/zero >> own/cropped_clips/c_0002_S0_E99_L10_T20_R300_B400.mp4
    driver_on_full_disk() (
        trap '' XFSZ
        ulimit -f 200
        own "$@"
    )
    run -3 driver_on_full_disk webdataset shards
    [ "$(entries shards)" = .index ]
    cp -r own /dev/shm/th-export.$$ 2> /dev/null || skip "there is no second file system"
    cd /dev/shm
    run -3 driver_on_full_disk huggingface "$BATS_TEST_TMPDIR/folder"
    rm -r /dev/shm/th-export.$$
    [ "$(find "$BATS_TEST_TMPDIR/folder" -name '*.mp4' -o -name metadata.jsonl)" = '' ]
}

@test "huggingface: a VideoFolder of hard links, with fixed columns" {
    own huggingface > out
    [[ $(cat out) == '6 clips in '*'/own/export/huggingface: 6 made (links), 0 unchanged, 0 removed' ]]
    cd own/export/huggingface
    [ "$(entries .)" = $'.index\nREADME.md\ndata\nmetadata.jsonl' ]
    [ "$(jq -r 'keys_unsorted | join(" ")' metadata.jsonl | uniq)" = 'file_name video_id chunk start end first_frame last_frame box frame_width frame_height width height frames fps title author license url' ]
    jq -r .file_name metadata.jsonl | while read -r file; do
        [ "$file" -ef "../../cropped_clips/${file##*/}" ]
    done
    [ "$(head -n 1 metadata.jsonl)" = '{"file_name": "data/-a_b/-a_b_0002_S0_E99_L10_T20_R300_B400.mp4", "video_id": "-a_b", "chunk": "-a_b_0002", "start": 1.0, "end": 5.5, "first_frame": 0, "last_frame": 99, "box": [10, 20, 300, 400], "frame_width": 1280, "frame_height": 720, "width": 320, "height": 240, "frames": 100, "fps": 25.0, "title": "-a_b *1*", "author": "A", "license": "Creative Commons Attribution license (reuse allowed)", "url": "https://example.org/-a_b"}' ]
}

@test "huggingface: the card names the licence, and credits each video" {
    own huggingface folder
    [ "$(head -n 2 folder/README.md)" = $'---\nlicense: cc-by-3.0' ]
    grep -x '6 clips of talking heads from 3 videos: 0 hours, 0 GB.' folder/README.md
    grep -xF -e '- -a\_b \*1\*, by A. Creative Commons Attribution license (reuse allowed). <https://example.org/-a_b>' folder/README.md
    [ "$(grep -c '^- .*, by A' folder/README.md)" -eq 3 ]
    run -1 grep 'permission of the author' folder/README.md
    sed -i '1,2s/"licence": "[^"]*"/"licence": "Standard"/' own/clips.jsonl
    own huggingface folder > out
    [[ $(cat out) == *' 0 made (links), 6 unchanged, 0 removed' ]]
    [ "$(head -n 3 folder/README.md)" = $'---\nlicense: other\nlicense_name: see-the-credits' ]
    grep 'permission of the author' folder/README.md
    grep -c '"license": "Standard"' folder/metadata.jsonl
    # An edited card is the user's.
    echo '## Mine' >> folder/README.md
    sed -i '1d' own/clips.jsonl
    own huggingface folder 2> messages
    [[ $(cat messages) == *'/folder/README.md was edited and stays as it is;'* ]]
    [ "$(tail -n 1 folder/README.md)" = '## Mine' ]
}

@test "huggingface: a rerun makes only what has changed, and removes only what it made" {
    own huggingface folder
    inodes folder > before
    own huggingface folder > out
    [[ $(cat out) == *' 0 made (links), 6 unchanged, 0 removed' ]]
    inodes folder | diff before -
    own -f huggingface folder > out
    [[ $(cat out) == *' 6 made (links), 0 unchanged, 0 removed' ]]
    echo mine > folder/data/-a_b/mine.mp4
    clip=cropped_clips/talk.2020_0002_S0_E99_L10_T20_R300_B400.mp4
    cp "own/$clip" new
    mv new "own/$clip"
    sed -i '/-a_b_0002_S0/d; /"c_0002/d; /\/c_0002/d' own/clips.jsonl
    own huggingface folder > out
    [[ $(cat out) == '3 clips in '*' 1 made (links), 2 unchanged, 3 removed' ]]
    [ "folder/data/talk.2020/${clip##*/}" -ef "own/$clip" ]
    [ "$(find folder/data -name '*.mp4' | wc -l)" -eq 4 ]
    [ -e folder/data/-a_b/mine.mp4 ]
    [ ! -e folder/data/c ]
    mkdir theirs
    echo '{"file_name": "data/x.mp4"}' > theirs/metadata.jsonl
    run -3 own huggingface theirs
    [[ $output == *'a metadata.jsonl that no export wrote' ]]
}

@test "huggingface: copies on another file system" {
    local folder=/dev/shm/th-export.$$
    mkdir "$folder" && [ "$(stat -c %d "$folder")" != "$(stat -c %d .)" ] || skip "there is no second file system"
    own huggingface "$folder" > out
    [[ $(cat out) == *' 6 made (copies), 0 unchanged, 0 removed' ]]
    for clip in own/cropped_clips/*; do
        cmp "$clip" "$folder"/data/*/"${clip##*/}"
    done
    own huggingface "$folder" > out
    rm -r "$folder"
    [[ $(cat out) == *' 0 made '*', 6 unchanged, 0 removed' ]]
}

@test "two exports into one folder do not run at the same time" {
    mkdir shards
    run -3 flock shards bash "$PROJECT/videos_download_and_crop.sh" --data . own export webdataset shards
    [[ $output == *'another run is exporting to '*'/shards' ]]
    [ -z "$(entries shards)" ]
}

@test "a dry run of an export writes nothing" {
    own -n webdataset shards > out
    [[ $(cat out) == 'Dry run: 6 clips in '*': 1 shards made, 0 unchanged, 0 removed' ]]
    own -n huggingface folder > out
    [[ $(cat out) == 'Dry run: 6 clips in '*': 6 made (links), 0 unchanged, 0 removed' ]]
    [ ! -e shards ]
    [ ! -e folder ]
}

@test "the clips of a run are exported, and prune names the exports that hold what it deletes" {
    rm -r own
    mkdir lists sources
    make -f lavfi -i testsrc2=s=320x240:r=25:d=2 sources/-talk.mp4
    echo -talk > lists/own_video_ids.txt
    printf -- '-talk_0000, 240, 320, %s\n' '0, 19, 10, 20, 210, 220' '20, 39, 50, 20, 250, 220' > lists/own_video_tubes.txt
    TH_FETCH_FLAGS="--url-template file://$PWD/sources/{id}.mp4" driver --data . --lists lists own
    own webdataset
    own huggingface 'a folder' --min-frames 2
    tar xf own/export/webdataset/own-000000.tar
    [ "$(find . -maxdepth 1 -name "*.mp4" | wc -l)" -eq 2 ]
    for clip in ./*.mp4; do
        cmp "$clip" "own/cropped_clips/$clip"
        cmp "$clip" "a folder/data/-talk/$clip"
    done
    driver --data . --lists lists own prune --yes -- -talk 2> messages
    grep -F 'own/export/webdataset may hold copies of what was pruned; this removes them:' messages
    grep -F " own export webdataset" messages
    grep -F " own export huggingface $(printf %q "$PWD/a folder") --min-frames 2" messages
}
