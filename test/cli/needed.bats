# --needed: only the parts of a video that the tubes need are downloaded, and the clips are the same, byte by byte.

bats_require_minimum_version 1.5.0
load fetch

# Videos of 130 s in groups of 5 s, in the folder `source`.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir source mirror
    local picture=(-f lavfi -i 'testsrc2=s=192x108:r=10:d=130,noise=alls=12:allf=t') h264=(-c:v libx264 -preset ultrafast -g 50)
    make "${picture[@]}" "${h264[@]}" -bf 2 -movflags +faststart source/first.mp4
    make "${picture[@]}" "${h264[@]}" -bf 2 -x264-params open-gop=1 source/open.mp4
    make "${picture[@]}" -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 50 source/vp9.mp4
    make "${picture[@]}" -c:v libsvtav1 -preset 12 -g 50 source/av1.mp4 2> encoder.log
    make -i source/first.mp4 -c copy source/last.mp4
    make -i source/first.mp4 -f lavfi -i sine=d=130 -c:v copy -c:a aac source/sound.mp4
    make -ss 3.3 -i source/first.mp4 -c copy source/edit.mp4
    make -i source/first.mp4 -c copy -movflags +frag_keyframe+empty_moov+default_base_moof+dash+global_sidx source/fragments.mp4
    make -i source/first.mp4 -c copy -movflags +frag_keyframe+empty_moov source/unlisted.mp4
    make -i source/first.mp4 -c copy -f matroska source/matroska.mp4
    ln -s "$PWD/source/first.mp4" mirror/a.mp4
    "$TH_BUILD/test/server/faulty_server" --log "$PWD/requests" "$PWD/port" mirror 3>&- &
    echo $! > server.pid
    until_true [ -e port ]
}

# tubes ID...: tubes.txt with the same tubes for each video, the last one of which is in a chunk that does not exist.
tubes() {
    local id
    for id; do
        printf '%s, 108, 192, %s\n' "${id}_0001" '210, 240, 0, 0, 64, 64' "${id}_0001" '260, 299, 31, 7, 97, 91' \
            "${id}_0002" '40, 60, 64, 0, 192, 96' "${id}_0002" '90, 9000, 0, 0, 64, 64' "${id}_0007" '0, 9, 0, 0, 64, 64'
    done > tubes.txt
}

# get DIR [options]: fetches the ids on stdin from the folder `source`.
get() {
    local dir=$1
    shift
    "$TH_BIN/th-fetch" -q -o "$dir" -t tubes.txt --url-template "file://$BATS_FILE_TMPDIR/source/{id}.mp4" "$@"
}

# clips NAME: clips and verdicts from the records NAME.fetch.
clips() {
    "$TH_BIN/th-split" -q --no-copy -o "$1.chunks" -t tubes.txt "$1.fetch" > "$1.split" || true
    "$TH_BIN/th-crop" -q --preset ultrafast -o "$1.clips" -t tubes.txt "$1.split" > "$1.crop" || true
    "$TH_BIN/th-verify" -q --level source "$1.crop" > "$1.verify" || true
}

# verdicts NAME: what the records of the clips say, without paths.
verdicts() {
    sed 's/.*"key": "\([^"]*\)", "status": "\([^"]*\)"/\1 \2/; s/"path.*"checks"/"checks"/; s/"source.*//' "$1.verify" | LC_ALL=C sort
}

