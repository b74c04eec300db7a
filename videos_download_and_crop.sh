#!/usr/bin/env bash
# Makes the clips of a set: th-fetch | th-split | th-crop | th-verify, with each stage's records kept in SET/manifests.
set -u

readonly program=videos_download_and_crop.sh
readonly all_stages=(fetch split crop verify)
readonly exit_usage=2 exit_cannot=3 exit_try_again=75
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")") || exit $exit_cannot
bin=${TH_BIN:-$here/bin}
demo_videos=${TH_BUILD:-$here/build}/common/demo/demo_videos

data=$here           # where SET/ is
lists=$here/data_list
common_flags=()      # for all four programs
rerun_options=()     # how to call this script again for the same data
dry_run='' quiet='' no_chunks='' yes=''
action="make"        # or recheck, prune
pruned=()            # the ids to prune; none: those that recheck has found
set=''
stages=()            # those to run, in the pipe's order
pids=() tees=()      # of what runs now
work=''              # where the records of this run grow
scratch=''           # a folder that goes when the script ends

# shellcheck source=common/driver/pipe.sh
. "$here/common/driver/pipe.sh"
# shellcheck source=common/driver/prune.sh
. "$here/common/driver/prune.sh"
# shellcheck source=common/driver/report.sh
. "$here/common/driver/report.sh"

usage() {
    cat <<EOF
usage: bash $program [options] SET [STAGE...]
       bash $program [options] SET recheck
       bash $program [options] SET prune [--yes] [ID...]

Downloads the videos of SET (small, train, val, demo, or any other whose lists are in data_list), splits them into
chunks, crops the clips and verifies them: below SET/, in raw_videos, 1min_clips and cropped_clips. What is there
already is not made again. With STAGEs (fetch, split, crop, verify; neighbours) only these run, from the records that
the stage before has left in SET/manifests.

Each run ends with SET/report.html, a page to look at: what was asked, what came out, and why the rest is missing.

recheck asks again about the videos of which there are files, downloads nothing, and tells which are gone or no longer
free. prune shows all files that come from those, or from the IDs given; with --yes it deletes them and their records,
and leaves a note in raw_videos so that they are not fetched again.

  -j, --jobs N          pieces of work at a time in each stage (default: the processors)
  -f, --force           do again what is there already
      --no-chunks       write no chunks: clips are cut out of the videos, which saves a copy of them
  -n, --dry-run         only say what would be done
  -q, --quiet           errors only
      --yes             prune: delete
  -v, --verbose         more messages; twice: even more
      --progress MODE   auto, always or never
      --data DIR        the folder of SET/ (default: that of this script)
      --lists DIR       the folder of the lists (default: data_list beside this script)
  -h, --help            this text

Environment: TH_FETCH_FLAGS, TH_SPLIT_FLAGS, TH_CROP_FLAGS and TH_VERIFY_FLAGS hold more options for the programs, with
quotes and backslashes as in a shell; nothing in them is expanded or run. TH_DATA_LIST_URL is where to get data_list.zip
when lists are missing. TH_BIN and TH_BUILD are the folders of built programs (default: bin and build beside this
script; made when they are missing).

Exit status: 0 all done; 1 some items failed for good; 75 some failed that another run may mend; 2 usage; 3 cannot work;
128+n stopped by signal n.
EOF
}

say() {
    [ -n "$quiet" ] || printf '%s: %s\n' "$program" "$*" >&2
}

# stop STATUS MESSAGE
stop() {
    printf '%s: %s\n' "$program" "$2" >&2
    exit "$1"
}

misused() {
    stop $exit_usage "$1 (--help lists the options)"
}

# Runs a program so that a signal ends it at once: bash answers signals while it waits, but not while a program has the
# foreground.
run() {
    "$@" &
    pids=("$!")
    wait "$!"
    local result=$?
    pids=()
    return $result
}

