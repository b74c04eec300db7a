#!/usr/bin/env bats
# What all four programs promise alike: options, exit statuses, hostile input, stdout.

bats_require_minimum_version 1.5.0

load helpers

PROGRAMS=(th-fetch th-split th-crop th-verify)

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    # Where each program's items would come from, so that only the input decides what happens.
    declare -gA ARGUMENTS=(
        [th-fetch]='-o out --url-template file:///{id}.mp4'
        [th-split]='-o out'
        [th-crop]='-o out -i chunks'
        [th-verify]=''
    )
}

# Runs a program with the options that it needs, and more; its input comes on stdin.
program() {
    local name=$1
    shift
    # shellcheck disable=SC2086 # options without spaces
    "$TH_BIN/$name" ${ARGUMENTS[$name]} "$@"
}

@test "--help and --version go to stdout and succeed" {
    for name in "${PROGRAMS[@]}"; do
        run --separate-stderr "$TH_BIN/$name" --help
        [ "$status" -eq 0 ]
        [[ $output == "usage: $name "* ]]
        [ -z "$stderr" ]
        run --separate-stderr "$TH_BIN/$name" -V
        [ "$status" -eq 0 ]
        [[ $output == "$name (TalkingHead-1KH tools) "* ]]
    done
}

@test "every option of --help stands in the man page, and every option of the man page in --help" {
    for name in "${PROGRAMS[@]}"; do
        page=$BATS_TEST_DIRNAME/../../$name/$name.1
        # The options that begin a list item of the page, and those that begin a line of the help.
        sed -n 's/^\.It \(Fl .*\)/\1/p' "$page" | grep -o 'Fl -[a-z-]*' | sed 's/Fl -/--/' | sort -u > in_page
        "$TH_BIN/$name" --help | sed -n 's/^  \(-., \|    \)\(--[a-z-]*\).*/\2/p' | sort -u > in_help
        [ "$(wc -l < in_help)" -ge 9 ]
        diff in_help in_page
    done
}

@test "a wrong command line names the option and ends with status 2" {
    for name in "${PROGRAMS[@]}"; do
        for words in '--no-such' '-Z' '-j 0' '-j x' '--jobs=1x' '--progress perhaps' '--stall-timeout -1' '--max-memory 1Q'; do
            # shellcheck disable=SC2086 # several words
            run program "$name" $words < /dev/null
            [ "$status" -eq 2 ] || { echo "$name $words: $status $output"; false; }
            [[ $output == *"usage: $name"* ]]
        done
        run program "$name" -j 0 < /dev/null
        [[ $output == *'--jobs is "0"; expected a whole number from 1'* ]]
    done
}

@test "nothing in, nothing out, status 0" {
    for name in "${PROGRAMS[@]}"; do
        run program "$name" < /dev/null
        [ "$status" -eq 0 ]
        [ -z "$output" ]
    done
}

@test "a missing input file is named; status 1" {
    for name in "${PROGRAMS[@]}"; do
        run program "$name" no-such-file
        [ "$status" -eq 1 ]
        [[ $output == *'cannot open no-such-file: No such file or directory'* ]]
    done
}

