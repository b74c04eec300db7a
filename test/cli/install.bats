#!/usr/bin/env bats
# make install, make uninstall and make deb: a plain user builds with libraries in a prefix of their own, and the installed
# command needs nothing of the source tree.

bats_require_minimum_version 1.5.0

load helpers

# as_user COMMAND...: as a user without rights, with the libraries of $SPACE/libraries and no others for pkg-config, and without
# the variables of a calling make.
as_user() {
    local user=()
    [ "$(id -u)" -ne 0 ] || user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    "${user[@]}" env -i PATH="$SPACE/home/.local/bin:$PATH" HOME="$SPACE/home" PKG_CONFIG_LIBDIR=/nonexistent \
        PKG_CONFIG_PATH="$SPACE/libraries/pkgconfig" "$@"
}

# Copies the libraries that make needs, and has their .pc files name the copies.
copy_libraries() {
    local name file libraries
    libraries=$(sed -n 's/^LIBRARIES *:= //p' "$PROJECT/Makefile")
    mkdir -p "$SPACE/libraries/pkgconfig"
    for name in $libraries; do
        file=$(pkg-config --libs-only-l "$name" | sed 's/ .*//; s/^-l//')
        cp -a "$(pkg-config --variable=libdir "$name")/lib$file.so"* "$SPACE/libraries"
        sed "s|^libdir=.*|libdir=$SPACE/libraries|; /^[A-Za-z]*[.]private:/d" \
            "$(pkg-config --variable=pcfiledir "$name")/$name.pc" > "$SPACE/libraries/pkgconfig/$name.pc"
    done
}

setup_file() {
    # Not below BATS_FILE_TMPDIR, which other users cannot read.
    SPACE=$(mktemp -d "${TMPDIR:-/tmp}/th.XXXXXXXX")
    export SPACE
    mkdir -p "$SPACE/tree" "$SPACE/home/.local" "$SPACE/elsewhere"
    (cd "$PROJECT" && cp -R Makefile README.md NEWS.md LICENSE.txt common data_list th-* videos_download_and_crop.sh "$SPACE/tree")
    copy_libraries
    chmod 755 "$SPACE"
    [ "$(id -u)" -ne 0 ] || chown -R 65534:65534 "$SPACE"
    as_user make -C "$SPACE/tree" -s -j 2 CFLAGS=-O0 PREFIX="$SPACE/home/.local" install > "$SPACE/log" 2>&1 || { cat "$SPACE/log" && false; }
    mv "$SPACE/tree" "$SPACE/moved"
}

teardown_file() {
    rm -rf "$SPACE"
}

setup() {
    cd "$SPACE/elsewhere" || return
}

@test "the installed programs use the libraries of the prefix that they were built with" {
    for program in th-fetch th-split th-crop th-verify; do
        as_user ldd "$SPACE/home/.local/bin/$program" > "$BATS_TEST_TMPDIR/used"
        [ "$(grep -c "=> $SPACE/libraries/" "$BATS_TEST_TMPDIR/used")" -ge 4 ]
    done
}

@test "the installed command makes the demo in the current folder, the same as the source tree does" {
    as_user talkinghead-1kh --progress never demo
    mkdir "$BATS_TEST_TMPDIR/demo"
    cp -R demo/source_videos "$BATS_TEST_TMPDIR/demo"
    driver --data "$BATS_TEST_TMPDIR" demo
    diff <(sums demo/cropped_clips) <(sums "$BATS_TEST_TMPDIR/demo/cropped_clips")
    [ -s demo/report.html ]
    [ "$(entries .)" = demo ]
}

@test "lists are beside the data, and the command for another run works from any folder" {
    mkdir -p "$SPACE/data/data_list"
    echo absent_video > "$SPACE/data/data_list/own_video_ids.txt"
    echo 'absent_video_0000, 360, 640, 0, 9, 0, 0, 64, 64' > "$SPACE/data/data_list/own_video_tubes.txt"
    [ "$(id -u)" -ne 0 ] || chown -R 65534:65534 "$SPACE/data"
    cd "$SPACE/data"
    run -75 as_user TH_FETCH_FLAGS="--url-template file://$SPACE/{id}.mp4" talkinghead-1kh --progress never own
    next=$(tail -n 1 <<< "$output")
    [[ $next == *"/bin/talkinghead-1kh --data $SPACE/data own" ]]
    cd "$SPACE/elsewhere"
    run -75 as_user bash -c "$next"
    [ "$(find "$SPACE" -name own -type d)" = "$SPACE/data/own" ]
    run -75 as_user TH_FETCH_FLAGS="--url-template file://$SPACE/{id}.mp4" talkinghead-1kh --data "$SPACE/home" \
        --lists "$SPACE/data/data_list" own
    [ -d "$SPACE/home/own" ]
}

@test "the installed command says which variable takes the option of a program, and nothing else" {
    run -2 as_user talkinghead-1kh --crf 18 demo
    [ "${#lines[@]}" -eq 2 ]
    [[ ${lines[1]} == *"--crf is an option of th-crop: TH_CROP_FLAGS='--crf 18' bash "* ]]
}

