#!/usr/bin/env bats
# common/install-yt-dlp.sh, which gives th-fetch a yt-dlp of its own: with a package index and a server of releases on
# loopback, stand-ins for yt-dlp and apt-get, and a PATH of which only the tests decide what is in it.

bats_require_minimum_version 1.5.0

load helpers

TODAY=${TODAY:-$(date +%Y.%m.%d)}

# stand_in DATE RUNTIME [OTHER]: the script, without its first line, of a yt-dlp of that date that has the solver scripts, sees RUNTIME, and OTHER when
# node is enabled. It resolves any page to the demo file of this test.
stand_in() {
    cat << SCRIPT
runtimes=$2
case "\$*" in *'--js-runtimes node'*) runtimes=${3:-$2} ;; esac
case "\$*" in
*--version*) echo $1 ;;
*--verbose*) printf '[debug] %s\n' 'yt-dlp version stable@$1 from x' 'Optional libraries: yt_dlp_ejs-1' "JS runtimes: \$runtimes" >&2 ;;
*) cat "$BATS_FILE_TMPDIR/answer" ;;
esac
SCRIPT
}

# wheel INDEX NAME VERSION TREE [REQUIREMENTS]: a wheel of what is in TREE, in the package index.
wheel() {
    mkdir -p "$1/$2"
    python3 - "$@" << 'PYTHON'
import os, sys, zipfile
index, name, version, tree, *requirements = sys.argv[1:]
base = f"{name.replace('-', '_')}-{version}"
with zipfile.ZipFile(f"{index}/{name}/{base}-py3-none-any.whl", "w") as wheel:
    for folder, _, files in os.walk(tree):
        for file in files:
            path = os.path.join(folder, file)
            wheel.write(path, os.path.relpath(path, tree).replace("DATA", f"{base}.data"))
    info = f"{base}.dist-info"
    extras = "Provides-Extra: default\nProvides-Extra: deno\n"
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{extras}"
                   + "".join(f"Requires-Dist: {line}\n" for line in requirements))
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{info}/RECORD", "")
PYTHON
}

# bats 1.8 knows no skip in setup_file. Sanitizers have nothing to say of a shell script, and the tests take minutes.
skip_without_needs() {
    skip_under_sanitizers
    has_pip || skip "there is no pip for Python 3.11"
}

has_pip() {
    python3 -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null
}

