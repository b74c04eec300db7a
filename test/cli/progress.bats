#!/usr/bin/env bats
# The progress lines, as a terminal (tmux) shows them, and as a file gets them.

bats_require_minimum_version 1.5.0

load helpers

setup_file() {
    export LISTS=$BATS_FILE_TMPDIR/lists MIRROR=$BATS_FILE_TMPDIR/mirror
    mkdir "$LISTS" "$MIRROR"
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=320x180:r=25:d=4 -c:v libx264 -preset ultrafast -bitexact \
        -movflags faststart "$MIRROR/a.mp4"
    # Players pass over the rest. Copying it takes long enough for all stages to be there before th-fetch ends.
    { printf '\003\000\000\010free' && head -c 50331648 /dev/zero; } >> "$MIRROR/a.mp4"
    printf 'a\nno_video_1\n' > "$LISTS/tiny_video_ids.txt"
    mkdir "$MIRROR/no_video_1.mp4"
    printf '%s_0000, 180, 320, 0, 49, 20, 20, 120, 120\n' a no_video_1 stranger > "$LISTS/tiny_video_tubes.txt"
    echo 'a_0000, 180, 320, 50, 99, 20, 20, 120, 120' >> "$LISTS/tiny_video_tubes.txt"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    export TH_FETCH_FLAGS="--url-template file://$MIRROR/{id}.mp4 --retries 0" TH_CROP_FLAGS='--preset ultrafast'
    RUN="bash $PROJECT/videos_download_and_crop.sh --data $PWD/data --lists $LISTS tiny"
}

teardown() {
    [ -z "${terminal-}" ] || tmux -L "$terminal" kill-server || :
}

# open_terminal COMMAND: in a terminal of 80 columns and 24 rows. What is typed there later goes to the command.
open_terminal() {
    command -v tmux > /dev/null || skip "tmux is not installed"
    terminal=th-$BASHPID
    env -u TMUX tmux -L "$terminal" -f /dev/null new-session -d -x 80 -y 24 "$1"
}

screen() {
    tmux -L "$terminal" capture-pane -p "$@" | sed '/^$/d'
}

shows() {
    screen | grep -qE -- "$1"
}


@test "the lines of all stages: totals from the start, in the order of the pipe, failures in red" {
    open_terminal "$RUN; echo \"status \$?\"; read -r line"
    until_true shows '^status 1'
    screen
    screen | grep -E '^th-.*  in ' > lines || :
    sed 's/  in [0-9:]*$//' lines | diff - <(printf '%s\n' 'th-fetch  2/2 videos  1 failed  50.6 MB' \
        'th-split  2/2 videos  1 skipped' 'th-crop   3/3 clips  1 skipped' 'th-verify 3/3 clips  1 skipped')
    screen -e | grep -q $'^th-fetch  2/2 videos  \033\[31m1 failed\033\[.*m'
    screen -S - | tr -d '\n' | grep -q 'tubes that are not used, because their videos are not in tiny_video_ids.txt: 1 (of 1 videos)'
}

# Stages that wait for input on stdin, which a test holds open.
waiting_stages() {
    mkfifo hold
    open_terminal "cat $PWD/hold | $TH_BIN/th-fetch $TH_FETCH_FLAGS -o out --total 2872 | $TH_BIN/th-split -o chunks --total 2872 |
        $TH_BIN/th-verify --total 500000 > verify.jsonl; read -r line"
    exec {hold}> hold
    until_true shows '^th-verify 0/500,000 clips'
}

# Between tmux's own change and the one that programs see is some time, in which nobody may draw.
resize() {
    local tty programs
    tty=$(tmux -L "$terminal" display -p '#{pane_tty}')
    mapfile -t programs < <(pgrep -t "${tty#/dev/}" '^th-')
    kill -STOP "${programs[@]}"
    tmux -L "$terminal" resize-window -x "$1" -y 24
    resized() { [ "$(stty -F "$tty" size)" = "24 $1" ]; }
    until_true resized "$1"
    kill -CONT "${programs[@]}"
}

# Whether the three stages have one line each, and th-verify the last line of the screen.
sized() {
    local now
    now=$(screen)
    [ "$(grep -E '^th-[a-z]* +[0-9]' <<< "$now" | cut -c 1-9 | xargs)" = 'th-fetch th-split th-verify' ] &&
        tail -n 1 <<< "$now" | grep -q '^th-verify' && [ "$(grep -c '^th-verify' <<< "$now")" -eq 1 ]
}

