# Packets that th-crop does not decode: those that no tube needs. The clips are the same as with all packets decoded.

bats_require_minimum_version 1.5.0

load exact

# Six seconds, 150 frames, a key frame each second.
picture=(-f lavfi -i 'testsrc2=s=192x144:r=25:d=6')
h264=(-c:v libx264 -preset veryfast -g 25 -bf 3)

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# sparse CHUNK: cuts out tubes with gaps between them, some that begin at key frames, some not. Each clip must equal the
# ffmpeg program's, which decodes everything. The file `said` has the counts.
sparse() {
    local chunk=$1 name=${1%.*} start end
    while read -r start end; do
        echo "$name, 144, 192, $start, $end, 3, 5, 99, 120"
    done > tubes <<END
${tubes:-31 34
75 75
74 76
108 112}
END
    chunk_record "$chunk" > split.jsonl
    # shellcheck disable=SC2086 # several words
    "$TH_BIN/th-crop" -v -o out -t tubes --preset ultrafast ${quality:---crf 0} split.jsonl > records 2> said
    [ "$(grep -c '"ok"' records)" -eq "$(wc -l < tubes)" ]
    same_frames "$chunk" records
}

# passed: how many packets were not decoded.
passed() {
    sed -n 's/.*_0000: .* \([0-9]*\) packets passed over.*/\1/p' said
}

# why: the reason, from `said`, why every packet had to be decoded.
why() {
    sed -n 's/.*_0000: .* packets passed over: //p' said
}

@test "H.264 with closed groups: groups without a tube, and B-frames within groups" {
    make "${picture[@]}" "${h264[@]}" -x264-params b-pyramid=normal:b-adapt=0 a_0000.mp4
    sparse a_0000.mp4
    # The groups of frames 0 and 125 have no tube. In three others, frames after the tubes and most B-frames are not needed.
    [ "$(passed)" -gt 80 ]
    [ -z "$(why)" ]
    # One frame of the last group: its key frame and no more than half of the group.
    tubes='140 140' sparse a_0000.mp4
    [ "$(passed)" -gt 135 ]
}

@test "H.264 in Matroska and in MPEG-TS; in AVI, which has no times, everything is decoded" {
    make "${picture[@]}" "${h264[@]}" a_0000.mkv
    sparse a_0000.mkv
    [ "$(passed)" -gt 80 ]
    make "${picture[@]}" "${h264[@]}" -bf 0 b_0000.avi
    sparse b_0000.avi
    [ "$(passed)" -eq 0 ]
    [ "$(why)" = 'times are missing or doubled' ]
    make "${picture[@]}" "${h264[@]}" c_0000.ts
    sparse c_0000.ts
}

@test "H.264 with open groups: only packets after the last tube are left out" {
    make "${picture[@]}" "${h264[@]}" -x264-params open-gop=1:b-adapt=0:scenecut=0 a_0000.mp4
    sparse a_0000.mp4
    [ -z "$(why)" ]
    [ "$(passed)" -gt 30 ]
    [ "$(passed)" -lt 95 ]
    # A chunk that was cut at an open group: its first pictures reference pictures that were cut off.
    make -i a_0000.mp4 -c copy -f segment -segment_time 1.5 b_%04d.mp4
    mv b_0001.mp4 c_0000.mp4
    tubes='3 3
10 12' sparse c_0000.mp4
    [ "$(passed)" -eq 0 ]
    [ "$(why)" = 'it does not begin with a random access point' ]
}

@test "H.264 with a variable frame rate, a start time that is not 0, interlaced" {
    make "${picture[@]}" -vf "select='lt(n,80)+not(mod(n,2))'" -fps_mode vfr "${h264[@]}" a_0000.mp4
    sparse a_0000.mp4
    [ "$(passed)" -gt 30 ]
    make "${picture[@]}" "${h264[@]}" whole.mp4
    make -copyts -ss 1 -i whole.mp4 -c copy b_0000.mkv
    sparse b_0000.mkv
    [ "$(passed)" -gt 50 ]
    make "${picture[@]}" -vf interlace "${h264[@]}" -flags +ildct+ilme -x264-params bff=1 c_0000.mp4
    tubes='31 34
60 60' sparse c_0000.mp4
    [ "$(passed)" -gt 20 ]
}

