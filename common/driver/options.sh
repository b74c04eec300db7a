# shellcheck shell=bash disable=SC2034,SC2154 # the driver sources this file and shares its variables
# The command line of the driver: its help, its options and operands, and the words of TH_*_FLAGS.

usage() {
    cat <<EOF
usage: $call [options] SET [STAGE...]
       $call [options] doctor [SET]
       $call [options] SET report
       $call [options] SET variants
       $call [options] SET recheck
       $call [options] SET prune [--yes [--expect N]] [ID...]
       $call [options] SET export webdataset|huggingface [DIR]

Downloads the videos of SET (small, train, val, demo, or any other whose lists are in data_list), splits them into
chunks, crops the clips and verifies them. The files are in SET/raw_videos, SET/1min_clips and SET/cropped_clips. Files
that are there already are kept. With STAGEs (fetch, split, crop, verify; without gaps) only these run, on the records
of the stage before in SET/manifests.

With --slurm N, N shares are submitted to Slurm as a job array, and the report as a job after it; TH_SBATCH_FLAGS holds
more options for sbatch, such as '--partition=long --time=24:00:00 --cpus-per-task=8 --mem=8G'. Two minutes before its time
limit a task stops and is queued again, and so is one whose node fails; it then continues. The messages of the tasks are in
SET/manifests/slurm. At most K tasks run at a time (--parallel-runs), and all together ask YouTube at the pace of one run. The
default of 16, with two processors each, crop as fast as that pace lets them download; an archive can feed more.

Each run ends with SET/report.html, a page that shows the clips, and why others are missing, and with SET/clips.jsonl, a
line for each clip that passed.

doctor checks the programs, yt-dlp, the lists, the disk and its locks, and says what to do about what is missing; its exit
status is 0, 1 after a warning, 3 after a problem.

With --shard, runs on several machines that see the same folder share a SET, each with its own records. report puts the
records of all shares together, names the shares that are not finished, and writes the report.

recheck asks again about the downloaded videos, downloads nothing, and lists those that are gone or no longer free.
A run in which none, or less than four fifths, are found well is not believed. prune lists all files made from those
videos, or from the IDs. With --yes it deletes them and their records, and leaves a note in raw_videos so that they are
not downloaded again: of IDs, and of videos that two rechecks at least a day apart found lost. Of a symbolic link only
the link is deleted; its target stays, and is named.

With --variant NAME and the options of TH_CROP_FLAGS, more clips are made of the same videos, in SET/variants/NAME, with a
report, clips.jsonl and exports of their own. Later runs need no TH_CROP_FLAGS. They start with crop when the videos are
there; otherwise SET's own videos and chunks are completed first. SET variants lists the variants.

export makes files for training from the clips that passed, the lines of SET/clips.jsonl. webdataset: tar files with KEY.mp4
(or KEY.000000.png and so on) and KEY.json, the clip's line. huggingface: a VideoFolder with metadata.jsonl, hard links to
the clips (copies on another file system) and a dataset card. DIR is SET/export/webdataset or SET/export/huggingface. Again,
it makes only what has changed, and removes what no longer belongs. It needs jq, and webdataset GNU tar.

  -j, --jobs N          jobs at a time in each stage (default: the number of processors)
  -f, --force           make files again that are there already (videos: when fetch is named)
      --no-chunks       write no chunks; cut clips out of the videos, which saves a copy of them
      --needed          download only the parts of the videos that the tubes need; the clips are the same
      --discard         delete each video and its chunks when all its clips have passed, or cannot be made
      --max-disk SIZE   have videos and chunks in work take at most SIZE (K, M, G); downloads wait for room
  -n, --dry-run         only print what would be done
  -q, --quiet           print errors only
      --shard I/N       work on the I-th of N shares of the videos; slurm: the share of this task of a job array
      --slurm N         submit N shares and the report to Slurm; print the ids of the jobs
      --parallel-runs K with --shard or --slurm: K shares run at a time (default: all; with --slurm at most 16)
      --variant NAME    make (or report, export) the clips of this variant instead of those of SET itself
      --online          with doctor: ask about one real page, too
      --yes             with prune: delete
      --expect N        with --yes: delete the N files that prune lists, confirmed or not
      --shard-size SIZE with export webdataset: about that much in each tar file (K, M, G; default 1G)
      --min-size N      with export: only clips of at least N pixels on each side
      --min-frames N    with export: only clips of at least N frames
      --split FILE      with export: only clips of the videos whose ids FILE lists, one a line
  -v, --verbose         print more messages; twice: even more
      --progress MODE   auto, always or never
      --data DIR        the folder of SET/ (default: that of this script; installed, the current folder)
      --lists DIR       the folder of the lists (default: data_list beside this script; installed, data_list beside SET/)
  -h, --help            print this text

Environment: TH_FETCH_FLAGS, TH_SPLIT_FLAGS, TH_CROP_FLAGS and TH_VERIFY_FLAGS hold more options for the programs, with
quotes and backslashes as in a shell, and TH_SBATCH_FLAGS for sbatch; nothing in them is expanded or run. TH_DATA_LIST_URL is the address of
data_list.zip for missing lists. TH_BIN and TH_BUILD are the folders of built programs (default: bin and build beside
this script, built when missing).

Exit status: 0 all done; 1 some items failed for good; 75 some failed and another run may help; 2 usage; 3 cannot work;
128+n stopped by signal n.
EOF
}

