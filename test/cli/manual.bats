#!/usr/bin/env bats
# What the manual pages say is so: their examples run as they stand there, and they know every option.

load helpers

# A video of two chunks under two names, its list, and what the examples find besides.
setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir archive videos bin data_list
    ffmpeg -v error -f lavfi -i testsrc2=size=320x180:rate=10 -frames:v 700 -g 50 -preset ultrafast -pix_fmt yuv420p archive/-7TMJtnhiPM.mp4
    cp archive/-7TMJtnhiPM.mp4 videos/other.mp4
    echo -7TMJtnhiPM > ids.txt
    echo "$PWD/videos/other.mp4" > videos.txt
    for video in -7TMJtnhiPM other; do
        printf '%s_000%d, 720, 1280, 5, 24, 100, 40, 740, 680\n' $video 0 $video 1
    done > tubes.txt
    # A resolver of one's own, which stands for yt-dlp, too: what is asked for is there.
    cat > find-video.sh << END
#!/bin/sh
for page; do :; done
cp "$PWD/archive/\${page##*v=}.mp4" "$PWD/answer.mp4"
printf '{"path": "%s", "license": "Creative Commons Attribution license (reuse allowed)"}' "$PWD/answer.mp4"
END
    printf '#!/bin/sh\nexec "%s/th-fetch" --resolver "%s/find-video.sh" "$@"\n' "$TH_BIN" "$PWD" > bin/th-fetch
    chmod +x find-video.sh bin/th-fetch
    export PATH=$PWD/bin:$TH_BIN:$PATH SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=0 SLURM_ARRAY_TASK_COUNT=1
}

# The commands of a page's examples, as a reader sees them.
examples() {
    sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAGNOSTICS/p' "$PROJECT/$1/$1.1" | sed -n '/^\.Bd -literal/,/^\.Ed/p' |
        sed '/^\./d; s/\\e/\\/g; s/^\$ //' | sed "s|file:///archive|file://$PWD/archive|"
}

# run_examples PROGRAM COUNT: all of them, one after the other; there are COUNT commands.
run_examples() {
    examples "$1" > commands
    [ "$(grep -cv '^ ' commands)" -eq "$2" ]
    run bash -eux commands
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "the examples of th-fetch" {
    run_examples th-fetch 5
    cmp raw_videos/-7TMJtnhiPM.mp4 archive/-7TMJtnhiPM.mp4
    [ "$(grep -c '"key": "-7TMJtnhiPM", "status": "ok"' fetch.jsonl)" -eq 1 ]
}

@test "the examples of th-split" {
    mkdir -p demo/manifests
    cp tubes.txt data_list/demo_video_tubes.txt
    th-fetch -q -o raw_videos --url-template "file://$PWD/archive/{id}.mp4" ids.txt > demo/manifests/fetch.jsonl
    run_examples th-split 4
    [ "$(entries demo/1min_clips | grep -c '^-7TMJtnhiPM_000[01].mp4')" -eq 2 ]
    [ "$(entries chunks | grep -c '^other_000[01].mp4')" -eq 2 ]
    [ "$(entries clips | grep -c '^other_.*.mp4')" -eq 2 ]
}

@test "the examples of th-crop" {
    th-fetch -q -o raw_videos --url-template "file://$PWD/archive/{id}.mp4" ids.txt > fetch.jsonl
    { cat fetch.jsonl && echo videos/other.mp4; } | th-split -q -o 1min_clips > /dev/null
    run_examples th-crop 4
    [ "$(entries cropped_clips | grep -c '^-7TMJtnhiPM_.*.mp4')" -eq 2 ]
    [ "$(entries lossless_clips | grep -c '_E24_.*.mp4')" -eq 4 ]
}

@test "the examples of th-verify" {
    mkdir -p demo/manifests
    grep other tubes.txt > data_list/demo_video_tubes.txt
    th-split -q -o demo/1min_clips videos.txt > demo/manifests/split.jsonl
    : > demo/manifests/fetch.jsonl
    th-crop -q -o demo/cropped_clips -t data_list/demo_video_tubes.txt demo/manifests/split.jsonl > demo/manifests/crop.jsonl
    th-verify -q demo/manifests/crop.jsonl > demo/manifests/verify.jsonl
    cp -r demo/cropped_clips clips
    cp -r demo/cropped_clips reconstructions
    run_examples th-verify 9
    [ "$(tail -n 2 scores.tsv | cut -f 4)" = "$(printf '100.000000\n100.000000')" ]
    [ "$(jq -c '.clips | [.total, .ok]' demo/summary.json)" = '[2,2]' ]
    [ -s demo/report.html ]
}

@test "each page has the options that --help lists, and no other" {
    for program in th-fetch th-split th-crop th-verify; do
        "$program" --help | sed -n 's/^  \(-.,\|   \) \(--[a-z-]*\).*/\2/p' | LC_ALL=C sort > listed
        sed -n 's/^\.It.* Fl -\([a-z][a-z-]*\).*/--\1/p' "$PROJECT/$program/$program.1" | LC_ALL=C sort > described
        [ "$(wc -l < listed)" -gt 10 ]
        diff listed described
    done
}

@test "the examples fit on a terminal of 80 columns" {
    for program in th-fetch th-split th-crop th-verify; do
        mandoc -Tascii "$PROJECT/$program/$program.1" | sed 's,.\x08,,g' | sed -n '/^EXAMPLES/,/^DIAGNOSTICS/p' > page
        [ "$(wc -l < page)" -gt 10 ]
        run grep -E '.{81}' page
        [ "$status" -eq 1 ]
    done
}