@test "an edit list that discards pictures: everything is decoded" {
    make "${picture[@]}" "${h264[@]}" whole.mp4
    make -ss 0.5 -i whole.mp4 -c copy a_0000.mp4
    sparse a_0000.mp4
    [ "$(passed)" -eq 0 ]
    [ "$(why)" = 'a packet is not exactly one picture' ]
}

@test "H.265 and VP9; of MPEG-4 everything is decoded" {
    quality='--crf 0'
    make "${picture[@]}" -c:v libx265 -preset ultrafast -x265-params log-level=error:open-gop=0:keyint=25:bframes=3 a_0000.mp4
    sparse a_0000.mp4
    [ "$(passed)" -gt 60 ]
    make "${picture[@]}" -c:v libx265 -preset ultrafast -x265-params log-level=error:open-gop=1:keyint=25:bframes=3 b_0000.mp4
    sparse b_0000.mp4
    [ "$(passed)" -gt 30 ]
    # Packets that also hold frames that are not shown.
    make "${picture[@]}" -c:v libvpx-vp9 -g 25 -cpu-used 8 -auto-alt-ref 1 -lag-in-frames 16 -b:v 200k c_0000.webm
    sparse c_0000.webm
    [ "$(passed)" -gt 60 ]
    make "${picture[@]}" -c:v mpeg4 -bf 2 -g 25 d_0000.mp4
    sparse d_0000.mp4
    [ "$(passed)" -eq 0 ]
    [ "$(why)" = 'its packet headers cannot be read' ]
}

@test "a damaged packet: exactly the tubes that need it fail, whatever other tubes there are" {
    make "${picture[@]}" "${h264[@]}" a_0000.mp4
    tubes='55 60' sparse a_0000.mp4
    sha256sum out/*.mp4 > before
    damage a_0000.mp4 5
    damage a_0000.mp4 110
    chunk_record a_0000.mp4 | "$TH_BIN/th-crop" -v -f -o out -t tubes --preset ultrafast --crf 0 > records 2> said
    sha256sum --quiet -c before
    # Of these, the second needs packet 5, the last packet 110.
    printf 'a_0000, 144, 192, %s, 0, 0, 64, 64\n' '0, 0' '8, 11' '26, 49' '55, 60' '101, 120' > tubes
    status=0
    chunk_record a_0000.mp4 | "$TH_BIN/th-crop" -v -f -o out -t tubes --preset ultrafast --crf 0 > records 2> said || status=$?
    [ "$status" -eq 1 ]
    [ "$(jq -r '[.tube.S, .status, .error] | join(" ")' records | sort -n | xargs)" = \
        '0 ok 8 failed unreadable 26 ok 55 ok 101 failed unreadable' ]
    [ "$(why)" = 'frames did not come as expected' ]
    grep -q ' 1 begun again$' said
    # The result is the same for one tube alone and for several.
    while read -r row; do
        echo "$row" > one
        chunk_record a_0000.mp4 | "$TH_BIN/th-crop" -q -o alone -t one --preset ultrafast --crf 0 >> alone.jsonl || true
    done < tubes
    diff <(jq -r '"\(.key) \(.status) \(.message)"' records | sort) <(jq -r '"\(.key) \(.status) \(.message)"' alone.jsonl | sort)
    for clip in alone/*.mp4; do
        cmp "$clip" "out/${clip##*/}"
    done
}

@test "tubes that need one damaged picture are tried together, not one by one" {
    make "${picture[@]}" "${h264[@]}" -g 150 a_0000.mp4
    damage a_0000.mp4 60
    for left in $(seq 0 2 60); do echo "a_0000, 144, 192, 0, 149, $left, 0, 192, 144"; done > tubes
    echo 'a_0000, 144, 192, 0, 9, 0, 0, 192, 144' >> tubes
    status=0
    chunk_record a_0000.mp4 | "$TH_BIN/th-crop" -v -o out -t tubes --preset ultrafast > records 2> said || status=$?
    [ "$status" -eq 1 ]
    [ "$(grep -c '"unreadable"' records)" -eq 31 ]
    [ "$(grep -c '"ok"' records)" -eq 1 ]
    # Once with the packet map and once without.
    [ "$(sed -n 's/.*_0000: \([0-9]*\) frames decoded.*/\1/p' said)" -lt 150 ]
}