@test "records that cannot be understood are named by file and line, and stop nothing" {
    long=$(head -c 10000 /dev/zero | tr '\0' x)
    {
        printf '{"stage": "fetch", \n'
        printf '{"stage": "fetch", "kind": "video", "key": "../../x", "status": "failed"}\n'
        printf '{"stage": "fetch", "kind": "video", "key": "a/b", "status": "failed"}\n'
        printf '{"stage": "fetch", "kind": "video", "key": "", "status": "failed"}\n'
        printf '{"stage": "fetch", "kind": "video", "key": "%s", "status": "failed"}\n' "$long"
        printf '{"stage": "fetch", "kind": "video", "key": "a\\nb", "status": "failed"}\n'
        printf '{"stage": "fetch", "kind": "video", "key": 5, "status": "failed"}\n'
        printf '{"stage": "fetch", "kind": "video", "key": "a", "status": "fine"}\n'
        printf '{"stage": "fetch", "kind": "video", "key": "a", "status": "ok", "n": 99999999999999999999}\n'
        printf '{"stage": "fetch\0", "kind": "video", "key": "a", "status": "ok"}\n'
        printf '{"stage": "crop", "kind": "clip", "key": "a_0000_S0_E1_L0_T0_R9_B9", "status": "ok", "path": "x"}\n'
    } > hostile.jsonl
    for name in "${PROGRAMS[@]}"; do
        run --separate-stderr program "$name" hostile.jsonl
        [ "$status" -ne 0 ]
        [ "$status" -lt 126 ]
        for line in 1 2 3 4 5 6 7 8 9 10; do
            grep -q "^$name: hostile.jsonl:$line: " <<< "$stderr" || { echo "$name says nothing of line $line: $stderr"; false; }
        done
        grep -q '"../../x"' <<< "$stderr"
        [ ! -e ../x ] && [ ! -e ../../x ]
    done
}

@test "plain lines that cannot be names are named by file and line" {
    printf '%s\n' '../../x' '[1, 2]' $'a\001b' > hostile.txt
    for name in th-fetch th-crop; do
        expected=1
        [ "$name" = th-crop ] || expected=75 # "[1, 2]" may be an id; the folder has no such file
        run --separate-stderr program "$name" hostile.txt
        [ "$status" -eq "$expected" ]
        grep -q "^$name: hostile.txt:1: .*\.\./\.\./x" <<< "$stderr" || { echo "$name: $stderr"; false; }
        grep -q "^$name: hostile.txt:3: " <<< "$stderr"
    done
}

@test "an output folder that cannot be made: status 3, and it is named" {
    touch file
    for name in th-fetch th-split th-crop; do
        run program "$name" -o file/below < /dev/null
        [ "$status" -eq 3 ]
        [[ $output == *file* ]]
    done
}

@test "an output folder is asked for" {
    for name in th-fetch th-split th-crop; do
        run "$TH_BIN/$name" < /dev/null
        [ "$status" -eq 2 ]
        [[ $output == *'--output DIR is missing'* ]]
    done
}

# One record of each program's own that it passes on unchanged.
own_record() {
    local stage=${1#th-} kind=video key=a
    case $stage in
    crop | verify) kind=clip key=a_0000_S0_E1_L0_T0_R9_B9 ;;
    esac
    printf '{"stage": "%s", "kind": "%s", "key": "%s", "status": "ok", "path": "somewhere"}\n' "$stage" "$kind" "$key"
}

@test "records of its own that are ok are passed on unchanged" {
    for name in "${PROGRAMS[@]}"; do
        own_record "$name" > own.jsonl
        run --separate-stderr program "$name" own.jsonl
        [ "$status" -eq 0 ]
        diff own.jsonl <(printf '%s\n' "$output")
    done
}

@test "a full or closed stdout is told; status 3" {
    for name in "${PROGRAMS[@]}"; do
        own_record "$name" > own.jsonl
        status=0
        program "$name" own.jsonl > /dev/full 2> said || status=$?
        [ "$status" -eq 3 ]
        grep -q 'No space left' said
        rm -f status
        # A reader that goes away while the writer still waits for input.
        status=0
        { sleep 0.5; cat own.jsonl; sleep 5; } | { program "$name" 2> said || echo $? > status; } | true
        [ "$(cat status)" -eq 3 ]
        grep -q 'stdout was closed' said
    done
}

@test "a stdout that was closed from the start is told; status 3" {
    for name in "${PROGRAMS[@]}"; do
        own_record "$name" > own.jsonl
        status=0
        program "$name" own.jsonl >&- 2> said || status=$?
        [ "$status" -eq 3 ]
        grep -q "^$name: cannot write a record: Bad file descriptor" said
    done
}

