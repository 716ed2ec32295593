# bash completion for sipcap: put this file into /etc/bash_completion.d or source it.
_sipcap() {
  local current=${COMP_WORDS[COMP_CWORD]} path="" word words=""
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) break ;; esac
    path="${path:+$path }$word"
  done
  case $path in
    "") words="capture db hep" ;;
    "capture") words="mirror" ;;
    "capture mirror") words="--again --capture-node --count --db --format --help --parse-hep --port --quarantine --quiet --read --report-table --stats --table --verbose --write -E -c -q -r -v -w" ;;
    "db") words="init" ;;
    "db init") words="--db --help --print --report-table --shape --table" ;;
    "hep") words="listen" ;;
    "hep listen") words="--capture-node --count --db --format --help --quarantine --quiet --report-table --stats --table --verbose --write -c -q -v -w" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  # Values of flags and arguments are mostly files.
  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _sipcap sipcap
