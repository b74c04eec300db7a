# The total of make check, from its output: the cases of bats (TAP) and of cmocka. make prints the output of each file as
# a whole, and an error line after that of a file that failed.

function failure(name) {
    names[++failed] = name
    in_file++
}
function end_case() {
    if (running != "")
        failure(running)
    running = ""
}

/^ok [0-9]+ .*# skip/ { skipped++; next }
/^ok [0-9]+ / { passed++ }
/^not ok [0-9]+ / {
    sub(/^not ok [0-9]+ /, "")
    sub(/ in [0-9]+ms$/, "")
    failure($0)
}

# A case of cmocka that begins and has no result failed or crashed.
/^\[ RUN      \] / { end_case(); running = $4 }
/^\[       OK \] / { passed++; running = "" }
/^\[  SKIPPED \] / && running != "" { skipped++; running = "" }
/^\[==========\]/ { end_case() }

# A file may fail without a failed case: it does not compile, or ends early.
/^make.*\*\*\* / && !/Waiting for/ {
    end_case()
    if (!in_file)
        failure($0)
    in_file = 0
}
/^exit status [0-9]+$/ { status = $3 }

END {
    end_case()
    for (i = 1; i <= failed; i++)
        print "failed: " names[i]
    printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
    exit failed > 0 || status != "0"
}
