#!/usr/bin/env bats
# th-verify --report: the page, in a real browser where there is one.
# shellcheck disable=SC2016,SC2154 # JavaScript and jq have their own $; browser.bash sets answer and events

bats_require_minimum_version 1.5.0

load helpers
load browser

GOOD=vid_0000_S10_E49_L0_T0_R64_B48
HOSTILE='"><img src=x onerror=document.title=1><script>document.title=2</script>'

# record STAGE KEY STATUS [MEMBERS]: a clip's record.
record() {
    printf '{"stage": "%s", "kind": "clip", "key": "%s", "status": "%s", "video": "%s", "chunk": "%s"%s}\n' \
        "$1" "$2" "$3" "${2%%_0000*}" "${2%%_S*}" "${4:+, $4}"
}

tube() {
    echo '"tube": {"H": 48, "W": 64, "S": 10, "E": '"$1"', "L": 0, "T": 0, "R": 64, "B": 48}'
}

# Records of 40 videos with 6,000 clips that fail for every reason.
many_records() {
    awk -v clip="$PWD/clip.mp4" 'BEGIN {
        count = split("gone login_required relicensed no_format forbidden network timeout rate_limited server bad_media", fetch, " ")
        faults = split("unreadable missing frame_count wrong_size bad_times decode_error frozen differs_from_source", verify, " ")
        for (v = 0; v < 40; v++) {
            bad = v < 20 ? fetch[v % count + 1] : ""
            fault = "\"error\": \"" bad "\", \"retry\": " (v % count > 4 ? "true" : "false") ", \"message\": \"the page says: <b>no</b>\""
            printf "{\"stage\": \"fetch\", \"kind\": \"video\", \"key\": \"video_%d\", \"status\": %s, \"fps\": 25, \"bytes\": 1000}\n",
                v, bad ? "\"failed\", " fault : "\"ok\""
            for (i = 0; i < 150; i++) {
                printf "{\"stage\": \"verify\", \"kind\": \"clip\", \"key\": \"video_%d_0000_S%d_E999_L0_T0_R9_B9\", \"video\": \"video_%d\", \"status\": ", v, i, v
                if (bad)
                    printf "\"skipped\", %s}\n", fault
                else if (i % 30 < 8)
                    printf "\"failed\", \"error\": \"%s\", \"retry\": true, \"message\": \"seen\"%s}\n", verify[i % 30 + 1],
                        i % 30 < 2 ? "" : ", \"path\": \"" clip "\", \"width\": 64"
                else
                    printf "\"ok\", \"path\": \"%s\", \"frames\": %d, \"bytes\": 7, \"width\": %d, \"height\": 2000}\n", clip, (i * i) % 2000 + 1, 100 + 8 * i
            }
        }
    }'
}

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    # A clip that is red, then green, then blue; and one of the same that is cut off in the middle.
    ffmpeg -v error -f lavfi -i color=red:size=64x48:rate=25:duration=0.52 -f lavfi -i color=lime:size=64x48:rate=25:duration=0.52 \
        -f lavfi -i color=blue:size=64x48:rate=25:duration=0.56 -filter_complex '[0][1][2]concat=n=3' -frames:v 40 \
        -pix_fmt yuv420p -preset ultrafast -movflags +faststart clip.mp4
    head -c $(($(stat -c %s clip.mp4) - 300)) clip.mp4 > cut.mp4
    {
        record crop "$GOOD" ok '"path": "'"$PWD/clip.mp4"'", '"$(tube 49)"', "frames": 40'
        record crop vid_0000_S0_E39_L0_T0_R64_B48 ok '"path": "'"$PWD/cut.mp4"'", "frames": 40'
        record crop vid_0000_S1_E40_L0_T0_R64_B48 ok '"path": "'"$PWD/none.mp4"'", "frames": 40'
        record crop lost_0000_S0_E9_L0_T0_R64_B48 skipped '"error": "gone", "retry": false, "message": "removed"'
        record crop 'x<img src=x>\"_0000_S0_E9_L0_T0_R64_B48' failed '"error": "<b>", "retry": false, "message": "<b>"'
    } > crop.jsonl
    {
        jq -cn --arg title "$HOSTILE$(printf '\342\200\256\007')" '{stage: "fetch", kind: "video", key: "vid", status: "ok",
            bytes: 5000, $title, uploader: $title, url: "javascript:document.title=3"}'
        jq -cn --arg title "$(printf 'x%.0s' {1..10000})" '{stage: "fetch", kind: "video", key: "lost", status: "failed",
            error: "gone", retry: false, message: $title, $title, url: "https://example.test/?a=\"><script>"}'
    } > fetch.jsonl
    many_records > many.jsonl
    "$TH_BIN/th-verify" --summary many.json --report many.html --title many --manifest many.jsonl < /dev/null
    "$TH_BIN/th-verify" --summary summary.json --report report.html --title "A <i>set</i>" --manifest fetch.jsonl \
        --rerun "bash 'again & again' <set>" crop.jsonl > verify.jsonl 2> said || [ $? -eq 75 ]
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return
    page=$BATS_FILE_TMPDIR/report.html
}