# takes_signals PID: whether it blocks HUP, INT, USR1 and TERM, less those that are ignored, to read them from a file.
# When it begins, it blocks all signals for a moment.
takes_signals() {
    grep -qE 'SigBlk:[[:space:]]0*4[02]0[0-3]$' "/proc/$1/status"
}

@test "SIGINT and SIGTERM end a waiting program with 128+n" {
    mkfifo pipe
    for name in "${PROGRAMS[@]}"; do
        for signal in INT TERM; do
            # bash starts background children deaf to SIGINT; env makes them hear again.
            # shellcheck disable=SC2086
            env --default-signal=INT "$TH_BIN/$name" ${ARGUMENTS[$name]} < pipe > /dev/null &
            pid=$!
            exec 7> pipe
            until_true takes_signals "$pid"
            kill -s "$signal" "$pid"
            status=0
            wait "$pid" || status=$?
            exec 7>&-
            [ "$status" -eq $((128 + $(kill -l "$signal"))) ] || { echo "$name $signal: $status"; false; }
        done
    done
}

# start_waiting NAME: starts a program whose input does not come; its process is $!.
start_waiting() {
    mkfifo never
    # shellcheck disable=SC2086 # options without spaces
    "$TH_BIN/$1" ${ARGUMENTS[$1]} -v < never > out.jsonl 2> said 3>&- &
    exec 9> never
    until_true takes_signals $!
}

@test "a signal that was ignored at the start stays ignored, as under nohup" {
    trap '' HUP USR1
    for name in "${PROGRAMS[@]}"; do
        start_waiting "$name"
        kill -HUP $!
        kill -USR1 $!
        sleep 0.1
        [ -e "/proc/$!" ]
        exec 9>&-
        wait $! || { echo "$name: $?"; false; }
        rm never
    done
    trap - HUP USR1
}

@test "SIGUSR1, the warning of batch systems, ends a program as SIGTERM does" {
    for name in "${PROGRAMS[@]}"; do
        start_waiting "$name"
        kill -USR1 $!
        status=0
        wait $! || status=$?
        [ "$status" -eq 138 ] || { echo "$name: $status"; false; }
        grep -q 'stopped by signal SIGUSR1' said
        exec 9>&-
        rm never
    done
}

@test "a file-size limit is an error record, not the end of the program" {
    ffmpeg -v error -f lavfi -i testsrc2=s=640x360:r=25:d=3 -c:v libx264 -qp 0 -preset ultrafast v_0000.mp4
    mkdir chunks
    cp v_0000.mp4 chunks
    # In blocks of 1024 bytes.
    limited() (ulimit -f 50 && exec "$@")
    status=0
    limited "$TH_BIN/th-fetch" -o out --url-template "file://$PWD/{id}.mp4" > fetch.jsonl 2> said < <(echo v_0000) || status=$?
    [ "$status" -eq 75 ]
    grep -q '"status": "failed", "error": "io"' fetch.jsonl
    status=0
    limited "$TH_BIN/th-split" -o out > split.jsonl 2> said < <(echo "$PWD/v_0000.mp4") || status=$?
    [ "$status" -eq 75 ]
    grep -q '"error": "io".*File too large' split.jsonl
    status=0
    limited "$TH_BIN/th-crop" -o out -i chunks --crf 0 > crop.jsonl 2> said < <(echo 'v_0000, 360, 640, 0, 70, 0, 0, 640, 360') || status=$?
    [ "$status" -eq 75 ]
    grep -q '"error": "io".*File too large' crop.jsonl
    [ -z "$(find out -name '*.mp4')" ]
}

