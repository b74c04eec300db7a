#!/bin/sh
# Gives th-fetch a private, current yt-dlp with a JavaScript runtime, which YouTube needs. install-deps.sh calls it.
#
#   sh common/install-yt-dlp.sh            does nothing when th-fetch has a good yt-dlp already
#   sh common/install-yt-dlp.sh --update   installs the newest one in any case
#   sh common/install-yt-dlp.sh --status   installs nothing; prints PATH|VERSION|AGE|LACK: the age in days, what is missing
#
# Good means: at most 90 days old, with a JavaScript runtime and the solver scripts (yt-dlp-ejs). The ways, in this order:
# pip in a virtual environment (Python >= 3.11), the project's released program, the distribution's package.
#
# It installs into $TH_YT_DLP_HOME, or else ${XDG_DATA_HOME:-~/.local/share}/talkinghead-tools/yt-dlp of the user who runs
# it. Each installation has a folder of its own there. The link `current` names the one that th-fetch uses, and is renamed
# into place when the folder is complete: a run that fails or is killed changes nothing.
#
# The exit status is 0 unless the command line is wrong, because the other sources of videos need no yt-dlp. Without a
# network it takes at most 20 s.
set -u

max_age=90      # days
limit=15        # seconds from the start for what needs a network, until a server has answered
build_limit=600 # seconds for one download and installation after that
releases=${TH_YT_DLP_RELEASES:-https://github.com/yt-dlp/yt-dlp/releases/latest/download}
case ${XDG_DATA_HOME-} in
/*) data=$XDG_DATA_HOME ;;
*) data=${HOME:+$HOME/.local/share} ;;
esac
place=${TH_YT_DLP_HOME:-${data:+$data/talkinghead-tools/yt-dlp}}
runtimes='--js-runtimes node --js-runtimes quickjs --js-runtimes bun' # yt-dlp itself enables deno only
start=$(date +%s)
reasons= # why nothing better was installed
new=     # the folder of an installation that is not complete
as_root= # how to become root

say() {
    echo "install-yt-dlp.sh: $*" >&2
}

failed() { # reason
    reasons="$reasons${reasons:+; }$1"
    return 1
}

# Prints how many seconds something may take that is to take that many at most. Fails when no time is left.
seconds() {
    left=$((start + limit - $(date +%s)))
    [ "$left" -lt "$1" ] || left=$1
    echo "$left"
    [ "$left" -gt 0 ]
}

is_newer() { # date date: YYYY.MM.DD, or empty
    expr "x$1" \> "x$2" >/dev/null
}

# Sets version (YYYY.MM.DD, empty when the command does not run), age (days) and lack (what is missing, empty when nothing
# is). yt-dlp's own report says which runtimes it accepts.
look_at() { # command...
    report=$(timeout -k 1 15 "$@" --ignore-config --verbose 2>&1 </dev/null)
    version=$(printf '%s\n' "$report" |
        sed -n 's/.*yt-dlp version [^0-9]*\([0-9]\{4\}\.[0-9][0-9]\.[0-9][0-9]\).*/\1/p' | head -n 1)
    [ -n "$version" ] || return 1
    made=$(date -d "$(echo "$version" | tr . -)" +%s) || made=0
    age=$((($(date +%s) - made) / 86400))
    lack=
    printf '%s\n' "$report" | grep -q 'Optional libraries:.*yt_dlp_ejs-' || lack='solver scripts (yt-dlp-ejs)'
    printf '%s\n' "$report" | sed -n 's/.*JS runtimes: //p' | tr ',' '\n' | grep -v unsupported | grep -q '[a-z]-[0-9]' ||
        lack='JavaScript runtime (deno >= 2.3, Node.js >= 22, Bun or QuickJS)'
}

is_good() {
    [ -n "$version" ] && [ "$age" -le $max_age ] && [ -z "$lack" ]
}

# Looks at the yt-dlp that th-fetch would use.
look_at_present() {
    version=
    present=$place/current/bin/yt-dlp
    { [ -n "$place" ] && [ -x "$present" ]; } || present=$(command -v yt-dlp) || return
    look_at "$present"
}

