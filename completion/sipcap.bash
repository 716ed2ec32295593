# bash completion for sipcap: put this file into /etc/bash_completion.d or source it.
_sipcap() {
  local current=${COMP_WORDS[COMP_CWORD]} path="" word words=""
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) break ;; esac
    path="${path:+$path }$word"
  done
  case $path in
    "") words="capture config db hep mi report route serve" ;;
    "capture") words="mirror raw" ;;
    "capture mirror") words="--again --batch-rows --buffer-size --capture-node --column --compress --count --custom-field1 --custom-field2 --custom-field3 --date --db --duration --filter --format --give-up --help --hep --hep-compress --hep-correlation --hep-id --hep-key --hep-name --hep-rate --hep-route --hep-version --interface --keep --listen --parse-hep --partition --port --promiscuous --quarantine --quiet --read --report-shape --report-table --rotate-count --rotate-seconds --rotate-size --route --rtcp --script-version --show-filter --snap-length --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --stats --table --table-time --target-ca --target-cert --target-key --user --verbose --workers --write -C -E -G -W -c -f -i -q -r -v -w" ;;
    "capture raw") words="--again --batch-rows --buffer-size --capture-node --column --compress --count --custom-field1 --custom-field2 --custom-field3 --date --db --duration --filter --format --give-up --help --hep --hep-compress --hep-correlation --hep-id --hep-key --hep-name --hep-rate --hep-route --hep-version --interface --keep --listen --partition --promiscuous --quarantine --quiet --read --report-shape --report-table --rotate-count --rotate-seconds --rotate-size --route --rtcp --script-version --show-filter --snap-length --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --stats --table --table-time --target-ca --target-cert --target-key --user --verbose --workers --write -C -G -W -c -f -i -q -r -v -w" ;;
    "config") words="check show" ;;
    "config check") words="--help --set" ;;
    "config show") words="--help --json --set" ;;
    "db") words="drain import-quarantine init prune status" ;;
    "db drain") words="--batch-rows --capture-node --column --custom-field1 --custom-field2 --custom-field3 --date --db --help --partition --quarantine --report-shape --report-table --spool --table --table-time" ;;
    "db import-quarantine") words="--db --help" ;;
    "db init") words="--db --help --if-missing --partition --print --report-table --schema --shape --table" ;;
    "db prune") words="--db --dry-run --help --keep --keep-rows --keep-size --table" ;;
    "db status") words="--count --db --format --help --keep --keep-rows --keep-size --table" ;;
    "hep") words="chunks edit listen relay spool" ;;
    "hep chunks") words="--format --help" ;;
    "hep edit") words="--del --force --format --get --help --list --output-format --quiet --set --upgrade -q" ;;
    "hep listen") words="--allow --auth-key --auth-key-file --batch-rows --capture-node --column --compress --count --custom-field1 --custom-field2 --custom-field3 --date --db --duration --format --header-timeout --help --hep --hep-compress --hep-correlation --hep-id --hep-key --hep-name --hep-rate --hep-route --hep-version --max-connections --max-peer-connections --partition --quarantine --quiet --report-shape --report-table --rotate-count --rotate-seconds --rotate-size --route --script-version --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --stats --table --table-time --target-ca --target-cert --target-key --tls-cert --tls-client-ca --tls-key --verbose --write -C -G -W -c -q -v -w" ;;
    "hep relay") words="--allow --balance --del --drain --failover --from --header-timeout --help --hep-id --hep-rate --hep-route --hep-version --max-connections --max-peer-connections --patience --quiet --route --script-version --set --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --stats --target-ca --target-cert --target-key --tls-cert --tls-client-ca --tls-key --to -q" ;;
    "hep spool") words="--help --json --verify" ;;
    "mi") words="--datagram --fifo --help --http --reply-directory --token" ;;
    "report") words="--batch-rows --capture-node --column --compress --correlation --correlation-id --count --custom-field1 --custom-field2 --custom-field3 --date --db --destination --duration --format --help --hep --hep-compress --hep-correlation --hep-id --hep-key --hep-name --hep-rate --hep-version --lines --partition --payload --proto-type --quarantine --quiet --report-shape --report-table --rotate-count --rotate-seconds --rotate-size --shape --source --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --stats --table --table-time --target-ca --target-cert --target-key --time-field --verbose --write -C -G -W -c -q -v -w list show" ;;
    "report list") words="--correlation-id --db --format --from --help --limit --proto-type --table --to" ;;
    "report show") words="--db --format --help --sip-table --table" ;;
    "route") words="check explain" ;;
    "route check") words="--help --hep-route --script-version" ;;
    "route explain") words="--count --format --help --hep --hep-route --read --script-version -c -r" ;;
    "serve") words="--check --config --help --quiet --set --stats -c -q" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  # Values of flags and arguments are mostly files.
  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _sipcap sipcap