@test "the same clips from parts: index first, last, in fragments; VP9, AV1, open groups, sound, an edit list" {
    set -- first last fragments open vp9 av1 sound edit
    tubes "$@"
    printf '%s\n' "$@" | get whole > whole.fetch
    printf '%s\n' "$@" | get parts --needed > parts.fetch
    clips whole
    clips parts
    [ "$(sums whole.clips | wc -l)" -eq $((3 * $#)) ]
    diff <(sums whole.clips) <(sums parts.clips)
    diff <(verdicts whole) <(verdicts parts)
    [ "$(grep -c '"error": "out_of_range"' parts.verify)" -eq $# ]
    # No video was downloaded whole, and what takes most is AV1, whose chunks are needed from their beginning.
    [ "$(field ranges < parts.fetch | wc -l)" -eq $# ]
    paste <(field bytes < parts.fetch) <(field size < parts.fetch) | while read -r bytes size; do
        [ "$bytes" -lt $((size / 2)) ]
    done
    [ "$(du -s parts | cut -f 1)" -lt $(($(du -s whole | cut -f 1) / 2)) ]
}

@test "key frames that the index does not mark begin chunks as in the whole video" {
    local video=$BATS_FILE_TMPDIR/source/unmarked.mp4
    make -i "$BATS_FILE_TMPDIR/source/first.mp4" -c copy -movflags +faststart "$video"
    # The index lists 8 key frames, up to second 35, instead of 26.
    printf '\0\0\0\010' | dd of="$video" bs=1 seek=$(($(grep -abo stss "$video" | cut -d : -f 1) + 8)) conv=notrunc status=none
    tubes unmarked
    get whole <<< unmarked > whole.fetch
    get parts --needed <<< unmarked > parts.fetch
    clips whole
    clips parts
    [ "$(sums whole.clips | wc -l)" -eq 3 ]
    diff <(sums whole.clips) <(sums parts.clips)
    [ "$(field ranges < parts.fetch)" -gt 0 ]
}

@test "a rerun downloads nothing, more tubes only what is missing, and a run without --needed the rest" {
    tubes a
    echo a | fetch -t tubes.txt --needed --url-template "$SERVER/ok/{id}.mp4" > records
    record_says 'status ok' "path out/a.mp4.needed"
    bytes=$(field bytes < records) asked=$(field requests < records)
    [ "$(wc -l < "$REQUESTS")" -eq "$asked" ]
    echo a | fetch -t tubes.txt --needed --url-template "$SERVER/ok/{id}.mp4" > records
    record_says 'cached true' "bytes $bytes" "requests $asked"
    [ "$(wc -l < "$REQUESTS")" -eq "$asked" ]

    echo 'a_0001, 108, 192, 500, 510, 0, 0, 64, 64' >> tubes.txt
    echo a | fetch -t tubes.txt --needed --url-template "$SERVER/ok/{id}.mp4" > records
    [ "$(field bytes < records)" -gt "$bytes" ]
    [ "$(field requests < records)" -eq "$(wc -l < "$REQUESTS")" ]
    [ "$(field requests < records)" -le $((asked + 3)) ]

    echo a | fetch --url-template "$SERVER/ok/{id}.mp4" > records
    record_says 'status ok' 'path out/a.mp4' "sha256 $(sha256sum < "$BATS_FILE_TMPDIR/source/first.mp4" | cut -d ' ' -f 1)"
    [ "$(entries out)" = "$(printf '.index\na.mp4')" ]
}

@test "a tube that was not asked for is not_fetched, and no clip" {
    tubes first
    echo first | get parts --needed > parts.fetch
    printf '%s\n' 'first_0001, 108, 192, 210, 240, 0, 0, 64, 64' 'first_0001, 108, 192, 400, 410, 0, 0, 64, 64' \
        'first_0000, 108, 192, 100, 109, 0, 0, 64, 64' > tubes.txt
    clips parts
    [ "$(sums parts.clips | wc -l)" -eq 1 ]
    [ "$(grep -c '"error": "not_fetched", "retry": true' parts.crop)" -eq 2 ]
}

@test "a video that cannot be had in parts is downloaded whole, and its record says why" {
    tubes unlisted matroska first
    get out --needed <<< unlisted > records
    record_says 'path out/unlisted.mp4' 'whole its fragments are not listed in an index'
    get out --needed <<< matroska > records
    record_says 'whole only mp4 files say where their packets are'
    get out --needed --audio <<< first > records
    record_says 'whole its sound is joined to it'
    tubes a
    echo a | fetch -t tubes.txt --needed --url-template "$SERVER/no-range/{id}.mp4" > records
    record_says 'path out/a.mp4' 'whole the server sends no ranges'
}

# ranges_are_right: what the note names of out/a.mp4.needed is the same as in the whole file.
ranges_are_right() {
    local from to
    grep -oE '[0-9]+, ?[0-9]+' <<< "$(grep -oE '"ranges".*' out/a.mp4.needed.json)" | tr , ' ' > ranges
    while read -r from to; do
        cmp -i "$from" -n $((to - from)) out/a.mp4.needed "$MIRROR/a.mp4" || return
    done < ranges
    [ -s ranges ]
}

@test "faults of the server: status and error word" {
    local mode expected word
    tubes a
    while read -r mode expected word; do
        rm -rf out
        fetch_mode "$mode" -t tubes.txt --needed
        [ "$status" -eq "$expected" ] || { echo "$mode: $status" >&3; return 1; }
        [ "$expected" -eq 0 ] && record_says 'path out/a.mp4.needed' 'status ok' || record_says "error $word"
        ranges_are_right
    done <<- END
		once+cut        0
		once+shifted    0
		once+status-503 0
		short-range     0
		redirect        0
		cut             75 network
		tiny-range      75 server
	END
}

@test "--max-disk: a video of parts counts with them until it is finished" {
    tubes a b
    ln -sf "$BATS_FILE_TMPDIR/source/first.mp4" "$MIRROR/b.mp4"
    # All of one video fits, and all of the other only when the parts of the first are gone.
    size=$(stat -L -c %s "$MIRROR/a.mp4")
    mkfifo finished
    exec 9<> finished
    printf '%s\n' a b | fetch -j 2 --needed -t tubes.txt --max-disk $((size + 1000)) --finished finished \
        --url-template "$SERVER/ok/{id}.mp4" > records 2> messages 3>&- 9>&- &
    local fetch=$!
    has_records() { [ "$(wc -l < records)" -eq "$1" ]; }
    until_true has_records 1
    exec 8> finished 9>&-
    # The other is asked for its length at most, and waits. Which one that is, is not said.
    local first other=a
    first=$(field key < records)
    [ "$first" = b ] || other=b
    for _ in {1..20}; do
        has_records 1
        sleep 0.05
    done
    [ ! -s "out/$other.mp4.needed.json" ] || [ "$(jq -c .ranges "out/$other.mp4.needed.json")" = '[]' ]
    echo "$first" >&8
    until_true has_records 2
    exec 8>&-
    wait "$fetch"
    [ "$(grep -c '"ranges"' records)" -eq 2 ]
}

@test "killed again and again, it ends with the same clips" {
    tubes a
    fetch -q -o whole --url-template "$SERVER/ok/{id}.mp4" <<< a > whole.fetch
    for _ in {1..6}; do
        timeout -s KILL 0.3 "$TH_BIN/th-fetch" -q -o parts -t tubes.txt --needed --limit-rate 2M --url-template "$SERVER/ok/{id}.mp4" \
            <<< a > parts.fetch || true
    done
    fetch -o parts -t tubes.txt --needed --url-template "$SERVER/ok/{id}.mp4" <<< a > parts.fetch
    clips whole
    clips parts
    [ "$(sums whole.clips | wc -l)" -eq 3 ]
    diff <(sums whole.clips) <(sums parts.clips)
}

@test "the driver: --needed gives the same clips, and prune finds what it has downloaded" {
    mkdir lists
    echo first > lists/one_video_ids.txt
    tubes first
    cp tubes.txt lists/one_video_tubes.txt
    export TH_FETCH_FLAGS="--url-template file://$BATS_FILE_TMPDIR/source/{id}.mp4" TH_CROP_FLAGS='--preset ultrafast'
    run -1 driver --data whole --lists lists one
    run -1 driver --data parts --lists lists --needed one
    diff <(sums whole/one/cropped_clips) <(sums parts/one/cropped_clips)
    [ "$(entries parts/one/raw_videos)" = "$(printf '.index\nfirst.mp4.needed\nfirst.mp4.needed.json')" ]

    # A deleted video comes back in parts, too.
    run -1 driver --data bounded --lists lists --needed --no-chunks --discard --max-disk 3M one
    [ "$(entries bounded/one/raw_videos)" = "$(printf '.index\nfirst.mp4.discarded')" ]
    rm bounded/one/cropped_clips/first_0001_S210_*
    run -1 driver --data bounded --lists lists --needed --no-chunks --discard one
    [ "$(field ranges < bounded/one/manifests/fetch.jsonl)" -gt 0 ]
    diff <(sums whole/one/cropped_clips) <(sums bounded/one/cropped_clips)
    driver --data parts --lists lists one prune --yes first
    [ "$(entries parts/one/raw_videos)" = "$(printf '.index\nfirst.mp4.pruned')" ]
}
