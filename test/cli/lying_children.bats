# Children that hostile media has taken over: what they send costs only the records of their own work.
# A library that is loaded before the others changes what children send to their parent.

bats_require_minimum_version 1.5.0

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir chunks
    make -f lavfi -i testsrc2=s=64x48:r=25:d=1 -c:v libx264 -preset ultrafast chunks/a_0000.mp4
    cp chunks/a_0000.mp4 chunks/b_0000.mp4
    # A child's lines are compact JSON, a parent's have spaces. LIE: "FROM|TO", the first FROM of a line becomes TO.
    cat > lie.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t write(int fd, const void *bytes, size_t length)
{
    ssize_t (*real)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    const char *from = getenv("LIE"), *to = from ? strchr(from, '|') : NULL;
    const char *found = to ? memmem(bytes, length, from, (size_t)(to - from)) : NULL;
    char *line = found ? malloc(length + strlen(to)) : NULL;

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

@test "th-split: another key, another path, another kind, another stage" {
    for lie in '"chunk","key":"a_|"chunk","key":"b_' '"path":"o/a_|"path":"o/b_' '"kind":"chunk","key":"a_|"kind":"video","key":"a_' \
        '{"stage":"split","kind":"chunk","key":"a_|{"stage":"crop","kind":"chunk","key":"a_'; do
        rm -rf o
        run --separate-stderr lying "$lie" th-split -o o - < <(printf '%s\n' "$BATS_FILE_TMPDIR"/chunks/[ab]_0000.mp4)
        output=$(grep '"kind": "video"' <<< "$output")
        one_crashed a_0000
    done
}

@test "th-verify: another key and another path" {
    rows | "$TH_BIN/th-crop" -q -i "$BATS_FILE_TMPDIR/chunks" -o o > crop.jsonl
    for lie in '"key":"a_|"key":"c_' '"path":"o/a_|"path":"o/b_' '"kind":"clip","key":"a_|"kind":"chunk","key":"a_'; do
        run --separate-stderr lying "$lie" th-verify crop.jsonl
        one_crashed a_0000_S0_E9_L0_T0_R32_B32
    done
}
