#!/usr/bin/env bats
# doctor: what a run needs, a line each, and what to do about what is missing.

bats_require_minimum_version 1.5.0

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    unset TH_FETCH_FLAGS TH_CROP_FLAGS
    mkdir "$TMPDIR" lists
    printf '%s\n' --demo_talk -demo_sound > lists/tiny_video_ids.txt
    echo '--demo_talk_0000, 360, 640, 0, 99, 83, 37, 286, 331' > lists/tiny_video_tubes.txt
    yt_dlp "$(date -d '10 days ago' +%Y.%m.%d)"
}

teardown() {
    [ -z "$(entries "$TMPDIR")" ]
}

# yt_dlp VERSION [RUNTIMES]: a private yt-dlp that reports these.
yt_dlp() {
    export TH_YT_DLP_HOME=$PWD/private
    mkdir -p private/current/bin
    cat > private/current/bin/yt-dlp << END
#!/bin/sh
echo "[debug] yt-dlp version stable@$1 from yt-dlp/yt-dlp"
echo "[debug] Optional libraries: yt_dlp_ejs-0.3.2"
echo "[debug] JS runtimes: ${2-deno-2.5.6}"
END
    chmod +x private/current/bin/yt-dlp
}

# doctor STATUS [WORDS...]: runs it on the set tiny; its lines are in the file `told`.
doctor() {
    local expected=$1 status=0
    shift
    driver --data "$PWD/data" --lists lists "$@" doctor tiny > told 2> said || status=$?
    [ "$status" -eq "$expected" ] || { echo "status $status"; cat told said; return 1; }
}

@test "all is well: a line each, status 0" {
    doctor 0
    [ "$(cut -c 1-9 told | sort -u)" = 'ok       ' ]
    [ "$(cut -c 10-22 told | tr -s ' ' | xargs)" = 'programs FFmpeg encoder sandbox yt-dlp lists lists disk file system' ]
    grep -q '10 days old, with a JavaScript runtime' told
    grep -q 'tiny_video_ids.txt: 2 rows' told
    [ ! -e data ]
    run -0 driver doctor
    [[ $output != *lists* ]]
}

@test "an old yt-dlp, one without a runtime, and none" {
    yt_dlp 2023.03.04
    doctor 1
    grep -q '^warning  yt-dlp .*2023.03.04 is [0-9]* days old.*install-yt-dlp.sh --update' told
    yt_dlp "$(date +%Y.%m.%d)" none
    doctor 1
    grep -q '^warning  yt-dlp .*has no JavaScript runtime' told
    printf '#!/bin/sh\nexit 1\n' > private/current/bin/yt-dlp
    doctor 3
    grep -q '^problem  yt-dlp .*does not start' told
    TH_FETCH_FLAGS='--url-template file:///mirror/{id}.mp4' doctor 0
    TH_FETCH_FLAGS='--resolver "my resolver -x"' doctor 0
    grep -q '^ok       resolver .*my resolver -x' told
}

@test "a run in which videos failed says when yt-dlp is old, and so does its report" {
    yt_dlp 2023.03.04
    sed -i 's/^#!.*/&\necho "$*" >> asked\ncase "$*" in *--version*) echo 2023.03.04; exit ;; *--dump*) echo "ERROR: HTTP Error 500" >\&2; exit 1 ;; esac/' \
        private/current/bin/yt-dlp
    TH_FETCH_FLAGS='--retries 0 --sleep-interval 0' driver --data "$PWD/data" --lists lists tiny > told 2> said || status=$?
    [ "$status" -eq 75 ]
    grep -q '^yt-dlp 2023.03.04 is [0-9]* days old.*install-yt-dlp.sh --update' told
    sed 's/<[^>]*>//g' data/tiny/report.html | grep -q '^yt-dlp 2023.03.04 is [0-9]* days old, .*install-yt-dlp.sh --update$'
    [ "$(grep -cv -- '--version\|--dump' asked)" -eq 1 ] # install-yt-dlp.sh --status, once
    yt_dlp "$(date +%Y.%m.%d)"
    sed -i 's/^#!.*/&\ncase "$*" in *--version*) date +%Y.%m.%d; exit ;; *--dump*) echo "ERROR: HTTP Error 500" >\&2; exit 1 ;; esac/' \
        private/current/bin/yt-dlp
    TH_FETCH_FLAGS='--retries 0 --sleep-interval 0' driver --data "$PWD/data" --lists lists tiny > told 2> said || true
    run ! grep -q 'days old' told data/tiny/report.html
}

