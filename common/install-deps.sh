#!/bin/sh
# Installs what the toolkit needs and this machine lacks; installs no package when none is missing.
#
#   sh common/install-deps.sh            to build the programs and run them
#   sh common/install-deps.sh --test     and what `make check` needs
#   sh common/install-deps.sh --develop  and what `make lint asan fuzz bench` need
#
# Debian and Ubuntu: installs with apt-get, as root or through sudo. Elsewhere: says what is missing.
# Then install-yt-dlp.sh gives th-fetch a current yt-dlp; when it cannot, it warns, and the installation succeeds.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# What is looked for (a command, a pkg-config library, or a file pattern) and the Debian package that brings it.
RUN='command:cc gcc
file:/usr/include/stdio.h libc6-dev
command:make make
command:pkg-config pkg-config
command:curl curl
command:unzip unzip
library:libavfilter libavfilter-dev
library:libavformat libavformat-dev
library:libavcodec libavcodec-dev
library:libavutil libavutil-dev
library:libswscale libswscale-dev
library:libcurl libcurl4-openssl-dev
library:jansson libjansson-dev
library:libcrypto libssl-dev
library:libseccomp libseccomp-dev'
TEST='command:ffmpeg ffmpeg
command:ffprobe ffmpeg
command:bats bats
command:git git
command:nginx nginx-light
command:jq jq
command:mandoc mandoc
command:strace strace
command:tmux tmux
command:zip zip
command:pgrep procps
command:sbatch slurm-wlm
command:munged munge
command:parallel parallel
library:cmocka libcmocka-dev
library:libmicrohttpd libmicrohttpd-dev'
DEVELOP='command:clang clang
command:clang-format clang-format
command:clang-tidy clang-tidy
command:cppcheck cppcheck
command:shellcheck shellcheck
command:dh debhelper
command:lintian lintian
command:fakeroot fakeroot
command:aria2c aria2
command:chromium chromium
file:/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a clang-runtime'

# The argument is not empty when apt-get has just downloaded packages.
install_yt_dlp() {
    TH_APT_ANSWERS=$1 sh "$(dirname "$0")/install-yt-dlp.sh" || say "install-yt-dlp.sh failed"
}

say() {
    echo "install-deps.sh: $*" >&2
}

is_there() { # kind:name
    case $1 in
    command:*) command -v "${1#command:}" >/dev/null 2>&1 ;;
    library:*) pkg-config --exists "${1#library:}" 2>/dev/null ;;
    file:*) for file in ${1#file:}; do [ -e "$file" ] && return; done; false ;;
    esac
}

# The packages of what is missing, each once, on one line.
missing_packages() {
    printf '%s\n' "$1" | while read -r wanted package; do
        is_there "$wanted" || echo "$package"
    done | sort -u | tr '\n' ' '
}

# The package of clang's sanitizer and fuzzer runtime bears clang's major version in its name.
clang_runtime() {
    version=$(apt-cache show --no-all-versions clang | sed -n 's/^Version: *\([0-9]*:\)\{0,1\}\([0-9]*\).*/\2/p')
    echo "libclang-rt-$version-dev"
}

# The tests start an nginx of their own on loopback. A service that the package would start is not wanted.
install_packages() {
    policy=/usr/sbin/policy-rc.d
    had_nginx=$(command -v nginx || true)
    if [ ! -e $policy ]; then
        trap '$as_root rm -f $policy' EXIT
        printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
        $as_root chmod 755 $policy
    fi
    # shellcheck disable=SC2086 # a list of packages
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $1
    if [ -z "$had_nginx" ] && command -v nginx >/dev/null && [ -d /run/systemd/system ]; then
        $as_root systemctl disable --now nginx >/dev/null 2>&1 || say "could not disable the nginx service"
    fi
}

case ${1-} in
'') wanted=$RUN ;;
--test) wanted="$RUN
$TEST" ;;
--develop) wanted="$RUN
$TEST
$DEVELOP" ;;
*)
    say "usage: sh common/install-deps.sh [--test | --develop]"
    exit 2
    ;;
esac

packages=$(missing_packages "$wanted")
if [ -z "$packages" ]; then
    install_yt_dlp ''
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    say "this system has no apt-get; please install by its own means what these Debian packages hold: $packages"
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        say "neither root nor sudo; please have these packages installed: $packages"
        exit 1
    }
    as_root=sudo
fi
say "installing: $packages"
$as_root apt-get update
# Ubuntu has no package of that name; the tests that need it are then skipped.
if ! apt-cache show --no-all-versions chromium >/dev/null 2>&1; then
    wanted=$(echo "$wanted" | grep -v chromium)
    packages=$(missing_packages "$wanted")
fi
case " $packages" in
*' clang-runtime '*) packages="${packages%clang-runtime *}$(clang_runtime) ${packages#*clang-runtime }" ;;
esac
install_packages "$packages"

packages=$(missing_packages "$wanted")
if [ -n "$packages" ]; then
    say "still missing after the installation: $packages"
    exit 1
fi
install_yt_dlp yes
