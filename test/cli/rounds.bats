# The whole pipe, disturbed at random.

load helpers

@test "after 3 random disturbances, reruns give the bytes of an undisturbed run" {
    skip_under_sanitizers
    bash "$PROJECT/test/rounds.sh" "$TH_BIN" 3
}