@test "the installed command builds nothing: a missing program is named" {
    mv "$SPACE/home/.local/bin/th-crop" "$SPACE/kept"
    run -3 as_user talkinghead-1kh demo
    mv "$SPACE/kept" "$SPACE/home/.local/bin/th-crop"
    [[ $output == *"/bin/th-crop is missing; install the tools again"* ]]
}

# completions WORD...: what bash offers for the last word.
completions() {
    # shellcheck disable=SC2016 # for the new shell
    as_user bash -c '
        . "$HOME/.local/share/bash-completion/completions/$1"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _talkinghead_1kh "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
        echo "${COMPREPLY[*]}"' bash "$@"
}

@test "bash completes options, values, sets, stages and actions" {
    for program in th-fetch th-split th-crop th-verify talkinghead-1kh; do
        [ "$(completions $program --progr)" = --progress ]
        [ "$(completions $program --progress a)" = 'auto always' ]
    done
    [ "$(completions th-verify --level '')" = 'container decode source' ]
    [ -z "$(completions th-crop '')" ]
    mkdir -p lists
    touch lists/own_video_ids.txt
    [ "$(completions talkinghead-1kh '')" = 'demo doctor' ]
    [ "$(completions talkinghead-1kh --lists lists '')" = 'demo own doctor' ]
    [ "$(completions talkinghead-1kh --lists lists own re)" = 'report recheck' ]
    [ "$(completions talkinghead-1kh -j 2 demo c)" = crop ]
    [ "$(completions talkinghead-1kh demo export '')" = 'webdataset huggingface' ]
    [ "$(completions talkinghead-1kh demo v)" = 'verify variants' ]
    mkdir -p lists/demo/variants/256
    [ "$(completions talkinghead-1kh --data lists --variant '')" = 256 ]
}

@test "make names the libraries that are missing, and says where PKG_CONFIG_PATH helps" {
    cd "$SPACE/moved"
    mv "$SPACE/libraries/pkgconfig/jansson.pc" "$SPACE/kept"
    sed -i.good 's/^Version: .*/Version: 58.1/' "$SPACE/libraries/pkgconfig/libavformat.pc"
    run -2 as_user make
    mv "$SPACE/kept" "$SPACE/libraries/pkgconfig/jansson.pc"
    mv "$SPACE/libraries/pkgconfig/libavformat.pc.good" "$SPACE/libraries/pkgconfig/libavformat.pc"
    [ "$(grep '^    lib\|^    jan' <<< "$output")" = $'    jansson\n    libavformat >= 59.27.100' ]
    [[ $output == *'here libavformat is 58.1. As root: sh common/install-deps.sh'*PKG_CONFIG_PATH=* ]]
    sed -i.good 's/^Version: .*/Version: 64.0.100/' "$SPACE/libraries/pkgconfig/libavformat.pc"
    run as_user make CFLAGS=-O0 build/flags
    mv "$SPACE/libraries/pkgconfig/libavformat.pc.good" "$SPACE/libraries/pkgconfig/libavformat.pc"
    [[ $output == 'libavformat is 64.0.100: this FFmpeg is newer than 9, '* ]]
    run -2 as_user make PKG_CONFIG=no-such-program
    [[ $output == *'no-such-program is missing'* ]]
}

@test "DESTDIR gives the same files, and uninstall removes them all" {
    cd "$SPACE/moved"
    as_user make -s CFLAGS=-O0 DESTDIR="$SPACE/staging" PREFIX=/usr install
    diff <(cd "$SPACE/staging/usr" && find . | sort) <(cd "$SPACE/home/.local" && find . | sort)
    [ -z "$(find "$SPACE/staging" -xtype l)" ]
    [[ $(as_user "$SPACE/staging/usr/bin/talkinghead-1kh" --help) == 'usage: talkinghead-1kh '* ]]
    as_user make -s CFLAGS=-O0 DESTDIR="$SPACE/staging" PREFIX=/usr uninstall
    [ -z "$(find "$SPACE/staging" ! -type d)" ]
    [ ! -e "$SPACE/staging/usr/lib/talkinghead-1kh" ]
}

@test "make deb builds a package with the same files that lintian accepts" {
    for tool in dh lintian fakeroot; do
        command -v $tool > /dev/null || skip "$tool is not installed"
    done
    cd "$SPACE/moved"
    as_user env -u PKG_CONFIG_LIBDIR -u PKG_CONFIG_PATH DEB_BUILD_OPTIONS=noopt make -s deb > log 2>&1 || { cat log && false; }
    package=$(echo "$SPACE"/moved/build/deb/talkinghead-1kh-tools_*.deb)
    run -0 lintian --allow-root --fail-on error "$package"
    dpkg-deb -x "$package" "$SPACE/package"
    diff <(cd "$SPACE/package/usr" && find . ! -type d ! -path './share/doc/*' | sed 's/\.gz$//' | sort) \
        <(cd "$SPACE/home/.local" && find . ! -type d | sort)
    [[ $(dpkg-deb -f "$package" Depends) == *libavformat* ]]
    mkdir packed
    [ "$(cd packed && "$SPACE/package/usr/bin/talkinghead-1kh" -n demo | grep -c 'nothing was written')" -eq 1 ]
}
