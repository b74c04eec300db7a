# A headless Chromium, spoken to in its DevTools protocol through pipes: messages are JSON, each ended by NUL.

# start_browser DIR: with its profile and what it says in the new folder DIR. Skips the test where there is none.
start_browser() {
    local program
    program=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "chromium is not installed"
    mkdir "$1"
    events=$1/events calls=0
    mkfifo "$1/to" "$1/from"
    exec {to_browser}<> "$1/to" {from_browser}<> "$1/from"
    "$program" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --hide-scrollbars \
        --user-data-dir="$1/profile" --remote-debugging-pipe about:blank \
        3<&"$to_browser" 4>&"$from_browser" > "$1/said" 2>&1 &
    browser=$!
    session=''
    call Target.createTarget '{"url": "about:blank"}'
    call Target.attachToTarget "$(jq -c '{targetId, flatten: true}' <<< "$answer")"
    session=$(jq -r .sessionId <<< "$answer")
    for domain in Page Runtime Log; do
        call "$domain.enable" '{}'
    done
}

stop_browser() {
    kill "$browser"
    wait "$browser" || :
    exec {to_browser}>&- {from_browser}<&-
}

# call METHOD PARAMETERS: sets answer to what came back; what else is told meanwhile goes to the file $events.
call() {
    local message
    calls=$((calls + 1))
    jq -cj --arg method "$1" --argjson params "$2" --argjson id $calls --arg session "$session" -n \
        '{id: $id, method: $method, params: $params} + if $session == "" then {} else {sessionId: $session} end' >&"$to_browser"
    printf '\0' >&"$to_browser"
    while IFS= read -r -d '' -t 120 message <&"$from_browser"; do
        if [[ $message == "{\"id\":$calls,"* ]]; then
            answer=$(jq -c '.result // error(.error.message)' <<< "$message")
            return
        fi
        printf '%s\n' "$message" >> "$events"
    done
    echo "$1: the browser does not answer"
    return 1
}

# open_page FILE WIDTH light|dark: shows it and waits until it is loaded.
open_page() {
    local _
    call Emulation.setDeviceMetricsOverride '{"width": '"$2"', "height": 800, "deviceScaleFactor": 1, "mobile": true}'
    call Emulation.setEmulatedMedia '{"features": [{"name": "prefers-color-scheme", "value": "'"$3"'"}]}'
    : > "$events"
    call Page.navigate "$(jq -cn --arg url "file://$1" '{$url}')"
    for _ in {1..100}; do
        ! grep -q '"Page.loadEventFired"' "$events" || return 0
        call Runtime.evaluate '{"expression": "0"}'
        sleep 0.05
    done
    return 1
}

# evaluate EXPRESSION: prints its value. DevTools may run what the page itself may not.
evaluate() {
    call Runtime.evaluate "$(jq -cn --arg expression "$1" '{$expression, returnByValue: true}')"
    jq -er '.result | if has("value") then .value else error(.description) end' <<< "$answer"
}

# screenshot FILE: what the window shows, as PNG.
screenshot() {
    call Page.captureScreenshot '{"format": "png"}'
    jq -r .data <<< "$answer" | base64 -d > "$1"
}
