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
    printf '%s\n' "${ids[@]}" | PATH=$PWD/path:$PATH fetch --sleep-interval 0 "$@" > records 2> messages || status=$?
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
    fetch_ids --resolver-timeout 3
    [ "$status" -eq 3 ]
    [ "$(starts)" -eq 1 ]
    grep -q 'does not work: --version: .* made no progress for 3 seconds' messages
}

@test "a yt-dlp of more than 90 days: one warning, with the command that updates it" {
    ids=(a b)
    for days in 91 89; do
        rm -rf out
        : > starts
        yt_dlp asked << END
case "\$*" in *--version) date -u -d '$days days ago' +%Y.%m.%d; exit ;; esac
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

@test "each distinct warning of the resolver is shown once" {
    ids=(v{1..6})
    yt_dlp << END
case "\$*" in *--no-warnings*) exit 1 ;; esac
for id in "\$@"; do :; done
echo "WARNING: [youtube] \${id##*=}: Something about \${id##*=} (\$(wc -l < starts)/9)" >&2
echo 'WARNING: [generic] Another thing' >&2
echo '{"url": "$SERVER/ok/a.mp4", "license": "Creative Commons"}'
END
    fetch_ids -j 1
    [ "$status" -eq 0 ]
    [ "$(wc -l < messages)" -eq 2 ]
    grep -q 'the resolver warns: Something about  (2/9)$' messages
    grep -q 'the resolver warns: \[generic\] Another thing$' messages
}

@test "a format that is not available is the resolver's fault when a warning says why" {
    ids=(v1)
    while IFS='|' read -r warning error expected cause; do
        yt_dlp << END
echo 'WARNING: [youtube] $warning' >&2
echo 'ERROR: [youtube] v1: Requested format is not available. Use --list-formats' >&2
exit 1
END
        fetch_ids
        [ "$status" -eq "$expected" ]
        record_says "error $error"
        grep -qF "$cause" records
    done << 'END'
v1: Nothing to do with formats|no_format|1|Requested format
No supported JavaScript runtime could be found. Only deno is enabled|resolver|75|no JavaScript runtime
v1: n challenge solving failed: Some formats may be missing.|resolver|75|did not solve
v1: Some tv client https formats have been skipped as they are missing a URL.|resolver|75|SABR
v1: ios client https formats require a GVS PO Token which was not provided.|resolver|75|PO token
END
}

@test "cookies that are no longer valid stop the run, and condemn no video" {
    ids=(v{1..20})
    yt_dlp << 'END'
echo 'WARNING: [youtube] The provided YouTube account cookies are no longer valid. They have likely been rotated' >&2
echo 'ERROR: [youtube] v1: Sign in to confirm your age' >&2
exit 1
END
    fetch_ids -j 1
    [ "$status" -eq 75 ]
    [ "$(starts)" -eq 2 ]
    [ "$(grep -c '"error": "resolver", "retry": true.*export the cookies again' records)" -eq 20 ]
    [ "$(grep -c 'no more pages are asked for' messages)" -eq 1 ]
}

@test "a cookie file with a byte order mark: server and yt-dlp get the cookies" {
    ids=(a)
    yt_dlp << END
while [ "\$1" != --cookies ]; do shift; done
cat "\$2" > got
echo '{"url": "$SERVER/ok/a.mp4", "license": "Creative Commons"}'
END
    cookie='127.0.0.1\tFALSE\t/\tFALSE\t0\tname\tvalue\n'
    for start in '' '# Netscape HTTP Cookie File\n' '# a comment\r\n\r\n'; do
        # shellcheck disable=SC2059 # the file is a format
        printf "\357\273\277$start$cookie" > cookies
        cp cookies before
        : > "$REQUESTS"
        fetch_ids --force --cookies cookies
        [ "$status" -eq 0 ]
        grep -q 'cookie=name=value' "$REQUESTS"
        [ "$(head -n 1 got)" = '# Netscape HTTP Cookie File' ]
        grep -q "^127.0.0.1.*value$" got
        cmp before cookies
    done
    # The cookies can come from a pipe.
    fetch_ids --force --cookies <(cat cookies)
    [ "$status" -eq 0 ]
    grep -q "^127.0.0.1.*value$" got
}

@test "a file that is not in Netscape's format: status 3 before any work" {
    ids=(a)
    yt_dlp <<< 'exit 1'
    for content in '[{"domain": ".youtube.com", "name": "a", "value": "b"}]' '# Netscape HTTP Cookie File' \
        '.youtube.com TRUE / TRUE 0 name value' ''; do
        echo "$content" > cookies
        fetch_ids --cookies cookies
        [ "$status" -eq 3 ]
        grep -q "cookies: cookies holds no cookie in Netscape's format; expected lines of 7 fields" messages
        [ ! -e starts ]
        [ ! -s records ]
    done
}

@test "yt-dlp gets the variables that it needs, and no other; a resolver of one's own gets all" {
    ids=(x)
    yt_dlp <<< 'env > variables; ls -l /proc/self/fd > descriptors; echo "ERROR: Private video" >&2; exit 1'
    export AWS_SECRET_ACCESS_KEY=secret TH_FETCH_FLAGS=x https_proxy=http://p:1 LC_ALL=C.UTF-8 PYTHONPATH=/py SSL_CERT_FILE=/c
    fetch_ids
    [ "$status" -eq 1 ]
    run ! grep -E '^(AWS|TH_|BATS)' variables
    [ "$(grep -cE '^(PATH|HOME|https_proxy|LC_ALL|PYTHONPATH|SSL_CERT_FILE)=' variables)" -eq 6 ]
    # Its three streams, and the folder that ls reads.
    [ "$(grep -c -- '->' descriptors)" -eq 4 ]
    fetch_ids --resolver path/yt-dlp
    grep -q '^AWS_SECRET_ACCESS_KEY=secret$' variables
}

