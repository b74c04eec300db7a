#!/usr/bin/env bash
# Makes the clips of a set: th-fetch | th-split | th-crop | th-verify. Keeps the records of each stage in SET/manifests.
set -u

readonly all_stages=(fetch split crop verify)
readonly exit_usage=2 exit_cannot=3 exit_try_again=75
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")") || exit $exit_cannot
if [ -e "$here/Makefile" ]; then
    readonly program=videos_download_and_crop.sh call="bash videos_download_and_crop.sh" installed=''
    readonly update_yt_dlp="sh common/install-yt-dlp.sh --update"
    bin=${TH_BIN:-$here/bin}
    demo_videos=${TH_BUILD:-$here/build}/common/demo/demo_videos
    data=$here           # where SET/ is
    lists=$here/data_list
else # The parts that make install put into PREFIX/lib.
    readonly program=talkinghead-1kh call=talkinghead-1kh installed=yes
    readonly update_yt_dlp="sh $here/common/install-yt-dlp.sh --update"
    bin=${TH_BIN:-$(realpath -m -- "$here/../../bin")}
    demo_videos=$here/demo_videos
    data='' lists='' # use_places sets them
fi

common_flags=()      # options for all four programs
rerun_options=()     # options to call this script again for the same data
place_options=()     # the --data and --lists among them
dry_run='' quiet='' no_chunks='' only_needed='' discard='' max_disk='' yes='' expected='' online=''
share='' shares=''     # this run's share of how many; empty: all videos
force='' named_stages='' # -f; whether the command line names stages
finished=''          # where th-verify tells which videos are finished (discard.sh)
began=''             # when the pipe began, of SECONDS
total_videos=0 total_clips=0 # in the lists; 0: not known
parallel_runs=''       # how many shares run at a time
array_task=''          # this run is a task of a job array and takes its share
action="make"        # or doctor, export, report, recheck, prune, submit, variants
export_format='' export_dir='' export_options=() # webdataset or huggingface; where to; its options, to note them
shard_size=1073741824 min_size=0 min_frames=0 split_file='' # what the options of export say
pruned=()            # the ids to prune; empty: those that recheck found
set=''
variant=''           # empty: the set's own clips
variants=()          # the names of those that are there, of find_variants
full_name=''         # SET, or SET-VARIANT
manifests=''         # the folder for the records of fetch and split
clip_set=''          # the folder of a set of clips: cropped_clips, clips.jsonl, the report, exports
clip_manifests=''    # the folder for the records of crop and verify, and of the run until it ends
tubes=''             # the tube list; empty: the action needs none
stages=()            # the stages to run, in the order of the pipe
pids=() tees=()      # process ids of the running stages, and of the tees between them
work=''              # folder for the unfinished records of this run
scratch=''           # temporary folder, removed at the end
fifo=''              # named pipe of open_pipe while it has a name
first_pass=yes       # empty: the pipe runs again for videos that were discarded
last_verdicts=''     # the records of th-verify that th-crop makes clips again from

# shellcheck source=common/driver/discard.sh
. "$here/common/driver/discard.sh"
# shellcheck source=common/driver/doctor.sh
. "$here/common/driver/doctor.sh"
# shellcheck source=common/driver/export.sh
. "$here/common/driver/export.sh"
# shellcheck source=common/driver/export_folder.sh
. "$here/common/driver/export_folder.sh"
# shellcheck source=common/driver/lists.sh
. "$here/common/driver/lists.sh"
# shellcheck source=common/driver/options.sh
. "$here/common/driver/options.sh"
# shellcheck source=common/driver/pipe.sh
. "$here/common/driver/pipe.sh"
# shellcheck source=common/driver/prune.sh
. "$here/common/driver/prune.sh"
# shellcheck source=common/driver/remake.sh
. "$here/common/driver/remake.sh"
# shellcheck source=common/driver/report.sh
. "$here/common/driver/report.sh"
# shellcheck source=common/driver/shard.sh
. "$here/common/driver/shard.sh"
# shellcheck source=common/driver/slurm.sh
. "$here/common/driver/slurm.sh"
# shellcheck source=common/driver/variant.sh
. "$here/common/driver/variant.sh"

