# bash completion for sipcap: put this file into /etc/bash_completion.d or source it.
_sipcap() {
  local current=${COMP_WORDS[COMP_CWORD]} path="" word words=""
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) break ;; esac
    path="${path:+$path }$word"
  done
  case $path in
    "") words="call capture config db help hep mi report route serve" ;;
    "call") words="export list show stats" ;;
    "call export") words="--allow --anonymise --anonymise-key --auth-key --call-id --color --db --duration --failed --flag --format --from-user --guess-legs --header-timeout --help --hep-listen --interface --ip --keep-prefix --kind --last --latest --leg-header --limit --match --max-connections --max-duration --max-peer-connections --method --min-duration --min-ringing --number --parse-hep --port --quiet --read --reply --since --single --sip-user --state --status --strict --summary --table --tls-cert --tls-client-ca --tls-key --to-user --tz --ua --until --utc --where --write -E -i -q -r -w" ;;
    "call list") words="--allow --auth-key --call-id --color --csv-raw --db --duration --explain --failed --flag --format --from-user --header-timeout --help --hep-listen --interface --ip --kind --last --limit --match --max-connections --max-duration --max-peer-connections --method --min-duration --min-ringing --number --parse-hep --port --quiet --read --reply --since --sip-user --sort --state --status --summary --table --tls-cert --tls-client-ca --tls-key --to-user --tz --ua --until --utc --where -E -i -q -r" ;;
    "call show") words="--all --allow --ascii --auth-key --by --call-id --color --db --duration --failed --flag --follow --format --from-user --guess-legs --header-timeout --help --hep-listen --interface --ip --kind --last --latest --leg-header --limit --match --max-connections --max-duration --max-peer-connections --method --min-duration --min-ringing --names --number --parse-hep --port --quiet --read --reply --since --single --sip-user --state --status --summary --table --tls-cert --tls-client-ca --tls-key --to-user --tz --ua --until --utc --verbose --where --width -E -i -q -r -v" ;;
    "call stats") words="--allow --auth-key --by --call-id --color --csv-raw --db --duration --explain --failed --flag --format --from-user --header-timeout --help --hep-listen --interface --ip --kind --last --match --max-connections --max-duration --max-peer-connections --method --min-duration --min-ringing --number --parse-hep --per-hop --port --quiet --read --reply --since --sip-user --state --status --summary --table --tls-cert --tls-client-ca --tls-key --to-user --tz --ua --until --utc --where -E -i -q -r" ;;
    "capture") words="mirror raw" ;;
    "capture mirror") words="--again --batch-rows --buffer-size --call-id --capture-node --color --column --compress --count --custom-field1 --custom-field2 --custom-field3 --date --db --drain-deadline --duration --filter --format --from-user --give-up --help --hep --hep-compress --hep-correlation --hep-id --hep-key --hep-name --hep-rate --hep-route --hep-version --interface --ip --keep --keep-reports --last --listen --match --method --names --number --parse-hep --partition --port --promiscuous --quarantine --quiet --read --reply --report-shape --report-table --rotate-count --rotate-seconds --rotate-size --route --rtcp --script-version --show-filter --since --sip-user --snap-length --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --status --summary --table --table-time --target-ca --target-cert --target-key --time --to-user --tz --ua --unknown-functions --until --user --utc --verbose --where --whole-only --workers --write -C -E -G -W -c -f -i -q -r -v -w" ;;
    "capture raw") words="--again --batch-rows --buffer-size --call-id --capture-node --color --column --compress --count --custom-field1 --custom-field2 --custom-field3 --date --db --drain-deadline --duration --filter --format --from-user --give-up --help --hep --hep-compress --hep-correlation --hep-id --hep-key --hep-name --hep-rate --hep-route --hep-version --interface --ip --keep --keep-reports --last --listen --match --method --names --number --partition --promiscuous --quarantine --quiet --read --reply --report-shape --report-table --rotate-count --rotate-seconds --rotate-size --route --rtcp --script-version --show-filter --since --sip-user --snap-length --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --status --summary --table --table-time --target-ca --target-cert --target-key --time --to-user --tz --ua --unknown-functions --until --user --utc --verbose --where --whole-only --workers --write -C -G -W -c -f -i -q -r -v -w" ;;
    "config") words="check convert defaults show" ;;
    "config check") words="--color --help --quiet --set --unknown-functions -q" ;;
    "config convert") words="--color --help" ;;
    "config defaults") words="--color --help" ;;
    "config show") words="--color --help --json --set --unknown-functions" ;;
    "db") words="drain import-quarantine init prune status" ;;
    "db drain") words="--batch-rows --capture-node --color --column --custom-field1 --custom-field2 --custom-field3 --date --db --help --partition --quarantine --report-shape --report-table --spool --table --table-time" ;;
    "db import-quarantine") words="--color --db --help" ;;
    "db init") words="--color --db --help --if-missing --partition --print --report-table --schema --shape --table" ;;
    "db prune") words="--color --db --dry-run --help --keep --keep-rows --keep-size --table" ;;
    "db status") words="--color --count --db --format --help --keep --keep-rows --keep-size --table" ;;
    "help") words="--color --help" ;;
    "hep") words="chunks edit listen relay spool" ;;
    "hep chunks") words="--color --format --help" ;;
    "hep edit") words="--color --del --force --format --get --help --list --output-format --quiet --set --upgrade -q" ;;
    "hep listen") words="--allow --auth-key --auth-key-file --batch-rows --call-id --capture-node --color --column --compress --count --custom-field1 --custom-field2 --custom-field3 --date --db --drain-deadline --duration --format --from-user --header-timeout --help --hep --hep-compress --hep-correlation --hep-id --hep-key --hep-name --hep-rate --hep-route --hep-version --ip --keep-reports --last --match --max-connections --max-peer-connections --method --names --number --partition --quarantine --quiet --reply --report-shape --report-table --rotate-count --rotate-seconds --rotate-size --route --script-version --since --sip-user --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --status --summary --table --table-time --target-ca --target-cert --target-key --time --tls-cert --tls-client-ca --tls-key --to-user --tz --ua --unknown-functions --until --utc --verbose --where --whole-only --write -C -G -W -c -q -v -w" ;;
    "hep relay") words="--allow --balance --call-id --color --del --drain --drain-deadline --failover --from --from-user --header-timeout --help --hep-id --hep-rate --hep-route --hep-version --ip --keep-reports --last --match --max-connections --max-peer-connections --method --number --patience --quiet --reply --route --script-version --set --since --sip-user --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --status --summary --target-ca --target-cert --target-key --tls-cert --tls-client-ca --tls-key --to --to-user --tz --ua --unknown-functions --until --utc --where --whole-only -q" ;;
    "hep spool") words="--color --help --json --verify" ;;
    "mi") words="--color --datagram --fifo --help --http --reply-directory --token" ;;
    "report") words="--batch-rows --capture-node --color --column --compress --correlation --correlation-id --count --custom-field1 --custom-field2 --custom-field3 --date --db --destination --drain-deadline --duration --format --help --hep --hep-compress --hep-correlation --hep-id --hep-key --hep-name --hep-rate --hep-version --lines --names --partition --payload --proto-type --quarantine --quiet --report-shape --report-table --rotate-count --rotate-seconds --rotate-size --shape --source --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --summary --table --table-time --target-ca --target-cert --target-key --time --time-field --tz --utc --verbose --write -C -G -W -c -q -v -w list show" ;;
    "report list") words="--allow --auth-key --color --correlation-id --csv-raw --db --duration --format --header-timeout --help --hep-listen --interface --last --limit --max-connections --max-peer-connections --parse-hep --port --proto-type --read --since --table --tls-cert --tls-client-ca --tls-key --tz --until --utc -E -i -r" ;;
    "report show") words="--allow --auth-key --color --db --duration --format --header-timeout --help --hep-listen --interface --max-connections --max-peer-connections --parse-hep --port --read --sip-table --table --tls-cert --tls-client-ca --tls-key --tz --utc -E -i -r" ;;
    "route") words="check explain" ;;
    "route check") words="--color --help --hep-route --quiet --script-version --unknown-functions -q" ;;
    "route explain") words="--color --count --format --help --hep --hep-route --read --script-version --unknown-functions -c -r" ;;
    "serve") words="--check --color --config --help --quiet --set --summary --unknown-functions -c -q" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  # Values of flags and arguments are mostly files.
  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _sipcap sipcap