# Ends what runs, and then the script. A second signal ends it by force.
# shellcheck disable=SC2317 # traps call it
on_signal() {
    trap 'kill -KILL "${pids[@]}" 2>/dev/null' INT TERM HUP
    [ ${#pids[@]} -eq 0 ] || kill -TERM "${pids[@]}" 2>/dev/null
    wait
    say "stopped; the same command goes on from here"
    exit $((128 + $1))
}

clean_up() {
    [ -z "$work" ] || rm -f -- "$work"/.{fetch,split,crop,verify,rejected,recheck}.jsonl.part
    [ -z "$scratch" ] || rm -rf -- "$scratch"
}

# folder OPTION VALUE: the value as a path that holds wherever it is used.
folder() {
    case $2 in
        '') misused "$1: expected a folder" ;;
        *) realpath -ms -- "$2" ;;
    esac
}

read_options() {
    local words
    words=$(getopt -n "$program" -o j:fnqvh \
        -l jobs:,force,dry-run,quiet,verbose,progress:,data:,lists:,no-chunks,yes,help -- "$@") || exit $exit_usage
    eval "set -- $words"
    while [ "$1" != -- ]; do
        case $1 in
            -j | --jobs)
                [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || misused "--jobs $2: expected a number from 1 to 9999"
                common_flags+=(-j "$2")
                shift
                ;;
            --progress)
                [[ $2 =~ ^(auto|always|never)$ ]] || misused "--progress $2: expected auto, always or never"
                common_flags+=(--progress "$2")
                shift
                ;;
            --data)
                data=$(folder "$1" "$2") || exit
                rerun_options+=("$1" "$2")
                shift
                ;;
            --lists)
                lists=$(folder "$1" "$2") || exit
                rerun_options+=("$1" "$2")
                shift
                ;;
            -f | --force) common_flags+=(-f) ;;
            -n | --dry-run) dry_run=yes common_flags+=(-n) ;;
            --no-chunks)
                no_chunks=yes
                rerun_options+=("$1")
                ;;
            --yes) yes=yes ;;
            -q | --quiet) quiet=yes common_flags+=(-q) ;;
            -v | --verbose) common_flags+=(-v) ;;
            -h | --help)
                usage
                exit
                ;;
        esac
        shift
    done
    shift
    read_operands "$@"
    check_flags
}

check_flags() {
    local variable
    for variable in TH_{FETCH,SPLIT,CROP,VERIFY}_FLAGS; do
        split_words "${!variable-}" ||
            misused "$variable: a quote is not closed, or a backslash is the last character"
    done
}