teardown() {
    [ -z "${browser:-}" ] || stop_browser
}

# pictures PAGE: writes the pictures of the page as 1.jpg, 2.jpg ... into the current folder, and their number to stdout.
pictures() {
    local count=0 text
    while read -r text; do
        count=$((count + 1))
        base64 -d <<< "$text" > $count.jpg
    done < <(grep -o 'src="data:image/jpeg;base64,[^"]*' "$1" | cut -d , -f 2)
    echo $count
}

# mean FILE: the mean of red, green and blue.
mean() {
    ffmpeg -v error -i "$1" -vf scale=1:1:flags=area,format=rgb24 -f rawvideo - | od -An -tu1
}

@test "the page is one file that may load nothing and run nothing" {
    grep -q "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; " "$page"
    [ "$(head -c 600 "$page" | grep -c 'meta charset="utf-8"')" -eq 1 ]
    run ! grep -iE '<(script|iframe|object|embed|form|base)|@import|url\(' "$page"
    grep -oE '(src|href)="[^"]{0,12}' "$page" > "$BATS_TEST_TMPDIR/addresses"
    run ! grep -vE '"(data:|https?://|#[a-z]+"?$|report-missi|(clip|cut)[.]mp4"?$)' "$BATS_TEST_TMPDIR/addresses"
    grep -q '<meta http-equiv="x-dns-prefetch-control" content="off">' "$page"
    iconv -f UTF-8 -t UTF-8 "$page" > /dev/null
}

@test "first, middle and last frame of each clip that has frames" {
    cd "$BATS_TEST_TMPDIR"
    [ "$(pictures "$page")" -ge 5 ]
    # the clip that is cut off failed, and comes before the good one
    last=$(pictures "$page")
    read -r red green blue < <(mean $((last - 2)).jpg) && [ "$red" -gt 200 ] && [ "$green" -lt 50 ] && [ "$blue" -lt 50 ]
    read -r red green blue < <(mean $((last - 1)).jpg) && [ "$red" -lt 50 ] && [ "$green" -gt 200 ] && [ "$blue" -lt 50 ]
    read -r red green blue < <(mean "$last.jpg") && [ "$red" -lt 50 ] && [ "$green" -lt 50 ] && [ "$blue" -gt 200 ]
    read -r red green blue < <(mean 1.jpg) && [ "$red" -gt 200 ]
    [ "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 1.jpg)" = 64,48 ]
    # items without frames are listed in words
    [ "$(grep -c "<figure>" "$page")" -eq 4 ]
    grep -q "What was said" "$page"
    grep -q '<code>missing</code> <bdi>' "$page"
}

@test "large pictures are scaled down" {
    cd "$BATS_TEST_TMPDIR"
    ffmpeg -v error -f lavfi -i testsrc2=size=1280x720:rate=25 -frames:v 3 -pix_fmt yuv444p -preset ultrafast clip.mp4
    record crop "${GOOD/E49/E12}" ok '"path": "clip.mp4"' | "$TH_BIN/th-verify" --report report.html > /dev/null || :
    [ "$(pictures report.html)" -eq 3 ]
    [ "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 2.jpg)" = 192,108 ]
    [ "$(stat -c %s report.html)" -lt 60000 ]
}