setup_file() {
    has_pip || return 0
    export TODAY # each test reads this file again, and it may be after midnight
    cd "$BATS_FILE_TMPDIR" || return
    # Time for pip on a busy machine. The tests of the limits take the script as it is.
    sed 's/^limit=15 /limit=150 /; s/(seconds [58])/(seconds 100)/; s/timeout -k 1 15 /timeout -k 1 150 /' \
        "$PROJECT/common/install-yt-dlp.sh" > patient.sh
    [ "$(diff "$PROJECT/common/install-yt-dlp.sh" patient.sh | grep -c '^>')" -eq 4 ]
    mkdir -p www/empty www/release www/wrong_sum tree/DATA/scripts nothing
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=160x120:r=25:d=1 -c:v libx264 -movflags faststart www/a.mp4
    stand_in "$TODAY" deno-2.9.8 | program tree/DATA/scripts/yt-dlp
    wheel www/all yt-dlp "$TODAY" tree "yt-dlp-ejs; extra == 'default'" "deno; extra == 'deno'"
    wheel www/all yt-dlp-ejs 1 nothing
    wheel www/all deno 2.9.8 nothing
    cp -R www/all www/broken
    truncate -s 300 www/broken/yt-dlp/*.whl
    stand_in "$TODAY" none node-22.1.0 | program www/release/yt-dlp_linux
    cp www/release/yt-dlp_linux www/release/yt-dlp_linux_aarch64
    cp www/release/* www/wrong_sum
    (cd www/release && sha256sum yt-dlp_linux* > SHA2-256SUMS)
    sed 's/^..../0000/' www/release/SHA2-256SUMS > www/wrong_sum/SHA2-256SUMS
    PORT=$(new_port)
    start_nginx "$PWD/nginx" "$PORT" <<< "listen 127.0.0.1:$PORT; root $PWD/www; autoindex on;"
    export PORT NGINX_PID
}

teardown_file() {
    [ -z "${NGINX_PID:-}" ] || kill "$NGINX_PID"
}

setup() {
    skip_without_needs
    cd "$BATS_TEST_TMPDIR" || return
    SERVER=http://127.0.0.1:$PORT
    echo "{\"url\": \"$SERVER/a.mp4\"}" > "$BATS_FILE_TMPDIR/answer"
    NOWHERE=http://127.0.0.1:9
    PLACE=$PWD/place
    mkdir bin home
    for tool in sh cat chmod curl cut date dirname env expr find grep head id ln mkdir mktemp mv printf readlink rm sed \
        sha256sum sleep sort tail timeout touch tr uname; do
        ln -s "$(command -v "$tool")" bin/
    done
    ln -s "$(python3 -c 'import sys; print(sys.executable)')" bin/python3
    program bin/apt-get <<< 'echo "$*" >> apt.log; exit 100'
}

teardown() {
    if [ -n "${LISTENER:-}" ]; then kill "$LISTENER"; fi
}

# program FILE < SCRIPT: it replaces FILE, which may be a link to a program of the system.
program() {
    rm -f "$1"
    { echo '#!/bin/sh'; cat; } > "$1"
    chmod +x "$1"
}

# yt_dlp_in_path DATE RUNTIME [OTHER]
yt_dlp_in_path() {
    stand_in "$@" | program bin/yt-dlp
}

# install INDEX RELEASES [--update]: INDEX and RELEASES are URLs; messages go to a file.
install() {
    local index=$1 releases=$2 from=$SECONDS
    shift 2
    status=0
    env -i PATH="$PWD/bin" HOME="$PWD/home" TH_YT_DLP_HOME="$PLACE" TH_YT_DLP_RELEASES="$releases" PIP_INDEX_URL="$index" \
        PIP_CONFIG_FILE=/dev/null no_proxy=127.0.0.1 sh "${SCRIPT:-$BATS_FILE_TMPDIR/patient.sh}" "$@" 2> messages || status=$?
    TOOK=$((SECONDS - from))
    cat messages
    [ "$status" -eq 0 ]
}

private() {
    PATH=$PWD/bin "$PLACE/current/bin/yt-dlp" "$@"
}

# The one warning, which says all of the words given.
is_warned() {
    [ "$(grep -c warning messages)" -eq 1 ]
    grep -qF 'archives (--url-template) and the demo work without it' messages
    for words in "$@"; do grep -qF -- "$words" messages; done
}

# No other entry than these in the private folder.
holds() {
    [ "$(entries "$PLACE" | sed 's/\..*//' | tr '\n' ' ')" = "$*${1:+ }" ]
}

requests() {
    wc -l < "$BATS_FILE_TMPDIR/nginx/access.log"
}

@test "pip brings a private yt-dlp; th-fetch uses it; the second run does nothing; --update does it anew" {
    yt_dlp_in_path 2023.03.04 none
    install "$SERVER/all" "$NOWHERE"
    [ "$(private --version)" = "$TODAY" ]
    holds current installation
    run ! grep warning messages
    [ ! -e apt.log ]
    for PATH_HAS_IT in bin nowhere; do
        echo https://example.com/watch?v=a | env no_proxy=127.0.0.1 PATH="$PWD/$PATH_HAS_IT:/bin" \
            TH_YT_DLP_HOME="$PLACE" "$TH_BIN/th-fetch" -f -o out > records
        cmp out/a.mp4 "$BATS_FILE_TMPDIR/www/a.mp4"
    done

    before=$(requests)
    used=$(readlink "$PLACE/current")
    install "$SERVER/all" "$NOWHERE"
    [ ! -s messages ]
    [ "$(requests)" -eq "$before" ]
    install "$SERVER/all" "$NOWHERE" --update
    [ "$(private --version)" = "$TODAY" ]
    [ "$(readlink "$PLACE/current")" != "$used" ]
    "$PLACE/$used/bin/yt-dlp" --version # for who runs it still
    find "$PLACE" -name 'installation*' -prune -exec touch -d '2 hours ago' {} +
    install "$SERVER/all" "$NOWHERE"
    holds current installation
    [ "$(private --version)" = "$TODAY" ]
}

