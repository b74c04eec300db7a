# Many tubes, and little memory.

bats_require_minimum_version 1.5.0

load helpers
load exact

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir chunks
}

@test "half a million rows: the list is there in 150 MB, and so are rows that are read" {
    skip_under_sanitizers
    awk 'BEGIN { for (i = 0; i < 500000; i++)
        printf "video%06d_%04d, 720, 1280, %d, %d, 10, 10, 400, 400\n", i / 90, i / 9 % 10, i % 9 * 100, i % 9 * 100 + 145 }' > tubes
    # It takes 0.7 s; a time that grows with the square of the rows would be minutes.
    read -r cpu _ peak _ < <("$TH_BUILD/test/bench/measure" "$TH_BIN/th-crop" -q -o out -t tubes)
    echo "list: $cpu s, $peak MiB"
    awk -v cpu="$cpu" -v peak="$peak" 'BEGIN { exit !(cpu < 10 && peak < 150) }'
    # There are no chunks: all rows are kept until the end, and each gets a record.
    status=0
    read -r _ _ peak _ < <("$TH_BUILD/test/bench/measure" "$TH_BIN/th-crop" -q -n -i chunks -o out tubes) || status=$?
    echo "rows: $peak MiB"
    awk -v peak="$peak" 'BEGIN { exit !(peak < 150) }'
}

@test "ten thousand rows of one chunk: each has its record, and a thousand of one frame each their clips" {
    make -f lavfi -i 'testsrc2=s=192x144:r=25:d=8' -c:v libx264 -preset veryfast -g 25 chunks/a_0000.mp4
    # The other tubes begin after the chunk's end.
    awk 'BEGIN { for (i = 0; i < 10000; i++) {
        frame = i < 1000 ? i % 200 : i
        left = i < 1000 ? int(i / 200) * 2 : 0
        printf "a_0000, 144, 192, %d, %d, %d, 0, %d, 32\n", frame, frame, left, left + 32 } }' > tubes
    run -1 "$TH_BIN/th-crop" -q -i chunks -o out --preset ultrafast tubes
    [ "$(grep -c '"status": "ok"' <<< "$output")" -eq 1000 ]
    [ "$(grep -c '"error": "out_of_range"' <<< "$output")" -eq 9000 ]
    [ "$(grep -o '"key": "[^"]*"' <<< "$output" | sort -u | wc -l)" -eq 10000 ]
    [ "$(find out -name '*.mp4' | wc -l)" -eq 1000 ]
    [ -z "$(find out -name '.*.part')" ]
}

@test "--max-memory: a chunk that needs more costs its own records, which say why" {
    skip_under_sanitizers
    make -f lavfi -i 'testsrc2=s=192x144:r=25:d=2' -c:v libx264 -preset veryfast chunks/a_0000.mp4
    make -f lavfi -i 'testsrc2=s=2560x1440:r=25:d=3' -c:v libx264 -preset ultrafast chunks/b_0000.mp4
    {
        echo 'a_0000, 144, 192, 0, 40, 0, 0, 100, 100'
        for left in 0 2 4 6 8 10; do
            echo "b_0000, 1440, 2560, 0, 60, $left, 0, 2550, 1440"
        done
    } > tubes
    status=0
    "$TH_BIN/th-crop" -q -j 1 --max-memory 400M -i chunks -o out tubes > records || status=$?
    [ "$status" -eq 75 ]
    grep a_0000 records | grep -q '"status": "ok"'
    [ "$(wc -l < records)" -eq 7 ]
    [ "$(grep b_0000 records | grep -c '"status": "failed"')" -gt 0 ]
    grep '"status": "failed"' records > failed
    run ! grep -v '"error": "crashed".*out of memory, of which --max-memory allows 400 MiB' failed
    [ -z "$(find out -name '.*.part')" ]
    "$TH_BIN/th-crop" -q -f -j 1 -i chunks -o out --preset ultrafast records > again
    [ "$(grep -c '"status": "ok"' again)" -eq 7 ]
}