@test "100,000 clips: a page of a few MB, and the same clips on it whatever their order" {
    cd "$BATS_TEST_TMPDIR"
    awk -v clip="$BATS_FILE_TMPDIR/clip.mp4" 'BEGIN {
        for (i = 0; i < 100000; i++)
            printf "{\"stage\": \"verify\", \"kind\": \"clip\", \"key\": \"v%d_0000_S%d_E9_L0_T0_R9_B9\", \"status\": %s, \"path\": \"%s\", \"video\": \"v%d\", \"frames\": 10}\n",
                i / 100, i, i % 100 ? "\"ok\"" : "\"failed\", \"error\": \"frozen\", \"retry\": true, \"width\": 64", clip, i / 100
    }' > verify.jsonl
    "$TH_BIN/th-verify" --report report.html --summary summary.json --manifest verify.jsonl < /dev/null
    [ "$(jq -c '.clips | [.total, .ok, .failed]' summary.json)" = '[100000,99000,1000]' ]
    [ "$(stat -c %s report.html)" -lt 4000000 ]
    grep -q 'of 300 of the 1,000 clips that failed and can be shown' report.html
    grep -q 'of 24 of the 99,000 clips that are ok' report.html
    [ "$(grep -o '<img ' report.html | wc -l)" -eq 972 ]
    tac verify.jsonl > backwards.jsonl
    "$TH_BIN/th-verify" --report again.html --manifest backwards.jsonl < /dev/null
    diff <(grep 'class="row"' report.html) <(grep 'class="row"' again.html)
}

@test "every failed clip that has frames is shown, of each reason some when they are too many" {
    # 20 videos with 5 times 6 faults that can be seen
    grep -q 'of 300 of the 600 clips that failed and can be shown, .* 200 more failed and have no frames' many.html
    sed -n '/id="failed"/,/id="good"/p' many.html | grep -o '<p class="fault"><code>[a-z_]*' | sort | uniq -c |
        awk '{ print $1, $3 }' > "$BATS_TEST_TMPDIR/words"
    diff "$BATS_TEST_TMPDIR/words" - << 'END'
50 class="fault"><code>bad_times
50 class="fault"><code>decode_error
50 class="fault"><code>differs_from_source
50 class="fault"><code>frame_count
50 class="fault"><code>frozen
50 class="fault"><code>wrong_size
END
    # all of them while there is room, from the 97th on in smaller pictures
    grep '"failed".*"width"' many.jsonl | head -97 > "$BATS_TEST_TMPDIR/some.jsonl"
    cd "$BATS_TEST_TMPDIR"
    "$TH_BIN/th-verify" --report report.html --manifest some.jsonl < /dev/null
    grep -q 'of all 97 clips that failed and can be shown' report.html
    [ "$(grep -o '<img ' report.html | wc -l)" -eq $((3 * 97)) ]
    grep -q '<div class="cards small">' report.html
}

