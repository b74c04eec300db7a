# Prints a table of the counts and errors in the records of a run. Usage:
#     awk -v set=NAME -v stages="fetch split" -f records_table.awk stage=fetch FILE stage=split FILE
#
# The first keys of a record have a fixed order, and JSON puts a backslash before each quote within a text. So a pattern that
# begins and ends with a quote never matches inside a key or a message.

!match($0, "^[{]\"stage\": \"" stage "\", \"kind\": \"[a-z]+\", \"key\": \"") { next }
{
    split($0, piece, "\"")
    row = piece[4] " " piece[8]
    rest = substr($0, RLENGTH + 1)
    if (!match(rest, /", "status": "(ok|failed|skipped)"/))
        next
    status = substr(rest, RSTART + 14, RLENGTH - 15)
    count[row, status]++
    if (status == "ok" || !match(rest, /"error": "[a-z_]+"/))
        next
    reason = substr(rest, RSTART + 10, RLENGTH - 11)
    if (!times[row, status, reason]++)
        reasons[row, status] = reasons[row, status] " " reason
}
function explain(row, status,    list, i, n, text) {
    n = split(reasons[row, status], list, " ")
    for (i = 1; i <= n; i++)
        text = text (i > 1 ? ", " : "") list[i] " " times[row, status, list[i]]
    if (n)
        printf "  %s: %s\n", status, text
}
function show(row, label) {
    if (index(" " stages " ", " " substr(row, 1, index(row, " "))) == 0)
        return
    printf "%-20s %9d %9d %9d\n", label, count[row, "ok"], count[row, "failed"], count[row, "skipped"]
    explain(row, "failed")
    explain(row, "skipped")
}
END {
    printf "%-20s %9s %9s %9s\n", set, "ok", "failed", "skipped"
    show("fetch video", "videos downloaded")
    show("split video", "videos split")
    show("split chunk", "chunks")
    show("crop clip", "clips cropped")
    show("verify clip", "clips verified")
}