@test "th-fetch looks where XDG_DATA_HOME and HOME say, then in PATH; --resolver is used instead of all" {
    mkdir -p data/talkinghead-tools/yt-dlp/current/bin home/.local/share/talkinghead-tools/yt-dlp/current/bin
    for place in data/talkinghead-tools/yt-dlp/current/bin home/.local/share/talkinghead-tools/yt-dlp/current/bin bin; do
        program "$place/yt-dlp" <<< "case \"\$*\" in *--version) exit ;; esac; echo ERROR: $place >&2; exit 1"
    done
    asked() {
        echo a | env -u TH_YT_DLP_HOME PATH="$PWD/bin" "${@:2}" --retries 0 -o out > records || true
        grep -qF "$1" records
    }
    asked data/ XDG_DATA_HOME="$PWD/data" HOME="$PWD/home" "$TH_BIN/th-fetch"
    asked home/ XDG_DATA_HOME=data HOME="$PWD/home" "$TH_BIN/th-fetch"
    asked bin XDG_DATA_HOME= HOME="$PWD" "$TH_BIN/th-fetch"
    asked bin HOME="$PWD/home" "$TH_BIN/th-fetch" --resolver bin/yt-dlp
}

@test "a current yt-dlp with a runtime is left alone, and asks no server" {
    yt_dlp_in_path "$TODAY" deno-2.3.0
    before=$(requests)
    install "$SERVER/all" "$SERVER/release"
    [ ! -s messages ]
    [ ! -e "$PLACE" ]
    [ "$(requests)" -eq "$before" ]
}

@test "90 days is current, 91 days is not" {
    yt_dlp_in_path "$(date -d '90 days ago' +%Y.%m.%d)" deno-2.3.0
    install "$SERVER/all" "$NOWHERE"
    [ ! -e "$PLACE" ]
    yt_dlp_in_path "$(date -d '91 days ago' +%Y.%m.%d)" deno-2.3.0
    install "$SERVER/all" "$NOWHERE"
    [ "$(private --version)" = "$TODAY" ]
}

@test "a runtime that is too old is none" {
    today=$(date +%Y.%m.%d)
    yt_dlp_in_path "$today" "'node-20.1.0 (unsupported)'"
    install "$SERVER/empty" "$NOWHERE"
    is_warned "yt-dlp $today is 0 days old and has no JavaScript runtime" "YouTube will most likely refuse it"
}

@test "a current yt-dlp whose runtime is not enabled gets it enabled" {
    yt_dlp_in_path "$TODAY" none node-22.1.0
    install "$NOWHERE" "$NOWHERE"
    run ! grep warning messages
    private --verbose 2>&1 | grep 'JS runtimes: node-22.1.0'
    install "$NOWHERE" "$NOWHERE"
    [ ! -s messages ]
}

@test "no network: one warning, within 20 s, and the installation goes on" {
    SCRIPT=$PROJECT/common/install-yt-dlp.sh
    yt_dlp_in_path 2023.03.04 none
    install "$NOWHERE" "$NOWHERE"
    is_warned 'yt-dlp 2023.03.04 is ' ' days old' 'YouTube will most likely refuse it'
    [ "$TOOK" -le 20 ]
    holds
}