@test "a terminal that becomes narrower keeps no stale line" {
    waiting_stages
    echo no_video_1 >&"$hold"
    until_true shows '^th-split  1/2,872 videos  1 skipped'
    for width in 40 24 60 18; do
        resize $width
        echo "no_video_$width" >&"$hold" # a message, and new numbers
        until_true shows "no_video_$width"
        until_true sized || { screen; false; }
    done
    exec {hold}>&-
}

@test "NO_COLOR: no colours; TERM=dumb: no escape sequence at all" {
    open_terminal "NO_COLOR=1 script -qec '$RUN' plain > /dev/null; rm -r data; TERM=dumb script -qec '$RUN' dumb > /dev/null; echo done; read -r line"
    until_true shows '^done'
    grep -q $'\033\[J' plain
    run ! grep -q $'\033\[[0-9]*m' plain
    run ! grep -q $'\033' dumb
    grep -q '^progress after .*: th-fetch  2/2 videos .* | th-verify 3/3 clips' dumb
}

@test "a file: nothing, or with --progress always one line for all stages" {
    run -1 bash -c "$RUN"
    rm -r data
    [[ $output != *'progress after'* ]]
    bash -c "$RUN --progress always" > table 2> log || :
    [ "$(grep -c '^progress after' log)" -eq 1 ]
    grep -qE '^progress after 0:[0-9]*: th-fetch  2/2 videos  1 failed.* \| th-split  2/2 .* \| th-crop   3/3 .* \| th-verify 3/3 ' log
}

@test "--force makes the clips again without a download, and says before what it does" {
    bash -c "$RUN" > /dev/null 2>&1 || :
    mv "$MIRROR/a.mp4" "$MIRROR/a.moved"
    TH_CROP_FLAGS='--preset ultrafast --crf 40' run -1 bash -c "$RUN -f"
    mv "$MIRROR/a.moved" "$MIRROR/a.mp4"
    [[ $output == *'--force: th-crop makes what is in cropped_clips again: 2 files, 0.0 GB'* ]]
    [[ $output != *'th-fetch makes'* ]]
    [[ $output == *'videos downloaded          0             1         1'* ]]
    [[ $output == *'clips cropped              2             0         0         1'* ]]
    run -1 bash -c "$RUN -f fetch"
    [[ $output == *'--force: th-fetch makes what is in raw_videos again: 1 files, 0.1 GB'*'videos downloaded          1             0         1'* ]]
}

@test "an option of a program names its variable; a set that is not known lists those that are" {
    run -2 driver --crf 18 small
    [[ $output == *"--crf is an option of th-crop: TH_CROP_FLAGS='--crf 18' bash "* ]]
    run -3 driver --lists "$LISTS" tinny
    [[ $output == *'tinny_video_ids.txt is missing. There are lists of: tiny.'* ]]
}

@test "a folder that cannot be written is told once" {
    mkdir data && touch data/tiny
    run -3 bash -c "$RUN"
    [[ $output == *"the folder $PWD/data/tiny cannot be written; --data DIR chooses another place" ]]
    [ "$(wc -l <<< "$output")" -eq 1 ]
}

@test "clips of other options: refused before a download, with the command that makes them again" {
    run -1 bash -c "$RUN"
    rm data/tiny/raw_videos/a.mp4
    TH_CROP_FLAGS='--crf 40' run -3 bash -c "$RUN"
    [ ! -e data/tiny/raw_videos/a.mp4 ]
    [[ $output == *'were made with --preset ultrafast, not with --crf 40; expected another folder, or --force'* ]]
    [[ $output == *$'This makes them again from the videos that are there:\n    TH_FETCH_FLAGS='*" TH_CROP_FLAGS=--crf\\ 40 bash "*" -f tiny crop verify" ]]
    [ "$(wc -l <<< "$output")" -eq 3 ]
    run -1 bash -c "$(tail -n 1 <<< "$output")"
    [[ $output == *'clips cropped              2             0 '* ]]
    TH_CROP_FLAGS='--crf 40' TH_VERIFY_FLAGS='--level no' run -2 bash -c "$RUN"
    [[ $output != *'closed by its reader'* ]]
}
