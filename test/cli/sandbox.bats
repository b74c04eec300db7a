# What each program's children may do: the module itself is tested in test_sandbox.c.

bats_require_minimum_version 1.5.0

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir in
    make -f lavfi -i testsrc2=s=64x48:r=25:d=1 -f lavfi -i sine=d=1 -c:v libx264 -preset ultrafast -c:a aac in/v.mp4
    printf 'v_0000, 48, 64, %s, 0, 0, 32, 32\n' '0, 9' '10, 19' > rows
}

# closed NAME COMMAND...: runs it. Of all processes, only those in a sandbox open a video or a clip for reading; the parent
# opens at most what NAME names.
closed() {
    local name=$1
    shift
    strace -f -qq -e trace=openat,seccomp,landlock_restrict_self -o calls "$@" > records
    awk -v name="$name" '
        NR == 1 { parent = $1 }
        /landlock_restrict_self\(/ { files[$1] = 1 }
        /seccomp\(SECCOMP_SET_MODE_FILTER/ { calls[$1] = 1 }
        /openat\(.*[.]mp4[^"]*", O_RDONLY/ && !/O_PATH/ {
            if ($1 == parent ? !name || !index($0, name) : !(files[$1] && calls[$1])) {
                print
                exit 1
            }
            found = found || $1 != parent
        }
        END { if (!found) exit 1 }' calls
}

@test "every process that opens media has closed its sandbox before, and the parent opens none" {
    skip_under_sanitizers
    strace -o calls -e trace=landlock_restrict_self true 2> /dev/null || skip "strace is not installed"
    ! TH_SANDBOX='' "$TH_BIN/th-split" -v -o out < /dev/null 2>&1 | grep 'this kernel has no' || skip "no sandbox here"
    # th-fetch copies files of an archive, without looking into them.
    closed "$PWD/in/v.mp4" "$TH_BIN/th-fetch" -o raw --url-template "file://$PWD/in/{id}.mp4" <<< v
    closed '' "$TH_BIN/th-fetch" -o raw <<< v
    closed '' "$TH_BIN/th-split" -o ranges --no-copy <<< raw/v.mp4
    closed '' "$TH_BIN/th-split" -o chunks <<< raw/v.mp4
    closed '' "$TH_BIN/th-crop" -o clips -i chunks --audio rows
    cp records crop.jsonl
    closed '' "$TH_BIN/th-verify" --level source --report report.html crop.jsonl
}

@test "TH_SANDBOX=off is told with -v, once, and without -v not" {
    TH_SANDBOX=off "$TH_BIN/th-split" -v -o out --jobs 2 > records 2> told <<< in/v.mp4
    [ "$(grep -c 'TH_SANDBOX=off: processes that open videos have all rights of the user' told)" -eq 1 ]
    TH_SANDBOX=off "$TH_BIN/th-split" -o out -f > records 2> told <<< in/v.mp4
    [ ! -s told ]
}
