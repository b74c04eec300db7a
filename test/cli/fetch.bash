# What the test files of th-fetch share: media, the faulty server, and how to ask what came out.
# shellcheck disable=SC2034 # the tests read status

load helpers

# Two videos of some 100 KB whose index is at the front, and files that are none; served by the faulty server.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir mirror
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v libx264 -preset ultrafast -bitexact \
        -movflags faststart mirror/a.mp4
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v libx264 -preset ultrafast -bitexact -crf 20 \
        -movflags faststart -f mp4 mirror/a.mp4.new
    ffmpeg -v error -nostdin -f lavfi -i sine=d=1 mirror/sound.mp4
    cp mirror/a.mp4 mirror/--b_.mp4
    head -c 50000 mirror/a.mp4 > mirror/cut-off.mp4
    echo '<!DOCTYPE html><title>Sorry</title>' > mirror/page.mp4
    "$TH_BUILD/test/server/faulty_server" --log "$PWD/requests" "$PWD/port" mirror 3>&- &
    echo $! > server.pid
    until_true [ -e port ]
}

teardown_file() {
    kill "$(cat "$BATS_FILE_TMPDIR/server.pid")"
}

setup() {
    prepare
}

prepare() {
    export no_proxy=127.0.0.1
    cd "$BATS_TEST_TMPDIR" || return
    MIRROR=$BATS_FILE_TMPDIR/mirror
    SERVER=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")
    REQUESTS=$BATS_FILE_TMPDIR/requests
    : > "$REQUESTS"
}

# Fast enough for tests: waits of hundredths of a second.
fetch() {
    timeout 300 "$TH_BIN/th-fetch" -o out --retry-delay 0.02 --pause 0.05 --max-pauses 2 --retries 3 \
        --resolver-timeout 20 "$@"
}

# Fetches the video a from the server in the given mode; records and messages go to files.
fetch_mode() {
    local mode=$1
    shift
    status=0
    echo a | fetch --url-template "$SERVER/$mode/{id}.mp4" "$@" > records 2> messages || status=$?
}

fetch_resolved() {
    status=0
    fetch --resolver "$@" > records 2> messages || status=$?
}

# What the resolver is; its body comes on stdin. One that is called yt-dlp says first what version it is, when asked.
resolver() {
    {
        echo '#!/bin/sh'
        [ "${1##*/}" != yt-dlp ] || echo "case \"\$*\" in *--version) date +%Y.%m.%d; exit ;; esac"
        cat
    } > "$1"
    chmod +x "$1"
}

# True when the one record says all of the arguments, each a JSON member such as 'error gone'.
record_says() {
    local member
    [ "$(wc -l < records)" -eq 1 ]
    for member in "$@"; do
        grep -qE "\"${member%% *}\": \"?${member#* }\"?[,}]" records || {
            cat records
            return 1
        }
    done
}

requests() {
    wc -l < "$REQUESTS"
}

is_whole() {
    cmp "out/$1.mp4" "$MIRROR/${2:-$1.mp4}"
    no_strays
}

# Makes videos v1 to v$1 in the mirror, of 2 MB and each its own, and lists their ids.
many() {
    local id
    for ((id = 1; id <= $1; id++)); do
        {
            cat "$MIRROR/a.mp4"
            printf '\0\036\204\210free' # 2,000,008 bytes that players pass over
            printf '%-2000000d' "$id"
        } > "$MIRROR/v$id.mp4"
        echo "v$id"
    done
}

is_running() {
    grep -qs '^State:.[^ZX]' "/proc/$1/status"
}

no_strays() {
    [ -z "$(find out -name '*.part*')" ]
}

# Puts a file system of that size (as mount has it) on DIR, or skips the test. teardown takes it away again.
small_disk() {
    mkdir -p "$2"
    mount -t tmpfs -o "size=$1" none "$2" 2> /dev/null || skip "no file system can be mounted"
}

teardown() {
    local folder
    for folder in "$BATS_TEST_TMPDIR"/*/; do
        ! mountpoint -q "$folder" || umount "$folder"
    done
}
