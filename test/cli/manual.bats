#!/usr/bin/env bats
# What the manual pages say is so: their examples run as they stand there, and they know every option.

load helpers

MANIFEST_PAGE=$BATS_TEST_DIRNAME/../../common/th-manifest.5

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

@test "talkinghead-1kh(1) has the options and environment variables that --help of the driver lists, and no other" {
    page=$PROJECT/common/talkinghead-1kh.1
    driver --help > help
    sed -n 's/^  \(-.,\|   \) \(--[a-z-]*\).*/\2/p' help | LC_ALL=C sort > listed
    sed -n 's/^\.It.* Fl -\([a-z][a-z-]*\).*/--\1/p' "$page" | LC_ALL=C sort > described
    [ "$(wc -l < listed)" -gt 10 ]
    diff listed described
    grep -o 'TH_[A-Z_]*' help | LC_ALL=C sort -u > listed
    sed -n 's/^\.It Ev \(.*\)/\1/p' "$page" | grep -o 'TH_[A-Z_]*' | LC_ALL=C sort > described
    [ "$(wc -l < listed)" -gt 5 ]
    diff listed described
    # Its actions: doctor, and those that follow SET.
    sed -n 's/.*\] SET \([a-z][a-z]*\).*/\1/p; s/.*\] \(doctor\) .*/\1/p' help | LC_ALL=C sort > listed
    sed -n '/^The other actions/,/^The options/s/^\.It Cm //p' "$page" | LC_ALL=C sort > described
    diff listed described
}

@test "th-manifest(5) has the words of common/error.h, each in its class, with its sentence and what to do" {
    sed -n '/^\.Sh ERROR WORDS/,/^\.Sh FILES/p' "$MANIFEST_PAGE" | sed 's/\\-/-/g' | awk '
        /^\.Ss/ { class = toupper($2) }
        word && /^[^.]/ { advice = advice (advice == "" ? "" : " ") $0; next }
        word { print word "|" class "|" sentence "|" advice; word = "" }
        /^\.It Cm/ { word = $3; getline; sentence = $0; advice = "" }' > unsorted
    sort unsorted > documented
    sed -n '/^#define ERROR_WORDS/,/^$/p' "$PROJECT/common/error.h" | tr -d '\\\n' | sed 's/X(/\n&/g' |
        sed -n 's/^X([A-Z_]*, "\([a-z_]*\)", \([A-Z]*\), "\(.\)\([^"]*\)", *"\([^"]*\)").*/\1|\2|\u\3\4.|\5/p' | sort > defined
    [ "$(wc -l < defined)" -gt 30 ]
    diff defined documented
}

# The keys of a section of th-manifest(5): "KEY TYPE", a line each.
documented_keys() {
    sed -n "/^\.Ss $1\$/,/^\.S[hs] /p" "$MANIFEST_PAGE" | sed -n 's/^\.It Cm \(.*\) Pq \([a-z]*\)$/\1|\2/p' |
        awk -F '|' '{ n = split($1, key, " , "); for (i = 1; i <= n; i++) print key[i], $2 }'
}

# The keys of records: "KEY TYPE", a line each.
written_keys() {
    jq -r 'to_entries[] | .key + " " + (.value | if type == "number" and . == floor then "whole" else type end)' | sort -u
}

# same_keys SECTION FILE...: the records have the keys of the section and of all records, with their types, and no other
# ones; and each key of the section is in one of them.
same_keys() {
    local section=$1
    shift
    documented_keys 'All records' > common
    documented_keys "$section" > own
    [ "$(wc -l < own)" -gt 8 ]
    cat "$@" | written_keys > written
    # A number without a fraction may be of either type.
    sed 's/ integer$/ whole/; s/ number$/ whole/' common own > allowed
    sed -n 's/ number$/ number/p' common own >> allowed
    echo "not documented:"
    grep -Fvxf allowed written > surplus || true
    diff /dev/null surplus
    cut -d ' ' -f 1 written | sort -u > names
    echo "never written:"
    cut -d ' ' -f 1 own | grep -Fvxf names > unwritten || true
    diff /dev/null unwritten
}

@test "th-manifest(5) has the keys that the programs write, with their types" {
    cat > resolve << END
#!/bin/sh
for page; do :; done
case \$page in *gone) echo 'ERROR: Video unavailable' >&2; exit 1 ;; esac
cp "$PWD/archive/\${page##*v=}.mp4" "$PWD/answer.mp4"
printf '{"path": "%s", "format_id": "136", "title": "T", "uploader": "U", "upload_date": "20200101",
    "license": "Creative Commons Attribution license (reuse allowed)"}' "$PWD/answer.mp4"
