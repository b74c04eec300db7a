# What several test files need.

PROJECT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

# The user's private yt-dlp stays out of the tests, which put stand-ins into PATH.
export TH_YT_DLP_HOME=/nonexistent

# make [options] FILE: has the ffmpeg program make a file.
make() {
    ffmpeg -v error -nostdin -y "$@"
}

# The driver, without progress lines.
driver() {
    bash "$PROJECT/videos_download_and_crop.sh" --progress never "$@"
}

# demo_sources DIR: the videos of the demo set, made once for all tests of a file.
demo_sources() {
    "$TH_BUILD/common/demo/demo_videos" "$1"
}

# numbers FILE: the frame number that each decoded frame shows, a line each.
numbers() {
    "$TH_BUILD/test/media/trace_frames" "$1" | cut -d ' ' -f 3
}

# field NAME < records: the text or number of that member in each record.
field() {
    sed -n 's/.*"'"$1"'": "\{0,1\}\([^",}]*\).*/\1/p'
}

# entries DIR: the names of what is directly in a folder, hidden ones too, sorted.
entries() {
    find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | LC_ALL=C sort
}

# sums DIR: the hashes of the clips or chunks in a folder.
sums() {
    (cd "$1" && sha256sum -- *.mp4)
}

# children PID: the child processes of a process.
children() {
    pgrep -P "$1" || true
}

# until_true COMMAND...: waits until the command succeeds, two minutes at most.
until_true() {
    for _ in $(seq 2400); do
        if "$@"; then return; fi
        sleep 0.05
    done
    return 1
}

# bytes_read COMMAND...: how many bytes it and its children read.
bytes_read() (
    "$@" > /dev/null
    while read -r name count; do
        [ "$name" != rchar: ] || echo "$count"
    done < "/proc/$BASHPID/io"
)

# damage FILE N [BYTE]: the last two thirds of the video packet N become bytes BYTE (octal; 377).
damage() {
    local pos size
    IFS=, read -r size pos < <(ffprobe -v error -select_streams v -show_entries packet=pos,size -of csv=p=0 "$1" | sed -n "$(($2 + 1))p")
    head -c $((size - size / 3)) /dev/zero | tr '\0' "\\${3:-377}" |
        dd of="$1" bs=1 seek=$((pos + size / 3)) conv=notrunc status=none
}

# new_port: prints a port for a server, below those that the kernel gives to clients.
new_port() {
    echo $((20000 + RANDOM % 12000))
}

# start_nginx DIR PORT < SERVER: an nginx whose configuration and logs (access: protocol, status, path) are in the new folder
# DIR, with the directives of its one server from stdin; its process is $NGINX_PID. Skips the test where there is no nginx.
start_nginx() {
    local dir=$1 port=$2 program path
    program=$(PATH=$PATH:/usr/sbin command -v nginx) || skip "nginx is not installed"
    mkdir "$dir"
    {
        printf 'daemon off;\npid "%s/pid";\nerror_log "%s/error.log";\nevents {}\n' "$dir" "$dir"
        [ "$(id -u)" -ne 0 ] || echo 'user root;'
        printf 'http {\ntypes { video/mp4 mp4; }\n'
        # shellcheck disable=SC2016 # nginx's own variables
        printf 'log_format protocol '\''$server_protocol $status $uri'\'';\naccess_log "%s/access.log" protocol;\n' "$dir"
        for path in client_body proxy fastcgi uwsgi scgi; do
            printf '%s_temp_path "%s/%s";\n' "$path" "$dir" "$path"
        done
        echo 'server {'
        cat
        printf '}\n}\n'
    } > "$dir/conf"
    "$program" -p "$dir" -c "$dir/conf" 2> "$dir/start" 3>&- &
    # shellcheck disable=SC2034 # the tests end it
    NGINX_PID=$!
    curl --silent --retry 10 --retry-connrefused --retry-delay 1 --output "$dir/first" "http://127.0.0.1:$port/"
}

# turn FILE A B C D: writes the numbers (0, 1 or -1) into the display matrix of an mp4 file's first track.
turn() {
    local file=$1 at
    at=$(grep -abo tkhd "$file" | head -n 1 | sed 's/:.*//')
    shift
    while [ $# -gt 0 ]; do
        case $1 in
            1) printf '\0\1\0\0' ;;
            -1) printf '\377\377\0\0' ;;
            *) printf '\0\0\0\0' ;;
        esac
        [ $# -ne 3 ] || printf '\0\0\0\0'
        shift
    done | dd of="$file" bs=1 seek=$((at + 44)) conv=notrunc status=none
}

# For tests of what a program needs: sanitizers need memory and read files of their own.
skip_under_sanitizers() {
    if grep -q __asan_init "$TH_BIN/th-crop"; then skip "the programs are built with sanitizers"; fi
}
