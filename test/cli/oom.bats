# Memory that fails: a sample of what `make oom` runs.

load helpers

@test "no failed allocation changes a clip, loses a record with status 0, or is called permanent" {
    skip_under_sanitizers
    bash "$PROJECT/test/oom/oom.sh" "$TH_BIN" "$TH_BUILD/test/oom/fail_nth.so" 601 20
}