@test "servers that never answer: the same" {
    SCRIPT=$PROJECT/common/install-yt-dlp.sh
    yt_dlp_in_path 2023.03.04 none
    python3 -c '
import socket, time
listener = socket.create_server(("127.0.0.1", 0), backlog=50)
print(listener.getsockname()[1], flush=True)
time.sleep(60)' > port 3>&- &
    LISTENER=$!
    until_true [ -s port ]
    install "http://127.0.0.1:$(cat port)" "http://127.0.0.1:$(cat port)"
    is_warned 'yt-dlp 2023.03.04'
    [ "$TOOK" -le 20 ]
    holds
}

@test "no yt-dlp at all, and none to be got" {
    install "$NOWHERE" "$NOWHERE"
    is_warned 'there is no yt-dlp'
    rm "$PWD/bin/apt-get"
    install "$NOWHERE" "$NOWHERE"
    is_warned 'there is no yt-dlp'
}

@test "an index without yt-dlp: the released program is taken, and a runtime of this machine enabled" {
    yt_dlp_in_path 2023.03.04 none
    install "$SERVER/empty" "$SERVER/release"
    [ "$(private --version)" = "$TODAY" ]
    private --verbose 2>&1 | grep 'JS runtimes: node-22.1.0'
    run ! grep warning messages
    install "$NOWHERE" "$NOWHERE"
    [ ! -s messages ]
}

@test "half a wheel: the released program is taken" {
    install "$SERVER/broken" "$SERVER/release"
    [ "$(private --version)" = "$TODAY" ]
    holds current installation
}

@test "an index without deno: yt-dlp with a runtime of this machine" {
    rm -rf "$BATS_FILE_TMPDIR/www/no_deno"
    mkdir -p "$BATS_FILE_TMPDIR/www/no_deno" tree/DATA/scripts
    cp -R "$BATS_FILE_TMPDIR/www/all/yt-dlp-ejs" "$BATS_FILE_TMPDIR/www/no_deno"
    stand_in "$TODAY" none bun-1.3.0 | program tree/DATA/scripts/yt-dlp
    wheel "$BATS_FILE_TMPDIR/www/no_deno" yt-dlp "$TODAY" tree "yt-dlp-ejs; extra == 'default'" "deno; extra == 'deno'"
    install "$SERVER/no_deno" "$NOWHERE"
    [ "$(private --version)" = "$TODAY" ]
    private --verbose 2>&1 | grep 'JS runtimes: bun-1.3.0'
}

@test "no Python, or one without pip: the released program is taken" {
    rm bin/python3
    install "$SERVER/all" "$SERVER/release"
    [ "$(private --version)" = "$TODAY" ]
    rm -r "$PLACE"
    program bin/python3 <<< 'exit 1'
    install "$SERVER/all" "$SERVER/release"
    [ "$(private --version)" = "$TODAY" ]
    grep -q 'python3-venv' apt.log
    rm -r "$PLACE" apt.log
    program bin/python3 <<< 'exit 3' # too old: no package would help
    install "$SERVER/all" "$SERVER/release"
    [ "$(private --version)" = "$TODAY" ]
    [ ! -e apt.log ]
}

@test "a release with another SHA-256 sum than was published is not used" {
    rm bin/python3
    yt_dlp_in_path 2023.03.04 none
    install "$NOWHERE" "$SERVER/wrong_sum"
    is_warned 'yt-dlp 2023.03.04' 'SHA-256'
    holds
}

@test "an update that fails leaves the old one working" {
    install "$SERVER/all" "$NOWHERE"
    used=$(readlink "$PLACE/current")
    for source in "$NOWHERE $NOWHERE" "$SERVER/broken $SERVER/wrong_sum" "$SERVER/empty $SERVER/empty"; do
        # shellcheck disable=SC2086 # two words
        install $source --update
        run ! grep warning messages
        grep -q "goes on with yt-dlp $TODAY" messages
        [ "$(readlink "$PLACE/current")" = "$used" ]
        [ "$(private --version)" = "$TODAY" ]
        holds current installation
    done
}