@test "--resolver-args: more words for yt-dlp, with quotes, beside the other options" {
    ids=(x)
    yt_dlp <<< 'printf "<%s>" "$@" > arguments; echo "ERROR: Private video" >&2; exit 1'
    printf 'a\tFALSE\t/\tFALSE\t0\tb\tc\n' > cookies
    # shellcheck disable=SC2016 # nothing must be expanded
    fetch_ids --resolver-args '--js-runtimes node --extractor-args "youtube:player_client=tv; $(touch injected)"' \
        --cookies cookies --proxy "$SERVER" --max-height 480 --audio
    [ "$status" -eq 1 ]
    # shellcheck disable=SC2016
    grep -qF '<--js-runtimes><node><--extractor-args><youtube:player_client=tv; $(touch injected)><--proxy>' arguments
    [ "$(grep -o '<--format>' arguments | wc -l)" -eq 1 ]
    grep -qF "[height<=480]" arguments
    grep -qF "+bestaudio" arguments
    grep -qF "<--proxy><$SERVER>" arguments
    grep -qF '<--cookies></dev/fd/' arguments
    [ ! -e injected ]
}

@test "--resolver: quotes, and one warning that names the options that the command does not get" {
    ids=(x)
    resolver 'my resolver' <<< 'printf "<%s>" "$@" > arguments; echo "ERROR: Private video" >&2; exit 1'
    printf 'a\tFALSE\t/\tFALSE\t0\tb\tc\n' > cookies
    fetch_ids --resolver "'./my resolver' --opt 'a  b'" --cookies cookies --audio
    [ "$(cat arguments)" = '<--opt><a  b><https://www.youtube.com/watch?v=x>' ]
    grep -q -- '--cookies, --audio: not passed on to the command of --resolver' messages
    fetch_ids --resolver "'./my resolver'" -q
    [ ! -s messages ]
    for options in '--resolver ./x --resolver-args y' "--url-template file:///{id} --resolver-args y"; do
        # shellcheck disable=SC2086 # several words
        fetch_ids $options
        [ "$status" -eq 2 ]
        grep -q -- '--resolver-args is for the default resolver' messages
    done
    for option in --resolver --resolver-args; do
        fetch_ids $option "a 'b"
        [ "$status" -eq 2 ]
        grep -q -- "$option: a quote is not closed in: a 'b" messages
    done
}

@test "--max-memory does not hold for resolvers; signals and descriptors are as a program expects them" {
    skip_under_sanitizers
    ids=(a)
    yt_dlp asked <<< "ulimit -v >> limits; grep SigIgn /proc/\$\$/status >> ignored; ls /proc/self/fd >> descriptors
echo '{\"url\": \"$SERVER/ok/a.mp4\", \"license\": \"Creative Commons\"}'"
    fetch_ids --max-memory 2G
    [ "$status" -eq 0 ]
    [ "$(starts)" -eq 2 ]
    [ "$(sort -u limits)" = unlimited ]
    [ "$(sort -u descriptors | xargs)" = '0 1 2 3' ] # the last is the folder that ls reads
    [ "$(sed 's/.*\t//; s/^/0x/' ignored | while read -r mask; do echo $((mask & (1 << 24 | 1 << 12))); done | sort -u)" = 0 ]
}

@test "-4, -6 and --source-address: for yt-dlp and for the transfer" {
    port=$(new_port)
    # shellcheck disable=SC2016 # nginx's own variables
    start_nginx "$PWD/nginx" "$port" << END
listen 127.0.0.1:$port; root "$MIRROR";
if (\$remote_addr = 127.0.0.3) { return 404; }
END
    ids=(a)
    yt_dlp <<< "printf '<%s>' \"\$@\" > arguments; echo '{\"url\": \"http://localhost:$port/a.mp4\", \"license\": \"Creative Commons\"}'"
    while IFS='|' read -r options arguments expected; do
        rm -rf out
        # shellcheck disable=SC2086 # several words
        no_proxy=localhost fetch_ids --retries 0 $options
        [ "$status" -eq "$expected" ]
        grep -qF "$arguments<--format>" arguments
    done << 'END'
-4|<--force-ipv4>|0
--ipv4 --source-address 127.0.0.2|<--force-ipv4><--source-address><127.0.0.2>|0
--source-address 127.0.0.3|<--source-address><127.0.0.3>|1
-6|<--force-ipv6>|75
--ipv6 --source-address ::1|<--force-ipv6><--source-address><::1>|75
END
    kill "$NGINX_PID"
    while IFS='|' read -r options said; do
        # shellcheck disable=SC2086 # several words
        fetch_ids $options
        [ "$status" -eq 2 ]
        grep -qF -- "$said" messages
    done << 'END'
-4 -6|--ipv4 and --ipv6 exclude each other
--source-address lo|expected an IPv4 or IPv6 address
-6 --source-address 127.0.0.1|is not an IPv6 address
END
}

@test "yt-dlp is old at the same age for th-fetch, doctor and the installation" {
    cd "$BATS_TEST_DIRNAME/../.."
    days=$(sed -n 's/^max_age=\([0-9]*\).*/\1/p' common/install-yt-dlp.sh)
    [ "$days" -gt 0 ]
    grep -q "^readonly resolver_days_max=$days " common/driver/doctor.sh
    grep -q "VERSION_DAYS_MAX = $days " th-fetch/policy/version.h
}