say() {
    [ -n "$quiet" ] || printf '%s: %s\n' "$program" "$*" >&2
}

# stop STATUS MESSAGE
stop() {
    printf '%s: %s\n' "$program" "$2" >&2
    exit "$1"
}

# Runs a program in the background and waits: bash handles signals during wait, but not while a program runs in the
# foreground.
run() {
    "$@" &
    pids=("$!")
    wait "$!"
    local result=$?
    pids=()
    return $result
}

# Stops the running programs, then the script. A second signal kills them.
# shellcheck disable=SC2317 # traps call it
on_signal() {
    trap 'kill -KILL "${pids[@]}" 2>/dev/null' INT TERM HUP USR1
    [ ${#pids[@]} -eq 0 ] || kill -TERM "${pids[@]}" 2>/dev/null
    wait
    [ "$1" -ne 10 ] || [ -z "$array_task" ] || requeue_task
    say "stopped; the same command continues from here"
    exit $((128 + $1))
}

clean_up() {
    [ -z "$work" ] || rm -f -- "$work"/.{fetch,split,crop,verify,kept,rejected,recheck,remade_crop,remade_verify,again,needed,reasons,kept_fetch,kept_split,kept_crop,kept_verify}.jsonl.part
    [ -z "$scratch" ] || rm -rf -- "$scratch"
    [ -z "$fifo" ] || rm -f -- "$fifo"
}

# Sets the places of the installed command that no option named. Commands for another run name the folder, too.
use_places() {
    [ -n "$installed" ] || return 0
    if [ -z "$data" ]; then
        data=$PWD
        place_options+=(--data "$data")
        rerun_options+=(--data "$data")
    fi
    [ -n "$lists" ] || [ "$set" != demo ] || lists=$here/data_list
    [ -n "$lists" ] || lists=$data/data_list
}

runs() {
    [[ " ${stages[*]} " == *" $1 "* ]]
}

# Builds the programs if one that the run needs is missing. Never builds into TH_BIN or TH_BUILD.
build() {
    local needed=("${stages[@]/#/$bin/th-}" "$bin/th-verify") file missing=''
    [ "$set" != demo ] || ! runs fetch || needed+=("$demo_videos")
    for file in "${needed[@]}"; do
        [ -x "$file" ] || missing=$file
    done
    [ -n "$missing" ] || return 0
    [ -z "${TH_BIN:-}${TH_BUILD:-}" ] || stop $exit_cannot "$missing is missing; it is not built, because TH_BIN or TH_BUILD is set"
    say "building the programs"
    [ -z "$installed" ] || stop $exit_cannot "$missing is missing; install the tools again"
    # MAKEFLAGS of a calling make, and BUILD and BIN of the environment, must not change where the programs go.
    run env -u MAKEFLAGS make -s -j "$(nproc)" -C "$here" BUILD=build BIN=bin all </dev/null >&2 ||
        stop $exit_cannot "cannot build the programs; 'sh common/install-deps.sh' installs what they need"
}

# Prepares the folder for the records of this run. Only one run at a time may work on a set, because two would write the
# same manifests; a variant that downloads and splits nothing writes only its own. The lock lasts as long as a process that inherited it, so this waits for the children of a killed run.
begin_records() {
    if [ -n "$dry_run" ]; then
        scratch=$(mktemp -d "${TMPDIR:-/tmp}/th.XXXXXXXX") || stop $exit_cannot "cannot make a temporary folder"
        work=$scratch
        return
    fi
    [ -z "$variant" ] || { ! runs fetch && ! runs split; } || lock_folder "$manifests"
    lock_folder "$clip_manifests"
    work=$clip_manifests
    clean_up
}

# Makes a folder of records and locks it.
lock_folder() {
    local of=${1%/manifests*}
    mkdir -p -- "$1" || stop $exit_cannot "cannot make the folder $1"
    command -v flock >/dev/null || return 0
    exec {lock}<"$1"
    if ! flock -n "$lock"; then
        say "another run is working on $of; waiting for it"
        run flock -w 15 "$lock" || stop $exit_cannot "another run is working on $of: $(lock_holders "$1")"
    fi
}

# Names the processes of this machine that hold the lock of a folder: those of a killed run may go on for a while. For a
# subshell, which closes the folder, so that this run's own processes are not named.
lock_holders() {
    local holders
    exec {lock}<&-
    holders=$(find /proc/[0-9]*/fd -lname "$(realpath -- "$1")" 2>/dev/null | cut -d / -f 3 | sort -un | grep -vxF "$$")
    [ -n "$holders" ] || holders='none of this machine'
    printf 'processes %s\n' "${holders//$'\n'/ }"
}

make_demo_videos() {
    [ "$set" = demo ] && runs fetch && [ -z "$dry_run" ] || return 0
    [ -d "$data/demo/source_videos" ] || say "making the source videos of the demo set"
    mkdir -p -- "$data/demo" || stop $exit_cannot "cannot make the folder $data/demo"
    # Shares start at the same time.
    local one_at_a_time=(flock -F "$data/demo")
    command -v flock >/dev/null || one_at_a_time=()
    run "${one_at_a_time[@]}" "$demo_videos" "$data/demo/source_videos" || stop $exit_cannot "cannot make the source videos of the demo set"
}

# Prints a path with the escapes of a URL.
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

# The file for the records of a stage, or of another step, until the run ends.
part_of() {
    printf '%s/.%s.jsonl.part\n' "$work" "$1"
}

# The file for the kept records of a stage.
kept_of() {
    case $1 in
        fetch | split) printf '%s/%s.jsonl\n' "$manifests" "$1" ;;
        crop | verify) printf '%s/%s.jsonl\n' "$clip_manifests" "$1" ;;
    esac
}