# Deletes what earlier runs left: installations that were replaced, and those that were never completed.
remove_old() {
    [ ! -d "$place" ] || find "$place" -mindepth 1 -maxdepth 1 -name 'installation.??????*' -mmin +60 \
        ! -name "$(readlink "$place/current" || echo none)" -exec rm -rf {} + 2>/dev/null
}

begin() {
    discard
    { [ -n "$place" ] && mkdir -p "$place" && new=$(mktemp -d "$place/installation.XXXXXX"); } 2>/dev/null ||
        failed "cannot write to the folder '$place'"
}

discard() {
    [ -z "$new" ] || rm -rf "$new"
    new=
}

# Has $new/bin/yt-dlp enable the runtimes of this machine when it has none otherwise.
enable_runtimes() {
    [ -n "$lack" ] || return 0
    # shellcheck disable=SC2086 # several words
    look_at "$new/bin/yt-dlp" $runtimes && [ -z "$lack" ] || return 0
    mv "$new/bin/yt-dlp" "$new/bin/yt-dlp.program"
    # shellcheck disable=SC2016 # for the new script
    printf '#!/bin/sh\nexec "${0%%/*}/yt-dlp.program" %s "$@"\n' "$runtimes" >"$new/bin/yt-dlp"
    chmod 755 "$new/bin/yt-dlp"
}

is_better() { # the version and whether it was good, of what is there
    if is_good; then
        [ "$2" -ne 0 ] || ! is_newer "$1" "$version"
    else
        [ "$2" -ne 0 ] && is_newer "$version" "$1"
    fi
}

# Has th-fetch use $new/bin/yt-dlp when it is better than what is there.
publish() {
    is_good
    set -- "$version" $?
    if look_at "$new/bin/yt-dlp" && enable_runtimes && is_better "$@"; then
        # Running processes can still use the replaced one: remove_old spares it for an hour.
        [ ! -d "$place/current" ] || touch "$place/current/"
        ln -s "${new##*/}" "$new.link" && mv -T "$new.link" "$place/current" && new='' reasons='' &&
            say "th-fetch now uses yt-dlp $version in $place" && return
    fi
    failed "${version:-what was installed, which does not run,} is no better than what is there"
    look_at_present
    return 1
}