@test "a clip that is a folder of pictures has a contact sheet, too" {
    cd "$BATS_TEST_TMPDIR"
    for kind in png jpg; do
        mkdir "clip_$kind"
        ffmpeg -v error -i "$BATS_FILE_TMPDIR/clip.mp4" -start_number 0 "clip_$kind/%06d.$kind"
        record verify "v_${kind}_0000_S10_E49_L0_T0_R64_B48" ok '"path": "clip_'$kind'", "images": "'$kind'", "frames": 40'
    done > crop.jsonl
    "$TH_BIN/th-verify" --report report.html --manifest crop.jsonl < /dev/null
    [ "$(pictures report.html)" -eq 6 ]
    for first in 1 4; do
        read -r red green blue < <(mean $first.jpg) && [ "$red" -gt 200 ] && [ "$green" -lt 50 ] && [ "$blue" -lt 50 ]
        read -r red green blue < <(mean $((first + 1)).jpg) && [ "$red" -lt 50 ] && [ "$green" -gt 200 ] && [ "$blue" -lt 50 ]
        read -r red green blue < <(mean $((first + 2)).jpg) && [ "$red" -lt 50 ] && [ "$green" -lt 50 ] && [ "$blue" -gt 200 ]
    done
    # missing pictures, or none
    rm clip_png/*9.png && echo text > clip_jpg/000000.jpg
    "$TH_BIN/th-verify" --report report.html --manifest crop.jsonl < /dev/null
    [ "$(pictures report.html)" -ge 3 ]
    # when it fails, it is shown among the failed ones
    sed -i 's/"verify"/"crop"/; s/"frames": 40/"frames": 40, "box": {"x": 0, "y": 0, "w": 64, "h": 48}, '"$(tube 49)"'/' crop.jsonl
    run -75 "$TH_BIN/th-verify" --report report.html crop.jsonl
    grep -q 'the one clip that failed and can be shown, .* 1 more failed and has no frames' report.html
    rm -r clip_png clip_jpg && mkdir clip_png
    "$TH_BIN/th-verify" --report report.html --manifest crop.jsonl < /dev/null
    grep -q 'No picture could be made of 2 clips that are ok' report.html
}

@test "when most is missing, the page begins with the largest reason, what to do about it, and the command" {
    cd "$BATS_TEST_TMPDIR"
    offline='"error": "network", "retry": true, "message": "no route"'
    { for video in a b c; do
        printf '{"stage": "fetch", "kind": "video", "key": "%s", "status": "failed", %s}\n' $video "$offline"
        record verify ${video}_0000_S0_E9_L0_T0_R64_B48 skipped "$offline"
    done; record verify "$GOOD" ok; } > records.jsonl
    "$TH_BIN/th-verify" --report report.html --rerun 'bash again' --manifest records.jsonl < /dev/null
    body=$(sed -n '/<header>/,$p' report.html | sed 's/<[^>]*>//g' | tr -s '\n ' ' ')
    [[ $body == *'1 of the 4 clips that were asked for is there, and it has passed its check. 3 could not be tried. '* ]]
    [[ $body == *'could not be tried. The largest reason is network: the connection failed (3 videos, 3 clips). Check the network and the proxy (--proxy), then run again. Asked for'* ]]
    [[ $body == *'What to do next'*'bash again'*'Playing time'* ]]
    grep -q '<code>network</code> the connection failed<p class="advice">Check the network and the proxy' report.html
    grep '"fetch"' records.jsonl > videos.jsonl
    "$TH_BIN/th-verify" --report report.html --manifest videos.jsonl < /dev/null
    grep -q '<p class="lead">None of the 3 videos could be downloaded\.</p>' report.html
    { record verify "$GOOD" ok; record verify "${GOOD//S10/S20}" ok; head -n 2 records.jsonl; } > few.jsonl
    "$TH_BIN/th-verify" --report report.html --manifest few.jsonl < /dev/null
    run ! grep -q 'The largest reason' report.html
}

@test "the lead says whether the clips were verified" {
    cd "$BATS_TEST_TMPDIR"
    lead() {
        printf '%s\n' "$@" > records.jsonl
        "$TH_BIN/th-verify" --report report.html --manifest records.jsonl < /dev/null
        sed -n 's/<p class="lead">\(.*\)<\/p>/\1/p' report.html
    }
    cropped=$(record crop "$GOOD" ok)
    verified=$(record verify "$GOOD" ok)
    gone=$(record verify lost_0000_S0_E9_L0_T0_R64_B48 skipped '"error": "gone", "retry": false, "message": "removed"')
    [ "$(lead "$cropped")" = 'The one clip that was asked for is there, not verified.' ]
    [ "$(lead "$verified")" = 'The one clip that was asked for is there, and it has passed its check.' ]
    [ "$(lead "$gone")" = 'The one clip that was asked for is missing. It could not be tried.' ]
    [ "$(lead "$gone" "${gone//S0/S20}")" = 'None of the 2 clips that were asked for is there. None could be tried.' ]
    [ "$(lead "$verified" "$gone")" = '1 of the 2 clips that were asked for is there, and it has passed its check. 1 could not be tried.' ]
    [ "$(lead "$cropped" "${verified//S10/S20}")" = 'All 2 clips that were asked for are there, 1 of them not verified.' ]
    [ "$(lead "$verified" "${verified//S10/S20}")" = 'All 2 clips that were asked for are there, and each has passed its check.' ]
}

@test "nothing at all, and one clip" {
    cd "$BATS_TEST_TMPDIR"
    "$TH_BIN/th-verify" --report report.html < /dev/null
    grep -q 'There are no clips yet' report.html
    run ! grep -q '<nav' report.html
    record verify "$GOOD" ok '"frames": 40, "width": 64, "height": 48' > records.jsonl
    "$TH_BIN/th-verify" --report report.html --manifest records.jsonl < /dev/null
    grep -q '<nav.*#outcomes' report.html
    grep -q '<small>of 1 clip</small>' report.html
}

@test "a video without a title is named by its id, with the link to its page" {
    cd "$BATS_TEST_TMPDIR"
    for title in '' ', "title": "", "uploader": ""'; do
        echo '{"stage": "fetch", "kind": "video", "key": "vid", "status": "ok", "url": "https://example.test/vid"'"$title"'}' > records.jsonl
        record verify "$GOOD" ok '"path": "'"$BATS_FILE_TMPDIR"'/clip.mp4"' >> records.jsonl
        "$TH_BIN/th-verify" --report report.html --manifest records.jsonl < /dev/null
        grep -q 'class="facts">from <a rel="noopener noreferrer" href="https://example.test/vid"><bdi>vid</bdi></a></p>' report.html
        run ! grep -q 'class="facts">from .* by ' report.html
    done
}

@test "a clip that kills its process lacks only its own pictures" {
    run -0 "$TH_BIN/th-verify" --max-memory 1M --report "$BATS_TEST_TMPDIR/report.html" --manifest crop.jsonl < /dev/null
    [ "$(grep -c '<img ' "$BATS_TEST_TMPDIR/report.html")" -eq 0 ]
    grep -q 'No picture could be made of 3 clips that are ok' "$BATS_TEST_TMPDIR/report.html"
    run ! grep -q '<figcaption><p' "$BATS_TEST_TMPDIR/report.html"
}

@test "a page of nothing, and one of videos only" {
    cd "$BATS_TEST_TMPDIR"
    "$TH_BIN/th-verify" --report report.html < /dev/null
    grep -q 'There are no clips yet' report.html
    "$TH_BIN/th-verify" --report report.html --manifest "$BATS_FILE_TMPDIR/fetch.jsonl" < /dev/null
    grep -q 'Videos downloaded <span>1 of 2' report.html
}

@test "options without effect are refused" {
    run -2 "$TH_BIN/th-verify" --title x
    [[ $output == *"--title, --rerun and --advice need --report"* ]]
    run -3 "$TH_BIN/th-verify" --report no/such/report.html
}

@test "browser: the page shows, in light and dark" {
    start_browser "$BATS_TEST_TMPDIR/browser"
    for scheme in light dark; do
        open_page "$page" 1000 $scheme
        screenshot "$BATS_TEST_TMPDIR/$scheme.png"
        # the mean and the extremes of brightness
        ffmpeg -v error -i "$BATS_TEST_TMPDIR/$scheme.png" -vf signalstats,metadata=print:file=- -f null - > "$BATS_TEST_TMPDIR/$scheme"
        cat "$BATS_TEST_TMPDIR/$scheme"
    done
    value() { sed -n "s/^lavfi.signalstats.$2=\([0-9]*\).*/\1/p" "$BATS_TEST_TMPDIR/$1"; }
    [ "$(value light YAVG)" -gt 180 ] && [ "$(value light YMIN)" -lt 80 ]
    [ "$(value dark YAVG)" -lt 70 ] && [ "$(value dark YMAX)" -gt 180 ]
}

