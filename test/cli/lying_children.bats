# Children that hostile media has taken over: what they send costs only the records of their own work, and they cannot write
# to other files.
# A library that is loaded before the others changes what children send to their parent.

bats_require_minimum_version 1.5.0

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir chunks
    make -f lavfi -i testsrc2=s=64x48:r=25:d=1 -c:v libx264 -preset ultrafast chunks/a_0000.mp4
    cp chunks/a_0000.mp4 chunks/b_0000.mp4
    # A child's lines are compact JSON, a parent's have spaces. LIE: "FROM|TO", the first FROM of a line becomes TO.
    # VICTIM: a pattern of files that a child tries to empty, to write anew, and to remove before it sends a line.
    cat > lie.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void attack(const char *victim, const void *bytes, size_t length)
{
    const char *colon = memchr(bytes, ':', length);

    /* The child that tries an encoder opens no media, and is in no sandbox. */
    if (!victim || !colon || *(const char *)bytes != '{' || colon[1] == ' ' || memmem(bytes, length, "complaint", 9))
        return;

    glob_t found;

    glob(victim, 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        close(open(found.gl_pathv[i], O_WRONLY | O_TRUNC));
        close(open("o/left", O_WRONLY | O_CREAT, 0666));
        rename("o/left", found.gl_pathv[i]);
        unlink(found.gl_pathv[i]);
    }
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    ssize_t (*real)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    const char *from = getenv("LIE"), *to = from ? strchr(from, '|') : NULL;
    const char *found = to ? memmem(bytes, length, from, (size_t)(to - from)) : NULL;
    char *line = found ? malloc(length + strlen(to)) : NULL;

    attack(getenv("VICTIM"), bytes, length);
    if (!line)
        return real(fd, bytes, length);

    size_t before = (size_t)(found - (const char *)bytes), cut = (size_t)(to - from), put = strlen(to + 1);

    memcpy(line, bytes, before);
    memcpy(line + before, to + 1, put);
    memcpy(line + before + put, found + cut, length - before - cut);
    return real(fd, line, length - cut + put) < 0 ? -1 : (ssize_t)length;
}
END
    cc -shared -fPIC -o lie.so lie.c
}

setup() {
    skip_under_sanitizers
    cd "$BATS_TEST_TMPDIR" || return
}

# lying "FROM|TO" PROGRAM [options]: runs it with such children.
lying() {
    local lie=$1 program=$2
    shift 2
    LIE=$lie LD_PRELOAD=$BATS_FILE_TMPDIR/lie.so "$TH_BIN/$program" --progress never "$@"
}

# one_crashed KEY: of two records in $output that of KEY is `crashed`, and the other one ok.
one_crashed() {
    echo "$output"
    [ "$status" -eq 75 ]
    [ "$(grep -c '"status"' <<< "$output")" -eq 2 ]
    grep -F "\"key\": \"$1\"" <<< "$output" | grep -F '"error": "crashed"' | grep -qF 'no record of its work'
    grep -vF "\"key\": \"$1\"" <<< "$output" | grep -qF '"status": "ok"'
}

rows() {
    printf '%s_0000, 48, 64, 0, 9, 0, 0, 32, 32\n' a b
}

@test "th-crop: no record, another key, another path, another number" {
    local a=a_0000_S0_E9_L0_T0_R32_B32 lie
    for lie in '{"tube":0,"record":{"stage":"crop","kind":"clip","key":"a_|{"tube":0,"record":{"x":1,"key":"a_' \
        '"key":"a_|"key":"c_' '"path":"o/a_|"path":"o/b_' '"path":"o/a_|"path":"/etc/a_' '"chunk":"a_|"chunk":a_'; do
        rm -rf o
        run --separate-stderr lying "$lie" th-crop -i "$BATS_FILE_TMPDIR/chunks" -o o < <(rows)
        one_crashed "$a"
    done
}

@test "th-split: another list of chunks, another index, another failure" {
    mkdir sources
    cp "$BATS_FILE_TMPDIR"/chunks/[ab]_0000.mp4 sources
    split() {
        rm -rf o
        run --separate-stderr lying "$1" th-split -o o - < <(printf '%s\n' "$PWD"/sources/[ab]_0000.mp4)
        output=$(grep '"kind": "video"' <<< "$output")
        one_crashed a_0000
    }
    VICTIM='o/.th.part-*/a_0000.jsonl' split '|'
    # Both children say that, and the failure of one is its own.
    head -c 100 "$BATS_FILE_TMPDIR/chunks/a_0000.mp4" > sources/a_0000.mp4
    for lie in '"kind":"video","key":"a_|"kind":"video","key":"b_' '"kind":"video","key":"a_|"kind":"chunk","key":"a_' \
        '{"stage":"split","kind":"video","key":"a_|{"stage":"crop","kind":"video","key":"a_' \
        '"key":"a_0000","status":"failed"|"key":"a_0000","status":"ok"'; do
        split "$lie"
    done
    for lie in '{"stale":[]|{"stale":0' '{"stale":[]|{"old":[]'; do
        rm -rf o
        run -75 --separate-stderr lying "$lie" th-split -o o - <<< "$PWD/sources/b_0000.mp4"
        grep -F '"error": "crashed"' <<< "$output" | grep -qF 'no record of its work'
    done
    # It can have only those removed that the index does not list.
    run -0 --separate-stderr lying '{"stale":[]|{"stale":[0,"x",-1,5,4294967296]' th-split -o o - <<< "$PWD/sources/b_0000.mp4"
    [ -s o/b_0000_0000.mp4 ]
}

# attacked PROGRAM [options]: runs it with children that attack o/victim.mp4.
attacked() {
    mkdir -p o
    echo whole > o/victim.mp4
    VICTIM=o/victim.mp4 LD_PRELOAD=$BATS_FILE_TMPDIR/lie.so "$TH_BIN/$1" -q -f "${@:2}" > records || return
    grep -q '"status": "ok"' records
}

@test "no child of any stage can write to another file of the output folder" {
    ! TH_SANDBOX='' "$TH_BIN/th-split" -v -o out < /dev/null 2>&1 | grep 'this kernel has no' || skip "no sandbox here"
    cp "$BATS_FILE_TMPDIR/chunks/a_0000.mp4" .
    attacks() {
        attacked th-fetch -o o --url-template "file://$PWD/{id}.mp4" <<< a_0000
        "$@"
        attacked th-split -o o <<< a_0000.mp4
        "$@"
        attacked th-crop -o o -i "$BATS_FILE_TMPDIR/chunks" < <(rows | head -n 1)
        "$@"
        cp records crop.jsonl
        attacked th-verify --level source crop.jsonl
        "$@"
    }
    attacks grep -qx whole o/victim.mp4
    # Without the sandbox each attack succeeds.
    export TH_SANDBOX=off
    attacks test ! -e o/victim.mp4
}

@test "th-verify: another key and another path" {
    rows | "$TH_BIN/th-crop" -q -i "$BATS_FILE_TMPDIR/chunks" -o o > crop.jsonl
    for lie in '"key":"a_|"key":"c_' '"path":"o/a_|"path":"o/b_' '"kind":"clip","key":"a_|"kind":"chunk","key":"a_'; do
        run --separate-stderr lying "$lie" th-verify crop.jsonl
        one_crashed a_0000_S0_E9_L0_T0_R32_B32
    done
}
