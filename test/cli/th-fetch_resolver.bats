#!/usr/bin/env bats
# th-fetch and its resolver: its version, its warnings, its cookies and its options.

bats_require_minimum_version 1.5.0

load fetch

# yt_dlp < SCRIPT: a stand-in for yt-dlp in PATH, current unless the script answers --version itself. Each start adds a
# line to `starts`.
yt_dlp() {
    mkdir -p path
    {
        printf '#!/bin/sh\necho "$*" >> "%s/starts"\n' "$PWD"
        [ "${1:-}" = asked ] || echo "case \"\$*\" in *--version) date +%Y.%m.%d; exit ;; esac"
        cat
    } > path/yt-dlp
    chmod +x path/yt-dlp
}

# Fetches the ids given; records and messages go to files.
fetch_ids() {
    status=0
    printf '%s\n' "${ids[@]}" | PATH=$PWD/path:$PATH fetch "$@" > records 2> messages || status=$?
}

starts() {
    wc -l < starts
}

@test "a yt-dlp that dies at import: one start, one message with its last line, status 3" {
    ids=(v{1..20})
    yt_dlp asked << 'END'
echo Traceback: >&2
echo 'ImportError: You are using an unsupported version of Python.' >&2
exit 1
END
    fetch_ids
    [ "$status" -eq 3 ]
    [ "$(starts)" -eq 1 ]
    [ "$(wc -l < messages)" -eq 1 ]
    grep -q "the resolver '[^']*yt-dlp' does not work: --version: ImportError: You are .*install-yt-dlp.sh --update" messages
    [ ! -s records ]
}

@test "a yt-dlp that cannot be started, or does not end: the same" {
    ids=(v{1..20})
    mkdir -p home/current/bin
    printf '#!/no/such/python\n' > home/current/bin/yt-dlp
    chmod +x home/current/bin/yt-dlp
    TH_YT_DLP_HOME=$PWD/home fetch_ids
    [ "$status" -eq 3 ]
    [ "$(wc -l < messages)" -eq 1 ]
    grep -q "does not work: --version: cannot run '[^']*yt-dlp': No such file" messages
    yt_dlp asked <<< 'sleep 60'
    fetch_ids
    [ "$status" -eq 3 ]
    [ "$(starts)" -eq 1 ]
    grep -q 'does not work: --version: .* made no progress for 1 seconds' messages
}

@test "a yt-dlp of more than 90 days: one warning, with the command that updates it" {
    ids=(a b)
    for days in 91 89; do
        rm -rf out
        : > starts
        yt_dlp asked << END
case "\$*" in *--version) date -d '$days days ago' +%Y.%m.%d; exit ;; esac
echo '{"url": "$SERVER/ok/a.mp4", "license": "Creative Commons"}'
END
        fetch_ids -v
        [ "$status" -eq 0 ]
        [ "$(starts)" -eq 3 ]
        [ "$(grep -c -- --version starts)" -eq 1 ]
        [ "$(grep -c "is $days days old.*sh common/install-yt-dlp.sh --update" messages)" -eq $((days > 90)) ]
        grep -q "the resolver is .*yt-dlp, version '20" messages
    done
}

@test "the version is asked of the default resolver only, and only when a page is asked for" {
    yt_dlp <<< 'exit 1'
    ids=(a)
    fetch_ids --url-template "$SERVER/ok/{id}.mp4"
    [ "$status" -eq 0 ]
    fetch_ids
    record_says 'cached true'
    fetch_ids --force --dry-run
    resolver other <<< "echo \"\$*\" >> starts; echo '{\"url\": \"$SERVER/ok/a.mp4\"}'"
    fetch_ids --force --resolver ./other
    [ "$status" -eq 0 ]
    [ "$(cat starts)" = 'https://www.youtube.com/watch?v=a' ]
}