@test "browser: no message, no request, every picture is shown" {
    start_browser "$BATS_TEST_TMPDIR/browser"
    call Network.enable '{}'
    for file in "$page" "$BATS_FILE_TMPDIR/many.html"; do
        open_page "$file" 1000 light
        [ "$(evaluate 'performance.getEntriesByType("resource").filter(r => !r.name.startsWith("data:")).length')" -eq 0 ]
        [ "$(evaluate '[...document.images].filter(i => !i.complete || !i.naturalWidth).length')" -eq 0 ]
        [ "$(evaluate 'document.images.length')" -ge 5 ]
        run grep -E 'Log.entryAdded|consoleAPICalled|exceptionThrown' "$events"
        [ "$status" -eq 1 ]
        # the page itself, and only what it contains
        jq -r 'select(.method == "Network.requestWillBeSent").params.request.url' "$events" | cut -c 1-15 | sort -u > "$BATS_TEST_TMPDIR/asked"
        grep -q '^file:///' "$BATS_TEST_TMPDIR/asked"
        [ "$(grep -cv '^data:image/jpeg$' "$BATS_TEST_TMPDIR/asked")" -eq 1 ]
    done
}

@test "browser: without scripts it is the same page" {
    start_browser "$BATS_TEST_TMPDIR/browser"
    open_page "$page" 800 light
    screenshot "$BATS_TEST_TMPDIR/with.png"
    call Emulation.setScriptExecutionDisabled '{"value": true}'
    open_page "$page" 800 light
    screenshot "$BATS_TEST_TMPDIR/without.png"
    cmp "$BATS_TEST_TMPDIR/with.png" "$BATS_TEST_TMPDIR/without.png"
}

