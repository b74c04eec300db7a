# shellcheck shell=bash
# Completion for talkinghead-1kh, th-fetch, th-split, th-crop and th-verify: options, which --help lists, their values where
# they are few, and the sets, stages and actions of talkinghead-1kh. Other words are files.

_talkinghead_1kh() {
    local program=$1 word=$2 before=$3 values=''
    case $before in
        --progress) values='auto always never' ;;
        --level) values='container decode source' ;;
        --license) values='cc any' ;;
        --frames) values='png jpg' ;;
        --variant) values=$(_talkinghead_1kh_variants) ;;
        --data | --lists) ;;
        *)
            if [[ $word == -* ]]; then
                values=$("$program" --help 2>/dev/null | sed -n 's/^  \(-., \|    \)\(--[a-z-]*\).*/\2/p')
            elif [[ ${program##*/} == talkinghead-1kh ]]; then
                values=$(_talkinghead_1kh_operands "$program")
            fi
            ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$word")
}

# The variants of all sets.
_talkinghead_1kh_variants() {
    local data=. word before=''
    for word in "${COMP_WORDS[@]}"; do
        [ "$before" != --data ] || data=$word
        before=$word
    done
    find "$data" -mindepth 3 -maxdepth 3 -path '*/variants/*' -type d -printf '%f\n' 2>/dev/null
}

# Sets and doctor, or after a set its stages and actions.
_talkinghead_1kh_operands() {
    local lists=data_list sets word before=''
    for word in "${COMP_WORDS[@]}"; do
        case $before in
            --lists) lists=$word ;;
            --data) lists=$word/data_list ;;
        esac
        before=$word
    done
    if [ "${COMP_WORDS[COMP_CWORD-1]}" = export ]; then
        printf '%s\n' webdataset huggingface
        return
    fi
    sets="demo $(cd -- "$lists" 2>/dev/null && find . -maxdepth 1 -name '*_video_ids.txt' | sed 's|^\./||; s|_video_ids.txt$||')"
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ " ${sets//$'\n'/ } " != *" $word "* ]] || {
            printf '%s\n' fetch split crop verify
            "$1" --help 2>/dev/null | sed -n 's/^ .*\] SET \([a-z][a-z]*\).*/\1/p'
            return
        }
    done
    printf '%s\n' "$sets" doctor
}

complete -o default -F _talkinghead_1kh talkinghead-1kh th-fetch th-split th-crop th-verify
