# Prints a table of the counts and errors in the records of a run, and what to do about each error. Usage:
#     awk -v set=NAME -v stages="fetch split" -v seconds=N -f records_table.awk words=1 common/error.h words=0 \
#         stage=fetch FILE stage=split FILE
# seconds: how long the run took; empty: not said.
#
# The first keys of a record have a fixed order, and JSON puts a backslash before each quote within a text. So a pattern that
# begins and ends with a quote never matches inside a key or a message.

words {
    split($0, piece, "\"")
    if ($0 ~ /^ *X[(][A-Z_]+, "/) {
        word = piece[2]
        sentence[word] = piece[4]
        advice[word] = piece[6]
    } else if (word && $0 ~ /^ *"/) {
        advice[word] = piece[2]
        word = ""
    }
    next
}
!match($0, "^[{]\"stage\": \"" stage "\", \"kind\": \"[a-z]+\", \"key\": \"") { next }
{
    split($0, piece, "\"")
    row = piece[4] " " piece[8]
    rest = substr($0, RLENGTH + 1)
    if (!match(rest, /", "status": "(ok|failed|skipped)"/))
        next
    status = substr(rest, RSTART + 14, RLENGTH - 15)
    if (status == "ok") {
        if (rest ~ /, "cached": true/)
            status = "there"
        else if (stage != "verify" && match(rest, /, "bytes": [0-9]+/))
            bytes[row] += substr(rest, RSTART + 11, RLENGTH - 11)
    }
    count[row, status]++
    if (status == "ok" || status == "there" || !match(rest, /"error": "[a-z_]+"/))
        next
    reason = substr(rest, RSTART + 10, RLENGTH - 11)
    if (!times[row, status, reason]++)
        reasons[row, status] = reasons[row, status] " " reason
    if (!known[reason]++)
        all = all " " reason
}
function explain(row, status,    list, i, n, text) {
    n = split(reasons[row, status], list, " ")
    for (i = 1; i <= n; i++)
        text = text (i > 1 ? ", " : "") list[i] " " times[row, status, list[i]]
    if (n)
        printf "  %s: %s\n", status, text
}
function size(number) {
    if (number >= 1e9)
        return sprintf("%.1f GB", number / 1e9)
    return number >= 1e6 ? sprintf("%.1f MB", number / 1e6) : sprintf("%.0f kB", number / 1e3)
}
function show(row, label) {
    if (index(" " stages " ", " " substr(row, 1, index(row, " "))) == 0)
        return
    printf "%-18s %9d %13d %9d %9d%s\n", label, count[row, "ok"], count[row, "there"], count[row, "failed"], count[row, "skipped"],
        bytes[row] ? sprintf(" %10s", size(bytes[row])) : ""
    explain(row, "failed")
    explain(row, "skipped")
}
# "; 120 videos an hour", of those that were made or tried now.
function pace(row, unit,    made) {
    made = count[row, "ok"] + count[row, "failed"]
    return made ? sprintf("; %d %s an hour", made / (seconds > 1 ? seconds : 1) * 3600, unit) : ""
}
# Prints the text below the label, in lines of at most 79 characters.
function wrap(label, text,    list, i, n, line) {
    n = split(text, list, " ")
    line = sprintf("  %-19s", label)
    for (i = 1; i <= n; i++) {
        if (length(line) + length(list[i]) + 1 > 79) {
            print line
            line = sprintf("%21s", "")
        }
        line = line " " list[i]
    }
    print line
}
END {
    printf "%-18s %9s %13s %9s %9s %10s\n", set, "made now", "already there", "failed", "skipped", "size"
    show("fetch video", "videos downloaded")
    show("split video", "videos split")
    show("split chunk", "chunks")
    show("crop clip", "clips cropped")
    show("verify clip", "clips verified")
    if (seconds != "")
        printf "in %d:%02d:%02d%s%s%s\n", seconds / 3600, seconds / 60 % 60, seconds % 60,
            bytes["fetch video"] ? sprintf("; %s a second downloaded", size(bytes["fetch video"] / (seconds > 1 ? seconds : 1))) : "",
            pace("fetch video", "videos"), pace("crop clip", "clips")
    n = split(all, list, " ")
    for (i = 1; i <= n; i++)
        if (list[i] in advice && list[i] != "dry_run") {
            if (!told++)
                print "What to do:"
            wrap(list[i], toupper(substr(sentence[list[i]], 1, 1)) substr(sentence[list[i]], 2) ". " advice[list[i]])
        }
}
