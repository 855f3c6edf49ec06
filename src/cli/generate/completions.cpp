#include "cli/generate.hpp"

// The scripts ask `vramcalc complete`; complete.hpp says what it answers. Where it answers nothing, the shell
// offers files.
namespace vramcalc::cli {

// Bash takes '=' and ':' for ends of words, and so splits --format=json and llama3.1:8b. The script joins
// them, and gives back only what follows the last one, since Bash replaces no more.
std::string bash_completion() {
  return R"bash(# bash completion for vramcalc
_vramcalc() {
  local i word candidate kept last=-1
  local -a words=()
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if ((last >= 0)) && [[ $word == [=:]* || ${words[last]} == *[=:] ]]; then
      words[last]+=$word
    else
      words[++last]=$word
    fi
  done
  for i in "${!words[@]}"; do
    words[i]=${words[i]//[\"\']/}
  done
  word=${words[last]}
  kept=${word%"${word##*[=:]}"}
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    [[ -z $candidate ]] || COMPREPLY+=("${candidate#"$kept"}")
  done <<<"$("${COMP_WORDS[0]}" complete "${words[@]}" 2>/dev/null)"
} && complete -o default -F _vramcalc vramcalc
)bash";
}

std::string zsh_completion() {
  return R"zsh(#compdef vramcalc
_vramcalc() {
  local line
  local -a candidates shown
  for line in "${(@f)$("${words[1]}" complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    candidates+=("${line%%$'\t'*}")
    shown+=("${line/$'\t'/  -- }")
  done
  if (( $#candidates )); then
    compadd -M 'm:{a-zA-Z}={A-Za-z}' -l -d shown -a candidates
  else
    _files
  fi
}
if [[ $funcstack[1] == _vramcalc ]]; then
  _vramcalc "$@"
else
  compdef _vramcalc vramcalc
fi
)zsh";
}

std::string fish_completion() {
  return R"fish(# fish completion for vramcalc
function __vramcalc_complete
    set -l words (commandline -opc)
    set -l candidates ($words[1] complete $words[2..] (commandline -ct) 2>/dev/null)
    if set -q candidates[1]
        printf '%s\n' $candidates
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c vramcalc -f -a '(__vramcalc_complete)'
)fish";
}

}  // namespace vramcalc::cli