@test "a long row of equal failures: the first ten are shown, the others counted, and -v shows all" {
    printf '#!/bin/sh\necho "ERROR: Private video" >&2; exit 1\n' > resolve
    chmod +x resolve
    for words in '' -v; do
        # shellcheck disable=SC2086 # a word or none
        printf 'v%s\n' {1..15} | "$TH_BIN/th-fetch" -o out --resolver ./resolve $words > records 2> said || true
        [ "$(grep -c '"error": "gone"' records)" -eq 15 ]
        [ "$(grep -c '^th-fetch: v[0-9]*: the resolver says: Private video (gone)' said)" -eq $((${#words} ? 15 : 10)) ]
        [ "$(grep -c '^th-fetch: the same for 5 more; the records name them' said)" -eq $((${#words} ? 0 : 1)) ]
    done
}

@test "a file system without locks is told once, and stops nothing" {
    command -v strace > /dev/null || skip "strace is not installed"
    skip_under_sanitizers # LeakSanitizer does not work under strace
    export TH_SANDBOX=off # it forbids the system calls that strace changes
    ffmpeg -v error -f lavfi -i testsrc2=s=320x240:r=25:d=2 -c:v libx264 -preset ultrafast v.mp4
    for errno in 524 EINVAL ENOLCK; do
        rm -rf raw chunks clips
        traced() { strace -f -o /dev/null -e trace=flock -e "inject=flock:error=$errno" "$@"; }
        echo v | traced "$TH_BIN/th-fetch" -o raw --url-template "file://$PWD/{id}.mp4" > fetch.jsonl 2> said
        traced "$TH_BIN/th-split" -o chunks fetch.jsonl > split.jsonl 2>> said
        echo 'v_0000, 240, 320, 0, 20, 0, 0, 64, 64' | traced "$TH_BIN/th-crop" -o clips -i chunks > crop.jsonl 2>> said
        [ -e clips/v_0000_S0_E20_L0_T0_R64_B64.mp4 ]
        [ "$(grep -c 'gives no locks' said)" -eq 3 ]
    done
}

@test "a pipe that nobody writes to yet, as input or as a list, does not make them deaf to signals" {
    mkfifo pipe never
    for name in "${PROGRAMS[@]}"; do
        # shellcheck disable=SC2086
        timeout -s TERM -k 2 0.5 "$TH_BIN/$name" ${ARGUMENTS[$name]} never > /dev/null || status=$?
        [ "$status" -eq 124 ] || { echo "$name: $status"; false; }
    done
    for name in th-split th-crop; do
        # shellcheck disable=SC2086
        timeout -s TERM -k 2 0.5 "$TH_BIN/$name" ${ARGUMENTS[$name]} -t never < /dev/null > /dev/null || status=$?
        [ "$status" -eq 124 ] || { echo "$name -t: $status"; false; }
    done
    # What comes late is read all the same.
    { sleep 0.3 && echo '{"stage": "verify", "kind": "clip", "key": "x", "status": "ok"}' > pipe; } &
    run timeout 60 "$TH_BIN/th-verify" pipe
    [ "$status" -eq 0 ]
    [ "$output" = '{"stage": "verify", "kind": "clip", "key": "x", "status": "ok"}' ]
}

@test "four stages of a pipe share a terminal" {
    command -v tmux > /dev/null || skip "tmux is not installed"
    own_record th-verify > own.jsonl
    export TMUX_TMPDIR=$BATS_TEST_TMPDIR
    tmux -L th new-session -d -x 100 -y 24 "
        (sleep 1; cat own.jsonl; sleep 1) | $TH_BIN/th-verify | $TH_BIN/th-verify > /dev/null; touch finished; sleep 20"
    until_true [ -e finished ]
    tmux -L th capture-pane -p > screen
    tmux -L th kill-server
    cat screen
    [ "$(grep -c '^th-verify 1 clips  in ' screen)" -eq 2 ]
}

@test "a folder whose name is not UTF-8 is an error of the command line, because no record can hold it" {
    cd "$BATS_TEST_TMPDIR"
    folder=$'na\xffme'
    for command in "th-crop -o out -i $folder" "th-crop -o $folder" "th-verify -i $folder -t tubes" "th-fetch -o $folder"; do
        # shellcheck disable=SC2086 # several words
        run "$TH_BIN/"$command < /dev/null
        [ "$status" -eq 2 ]
        [[ $output == *'not UTF-8'* ]]
    done
}