@test "browser: the numbers of each bar, list and table add up, and the bars are as long as they say" {
    start_browser "$BATS_TEST_TMPDIR/browser"
    open_page "$BATS_FILE_TMPDIR/many.html" 1000 light
    [ "$(jq -c '.clips | [.total, .ok, .failed, .skipped]' many.json)" = '[6000,2200,800,3000]' ]
    # of each step [ok, in all, sum of the failed and skipped words]
    steps=$(evaluate 'JSON.stringify([...document.querySelectorAll(".step")].map(step => {
        const numbers = text => text.replace(/,/g, "").match(/\d+/g).map(Number);
        const words = [...step.querySelectorAll(".words li")].map(li => numbers(li.lastChild.data)[0]);
        return [...numbers(step.querySelector("h3 span").innerText), words.reduce((a, b) => a + b, 0)];
    }))')
    [ "$steps" = '[[20,40,20],[2200,6000,3800]]' ]
    [[ $(evaluate 'document.querySelector(".reasons tfoot").innerText') =~ ^in\ all[[:space:]]+20[[:space:]]+3,800 ]]
    # each reason has the colour of its piece
    [ "$(evaluate '[...document.querySelectorAll(".step")].filter(step => {
        const fills = [...step.querySelectorAll("rect:not(.ok)")].map(rect => getComputedStyle(rect).fill);
        const keys = [...step.querySelectorAll(".words li")].map(li => getComputedStyle(li, "::before").backgroundColor);
        return !fills.length || fills.join() !== keys.join();
    }).length')" -eq 0 ]
    # the piece of what is ok, in thousandths of the bar, and where the last piece ends
    [ "$(evaluate '[...document.querySelectorAll(".step rect.ok")].map(r => Math.round((r.width.baseVal.value + 2) / 10)).join()')" = 50,37 ]
    [ "$(evaluate '[...document.querySelectorAll(".step svg")].map(svg => {
        const last = svg.querySelector("rect:last-of-type");
        return Math.round(last.x.baseVal.value + last.width.baseVal.value);
    }).join()')" = 1000,1000 ]
    [ "$(evaluate 'document.querySelectorAll("svg rect:not([width]), svg rect[width^=\"-\"]").length')" -eq 0 ]
}

@test "browser: histograms have axes with units and labels that can be read, and columns as high as they say" {
    start_browser "$BATS_TEST_TMPDIR/browser"
    for width in 1000 360; do
        open_page "$BATS_FILE_TMPDIR/many.html" $width light
        [ "$(evaluate '[...document.querySelectorAll(".chart")].map(c => [...c.querySelectorAll("text")].map(t => t.textContent).filter(t => /[a-z]{4}/.test(t)).join(" ")).join()')" = 'clips more seconds,clips more pixels' ]
        # labels do not overlap, and none is cut off or too small
        run evaluate '[...document.querySelectorAll(".chart")].flatMap(chart => {
            const frame = chart.getBoundingClientRect();
            const boxes = [...chart.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
            const out = boxes.filter(([, b]) => b.left < frame.left - 1 || b.right > frame.right + 1 || b.height < 12);
            const over = boxes.filter(([, a], i) => boxes.some(([, b], k) => k > i && a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom));
            return [...out, ...over].map(([text]) => text);
        }).join()'
        [ -z "$output" ] || { echo "$width: $output"; false; }
    done
    # heights are proportional to the numbers of the summary
    heights=$(evaluate 'JSON.stringify([...document.querySelectorAll(".chart")].map(c => [...c.querySelectorAll("rect")].map(r => r.height.baseVal.value)))')
    jq -e --argjson heights "$heights" '[[.lengths.seconds[].clips | select(. > 0)], [.sizes.shorter_side[].clips | select(. > 0)]] as $counts |
        [range(2) as $i | range($counts[$i] | length) as $k |
            ($heights[$i][$k] / ($heights[$i] | max) - $counts[$i][$k] / ($counts[$i] | max)) | fabs < 0.02] | length > 6 and all' many.json
}

