#!/usr/bin/env bats
# make check ends with one line of all cases, and fails when one of them did.

bats_require_minimum_version 1.5.0

load helpers

# A tree with test.mk and with tests of its own: a stand-in for a unit test, and files of bats.
setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p test/cli build
    cp "$PROJECT/test/test.mk" "$PROJECT/test/total.awk" test
    printf 'BUILD = build\nall:\ninclude test/test.mk\n' > Makefile
    printf '[==========] Running 2 test(s).\n[ RUN      ] one\n[       OK ] one\n[ RUN      ] two\n' > began
    {
        cat began
        printf '[  SKIPPED ] two\n[==========] 2 test(s) run.\n[  PASSED  ] 1 test(s).\n[  SKIPPED ] 1 test(s), listed below:\n[  SKIPPED ] two\n'
    } > whole
    unit 'cat whole'
    printf '@test "three" {\n true\n}\n@test "four" {\n skip "no reason"\n}\n' > test/cli/good.bats
}

# unit COMMANDS: the unit test does that.
unit() {
    printf '#!/bin/sh\n%s\n' "$1" > unit_test
    chmod +x unit_test
}

# check: the two last lines of make check, without make's own, are in $output.
check() {
    # Nothing of this bats and its make.
    run env -i PATH="${PATH#*/bats-core:}" make -s check UNIT_TESTS=./unit_test TEST_TOOLS= 2>&1
    echo "$output"
    output=$(grep -v '^make: \*\*\*' <<< "$output" | tail -n 2)
}

@test "all is well: passed and skipped cases are counted" {
    check
    [ "$status" -eq 0 ]
    [ "$(tail -n 1 <<< "$output")" = '2 passed, 0 failed, 2 skipped' ]
}

@test "a failed case is named and counted" {
    printf '@test "five" {\n false\n}\n@test "six" {\n true\n}\n' > test/cli/bad.bats
    check
    [ "$status" -ne 0 ]
    [ "$output" = $'failed: five\n3 passed, 1 failed, 2 skipped' ]
}

@test "a crash within a case is a failure of that case" {
    # shellcheck disable=SC2016 # for the script
    unit 'cat began; kill -SEGV $$'
    check
    [ "$status" -ne 0 ]
    [ "$output" = $'failed: two\n2 passed, 1 failed, 1 skipped' ]
}

@test "a file that fails without a case is a failure" {
    unit 'cat whole; exit 3'
    check
    [ "$status" -ne 0 ]
    [[ $output == 'failed: make'*unit_test*$'\n2 passed, 1 failed, 2 skipped' ]]
    printf 'load no-such-file\n@test "seven" {\n true\n}\n' > test/cli/bad.bats
    check
    [[ $output == *$'\n2 passed, 2 failed, 2 skipped' ]]
}