# Whether the stage makes again what is there. Options of cropping are a usual reason for --force, and they need no download.
forces() {
    [ -n "$force" ] && { [ "$1" != fetch ] || [ -n "$named_stages" ]; }
}

# Says what --force makes again, before it does.
say_forced() {
    local stage folder count size
    [ -n "$force" ] || return 0
    for stage in "${stages[@]}"; do
        case $stage in
            fetch) folder=$data/$set/raw_videos ;;
            split) folder=$data/$set/1min_clips ;;
            crop) folder=$clip_set/cropped_clips ;;
            *) continue ;;
        esac
        forces "$stage" || continue
        [ -d "$folder" ] || continue
        read -r count size < <(find -L "$folder" -maxdepth 1 -name '*.mp4' -printf '%s\n' | LC_ALL=C awk '
            { size += $1 } END { printf "%d %.1f\n", NR, size / 1e9 }')
        say "--force: th-$stage makes what is in ${folder#"$data/$set/"} again: $count files, $size GB"
    done
}

# Sets the array command to the program of a stage and its options.
command_of() {
    local flags_of=TH_${1^^}_FLAGS
    command=("$bin/th-$1" "${common_flags[@]}" --base "$data/$set")
    ! forces "$1" || command+=(-f)
    case $1 in
        fetch)
            command+=(-o "$data/$set/raw_videos")
            if [ -n "$share" ]; then
                command+=(--shard "$share/$shares" --parallel-runs "$parallel_runs" --attribution "$manifests/ATTRIBUTION.csv")
            else
                command+=(--attribution "$data/$set/ATTRIBUTION.csv")
            fi
            # A video of the demo is meant to be lower than its list says.
            if [ "$set" = demo ]; then
                command+=(--url-template "file://$(percent_encoded "$data/demo/source_videos")/{id}.mp4")
                [ -z "$only_needed$finished" ] || command+=(--heights /dev/null)
            elif [ -r "$tubes" ]; then
                command+=(--heights "$tubes")
            fi
            # A video that no tube names needs nothing, and would never be finished.
            [ -z "$only_needed$finished" ] || command+=(-t "$tubes")
            [ -z "$only_needed" ] || command+=(--needed)
            ;;
        split)
            command+=(-o "$data/$set/1min_clips" -t "$tubes")
            [ -z "$no_chunks" ] || command+=(--no-copy)
            ;;
        crop) command+=(-o "$clip_set/cropped_clips" -t "$tubes") ;;
    esac
    case $1 in
        fetch | split) command+=(--total "${total_videos:-0}") ;;
        crop | verify) command+=(--total "${total_clips:-0}") ;;
    esac
    split_words "${!flags_of:-}"
    command+=("${words[@]}")
}

