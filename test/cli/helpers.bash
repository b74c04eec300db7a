# What several test files need.

PROJECT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

# The driver, without progress lines.
driver() {
    bash "$PROJECT/videos_download_and_crop.sh" --progress never "$@"
}

# demo_sources DIR: the videos of the demo set, made once for all tests of a file.
demo_sources() {
    "$TH_BUILD/test/media/demo_videos" "$1"
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
