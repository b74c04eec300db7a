# Prints a line of JSON for each clip that passed, from the credits and the kept records:
#     awk -f clips.awk ATTRIBUTION.csv fetch.jsonl split.jsonl verify.jsonl
#
# Remembers videos and chunks, and nothing of clips. All lines have the same keys, each with one type; what is not known is "" or
# null. JSON puts a backslash before each quote within a text, so a pattern that begins with a quote never matches inside one.

# The JSON of the first member NAME of the record $0 that has the form of the pattern; "" without one.
function member(name, pattern) {
    if (!match($0, "\"" name "\": " pattern))
        return ""
    return substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 4)
}
function text(name,    value) {
    value = member(name, "\"([^\"\\\\]|\\\\.)*\"")
    return value == "" ? "\"\"" : value
}
function number(name) {
    return member(name, "-?[0-9.]+([eE][-+]?[0-9]+)?")
}
function real(value) {
    return value == "" ? "null" : sprintf("%.6f", value)
}
function whole(value) {
    return value == "" ? "null" : value
}
function credit(title, author, licence, url) {
    return "\"title\": " title ", \"author\": " author ", \"licence\": " licence ", \"url\": " url
}
# The credits of a video outlive a later run that finds it gone. th-fetch writes an apostrophe before what a spreadsheet
# would take for a formula.
/^"/ {
    rest = $0
    for (n = 1; match(rest, /^"([^"]|"")*"/); n++) {
        field[n] = substr(rest, 2, RLENGTH - 2)
        rest = substr(rest, RLENGTH + 2)
        sub(/^\047/, "", field[n])
        gsub(/""/, "\"", field[n])
        gsub(/\\/, "&&", field[n])
        gsub(/"/, "\\\"", field[n])
        field[n] = "\"" field[n] "\""
    }
    about[field[1]] = credit(field[2], field[3], field[5], field[4])
}
/^[{]"stage": "fetch", "kind": "video", / {
    if (!(text("key") in about) || /^[^,]*, [^,]*, "key": "[^"]*", "status": "ok"/)
        about[text("key")] = credit(text("title"), text("uploader"), text("license"), text("url"))
}
/^[{]"stage": "split", "kind": "chunk", "key": "[^"]*", "status": "ok"/ {
    sub(/, "range": [{].*/, "")
    chunk = text("key")
    start[chunk] = number("start")
    rate[chunk] = number("fps")
    step[chunk] = number("frames") > 0 ? number("duration") / number("frames") : 0
}
/^[{]"stage": "verify", "kind": "clip", "key": "[^"]*", "status": "ok"/ {
    measured = number("step")
    # Objects that have keys of the clip's own names.
    sub(/, "checks": .*/, "")
    sub(/, "range": [{][^}]*[}]/, "")
    sub(/, "scale": [{][^}]*[}]/, "")
    chunk = text("chunk")
    video = text("video")
    frames = number("frames")
    fps = number("fps")
    if (fps == "")
        fps = rate[chunk]
    if (fps == "" && measured > 0)
        fps = 1 / measured
    trim = number("trim")
    is_known = chunk in start && start[chunk] != ""
    printf "{\"file\": %s, \"width\": %s, \"height\": %s, \"frames\": %s, \"fps\": %s, \"duration\": %s, \"video\": %s, ", \
        text("path"), whole(number("width")), whole(number("height")), whole(frames), real(fps),
        real(fps > 0 && frames != "" ? frames / fps : ""), video
    printf "\"start\": %s, \"end\": %s, \"tube\": %s, %s}\n", \
        real(is_known ? start[chunk] + (number("S") + trim) * step[chunk] : ""),
        real(is_known ? start[chunk] + (number("E") + 1 - trim) * step[chunk] : ""), member("tube", "[{][^}]*[}]"),
        video in about ? about[video] : credit("\"\"", "\"\"", "\"\"", "\"\"")
}