# A yt-dlp in PATH that lacks nothing but an enabled runtime.
use_with_runtimes() {
    case $present in "$place"/*) return 1 ;; esac
    [ -n "$version" ] && [ "$age" -le $max_age ] && [ -n "$lack" ] || return
    # shellcheck disable=SC2086 # several words
    look_at "$present" $runtimes
    is_good && begin && mkdir "$new/bin" && ln -s "$present" "$new/bin/yt-dlp" && version= && publish && return
    look_at_present
    return 1
}

# Sets pip: the folder of pip, or the one in the wheel that Python has for virtual environments. 3: Python is too old.
find_pip() {
    pip=$(python3 - 2>/dev/null <<'PYTHON'
import glob, os, sys, venv
if sys.version_info < (3, 11):
    sys.exit(3)
try:
    import pip
    print(os.path.dirname(pip.__file__))
except ImportError:
    import ensurepip
    bundled = glob.glob(os.path.dirname(ensurepip.__file__) + "/_bundled/pip-*.whl")
    print((bundled + glob.glob("/usr/share/python-wheels/pip-*.whl"))[0] + "/pip")
PYTHON
    )
}

install_with_pip() {
    find_pip || { [ $? -ne 3 ] && install_package python3-venv && find_pip; } ||
        failed 'no Python >= 3.11 with pip' || return
    export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
    left=$(seconds 8) &&
        timeout -k 1 "$left" python3 "$pip" --timeout 4 --retries 0 index versions yt-dlp >/dev/null 2>&1 ||
        failed 'no package index that has yt-dlp answers' || return
    limit=$((limit + build_limit))
    begin && python3 -m venv --without-pip "$new" >/dev/null 2>&1 || failed 'no virtual environment' || return
    say 'installing yt-dlp with pip'
    if pip_install 'yt-dlp[default,deno]' ||
        { grep -q 'No matching distribution found for deno' "$new/log" && pip_install 'yt-dlp[default]'; }; then
        publish
    else
        failed "pip: $(grep ERROR "$new/log" | head -n 1)"
    fi
}

pip_install() { # requirement
    timeout -k 1 $build_limit python3 "$pip" --python "$new/bin/python" --timeout 15 --retries 2 \
        install --quiet -U "$1" >"$new/log" 2>&1
}

download() { # name seconds
    curl --fail --silent --location --proto-redir =https --connect-timeout 4 --speed-limit 1000 --speed-time 15 \
        --max-time "$2" --output "$new/$1" "$releases/$1"
}

install_release() {
    case $(uname -m) in
    x86_64) name=yt-dlp_linux ;;
    aarch64) name=yt-dlp_linux_aarch64 ;;
    *) failed "no released program for this processor" || return ;;
    esac
    begin || return
    left=$(seconds 5) && download SHA2-256SUMS "$left" || failed 'no server of releases answers' || return
    limit=$((limit + build_limit))
    say 'downloading the released yt-dlp'
    mkdir "$new/bin"
    download "$name" $build_limit || failed 'the release cannot be downloaded' || return
    sum=$(sed -n "s/^\([0-9a-f]\{64\}\)[ *]*$name\$/\1/p" "$new/SHA2-256SUMS")
    [ "$(sha256sum <"$new/$name")" = "$sum  -" ] || failed 'the release does not have its published SHA-256 sum' || return
    chmod 755 "$new/$name" && mv "$new/$name" "$new/bin/yt-dlp" && publish
}

# Installs a package of the distribution, as root or through sudo. TH_APT_ANSWERS: install-deps.sh has just used the network.
install_package() { # name [suite]
    command -v apt-get >/dev/null || return
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    $as_root true 2>/dev/null || return
    package=$1
    set -- env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${2:+-t "$2"} "$1"
    apt_limit=5
    [ -z "${TH_APT_ANSWERS-}" ] || apt_limit=$build_limit limit=$((limit + build_limit))
    [ -n "$(apt-cache madison "$package" 2>/dev/null)" ] ||
        { left=$(seconds $apt_limit) && $as_root timeout -k 1 "$left" apt-get update >/dev/null 2>&1; }
    left=$(seconds $apt_limit) && $as_root timeout -k 1 "$left" "$@" --download-only >/dev/null 2>&1 &&
        $as_root "$@" --no-download >/dev/null 2>&1
}

# The newest of the enabled suites, backports among them, when it is newer than what is there.
install_distribution() {
    newest=$(apt-cache madison yt-dlp 2>/dev/null | head -n 1)
    offered=$(echo "$newest" | sed -n 's/^[^|]*| *\([0-9]*:\)\{0,1\}\([0-9.]\{10\}\).*/\2/p')
    suite=$(echo "$newest" | sed -n 's/^[^|]*|[^|]*| *[^ ]* \([^ /]*\).*/\1/p')
    [ -z "$newest" ] || is_newer "$offered" "$version" || return
    install_package yt-dlp "$suite" || install_package yt-dlp || return
    rm -f "$place/current" # it is older
    look_at_present
}

case ${1-} in
'' | --update | --status) ;;
*)
    say 'usage: sh common/install-yt-dlp.sh [--update | --status]'
    exit 2
    ;;
esac
if [ "${1-}" = --status ]; then
    look_at_present && echo "$present|$version|$age|$lack"
    exit
fi
trap discard EXIT
trap 'exit 1' HUP INT TERM
remove_old
look_at_present
if [ -z "${1-}" ]; then
    { is_good || use_with_runtimes; } && exit
fi
install_with_pip || install_release || is_good || install_distribution
if is_good; then
    [ -z "$reasons" ] || say "th-fetch goes on with yt-dlp $version, $age days old ($reasons)"
elif [ -n "$version" ]; then
    say "warning: yt-dlp $version is $age days old${lack:+ and has no $lack}; YouTube will most likely refuse it;" \
        "archives (--url-template) and the demo work without it (nothing better: $reasons)"
else
    say "warning: there is no yt-dlp for YouTube; archives (--url-template) and the demo work without it ($reasons)"
fi
exit 0