@test "what a killed run left is never used, and goes when it is old" {
    rm bin/python3
    program bin/curl <<< 'echo $$ > curl.pid; exec sleep 30'
    yt_dlp_in_path 2023.03.04 none
    env -i PATH="$PWD/bin" TH_YT_DLP_HOME="$PLACE" sh "$PROJECT/common/install-yt-dlp.sh" 2> messages 3>&- &
    pid=$!
    until_true [ -s curl.pid ]
    kill -9 "$pid" "$(cat curl.pid)"
    wait "$pid" || true
    holds installation
    rm bin/curl
    ln -s "$(command -v curl)" bin/
    install "$NOWHERE" "$SERVER/release"
    holds current installation installation
    find "$PLACE" -name 'installation*' -prune -exec touch -d '2 hours ago' {} +
    install "$NOWHERE" "$SERVER/release"
    holds current installation
    [ "$(private --version)" = "$TODAY" ]
}

@test "two at a time both leave a working one" {
    install "$SERVER/all" "$NOWHERE" > /dev/null 3>&- &
    install "$SERVER/all" "$SERVER/release" --update
    wait $!
    [ "$(private --version)" = "$TODAY" ]
}

@test "the private part needs no root, and its folder need not be there or writable" {
    program bin/id <<< 'echo 1000'
    install "$SERVER/all" "$NOWHERE"
    [ "$(private --version)" = "$TODAY" ]
    rm -r "$PLACE"
    echo > "$PLACE"
    yt_dlp_in_path 2023.03.04 none
    install "$SERVER/all" "$SERVER/release"
    is_warned 'yt-dlp 2023.03.04' "cannot write to the folder '$PLACE'"
    [ ! -e apt.log ]
}

@test "the distribution's package is the last way, from backports when they are enabled" {
    rm bin/python3
    cat > madison << 'LIST'
    yt-dlp | 2025.01.15-1~bpo12+1 | http://mirror.invalid/debian some-backports/main amd64 Packages
    yt-dlp | 2023.03.04-1 | http://mirror.invalid/debian some/main amd64 Packages
LIST
    program bin/apt-cache <<< "cat '$PWD/madison'"
    program bin/apt-get << PROGRAM
echo "\$*" >> '$PWD/apt.log'
case "\$*" in
*' yt-dlp --no-download'*) cat '$PWD/packaged' > '$PWD/bin/yt-dlp' ;;
esac
PROGRAM
    stand_in 2025.01.15 none | program packaged
    yt_dlp_in_path 2023.03.04 none
    install "$NOWHERE" "$NOWHERE"
    is_warned 'yt-dlp 2025.01.15 is '
    grep -q -- '-t some-backports yt-dlp --download-only' apt.log
    rm apt.log
    install "$NOWHERE" "$NOWHERE"
    is_warned 'yt-dlp 2025.01.15 is '
    run ! grep yt-dlp apt.log # nothing newer there
}

@test "a wrong command line ends with status 2" {
    run -2 sh "$PROJECT/common/install-yt-dlp.sh" --upgrade
    [[ $output = *usage* ]]
}

@test "install-deps.sh calls it in every mode, with nothing missing, and whatever comes of it" {
    mkdir common
    sed "s/^file:[^ ]*/command:sh/" "$PROJECT/common/install-deps.sh" > common/install-deps.sh
    grep -o 'command:[^ ]*' common/install-deps.sh | while IFS=: read -r _ name; do
        [ -e "bin/$name" ] || program "bin/$name" <<< 'exit 0'
    done
    program common/install-yt-dlp.sh <<< 'echo called; exit 9'
    for mode in '' --test --develop; do
        # shellcheck disable=SC2086 # no word when empty
        PATH=$PWD/bin run -0 --separate-stderr sh common/install-deps.sh $mode
        [ "$output" = called ]
    done
    [ ! -e apt.log ]
}