@test "lists that are missing, empty or a web page" {
    rm lists/tiny_video_ids.txt
    doctor 3
    grep -q '^problem  lists .*tiny_video_ids.txt cannot be read' told
    printf '# nothing\n\n' > lists/tiny_video_ids.txt
    doctor 3
    grep -q '^problem  lists .*tiny_video_ids.txt is empty' told
    echo '<!DOCTYPE html><html>Not found</html>' > lists/tiny_video_ids.txt
    doctor 3
    grep -q '^problem  lists .*tiny_video_ids.txt is a web page' told
}

@test "cookies: the file that TH_FETCH_FLAGS names" {
    printf '# Netscape HTTP Cookie File\n.example.com\tTRUE\t/\tTRUE\t0\tname\tvalue\n' > 'my cookies.txt'
    TH_FETCH_FLAGS='--cookies "my cookies.txt"' doctor 0
    grep -q '^ok       cookies .*changed 0 days ago' told
    echo '{"name": "value"}' > 'my cookies.txt'
    TH_FETCH_FLAGS='--cookies="my cookies.txt"' doctor 3
    grep -q "^problem  cookies .*no line of Netscape's format" told
    TH_FETCH_FLAGS='--cookies nowhere' doctor 3
    grep -q '^problem  cookies .*nowhere cannot be read' told
}

@test "an encoder that does not open" {
    TH_CROP_FLAGS='--encoder nonsense' doctor 3
    grep -q '^problem  encoder .*no video encoder named nonsense' told
}

@test "programs that do not start" {
    mkdir bin
    TH_BIN=$PWD/bin doctor 3
    grep -q '^problem  programs .*th-fetch th-split th-crop th-verify; run: sh common/install-deps.sh' told
}

@test "the disk against what the set needs, and its locks" {
    # 9,999 minutes of video at 8192x8192.
    echo 'long_9998, 8192, 8192, 0, 99, 0, 0, 100, 100' > lists/tiny_video_tubes.txt
    doctor 1
    grep -q '^warning  disk .* MB free; tiny needs about 28[0-9]* MB' told
    mkdir path
    printf '#!/bin/sh\nexit 1\n' > path/flock
    chmod +x path/flock
    PATH=$PWD/path:$PATH doctor 1
    grep -q '^warning  file system .*locks do not work' told
}

@test "a folder that cannot be written" {
    [ "$(id -u)" -ne 0 ] || skip 'root can write everywhere'
    mkdir -m 555 data
    doctor 3
    grep -q '^problem  disk .*cannot be written' told
}

@test "--online asks about one page" {
    cat > resolve << 'END'
#!/bin/sh
echo "$*" >> asked
cat answer
[ -s answer ] || { echo 'ERROR: Sign in to confirm you are not a bot' >&2; exit 1; }
END
    chmod +x resolve
    echo '{"url": "http://127.0.0.1:1/v.mp4", "license": "Creative Commons Attribution"}' > answer
    TH_FETCH_FLAGS='--resolver ./resolve' doctor 0 --online
    [ "$(cat asked)" = 'https://www.youtube.com/watch?v=--demo_talk' ]
    grep -q '^ok       page .*--demo_talk answers' told
    : > answer
    TH_FETCH_FLAGS='--resolver ./resolve' doctor 3 --online
    grep -q '^problem  page .*not a bot' told
    doctor 0
    run ! grep -q page told
}

@test "a sandbox that is off is told" {
    TH_SANDBOX=off doctor 0
    grep -q '^ok       sandbox .*TH_SANDBOX=off' told
}
