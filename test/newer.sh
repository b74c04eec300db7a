#!/usr/bin/env bash
# newer.sh [SUITE [SECONDS]]: builds the programs with the FFmpeg of a newer Debian (testing) and runs short media tests there.
#
# The suite's packages are unpacked into a temporary folder, not installed, so this needs neither root nor a chroot: the
# compiler, the shell and bats are this machine's; the programs, ffmpeg and ffprobe have the suite's libraries, C library
# included. apt's own configuration is used (mirror, proxy). Prints "skipped: why" and ends with 0 when the packages
# cannot be had, or not in SECONDS (600).
set -u
cd "$(dirname "$0")/.." || exit

SUITE=${1:-testing} SECONDS_MAX=${2:-600}
PACKAGES=(ffmpeg libavfilter-dev libcurl4-openssl-dev libjansson-dev libseccomp-dev libssl-dev)
FILES=(chunks chunks_kinds no_chunks th-crop_exact th-crop_sound th-verify)
# What FFmpeg's versions differ in: cuts, decoding of damage, encoding, sound, times.
TESTS='^(H.264 with|sound$|key frames only|only some chunks|times that jump|H.264, open groups|a variable frame rate:|the colour description|default settings give|the bytes of a clip|AAC:|the same clips: B-frames|good clips of|flipped bits|one frame less|a gap)'

work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
root=$work/root

skip() {
    echo "make check-newer: skipped: $*"
    exit 0
}

# apt's own configuration, but another suite, no installed package, and state and downloads in $work. A suite that is
# not updated any more has an expired release file.
apt() {
    timeout "$SECONDS_MAX" apt-get -q -y -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work" \
        -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
        -o Acquire::Check-Valid-Until=false -o Acquire::http::Timeout=20 -o APT::Install-Recommends=false \
        -o APT::Sandbox::User="$(id -un)" "$@"
}

# Unpacks the packages and what they depend on into $root.
unpack() {
    local mirror keyring said
    command -v apt-get > /dev/null || skip "this machine has no apt-get"
    # shellcheck disable=SC2016 # apt expands them
    mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1)
    [ "$mirror" ] || skip "apt knows no mirror of Debian here (apt-get update?)"
    for keyring in /usr/share/keyrings/debian-archive-keyring.*; do :; done
    mkdir -p "$work/state/lists/partial" "$work/archives/partial"
    touch "$work/status"
    echo "deb [signed-by=$keyring] $mirror $SUITE main" > "$work/sources.list"
    said=$(apt update -o APT::Update::Error-Mode=any 2>&1) || skip "no lists of $mirror $SUITE: $(tail -n 1 <<< "$said")"
    said=$(apt install --download-only "${PACKAGES[@]}" 2>&1) ||
        skip "no packages of $mirror $SUITE in $SECONDS_MAX s: $(tail -n 1 <<< "$said")"
    mkdir -p "$root"/usr/{bin,lib,lib64,sbin}
    ln -s usr/{bin,lib,lib64,sbin} "$root"
    printf '%s\0' "$work"/archives/*.deb | xargs -0 -P "$(nproc)" -I{} dpkg-deb -x {} "$root"
}

# Builds into $work/bin and $work/build.
build() {
    export PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$libraries/pkgconfig:$root/usr/share/pkgconfig
    make -j"$(nproc)" BUILD="$work/build" BIN="$work/bin" CC="${CC:-gcc} --sysroot=$root" CFLAGS=-O1 WERROR=-Werror \
        LDFLAGS="-Wl,--disable-new-dtags,-rpath,$paths,-rpath-link,$paths,--dynamic-linker=$loader" \
        all "$work"/build/test/media/{damage_chunks,remake_chunks,trace_frames} > "$work/build.log" 2>&1 ||
        { cat "$work/build.log"; exit 1; }
}

# Puts the suite's ffmpeg and ffprobe in front of PATH.
use_ffmpeg() {
    local name
    mkdir "$work/path"
    for name in ffmpeg ffprobe; do
        printf '#!/bin/sh\nexec %s --argv0 %s --library-path %s %s "$@"\n' \
            "$loader" $name "$paths" "$root/usr/bin/$name" > "$work/path/$name"
        chmod +x "$work/path/$name"
    done
    export PATH=$work/path:$PATH
}

unpack
libraries=$root/usr/lib/$(gcc -print-multiarch)
# FFmpeg's libraries need some that lie in folders of their own.
paths=$libraries:$libraries/pulseaudio:$libraries/blas:$libraries/lapack
loader=$(find "$root"/usr/lib* -maxdepth 2 -name 'ld-linux*' -print -quit)
use_ffmpeg
echo "make check-newer: $(ffmpeg -version | head -n 1)"
build
export TH_BIN=$work/bin TH_BUILD=$work/build
printf 'test/cli/%s.bats\0' "${FILES[@]}" | xargs -0 -n 1 -P "$(nproc)" bats --print-output-on-failure -f "$TESTS"