# The stages may be named in any order, but must be neighbours: the records of one are the next one's input.
read_operands() {
    [ $# -gt 0 ] || misused "expected the name of a set"
    set=$1
    [[ $set =~ ^[A-Za-z0-9_][A-Za-z0-9._-]*$ ]] ||
        misused "set '$set': expected letters, digits, '.', '_' and '-', not beginning with '.' or '-'"
    shift
    case ${1-} in
        recheck | prune)
            action=$1
            pruned=("${@:2}")
            stages=(fetch)
            [ "$action" = prune ] || [ $# -eq 1 ] || misused "recheck takes no operands but the set"
            return
            ;;
    esac
    local stage named=" $* " before=''
    for stage; do
        [[ " ${all_stages[*]} " == *" $stage "* ]] || misused "stage '$stage': expected fetch, split, crop or verify"
    done
    [ $# -gt 0 ] || named=" ${all_stages[*]} "
    for stage in "${all_stages[@]}"; do
        if [[ $named == *" $stage "* ]]; then
            [ ${#stages[@]} -eq 0 ] || [ "$before" = "${stages[-1]}" ] || misused "stages '$*': $before is missing"
            stages+=("$stage")
        fi
        before=$stage
    done
}

runs() {
    [[ " ${stages[*]} " == *" $1 "* ]]
}

# Finds what the run reads: the lists, and what the first stage is given, in first_input.
find_inputs() {
    local ids=$lists/${set}_video_ids.txt stage before=''
    tubes=$lists/${set}_video_tubes.txt
    ! runs fetch || need_list "$ids"
    { ! runs split && ! runs crop; } || need_list "$tubes"
    manifests=$data/$set/manifests
    first_input=$ids
    for stage in "${all_stages[@]}"; do
        [ "$stage" != "${stages[0]}" ] || break
        before=$stage
        first_input=$manifests/$before.jsonl
    done
    [ -r "$first_input" ] ||
        stop $exit_cannot "$first_input is missing: ${stages[0]} works on the records of $before, which has to run before it"
}

need_list() {
    if [ ! -e "$1" ] && [ -n "${TH_DATA_LIST_URL:-}" ]; then
        say "getting the lists from $TH_DATA_LIST_URL"
        run bash "$here/data_list/get_lists.sh" "$TH_DATA_LIST_URL" "$lists" || exit $exit_cannot
        [ -e "$1" ] || stop $exit_cannot "there is no ${1##*/} among the lists from $TH_DATA_LIST_URL"
    fi
    [ -e "$1" ] || stop $exit_cannot "$1 is missing.
The lists of small, train and val are in data_list.zip of https://github.com/tcwang0509/TalkingHead-1KH. Get it and say
    unzip -j data_list.zip '*.txt' -d $(printf %q "$lists")
or set TH_DATA_LIST_URL to its address, and it is fetched and unpacked. For a set of your own write the list yourself:
$here/data_list/README.md tells its form."
    [ -r "$1" ] || stop $exit_cannot "$1 cannot be read"
}

# Builds what the run needs, when it is not there. What TH_BIN and TH_BUILD name is the caller's own business.
build() {
    local needed=("${stages[@]/#/$bin/th-}" "$bin/th-verify") file missing=''
    [ "$set" != demo ] || ! runs fetch || needed+=("$demo_videos")
    for file in "${needed[@]}"; do
        [ -x "$file" ] || missing=$file
    done
    [ -n "$missing" ] || return 0
    [ -z "${TH_BIN:-}${TH_BUILD:-}" ] || stop $exit_cannot "$missing is not there, but TH_BIN or TH_BUILD is set"
    say "building the programs"
    # Neither the variables of a make that calls this script nor those of the environment lead elsewhere.
    run env -u MAKEFLAGS make -s -j "$(nproc)" -C "$here" BUILD=build BIN=bin all </dev/null >&2 ||
        stop $exit_cannot "cannot build the programs; 'sh common/install-deps.sh' installs what they need"
}

# Prepares the folder where the records of this run grow. One run at a time on a set, for two would write the same
# manifests; the kernel drops the lock with the last process that holds it, so what a killed run has left is waited for.
begin_records() {
    if [ -n "$dry_run" ]; then
        scratch=$(mktemp -d "${TMPDIR:-/tmp}/th.XXXXXXXX") || stop $exit_cannot "cannot make a temporary folder"
        work=$scratch
        return
    fi
    mkdir -p -- "$manifests" || stop $exit_cannot "cannot make the folder $manifests"
    if command -v flock >/dev/null; then
        exec {lock}<"$manifests"
        if ! flock -n "$lock"; then
            say "another run is at work on $data/$set; waiting for it"
            run flock -w 15 "$lock" || stop $exit_cannot "another run is at work on $data/$set"
        fi
    fi
    work=$manifests
    clean_up
}

make_demo_videos() {
    [ "$set" = demo ] && runs fetch && [ -z "$dry_run" ] || return 0
    [ -d "$data/demo/source_videos" ] || say "making the source videos of the demo set"
    run "$demo_videos" "$data/demo/source_videos" || stop $exit_cannot "cannot make the source videos of the demo set"
}

# A path as it stands in a URL.
percent_encoded() {
    local LC_ALL=C text='' byte i
    for ((i = 0; i < ${#1}; i++)); do
        byte=${1:i:1}
        case $byte in
            [A-Za-z0-9/._~-]) ;;
            *) printf -v byte %%%02X "$(($(printf %d "'$byte") & 255))" ;;
        esac
        text+=$byte
    done
    printf '%s\n' "$text"
}

# split_words TEXT: puts the words of TEXT into the array words, as a shell would split it but without expanding or running
# anything. Fails when a quote is not closed or a backslash is last.
split_words() {
    local LC_ALL=C text=$1 quote='' word='' is_word='' i char next
    words=()
    for ((i = 0; i < ${#text}; i++)); do
        char=${text:i:1}
        case $quote$char in
            '""' | "''") quote='' ;;
            '"' | "'") quote=$char is_word=yes ;;
            \\ | \"\\)
                i=$((i + 1))
                next=${text:i:1}
                [ -n "$next" ] || return
                [ "$next" != $'\n' ] || continue # the line goes on
                [[ -z $quote || $next == [\"\\\$\`] ]] || word+=$char
                word+=$next is_word=yes
                ;;
            [[:space:]])
                [ -z "$is_word" ] || words+=("$word")
                word='' is_word=''
                ;;
            *) word+=$char is_word=yes ;;
        esac
    done
    [ -z "$is_word" ] || words+=("$word")
    [ -z "$quote" ]
}

part_of() {
    printf '%s/.%s.jsonl.part\n' "$work" "$1"
}

# Puts the program of a stage and its options into the array command.
command_of() {
    local flags_of=TH_${1^^}_FLAGS
    command=("$bin/th-$1" "${common_flags[@]}")
    case $1 in
        fetch)
            command+=(-o "$data/$set/raw_videos" --attribution "$data/$set/ATTRIBUTION.csv")
            [ "$set" != demo ] ||
                command+=(--url-template "file://$(percent_encoded "$data/demo/source_videos")/{id}.mp4")
            ;;
        split)
            command+=(-o "$data/$set/1min_clips" -t "$tubes")
            [ -z "$no_chunks" ] || command+=(--no-copy)
            ;;
        crop) command+=(-o "$data/$set/cropped_clips" -t "$tubes") ;;
    esac
    split_words "${!flags_of:-}"
    command+=("${words[@]}")
}

# Adds what a stage of the pipe reads. The first one opens its input itself, so that it can name the file and the line of
# what it does not understand. th-crop first takes the clips that did not pass the last verification, for it makes them
# anew.
add_inputs() {
    command+=(--)
    [ "$1" != crop ] || ! keep_rejected || command+=("$(part_of rejected)")
    if [ "$1" = "${stages[0]}" ]; then
        command+=("$first_input")
    else
        command+=(-)
    fi
}

# Copies the records of the clips that the last verification failed and that are still listed; false when there are none.
keep_rejected() {
    [ -e "$manifests/verify.jsonl" ] || return
    LC_ALL=C awk '
        NR == FNR {
            gsub(/[ \t\r]/, "")
            split($0, tube, ",")
            name = tube[1] "_S" (tube[4] + 0) "_E" (tube[5] + 0) "_L" (tube[6] + 0) "_T" (tube[7] + 0)
            listed[name "_R" (tube[8] + 0) "_B" (tube[9] + 0)]
            next
        }
        /^[{]"stage": "verify", "kind": "clip", "key": "[^"]*", "status": "failed"/ {
            split($0, piece, "\"")
            if (piece[12] in listed)
                print
        }' "$tubes" "$manifests/verify.jsonl" >"$(part_of rejected)"
    [ -s "$(part_of rejected)" ]
}

# Gives the records of the run their names.
keep_records() {
    local stage
    for stage in "${stages[@]}"; do
        { sync -- "$(part_of "$stage")" && mv -f -- "$(part_of "$stage")" "$manifests/$stage.jsonl"; } ||
            stop $exit_cannot "cannot write $manifests/$stage.jsonl"
    done
}

main() {
    trap clean_up EXIT
    trap 'on_signal 1' HUP
    trap 'on_signal 2' INT
    trap 'on_signal 15' TERM
    read_options "$@"
    if [ "$action" != make ]; then
        manifests=$data/$set/manifests
        [ "$action" = prune ] || build
        if [ "$action" = prune ]; then prune; else recheck; fi
        exit
    fi
    find_inputs
    build
    begin_records
    make_demo_videos
    start_pipe
    wait_for_pipe
    if cannot_work "$status"; then
        exit "$status"
    fi
    show_table || stop $exit_cannot "cannot write to stdout"
    if [ -z "$dry_run" ]; then
        keep_records
        write_report
        ! runs crop || printf 'The clips are in %s\n' "$data/$set/cropped_clips"
        printf 'The report is %s\n' "$data/$set/report.html"
        show_next
    else
        printf 'A dry run: nothing has been written.\n'
    fi
    exit "$status"
}

main "$@"