@test "browser: each name in the list of sections leads to a heading, and each heading has one" {
    start_browser "$BATS_TEST_TMPDIR/browser"
    for file in "$page" "$BATS_FILE_TMPDIR/many.html"; do
        open_page "$file" 1000 light
        [ "$(evaluate '[...document.querySelectorAll("nav a")].map(a => a.hash.slice(1)).join() === [...document.querySelectorAll("section:not(.next) h2")].map(h => h.id).join()')" = true ]
        [ "$(evaluate 'document.querySelectorAll("nav a").length')" -ge 6 ]
        [ "$(evaluate 'document.querySelectorAll("h1").length')" -eq 1 ]
    done
}

@test "browser: on paper it is dark on light, whatever the screen has" {
    start_browser "$BATS_TEST_TMPDIR/browser"
    open_page "$page" 700 dark
    call Emulation.setEmulatedMedia '{"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]}'
    [ "$(evaluate 'getComputedStyle(document.body).color')" = 'rgb(34, 38, 43)' ]
    [ "$(evaluate '[...document.querySelectorAll("nav, details")].filter(e => e.offsetHeight).length')" -eq 0 ]
    call Page.printToPDF '{}'
    jq -r .data <<< "$answer" | base64 -d | head -c 5 | grep -q '%PDF-'
}

@test "browser: the numbers are those of the summary, in text and for screen readers" {
    start_browser "$BATS_TEST_TMPDIR/browser"
    open_page "$page" 1000 light
    shown=$(evaluate 'document.body.innerText')
    [[ $shown == *"1 of the 5 clips that were asked for is there, and it has passed its check. 3 failed, and 1 could not be tried."* ]]
    [[ $shown == *"Asked for: 2 videos, and 5 clips of 3 videos"* ]]
    [ "$(jq -c '.clips | [.total, .ok, .failed, .skipped]' summary.json)" = '[5,1,3,1]' ]
    [[ $shown == *"Playing time"*"1.6 s"*"40 frames"* ]]
    [[ $shown == *"Videos downloaded"*"1"*"of 2"* ]]
    [[ $shown == *"vid_0000, 48, 64, 10, 49, 0, 0, 64, 48"* ]]
    [[ $shown == *"bash 'again & again' <set>"* ]]
    call Accessibility.getFullAXTree '{}'
    names=$(jq -r '.nodes[] | select(.ignored | not) | "\(.role.value): \(.name.value)"' <<< "$answer")
    echo "$names"
    grep -qx 'image: Videos downloaded: 1 ok, 1 failed gone' <<< "$names"
    grep -qx 'image: Length of the clips, in seconds: below 1: 0, 1 to 2: 1, .*' <<< "$names"
    grep -qx 'heading: A <i>set</i>' <<< "$names"
    grep -qx "image: first frame of $GOOD" <<< "$names"
    [ "$(grep -c '^image: $' <<< "$names")" -eq 0 ]
    grep -qx 'main: .*' <<< "$names"
    # in the layout for phones the tables are still tables
    open_page "$page" 360 light
    call Accessibility.getFullAXTree '{}'
    names=$(jq -r '.nodes[] | select(.ignored | not) | "\(.role.value): \(.name.value)"' <<< "$answer")
    grep -q '^rowheader: gone the video has been removed or made private ' <<< "$names"
    grep -qx 'columnheader: Another run' <<< "$names"
}

