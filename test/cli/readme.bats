#!/usr/bin/env bats
# What the README says is so: its commands run as they stand there, in its order, except those that ask YouTube.
# shellcheck disable=SC2016 # the backquotes of Markdown are meant as they stand

PROJECT=$BATS_TEST_DIRNAME/../..
README=$PROJECT/README.md

# The commands of all ```sh blocks.
commands() {
    sed -n '/^```sh$/,/^```$/p' "$README" | grep -v '^```'
}

@test "the README's commands run, one after the other, in a fresh copy" {
    copy=$BATS_TEST_TMPDIR/copy
    mkdir "$copy"
    # With what is built: install.bats and demo.bats build copies from nothing.
    (cd "$BATS_TEST_DIRNAME/../.." && git ls-files -z | xargs -0 cp -p --parents -t "$copy")
    cp -a "$TH_BIN" "$copy/bin"
    cp -a "$TH_BUILD" "$copy/build"
    cd "$copy"
    bash videos_download_and_crop.sh demo
    # The README's set `small` comes from YouTube; here the demo videos stand for it, and a script for yt-dlp.
    cp data_list/demo_video_ids.txt data_list/small_video_ids.txt
    cp data_list/demo_video_tubes.txt data_list/small_video_tubes.txt
    cat > resolve << END
#!/bin/sh
for page; do :; done
cp "$copy/demo/raw_videos/\${page##*v=}.mp4" "$copy/\${page##*v=}.answer"
printf '{"path": "%s", "license": "Creative Commons Attribution license (reuse allowed)"}' "$copy/\${page##*v=}.answer"
END
    chmod +x resolve
    export TH_FETCH_FLAGS="--resolver $copy/resolve"
    commands > commands.sh
    [ "$(wc -l < commands.sh)" -ge 20 ]
    run bash -eux commands.sh
    echo "$output"
    [ "$status" -eq 0 ]

    tubes=$(grep -c . data_list/demo_video_tubes.txt)
    [ "$(find small/cropped_clips -name '*.mp4' | wc -l)" -eq "$tubes" ]
    [ "$(find two_clips -name '*.mp4' | wc -l)" -eq 2 ]
    [ "$(grep -c '"status": "ok"' verify.jsonl)" -eq "$tubes" ]
    [ "$(grep -c '"kind": "clip".*"status": "ok"' demo/manifests/verify.jsonl)" -eq "$tubes" ]
    [ "$(ls demo/manifests/shards)" = "$(printf '%s\n' 1-of-4 2-of-4 3-of-4 4-of-4)" ]
    [ -z "$(find staging -type f)" ]
}

@test "the first two commands of the README are those that CI runs" {
    run bash -c "sed -n 's/^    \(sh common\/install-deps.sh.*\)/\1/p' '$README'"
    [ "${lines[0]}" = 'sh common/install-deps.sh && bash videos_download_and_crop.sh demo' ]
    [ "${lines[1]}" = 'sh common/install-deps.sh --test && make check' ]
    [ "${#lines[@]}" -eq 2 ]
}

@test "the README's picture and the files that it links to are there" {
    sed -n 's/.*](\([a-z][^):]*\)).*/\1/p' "$README" > "$BATS_TEST_TMPDIR/files"
    [ "$(wc -l < "$BATS_TEST_TMPDIR/files")" -eq 2 ]
    while read -r file; do
        [ -s "$PROJECT/$file" ]
    done < "$BATS_TEST_TMPDIR/files"
}
