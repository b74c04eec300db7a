# Which tubes and frames the options select, and when a clip that exists is kept.
# shellcheck disable=SC2154 # bats sets $stderr

bats_require_minimum_version 1.5.0

load exact

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir chunks
    make -f lavfi -i testsrc2=s=192x144:r=25:d=2 -c:v libx264 -preset veryfast -g 20 -bf 3 chunks/a_0000.mp4
    cat > rows <<END
a_0000, 144, 192, 0, 9, 0, 0, 64, 64
a_0000, 144, 192, 20, 20, 0, 0, 64, 64
a_0000, 144, 192, 5, 24, 13, 15, 114, 98
a_0000, 288, 384, 5, 24, 0, 0, 120, 120
a_0000, 144, 192, 9, 5, 0, 0, 64, 64
END
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    ln -s "$BATS_FILE_TMPDIR/chunks" "$BATS_FILE_TMPDIR/rows" .
}

crop() {
    "$TH_BIN/th-crop" -q -i chunks -o out --preset ultrafast "$@"
}

# said: start and end of the tube, status and error of each record of $output, sorted.
said() {
    jq -r '[.tube.S, .tube.E, .tube.H, .status, .error // empty] | join(" ")' <<< "$output" | sort
}

@test "--min-frames, --min-size: what is left out is skipped, and does not count in the exit status" {
    run -1 crop --min-frames 10 --min-size 61 rows
    diff <(said) - <<END
0 9 144 ok
20 20 144 skipped not_selected
5 24 144 ok
5 24 288 skipped not_selected
9 5 144 failed bad_tube
END
    [ "$(find out -name 'a*' | wc -l)" -eq 2 ]
    head -n 4 rows > good
    run -0 crop --min-frames 10 --min-size 61 good
    # The same for a clip that exists.
    run -0 crop --min-size 65 good
    [ "$(said | grep -c 'ok')" -eq 1 ]
}

@test "--trim-edges: frames taken off at both ends, under the name of the tube" {
    head -n 4 rows > good
    run -0 crop --crf 0 --trim-edges 3 good
    diff <(said) - <<END
0 9 144 ok
20 20 144 skipped not_selected
5 24 144 ok
5 24 288 ok
END
    [ "$(jq -c 'select(.tube.S == 0) | [.frames, .trim]' <<< "$output")" = '[4,3]' ]
    diff <(frames out/a_0000_S0_E9_L0_T0_R64_B64.mp4) \
        <(frames chunks/a_0000.mp4 trim=start_frame=3:end_frame=7,setpts=PTS-STARTPTS,crop=64:64:0:0)
    jq -c 'select(.status == "ok")' <<< "$output" > records
    run -0 "$TH_BIN/th-verify" --level source records
    [ "$(jq -r .checks.source.match.ok <<< "$output" | xargs)" = 'true true true' ]
    jq -c '.trim = 2' records > wrong
    run -75 "$TH_BIN/th-verify" -q wrong
    [ "$(jq -r .error <<< "$output" | sort -u)" = frame_count ]
}

@test "a tube that ends behind the chunk is cut when its edges are taken off within it" {
    run -0 crop --trim-edges 2 <<< 'a_0000, 144, 192, 40, 51, 0, 0, 64, 64'
    [ "$(jq .frames <<< "$output")" -eq 8 ]
    run -1 crop --trim-edges 2 <<< 'a_0000, 144, 192, 40, 52, 0, 0, 64, 64'
    [ "$(jq -r .error <<< "$output")" = out_of_range ]
}

@test "clips of other options: refused, made anew with -f, and taken up again after a break" {
    sed -n '1p;3p' rows > good
    "$TH_BIN/th-crop" -q -i chunks -o out good > first
    run -3 --separate-stderr "$TH_BIN/th-crop" -i chunks -o out --size 32 good
    [[ $stderr == *'the clips in out were made with default options, not with --size 32x32 --fit pad; expected another folder, or --force'* ]]
    [ -z "$output" ]
    # As if a run with -f had been stopped after one of the two clips.
    head -n 1 good > half
    "$TH_BIN/th-crop" -q -f -i chunks -o out --size 32 half > records
    run -0 "$TH_BIN/th-crop" -i chunks -o out --size 32 good
    [ "$(jq -c .cached <<< "$output" | sort | xargs)" = 'null true' ]
    for clip in out/*.mp4; do
        [ "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 "$clip")" = 32,32 ]
    done
    # Clips that existed have the same record.
    run -0 "$TH_BIN/th-crop" -i chunks -o out --size 32 good
    [ "$(jq -c '[.cached, .scale.width, .frames]' <<< "$output" | sort | xargs)" = '[true,32,10] [true,32,20]' ]
    # And back.
    run -3 "$TH_BIN/th-crop" -q -i chunks -o out good
    "$TH_BIN/th-crop" -q -f -i chunks -o out good > second
    diff <(sort first) <(sort second)
    run -0 "$TH_BIN/th-crop" -i chunks -o out good
    [ "$(jq -c .cached <<< "$output" | xargs)" = 'true true' ]
}

@test "a folder of defaults has no file of options; a dry run writes none" {
    sed -n 1p rows | crop -n --size 32 > records
    [ ! -e out ]
    mkdir out
    sed -n 1p rows | "$TH_BIN/th-crop" -q -i chunks -o out > records
    [ "$(find out -mindepth 1 -printf '%f\n')" = a_0000_S0_E9_L0_T0_R64_B64.mp4 ]
}