misused() {
    stop "$exit_usage" "$1 (--help lists the options)"
}

# folder OPTION VALUE: prints the value as an absolute path.
folder() {
    case $2 in
        '') misused "$1: expected a folder" ;;
        *) realpath -ms -- "$2" ;;
    esac
}

# Says which TH_*_FLAGS takes the first word that is an option of a program, as the program's help has it.
name_flags_variable() {
    local stage line value
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        for stage in fetch split crop verify; do
            [[ $1 == --?* ]] || continue
            ! usage | grep -q -- " $1 " || continue
            line=$("$bin/th-$stage" --help 2>/dev/null | grep -e "^ .* $1 ") || continue
            value=$([[ $line != *"$1 "[^\ ]* ]] || printf ' %q' "${2-}")
            printf "%s: %s is an option of th-%s: TH_%s_FLAGS='%s' bash %s ...\n" "$program" "$1" "$stage" "${stage^^}" "$1$value" "$0" >&2
            return
        done
        shift
    done
}

read_options() {
    local words path
    words=$(getopt -n "$program" -o j:fnqvh \
        -l jobs:,force,dry-run,quiet,verbose,progress:,data:,lists:,no-chunks,needed,discard,max-disk:,shard:,slurm:,parallel-runs:,online,yes,expect:,shard-size:,min-size:,min-frames:,split:,variant:,help -- "$@") || {
        name_flags_variable "$@"
        exit "$exit_usage"
    }
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
            --data | --lists)
                path=$(folder "$1" "$2") || exit
                printf -v "${1#--}" %s "$path"
                rerun_options+=("$1" "$2")
                place_options+=("$1" "$2")
                shift
                ;;
            -f | --force) force=yes ;;
            -v | --verbose) common_flags+=("$1") ;;
            -n | --dry-run) dry_run=yes common_flags+=(-n) ;;
            --no-chunks)
                no_chunks=yes
                rerun_options+=("$1")
                ;;
            --needed)
                only_needed=yes
                rerun_options+=("$1")
                ;;
            --discard)
                discard=yes
                rerun_options+=("$1")
                ;;
            --max-disk)
                [[ $2 =~ ^[1-9][0-9]{0,14}[KMGT]?$ ]] || misused "--max-disk $2: expected a number of bytes, such as 500M or 1G"
                max_disk=$(numfmt --from=iec -- "$2")
                rerun_options+=("$1" "$2")
                shift
                ;;
            --shard)
                use_shard "$2"
                rerun_options+=("$1" "$share/$shares")
                shift
                ;;
            --slurm)
                [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || misused "--slurm $2: expected a number of shares from 1 to 999999"
                action=submit shares=$2
                shift
                ;;
            --parallel-runs)
                [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || misused "--parallel-runs $2: expected a number of shares from 1 to 999999"
                parallel_runs=$2
                shift
                ;;
            --variant)
                [[ $2 =~ ^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$ ]] || misused "--variant $2: expected a name of at most 64 letters, \
digits, '.', '_' and '-', not beginning with '.' or '-'"
                variant=$2
                shift
                ;;
            --online) online=yes ;;
            --yes) yes=yes ;;
            --expect)
                [[ $2 =~ ^[0-9]{1,9}$ ]] || misused "--expect $2: expected a number of files"
                expected=$2
                shift
                ;;
            --shard-size | --min-size | --min-frames | --split)
                use_export_option "$1" "$2"
                shift
                ;;
            -q | --quiet) quiet=yes common_flags+=(-q) ;;
            -h | --help)
                usage
                exit
                ;;
        esac
        shift
    done
    shift
    check_shares
    read_operands "$@"
    [ -z "$discard" ] || [[ ! $action =~ ^(make|submit)$ ]] || runs verify || misused "--discard goes with the stage verify"
    [ -z "$max_disk" ] || [[ ! $action =~ ^(make|submit)$ ]] || [ ${#stages[@]} -eq ${#all_stages[@]} ] ||
        misused "--max-disk goes with all stages"
    [ -z "$discard$max_disk" ] || [[ ! " ${TH_SPLIT_FLAGS-} ${TH_CROP_FLAGS-} " =~ \ (-t|--tu) ]] ||
        misused "--discard and --max-disk go by the list of the set; TH_SPLIT_FLAGS and TH_CROP_FLAGS name another (--tubes)"
    [ ${#export_options[@]} -eq 0 ] || [ "$action" = export ] || misused "${export_options[0]} goes with export"
    [ -z "$variant" ] || [[ $action =~ ^(make|export|report|submit)$ ]] || misused "$action is for a set and all its variants; expected no --variant"
    check_flags
}

check_shares() {
    [ -z "$share" ] || [ "$action" != submit ] || misused "--slurm submits all shares; expected no --shard"
    [ -z "$parallel_runs" ] || [ -n "$shares" ] || misused "--parallel-runs goes with --shard or --slurm"
    [ "$action" != submit ] || parallel_runs=${parallel_runs:-$slurm_runs}
    [ "${parallel_runs:-$shares}" = "$shares" ] || [ "$parallel_runs" -lt "$shares" ] || parallel_runs=$shares
    parallel_runs=${parallel_runs:-$shares}
}

# Notes an option of export.
use_export_option() {
    local value=$2
    case $1 in
        --shard-size)
            [[ $value =~ ^[1-9][0-9]{0,8}[KMGT]?$ ]] || misused "--shard-size $value: expected a number of bytes, such as 500M or 1G"
            shard_size=$(numfmt --from=iec -- "$value")
            ;;
        --split)
            [ -r "$value" ] || misused "--split $value: the file cannot be read"
            value=$(realpath -s -- "$value")
            split_file=$value
            ;;
        *)
            [[ $value =~ ^[0-9]{1,9}$ ]] || misused "$1 $value: expected a number"
            value=$((10#$value))
            [ "$1" = --min-size ] || min_frames=$value
            [ "$1" = --min-frames ] || min_size=$value
            ;;
    esac
    export_options+=("$1" "$value")
}

# export FORMAT [DIR]
read_export() {
    [[ ${1-} =~ ^(webdataset|huggingface)$ ]] || misused "export ${1-}: expected webdataset or huggingface"
    [ $# -le 2 ] || misused "export $1 takes no operand but a folder"
    [ "$1" = webdataset ] || [[ " ${export_options[*]} " != *" --shard-size "* ]] || misused "--shard-size goes with export webdataset"
    export_format=$1
    [ $# -lt 2 ] || export_dir=$(folder DIR "$2") || exit
}

check_flags() {
    local variable
    for variable in TH_{FETCH,SPLIT,CROP,VERIFY,SBATCH}_FLAGS; do
        split_words "${!variable-}" ||
            misused "$variable: a quote is not closed, or a backslash is the last character"
    done
}

# Stages may be named in any order but without gaps, because each reads the records of the one before.
read_operands() {
    [ $# -gt 0 ] || misused "expected the name of a set"
    if [ "$1" = doctor ]; then
        [ -z "$shares" ] || misused "doctor works on the whole set; expected no --shard and no --slurm"
        action=doctor
        [ $# -le 2 ] || misused "doctor takes no operands but a set"
        [ $# -eq 2 ] || return 0
        shift
    fi
    set=$1
    [[ $set =~ ^[A-Za-z0-9_][A-Za-z0-9._-]*$ ]] ||
        misused "set '$set': expected letters, digits, '.', '_' and '-', not beginning with '.' or '-'"
    shift
    [ "$action" != doctor ] || return 0
    case ${1-} in
        report | recheck | prune | export | variants)
            [ -z "$shares" ] || misused "$1 works on the whole set; expected no --shard and no --slurm"
            action=$1
            pruned=("${@:2}")
            stages=(fetch)
            [ "$action" != export ] || read_export "${@:2}"
            [[ $action =~ ^(prune|export)$ ]] || [ $# -eq 1 ] || misused "$action takes no operands but the set"
            return
            ;;
    esac
    local stage named=" $* " before=''
    for stage; do
        [[ " ${all_stages[*]} " == *" $stage "* ]] || misused "stage '$stage': expected fetch, split, crop or verify"
    done
    [ $# -eq 0 ] || named_stages=yes
    [ $# -gt 0 ] || named=" ${all_stages[*]} "
    for stage in "${all_stages[@]}"; do
        if [[ $named == *" $stage "* ]]; then
            [ ${#stages[@]} -eq 0 ] || [ "$before" = "${stages[-1]}" ] || misused "stages '$*': $before is missing"
            stages+=("$stage")
        fi
        before=$stage
    done
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