# Adds the input files of a stage. The first stage opens its input by name, so that its messages name the file and line.
# th-crop first reads the clips that the last verification rejected, to remake them.
add_inputs() {
    command+=(--)
    if [ "$1" = crop ]; then
        ! keep_rejected || command+=("$(part_of rejected)")
        ! keep_reasons || command+=("$(part_of reasons)")
    fi
    if [ "$1" = "${stages[0]}" ]; then
        command+=("$first_input")
    else
        command+=(-)
    fi
}

# Copies the records of clips that the last verification rejected and that are still listed; false when there are none.
keep_rejected() {
    [ -e "$last_verdicts" ] || return
    own=$(json_text "$data/$set") LC_ALL=C awk "$clip_of_row"'
        NR == FNR { listed[clip_of_row()]; next }
        /^[{]"stage": "verify", "kind": "clip", "key": "[^"]*", "status": "failed"/ {
            split($0, piece, "\"")
            # A dry run keeps them elsewhere.
            if (piece[12] in listed && sub(/"base": "([^"\\]|\\.)*"}$/, ""))
                print $0 "\"base\": \"" ENVIRON["own"] "\"}"
            else if (piece[12] in listed)
                print
        }' "$tubes" "$last_verdicts" >"$(part_of rejected)"
    [ -s "$(part_of rejected)" ]
}

# Prints a path as it stands within the quotes of a JSON text.
json_text() {
    local text=${1//\\/\\\\}
    printf '%s\n' "${text//\"/\\\"}"
}

# Moves the records of this run to their kept files.
keep_records() {
    local stage part kept
    for stage in "${stages[@]}"; do
        part=$(part_of "$stage") kept=$(kept_of "$stage")
        { sync -- "$part" && mv -f -- "$part" "$kept"; } || stop $exit_cannot "cannot write $kept"
    done
}

make_clips() {
    choose_stages
    find_inputs
    build
    check_folders
    begin_records
    last_verdicts=$(kept_of verify)
    make_demo_videos
    try_stages
    keep_options
    count_lists
    say_forced
    began=$SECONDS
    start_pipe
    wait_for_pipe
    ! cannot_work "$status" || exit "$status"
    bring_back
    remake_rejected
    show_table || stop $exit_cannot "cannot write to stdout"
    if [ -n "$dry_run" ]; then
        printf 'Dry run: nothing was written.\n'
        exit "$status"
    fi
    keep_records
    keep_folders
    ! runs crop || [ -n "$quiet" ] || printf 'The clips are in %s\n' "$clip_set/cropped_clips"
    if [ -n "$share" ]; then
        printf 'When all shares are done, put them together:\n    %s\n' "$(command_for "$set" report)"
    else
        write_report
        [ -n "$quiet" ] || printf 'The report is %s\n' "$clip_set/report.html"
    fi
    [ -n "$quiet" ] || show_next
    exit "$status"
}

main() {
    trap clean_up EXIT
    trap 'on_signal 1' HUP
    trap 'on_signal 2' INT
    trap 'on_signal 10' USR1
    trap 'on_signal 15' TERM
    read_options "$@"
    use_places
    manifests=$data/$set/manifests
    use_variant "$variant"
    recall_options
    if [ -n "$share" ]; then
        manifests=$(shard_folder "$manifests" "$share")
        clip_manifests=$(shard_folder "$clip_manifests" "$share")
    fi
    case $action in
        make) make_clips ;;
        doctor) doctor ;;
        export) export_clips ;;
        recheck) recheck ;;
        report) report_shares ;;
        prune) prune ;;
        submit) submit ;;
        variants) list_variants ;;
    esac
}

main "$@"