# The package yt-dlp of Debian's backports, from the mirror that this machine uses, and the deno of an npm package.
real_packages() {
    local mirror options
    for tool in apt-get dpkg-deb npm; do
        command -v $tool > /dev/null || skip "$tool is not installed"
    done
    # shellcheck disable=SC2016 # apt's own variables
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1)
    [ -n "$mirror" ] || skip "apt knows no Debian mirror"
    mkdir -p apt/lists/partial apt/archives/partial
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie-backports main" > apt/sources.list
    options=(-o "Dir::Etc::sourcelist=$PWD/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::lists=$PWD/apt/lists" -o "Dir::Cache=$PWD/apt")
    timeout 60 apt-get "${options[@]}" update > apt/log 2>&1 || skip "the Debian mirror cannot be reached"
    timeout 60 apt-get "${options[@]}" download yt-dlp > apt/log 2>&1 || skip "the mirror has no yt-dlp in its backports"
    dpkg-deb -x yt-dlp_*.deb deb
    timeout 100 npm pack --silent @deno/linux-x64-glibc > package 2> apt/log || skip "the npm registry cannot be reached"
    mkdir -p real_deno/DATA/scripts
    tar -xzf "$(cat package)" -O package/deno > real_deno/DATA/scripts/deno
    chmod +x real_deno/DATA/scripts/deno
    real_deno/DATA/scripts/deno --version > deno_version || skip "deno does not run here"
}

@test "the real yt-dlp and deno, with stand-ins for the libraries: th-fetch resolves a page with them" {
    real_packages
    mkdir -p real_yt_dlp real_ejs nothing index
    cp -R deb/usr/lib/python3/dist-packages/yt_dlp real_yt_dlp
    mkdir -p real_yt_dlp/DATA/scripts
    printf '#!python\nimport sys, yt_dlp\nsys.exit(yt_dlp.main())\n' > real_yt_dlp/DATA/scripts/yt-dlp
    chmod +x real_yt_dlp/DATA/scripts/yt-dlp
    mkdir -p real_ejs/yt_dlp_ejs/yt/solver
    echo "version = '0.8.0'" > real_ejs/yt_dlp_ejs/__init__.py
    touch real_ejs/yt_dlp_ejs/yt/__init__.py
    echo 'core = lib = lambda: ""' > real_ejs/yt_dlp_ejs/yt/solver/__init__.py
    mapfile -t requirements < <(sed -n 's/^Requires-Dist: \(.*extra == .\(default\|deno\).\)$/\1/p' deb/usr/lib/python3/dist-packages/yt_dlp-*/METADATA)
    version=$(sed -n "s/^__version__ = '\(.*\)'/\1/p" real_yt_dlp/yt_dlp/version.py)
    wheel index yt-dlp "$version" real_yt_dlp "${requirements[@]}"
    for requirement in "${requirements[@]}"; do
        name=${requirement%%[!a-z0-9-]*}
        wanted=$(grep -oE '[=>]=[0-9.]+' <<< "$requirement" | tr -d '=>')
        case $name in
            yt-dlp-ejs) wheel index "$name" "$wanted" real_ejs ;;
            deno) wheel index "$name" "$wanted" real_deno ;; # whatever its own version is
            *) wheel index "$name" "${wanted:-1}" nothing ;;
        esac
    done
    mv index "$BATS_FILE_TMPDIR/www/real"
    install "$SERVER/real" "$NOWHERE"
    [ "$(private --version)" = "$version" ]
    private --ignore-config --verbose 2>&1 | grep "JS runtimes: deno-$(sed -n 's/^deno \([0-9.]*\).*/\1/p' deno_version)"
    if [ "$((($(date +%s) - $(date -d "${version//./-}" +%s)) / 86400))" -le 90 ]; then
        run ! grep warning messages
        install "$NOWHERE" "$NOWHERE"
        [ ! -s messages ]
    fi
    echo "$SERVER/a.mp4" | no_proxy=127.0.0.1 PATH=$PWD/bin TH_YT_DLP_HOME=$PLACE "$TH_BIN/th-fetch" -o out > records
    grep -q '"title": "a"' records
    cmp out/a.mp4 "$BATS_FILE_TMPDIR/www/a.mp4"
}
