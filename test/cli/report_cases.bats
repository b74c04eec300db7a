#!/usr/bin/env bats
# The report of four runs as they happen, in a real browser: most videos gone, no network, all well, and 100,000 clips.
# shellcheck disable=SC2016,SC2154 # JavaScript has its own $; browser.bash sets answer and events

bats_require_minimum_version 1.5.0

load helpers
load browser

# records VIDEOS CLIPS WORKED WORD RETRY MESSAGE: what the four programs write about a set of so many videos, with so many clips of
# each. The first WORKED videos are well, the others fail with the error word. Of a good video every BADth clip is out of range, and
# the files of the others are clips/KEY.mp4, or all $CLIP.
records() {
    awk -v videos="$1" -v clips="$2" -v worked="$3" -v word="$4" -v retry="$5" -v said="$6" -v bad="${BAD:-0}" -v here="$PWD" -v file="${CLIP:-}" 'BEGIN {
        for (v = 1; v <= videos; v++) {
            id = sprintf("-v%08dx", v)
            lost = "\"error\": \"" word "\", \"retry\": " retry ", \"message\": \""
            text = said
            gsub(/ID/, id, text)
            url = "\"url\": \"https://www.youtube.com/watch?v=" id "\""
            if (v <= worked)
                printf "{\"stage\": \"fetch\", \"kind\": \"video\", \"key\": \"%s\", \"status\": \"ok\", %s, \"title\": \"Talk %d\", \"uploader\": \"A channel\", \"fps\": 25, \"bytes\": 80000000}\n", id, url, v
            else
                printf "{\"stage\": \"fetch\", \"kind\": \"video\", \"key\": \"%s\", \"status\": \"failed\", %s%s\", %s}\n", id, lost, text, url
            for (c = 0; c < clips; c++) {
                key = sprintf("%s_0000_S%d_E%d_L0_T0_R64_B48", id, c * 50, c * 50 + 39)
                clip = sprintf("\"kind\": \"clip\", \"key\": \"%s\", \"status\": ", key)
                origin = sprintf("\"video\": \"%s\", \"chunk\": \"%s_0000\", \"tube\": {\"H\": 48, \"W\": 64, \"S\": %d, \"E\": %d, \"L\": 0, \"T\": 0, \"R\": 64, \"B\": 48}}\n", id, id, c * 50, c * 50 + 39)
                if (v > worked) {
                    printf "{\"stage\": \"crop\", %s\"skipped\", %snot downloaded: %s\", %s", clip, lost, text, origin
                    printf "{\"stage\": \"verify\", %s\"skipped\", %snot cropped: not downloaded: %s\", %s", clip, lost, text, origin
                } else if (bad && c % bad == bad - 1) {
                    short = sprintf("\"error\": \"out_of_range\", \"retry\": false, \"message\": \"the tube needs %d frames, and the chunk has %d\", ", c * 50 + 40, c * 50)
                    printf "{\"stage\": \"crop\", %s\"failed\", %s%s", clip, short, origin
                    printf "{\"stage\": \"verify\", %s\"skipped\", %s%s", clip, short, origin
                } else {
                    made = sprintf("%s\"ok\", \"path\": \"%s\", \"frames\": 40, \"bytes\": 9000, \"width\": 64, \"height\": 48, ", clip, file ? file : here "/clips/" key ".mp4")
                    printf "{\"stage\": \"crop\", %s%s", made, origin
                    printf "{\"stage\": \"verify\", %s\"checks\": {\"decode\": {\"times\": {\"ok\": true, \"step\": 0.04}}}, %s", made, origin
                }
            }
        }
    }'
}

# report NAME ARGUMENT...: the page NAME.html of such a set.
report() {
    local name=$1
    shift
    records "$@" > "$name.jsonl"
    while [ -z "${CLIP:-}" ] && read -r clip; do
        ln -f clip.mp4 "$clip"
    done < <(grep '"stage": "verify"' "$name.jsonl" | field path)
    "$TH_BIN/th-verify" --report "$name.html" --summary "$name.json" --title "$name" --rerun "bash again $name" --manifest "$name.jsonl" < /dev/null
}

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir clips
    ffmpeg -v error -f lavfi -i testsrc2=size=64x48:rate=25:duration=1.6 -pix_fmt yuv420p -preset ultrafast clip.mp4
    BAD=10 report gone 2872 17 2 gone false 'ID: Video unavailable. This video is private'
    report offline 28 2 0 network true 'Failed to resolve host www.youtube.com (ID)'
    report well 12 8 12 - - -
    CLIP=$PWD/clip.mp4 BAD=50 report many 1000 100 990 rate_limited true 'ID: Sign in to confirm that you are no bot'
}

teardown() {
    [ -z "${browser:-}" ] || stop_browser
}