@test "browser: nothing is wider than a phone, whatever the titles" {
    start_browser "$BATS_TEST_TMPDIR/browser"
    for width in 390 360 320; do
        open_page "$page" $width light
        [ "$(evaluate 'document.querySelectorAll("details").forEach(d => d.open = true), innerWidth')" -eq $width ]
        [ "$(evaluate 'document.documentElement.scrollWidth')" -eq $width ]
        run evaluate '[...document.body.querySelectorAll("*")].filter(e => !e.closest("svg") && e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.outerHTML.slice(0, 80)).join("\n")'
        [ -z "$output" ] || { echo "$output"; false; }
    done
    # letters can be read
    [ "$(evaluate 'Math.min(...[...document.querySelectorAll("p, td, th, li, dd, small, summary")].map(e => parseFloat(getComputedStyle(e).fontSize)))' | cut -d . -f 1)" -ge 13 ]
}

@test "browser: hostile titles, names and messages do nothing and are shown as text" {
    start_browser "$BATS_TEST_TMPDIR/browser"
    open_page "$page" 1000 light
    [ "$(evaluate 'document.title')" = 'A <i>set</i>: what came out' ]
    [ "$(evaluate 'document.querySelectorAll("script, iframe, i, b, img:not([src^=\"data:image/jpeg;base64,\"]), [onerror]").length')" -eq 0 ]
    [ "$(evaluate '[...document.links].filter(a => !/^(https?|file):/.test(a.protocol) && !a.closest("nav")).length')" -eq 0 ]
    shown=$(evaluate 'document.querySelector(".videos").innerText')
    [[ $shown == *"$HOSTILE"$'\xef\xbf\xbd\xef\xbf\xbd'* ]]
    [[ $shown != *"xxxxxxxxxx"*"$(printf 'x%.0s' {1..200})"* ]]
    [ "$(evaluate 'document.querySelector(".videos").offsetHeight < 400')" = true ]
}

@test "browser: text has enough contrast, in light and dark" {
    start_browser "$BATS_TEST_TMPDIR/browser"
    for scheme in light dark; do
        open_page "$page" 1000 $scheme
        # The lowest contrast ratio (as WCAG 2 defines it) of any text with the nearest ground behind it.
        lowest=$(evaluate '(() => {
            const numbers = c => c.match(/[\d.]+/g).map(Number);
            const light = c => numbers(c).slice(0, 3).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
            const ground = e => { const c = getComputedStyle(e).backgroundColor; return numbers(c)[3] === 0 ? ground(e.parentElement) : c; };
            return Math.min(...[...document.querySelectorAll("h1, h2, h3, p, td, th, li, dt, dd, small, summary, code, a, span")]
                .filter(e => e.innerText).map(e => [light(getComputedStyle(e).color), light(ground(e))].sort((a, b) => b - a))
                .map(([a, b]) => (a + 0.05) / (b + 0.05)));
        })()')
        echo "$scheme: $lowest"
        awk -v ratio="$lowest" 'BEGIN { exit ratio < 4.5 }'
        # and so do the pieces of the bars, the keys to them, the axes, and what is written in the charts
        open_page "$BATS_FILE_TMPDIR/many.html" 1000 $scheme
        lowest=$(evaluate '(() => {
            const numbers = c => c.match(/[\d.]+/g).map(Number);
            const light = c => numbers(c).slice(0, 3).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
            const ratio = c => [light(c), light(getComputedStyle(document.body).backgroundColor)].sort((a, b) => b - a).reduce((a, b) => (a + 0.05) / (b + 0.05));
            const least = (query, colour) => Math.min(...[...document.querySelectorAll(query)].map(e => ratio(colour(e))));
            return [least("svg rect", e => getComputedStyle(e).fill), least(".words li, .legend li", e => getComputedStyle(e, "::before").backgroundColor),
                least(".axis", e => getComputedStyle(e).stroke), least("svg text", e => getComputedStyle(e).fill)].join(" ");
        })()')
        echo "$scheme: $lowest"
        awk '{ exit $1 < 3 || $2 < 3 || $3 < 3 || $4 < 4.5 }' <<< "$lowest"
    done
}

@test "a full disk gives status 3, and the earlier report stays" {
    cd "$BATS_TEST_TMPDIR"
    echo old > report.html
    (ulimit -f 8 && trap '' XFSZ && run -3 "$TH_BIN/th-verify" --report report.html --manifest "$BATS_FILE_TMPDIR/crop.jsonl" \
        < /dev/null && [[ $output == *"cannot write report.html"* ]])
    [ "$(cat report.html)" = old ]
    [ -z "$(find . -name '.*part')" ]
}
