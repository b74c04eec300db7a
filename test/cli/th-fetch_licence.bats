#!/usr/bin/env bats
# Licences and credits of th-fetch, with a resolver whose answers look like those for YouTube's pages.

bats_require_minimum_version 1.5.0

load fetch

setup() {
    prepare
    # page_ID holds what the page of a video says beside its formats, such as: "license": null
    resolver resolve <<- END
		id=\${1##*=}
		[ -e "page_\$id" ] || { echo "ERROR: [youtube] \$id: Private video" >&2; exit 1; }
		cat <<X
		{"id": "\$id", "_type": "video", "live_status": "not_live", "webpage_url": "\$1", \$(cat "page_\$id"),
		 "formats": [{"format_id": "sb0", "url": "https://i.ytimg.com/sb/x", "vcodec": "none", "acodec": "none"}],
		 "requested_formats": [
		  {"format_id": "136", "url": "$SERVER/ok/a.mp4", "vcodec": "avc1.4d401f", "acodec": "none", "ext": "mp4",
		   "protocol": "http", "width": 160, "height": 120, "fps": 25, "container": "mp4_dash",
		   "downloader_options": {"http_chunk_size": 10485760},
		   "http_headers": {"User-Agent": "Mozilla/5.0", "Accept": "*/*", "X-Test": "v"}},
		  {"format_id": "140", "url": "$SERVER/ok/sound.mp4", "vcodec": "none", "acodec": "mp4a.40.2", "ext": "m4a",
		   "protocol": "http", "downloader_options": {"http_chunk_size": 10485760},
		   "http_headers": {"User-Agent": "Mozilla/5.0", "X-Test": "a"}}],
		 "format_id": "136+140", "ext": "mp4", "protocol": "http+http"}
		X
	END
    echo '"license": "Creative Commons Attribution license (reuse allowed)", "title": "Free", "uploader": "Ann"' > page_free
    echo '"license": null, "title": "Standard", "uploader": "Bob"' > page_standard
    echo '"license": "All rights reserved", "title": "Not free", "uploader": "Cyd"' > page_reserved
    echo '"title": "Says nothing"' > page_silent
}

pages() {
    status=0
    printf '%s\n' free standard reserved silent | fetch --resolver ./resolve "$@" > records 2> messages || status=$?
}

@test "--license any downloads after a warning; cc refuses before the first byte" {
    pages
    [ "$status" -eq 0 ]
    [ "$(grep -c '"status": "ok"' records)" -eq 4 ]
    [ "$(grep -c 'gives no Creative Commons licence' messages)" -eq 1 ]
    [ "$(grep -c 'does not state the licence' messages)" -eq 2 ]
    grep -q '"key": "free", .*"format": "136", "title": "Free", "uploader": "Ann", "license": "Creative Commons Attribution license (reuse allowed)"' records
    grep -q '"key": "reserved", .*"license": "All rights reserved"' records
    run ! grep -q '"license"' <(grep -v '"free"\|"reserved"' records)
    rm -r out
    : > "$REQUESTS"
    pages --license cc
    [ "$status" -eq 75 ]
    grep -q '"key": "free", "status": "ok"' records
    [ "$(grep -c '"status": "failed", "error": "license_unknown", "retry": true' records)" -eq 2 ]
    grep '"key": "reserved", "status": "failed", "error": "relicensed", "retry": false' records | grep -q "but 'All rights reserved'"
    [ "$(requests)" -eq 1 ]
    grep -q 'range=bytes=0-10485759 .* x-test=v' "$REQUESTS"
    [ "$(entries out)" = "$(printf '%s\n' .index free.mp4)" ]
    run -2 "$TH_BIN/th-fetch" -o out --license cc --url-template 'http://m/{id}'
    fetch --license cc <<< "file://$MIRROR/a.mp4" > records || true
    record_says 'error license_unknown'
}

@test "--attribution: one row for each video, kept from run to run, safe in spreadsheets" {
    # shellcheck disable=SC2028 # the backslashes are JSON's
    echo '"license": "CC BY 4.0", "title": "=HYPERLINK(\"http://evil/\",\"x\")", "uploader": "a, \"b\"\nc"' > page_--x
    status=0
    printf '%s\n' --x free gone | fetch --resolver ./resolve --attribution credits.csv -j 1 > records || status=$?
    [ "$status" -eq 1 ]
    cat > expected <<- 'END'
		"id","title","author","url","license","license_version","retrieved","changes"
		"'--x","'=HYPERLINK(""http://evil/"",""x"")","a, ""b""?c","https://www.youtube.com/watch?v=--x","CC BY 4.0","4.0","DATE","cut into clips and cropped"
		"free","Free","Ann","https://www.youtube.com/watch?v=free","Creative Commons Attribution license (reuse allowed)","3.0","DATE","cut into clips and cropped"
	END
    diff expected <(sed -E 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/DATE/' credits.csv)
    # A cached video keeps its row; a new answer replaces it.
    cp credits.csv before
    printf '%s\n' --x free | fetch --resolver ./resolve --attribution credits.csv > /dev/null
    cmp credits.csv before
    echo '"license": "CC BY 4.0", "title": "Better", "uploader": "Ann"' > page_free
    echo free | fetch --resolver ./resolve --attribution credits.csv --force > /dev/null
    [ "$(wc -l < credits.csv)" -eq 3 ]
    grep -q '^"free","Better","Ann"' credits.csv
    grep -q "^\"'--x\"" credits.csv
    # Records that are passed on count too, and a dry run writes nothing.
    fetch --attribution again.csv records > /dev/null || true
    grep -q '^"free","Free"' again.csv
    echo y | fetch --dry-run --attribution none.csv > /dev/null
    [ ! -e none.csv ]
}

@test "a cached video repeats the record of its download, while the file is the same" {
    echo '"license": "CC BY 4.0", "title": "A \"title\"", "uploader": "Ann", "upload_date": "20200102"' > page_free
    pages
    mv records first
    sed -i 's/Ann/Bob/' page_*
    pages --attribution credits.csv
    [ "$status" -eq 0 ]
    # No request, the same record, and all credits.
    diff <(sort first) <(sed 's/"cached": true, //' records | sort)
    [ "$(grep -c '"cached": true' records)" -eq 4 ]
    [ "$(wc -l < credits.csv)" -eq 5 ]
    grep -q '^"free","A ""title""","Ann"' credits.csv
    # A copy that lost its time is hashed once.
    touch -d 2020-01-01 out/free.mp4
    for _ in 1 2; do
        pages
        diff <(sort first) <(sed 's/"cached": true, //' records | sort)
    done
    touch -d 2020-01-02 out/free.mp4
    pages --no-hash
    [ "$(grep -c '"title"' records)" -eq 4 ]
    [ "$(grep -c '"sha256"' records)" -eq 3 ]
    # Another file of the same size, a broken index, an index of another video: only what a look shows.
    printf x | dd of=out/free.mp4 bs=1 seek=$(($(stat -c %s out/free.mp4) / 2)) conv=notrunc status=none
    echo '{"index": 1' > out/.index/standard.json
    cp out/.index/silent.json out/.index/reserved.json
    pages
    [ "$status" -eq 0 ]
    [ "$(grep -c '"title"' records)" -eq 1 ]
    [ "$(grep '"key": "free"' records | field sha256)" = "$(sha256sum < out/free.mp4 | cut -d ' ' -f 1)" ]
    [ "$(grep -c '"sha256"' records)" -eq 2 ]
    grep -q '"title": "Says nothing"' records
    # Temporary files of a killed run are removed.
    touch out/.index/.silent.json.th.part
    pages
    [ "$(entries out/.index)" = "$(printf '%s\n' free.json reserved.json silent.json standard.json)" ]
    # Without its index, the video gets no name.
    rm -r out
    mkdir -p out/.index/free.json
    echo free | fetch --resolver ./resolve > records || true
    record_says 'status failed' 'error io'
    [ ! -e out/free.mp4 ]
    # The folder is never a link, which would lead elsewhere.
    rm -r out
    mkdir out elsewhere
    ln -s ../elsewhere out/.index
    status=0
    echo free | fetch --resolver ./resolve > records 2> messages || status=$?
    [ "$status" -eq 3 ]
    [ "$(cat messages)" = 'th-fetch: out/.index is a symbolic link; expected a folder that this program made' ]
    [ -z "$(entries elsewhere)" ]
}

@test "--attribution: an incomplete row is removed, another kind of file stays unchanged" {
    echo free | fetch --resolver ./resolve --attribution credits.csv > /dev/null
    cp credits.csv whole
    printf '"hal","f' >> credits.csv
    echo free | fetch --resolver ./resolve --attribution credits.csv > /dev/null
    cmp credits.csv whole
    echo 'my,own,list' > own.csv
    status=0
    echo standard | fetch --resolver ./resolve --attribution own.csv > /dev/null 2> messages || status=$?
    [ "$status" -eq 3 ]
    grep -q 'own.csv:1: this is not a list of credits' messages
    [ "$(cat own.csv)" = my,own,list ]
    # Without its credit, the video gets no name: when the file cannot be made, and when it cannot be written.
    status=0
    echo standard | fetch --resolver ./resolve --attribution nowhere/credits.csv > records 2> messages || status=$?
    [ "$status" -eq 3 ]
    grep -q 'cannot make nowhere/credits.csv: No such file' messages
    small_disk 16k full
    head -c 1M /dev/zero > full/other 2> /dev/null || true
    echo standard | fetch --resolver ./resolve --attribution full/credits.csv > records || true
    record_says 'status failed' 'error disk_full'
    [ ! -e out/standard.mp4 ]
}

@test "--attribution: four runs at the same time share the list, and no row is lost" {
    resolver resolve <<- END
		answer=$PWD/\${1##*=}_of_\$RUN
		cp "$MIRROR/a.mp4" "\$answer"
		printf '{"path": "%s", "title": "Of run %s", "uploader": "Ann"}' "\$answer" "\$RUN"
	END
    # 25 videos of its own, and one that all have. The list has another row of that one, which is replaced.
    echo all | RUN=0 fetch --resolver ./resolve --attribution credits.csv --no-hash > records
    for run in 1 2 3 4; do
        { seq -f "run${run}_%g" 25 && echo all; } | RUN=$run "$TH_BIN/th-fetch" -o "out$run" -j 2 --no-hash \
            --resolver ./resolve --attribution credits.csv > "records$run" 2> "messages$run" 3>&- &
    done
    for job in $(jobs -p); do
        wait "$job"
    done
    { echo id; echo all; for run in 1 2 3 4; do seq -f "run${run}_%g" 25; done; } | sort > expected
    diff expected <(cut -d '"' -f 2 credits.csv | sort)
    run ! grep '"all","Of run 0"' credits.csv
    [ "$(entries . | grep -c credits)" -eq 1 ]
}

@test "--attribution: a file system without locks is told once, and loses no row" {
    command -v strace > /dev/null || skip "strace is not installed"
    skip_under_sanitizers
    printf '%s\n' free standard | strace -f -qq -e trace=flock -e inject=flock:error=ENOLCK -o strace \
        "$TH_BIN/th-fetch" -o out --resolver ./resolve --attribution credits.csv > records 2> messages
    [ "$(grep -c 'gives no locks' messages)" -eq 1 ]
    [ "$(wc -l < credits.csv)" -eq 3 ]
}

@test "--recheck asks about videos that are there, downloads nothing, and reports changes" {
    pages --attribution credits.csv
    grep '"key": "reserved"' records > kept
    rm out/reserved.mp4
    rm page_silent
    : > "$REQUESTS"
    cp credits.csv before
    printf '%s\n' free standard silent nothing | cat - kept |
        fetch --resolver ./resolve --recheck --attribution credits.csv > records || status=$?
    [ "$status" -eq 75 ]
    grep -q '"key": "free", "status": "ok", "path": "out/free.mp4", "cached": true, .*"title": "Free", .*"retrieved": "20.*"checked": "20' records
    grep -q '"key": "standard", "status": "failed", "error": "license_unknown", "retry": true, .*"checked": "20' records
    grep -q '"key": "silent", "status": "failed", "error": "gone"' records
    grep -q '"key": "nothing", "status": "skipped", "error": "not_selected"' records
    grep -q '"key": "reserved", "status": "failed", "error": "relicensed"' records
    [ "$(requests)" -eq 0 ]
    [ "$(find out -name '*.mp4' | wc -l)" -eq 3 ]
    diff <(cut -d, -f 1-6 before) <(cut -d, -f 1-6 credits.csv)
    run -2 "$TH_BIN/th-fetch" -o out --recheck --url-template 'http://m/{id}'
}

@test "a tombstone: the video is not downloaded again, even with --force" {
    mkdir out
    echo 'relicensed 2026-01-01' > out/free.mp4.pruned
    echo nonsense > out/standard.mp4.pruned
    pages --force
    [ "$status" -eq 1 ]
    grep -q '"key": "free", "status": "skipped", "error": "relicensed", "retry": false' records
    grep -q '"key": "standard", "status": "skipped", "error": "gone", "retry": false' records
    [ "$(grep -c '"status": "ok"' records)" -eq 2 ]
    [ ! -e out/free.mp4 ]
}