# shows NAME PHONE_HEIGHT: opens the page at the widths of a desktop and of a phone, where it is at most so high, and sets text.
shows() {
    start_browser "$BATS_TEST_TMPDIR/browser"
    open_page "$BATS_FILE_TMPDIR/$1.html" 390 light
    height=$(evaluate 'document.documentElement.scrollHeight')
    echo "$1: $height pixels on a phone"
    [ "$height" -le "$2" ]
    [ "$(evaluate 'document.documentElement.scrollWidth')" -eq 390 ]
    # No option is broken, and no first column too narrow to be read.
    [ "$(evaluate '[...document.querySelectorAll(".option")].filter(e => e.getClientRects().length > 1).length')" -eq 0 ]
    [ "$(evaluate 'document.querySelectorAll("details").forEach(d => d.open = true); Math.min(...[...document.querySelectorAll("table tbody tr > :first-child")].map(e => e.clientWidth))')" -ge 100 ]
    open_page "$BATS_FILE_TMPDIR/$1.html" 1280 light
    text=$(evaluate 'document.body.innerText.replace(/\u00a0/g, " ")')
    # One colour for each reason, in the bars, their keys and the table.
    [ "$(evaluate 'new Set([...document.querySelectorAll(".words li, .reasons tbody th")].map(e => e.querySelector("code").innerText + getComputedStyle(e, "::before").backgroundColor)).size')" -eq \
        "$(evaluate 'new Set([...document.querySelectorAll(".words li code, .reasons tbody th code")].map(e => e.innerText)).size')" ]
    # Each reason has a piece of its bar that can be seen.
    [ "$(evaluate '[...document.querySelectorAll(".step")].filter(s => s.querySelectorAll("li").length > [...s.querySelectorAll("rect:not(.ok)")].filter(r => r.getBoundingClientRect().width >= 1).length).length')" -eq 0 ]
    [ "$(evaluate '[...document.querySelectorAll(".cards figure")].filter(f => f.querySelectorAll("img").length < 3).length')" -eq 0 ]
}

# linked SELECTOR: the addresses of the links below it, as they stand in the page.
linked() {
    evaluate '[...document.querySelectorAll("'"$1"' a")].map(a => a.getAttribute("href")).join("\n")'
}

# Every link of a card leads to a file of the clip's name.
clips_are_linked() {
    local count=0 file
    while read -r file; do
        [ -s "$BATS_FILE_TMPDIR/$file" ]
        count=$((count + 1))
    done < <(linked .file)
    [ "$count" -eq "$(evaluate 'document.querySelectorAll(".cards figure").length')" ]
    [ "$(evaluate '[...document.querySelectorAll(".file a")].filter(a => a.href.endsWith("/" + a.innerText) || !a.innerText).length')" -eq "$count" ]
}

@test "2,872 videos of which 2 worked: the reason first, and every lost video is named" {
    shows gone 8000
    [[ $text == *'32 of the 48,824 clips that were asked for are there, and each has passed its check. 2 failed, and 48,790 could not be tried.'* ]]
    [[ $text == *'The largest reason is gone: the video has been removed or made private (2,870 videos, 48,790 clips). Nothing brings it back.'*'Nothing is left that another run could mend'*'2,870 ×'*'gone'*'and 2,869 more'*'2 ×'*'out_of_range'* ]]
    [ "$(evaluate 'document.querySelector("details.barren").open')" = false ]
    linked table.barren > "$BATS_TEST_TMPDIR/links"
    [ "$(sort -u "$BATS_TEST_TMPDIR/links" | grep -cx 'https://www.youtube.com/watch?v=-v[0-9]*x')" -eq 2870 ]
    [ "$(linked .list)" = gone-missing.csv ]
    [ "$(wc -l < "$BATS_FILE_TMPDIR/gone-missing.csv")" -eq 2871 ]
    sed -n 2p "$BATS_FILE_TMPDIR/gone-missing.csv" | grep -qxF '"'\''-v00000003x","gone",17,"https://www.youtube.com/watch?v=-v00000003x",""'
    clips_are_linked
}

@test "28 videos without a network: what to do and the command before anything else" {
    shows offline 4000
    [[ $text == *'None of the 56 clips that were asked for is there. None could be tried.'*'The largest reason is network: the connection failed (28 videos, 56 clips). Check the network and the proxy (--proxy), then run again.'*'What to do next'*'Another run may mend 56 of the clips'*'bash again offline'*'0 of 28'* ]]
    [[ $text == *'All 28 videos that gave nothing'*'28 ×'*'network'*'Failed to resolve host'* ]]
    [ "$(linked table.barren | wc -l)" -eq 28 ]
    [ "$(evaluate 'document.querySelectorAll(".cards").length')" -eq 0 ]
}

@test "all well: no reason, no advice, a link to each clip that is shown" {
    shows well 5000
    [[ $text == *'All 96 clips that were asked for are there, and each has passed its check.'* ]]
    [[ $text != *'reason'*'Another run'* && $text != *'What to do'* && $text != *'gave nothing'* && $text != *'each reason'* ]]
    [ "$(cat "$BATS_FILE_TMPDIR/well-missing.csv")" = '"video","error","clips","url","title"' ]
    [ "$(linked .file | wc -l)" -eq 24 ]
    clips_are_linked
}

@test "100,000 clips: the same page, not longer" {
    shows many 8000
    [[ $text == *'97,020 of the 100,000 clips that were asked for are there, and each has passed its check. 1,980 failed, and 1,000 could not be tried.'* ]]
    [[ $text == *'What to do next'*'rate_limited: the source asks for fewer requests (10 videos, 1,000 clips). Wait an hour and run again'*'bash again many'*'1,980 ×'*'out_of_range'*'10 ×'*'rate_limited'* && $text != *'The largest reason'* ]]
    [ "$(evaluate '[...document.querySelectorAll(".option")].map(e => e.innerText).join(" ")')" = "$(printf -- '--sleep-interval --max-sleep-interval --cookies %.0s' 1 2 | sed 's/ $//')" ]
    [ "$(linked table.barren | wc -l)" -eq 10 ]
    clips_are_linked
}