END
    chmod +x resolve
    printf '%s\n' -7TMJtnhiPM gone > ids.txt
    "$TH_BIN/th-fetch" -q -o raw --resolver ./resolve --retries 0 --heights tubes.txt ids.txt > fetch.jsonl || true
    "$TH_BIN/th-fetch" -q -o raw --resolver ./resolve --retries 0 --recheck fetch.jsonl ids.txt > recheck.jsonl || true
    "$TH_BIN/th-fetch" -q -o raw --resolver ./resolve -n ids.txt > dry.jsonl || true
    "$TH_BIN/th-fetch" -q -o raw --resolver ./resolve --audio -- <(head -n 1 ids.txt) > silent.jsonl
    echo '-7TMJtnhiPM_0000, 720, 1280, 0, 9, 100, 40, 740, 680' > few.txt
    for option in --needed --audio; do
        "$TH_BIN/th-fetch" -q -o "parts$option" -t few.txt --needed "$option" --url-template "file://$PWD/archive/{id}.mp4" \
            <<< -7TMJtnhiPM
    done > parts.jsonl
    mv raw/-7TMJtnhiPM.mp4 there.mp4
    touch raw/-7TMJtnhiPM.mp4.discarded
    "$TH_BIN/th-fetch" -q -o raw --resolver ./resolve ids.txt > discarded.jsonl || true
    mv there.mp4 raw/-7TMJtnhiPM.mp4
    same_keys th-fetch fetch.jsonl recheck.jsonl dry.jsonl silent.jsonl parts.jsonl discarded.jsonl

    # Streams that mp4 cannot hold are dropped; sound that it cannot hold is encoded.
    ffmpeg -v error -i videos/other.mp4 -f lavfi -i sine -map 0 -map 1 -c:v copy -c:a pcm_s16le -t 60 videos/sound.mkv
    printf '1\n00:00:00,000 --> 00:00:01,000\nwords\n' > words.srt
    ffmpeg -v error -i videos/other.mp4 -i words.srt -map 0 -map 1 -c:v copy -c:s ass videos/words.mkv
    echo "$PWD/videos/words.mkv" > more.txt
    th-split -q -o chunks fetch.jsonl more.txt > split.jsonl || true
    th-split -q -o none --no-copy fetch.jsonl > no_copy.jsonl || true
    th-split -q -o chunks fetch.jsonl > cached.jsonl || true
    th-split -q -o chunks discarded.jsonl > no_chunk.jsonl || true
    same_keys th-split split.jsonl no_copy.jsonl cached.jsonl no_chunk.jsonl

    cp videos/sound.mkv chunks/sound_0000.mkv
    echo 'sound_0000, 720, 1280, 5, 24, 100, 40, 740, 680' > sound.txt
    th-crop -q -o clips -t tubes.txt split.jsonl > crop.jsonl || true
    th-crop -q -o clips -t tubes.txt split.jsonl > again.jsonl || true
    th-crop -q -o no_copy -t tubes.txt no_copy.jsonl > ranges.jsonl || true
    th-crop -q -o clips -t tubes.txt no_chunk.jsonl > no_source.jsonl || true
    th-crop -q -o sound -i chunks --audio --size 64 --fps 5 --trim-edges 1 --encoder ffv1 --pix-fmt yuv420p sound.txt > sound.jsonl
    th-crop -q -o images -i chunks --frames png sound.txt > images.jsonl
    same_keys th-crop crop.jsonl again.jsonl ranges.jsonl sound.jsonl images.jsonl no_source.jsonl

    cp -r clips reconstructions
    rm reconstructions/*_0001_*
    find clips -name '*_0001_*' -exec truncate -s 1000 {} +
    th-verify -q --level source --reference reconstructions crop.jsonl ranges.jsonl sound.jsonl images.jsonl > verify.jsonl || true
    same_keys th-verify <(grep '"stage": "verify"' verify.jsonl)
    documented_keys Scores > own
    jq -c '.scores // empty' verify.jsonl | written_keys | cut -d ' ' -f 1 | sort -u > written
    diff <(cut -d ' ' -f 1 own | sort -u) written
    documented_keys Range | cut -d ' ' -f 1 | sort > own
    diff own <(jq -c '.range // empty' no_copy.jsonl | written_keys | cut -d ' ' -f 1 | sort -u)
    # LEVEL.CHECK
    diff <(sed -n 's/^\.It Cm \([a-z]*\.[a-z]*\)$/\1/p' "$MANIFEST_PAGE" | sort) \
        <(jq -r '.checks // {} | to_entries[] | .key + "." + (.value | keys[])' verify.jsonl | sort -u)
}

@test "the examples fit on a terminal of 80 columns" {
    for program in th-fetch th-split th-crop th-verify; do
        mandoc -Tascii "$PROJECT/$program/$program.1" | sed 's,.\x08,,g' | sed -n '/^EXAMPLES/,/^DIAGNOSTICS/p' > page
        [ "$(wc -l < page)" -gt 10 ]
        run grep -E '.{81}' page
        [ "$status" -eq 1 ]
    done
}