@test "damage in a picture that an earlier one references: the same clip, whatever else is decoded" {
    local pts size pos part frame packet=0
    make "${picture[@]}" "${h264[@]}" -g 150 -x264-params cabac=0 whole.mp4
    mkdir chunks
    echo 'a_0000, 144, 192, 5, 9, 0, 0, 192, 144' > beside
    ffprobe -v error -select_streams v -show_entries packet=pts,pos,size -of csv=p=0 whole.mp4 > packets
    # Every fourth packet is a P picture; the B pictures before it in time come after it.
    while IFS=, read -r pts size pos _; do
        packet=$((packet + 1))
        if [ $((packet % 4)) -ne 2 ] || [ $packet -lt 14 ] || [ $packet -gt 26 ]; then continue; fi
        for part in 1 2 3; do
            cp whole.mp4 chunks/a_0000.mp4
            printf '\252' | dd of=chunks/a_0000.mp4 bs=1 seek=$((pos + size * part / 4)) conv=notrunc status=none
            frame=$((pts / 512 - 1))
            echo "a_0000, 144, 192, $frame, $frame, 0, 0, 192, 144" > tubes
            rm -rf alone both
            "$TH_BIN/th-crop" -q --preset ultrafast -i chunks -o alone tubes > records || true
            "$TH_BIN/th-crop" -q --preset ultrafast -i chunks -o both tubes beside > records || true
            diff <(entries alone) <(entries both | grep -v _S5_)
            for clip in alone/*.mp4; do
                [ ! -e "$clip" ] || cmp "$clip" "both/${clip#*/}"
            done
        done
    done < packets
}

@test "a tube beyond the end is out of range, and nothing is decoded" {
    make "${picture[@]}" "${h264[@]}" a_0000.mp4
    chunk_record a_0000.mp4 > split.jsonl
    printf 'a_0000, 144, 192, %s, 0, 0, 64, 64\n' '149, 149' '149, 150' '400, 500' > tubes
    status=0
    "$TH_BIN/th-crop" -v -o out -t tubes split.jsonl > records 2> said || status=$?
    [ "$status" -eq 1 ]
    [ "$(grep -c 'the tube needs [0-9]* frames, and the chunk has 150' records)" -eq 2 ]
    [ "$(grep -c '"ok"' records)" -eq 1 ]
    [ "$(passed)" -gt 120 ]
}

@test "the bytes of clips do not depend on the number of processors, nor do failures" {
    make "${picture[@]}" "${h264[@]}" a_0000.mp4
    chunk_record a_0000.mp4 > split.jsonl
    printf 'a_0000, 144, 192, %s, 0, 0, 64, 64\n' '0, 0' '3, 60' '20, 70' '61, 110' '70, 149' '149, 149' '100, 150' > tubes
    for jobs in 1 2 9; do
        "$TH_BIN/th-crop" -q -j $jobs -o "out$jobs" -t tubes --preset ultrafast split.jsonl > "records$jobs" || true
    done
    damage a_0000.mp4 130
    for jobs in 1 2 9; do
        "$TH_BIN/th-crop" -q -j $jobs -o "damaged$jobs" -t tubes --preset ultrafast split.jsonl >> "records$jobs" || true
        (cd "out$jobs" && sha256sum -- *.mp4 && cd "../damaged$jobs" && sha256sum -- *.mp4) > "sums$jobs"
        sed 's/"path": "[a-z]*[0-9]/"path": "/' "records$jobs" | sort > "sorted$jobs"
    done
    [ "$(wc -l < sums1)" -eq 10 ]
    for jobs in 2 9; do
        cmp sums1 "sums$jobs"
        cmp sorted1 "sorted$jobs"
    done
}
