# fish completion for sipcap: put this file into ~/.config/fish/completions or /usr/share/fish/vendor_completions.d.
function __sipcap_complete
  set -l tokens (commandline -opc)
  set -l current (commandline -ct)
  set -l known 'call' 'call export' 'call list' 'call show' 'call stats' 'capture' 'capture mirror' 'capture raw' 'config' 'config check' 'config convert' 'config defaults' 'config show' 'db' 'db drain' 'db import-quarantine' 'db init' 'db prune' 'db status' 'help' 'hep' 'hep chunks' 'hep edit' 'hep listen' 'hep relay' 'hep spool' 'mi' 'report' 'report list' 'report show' 'route' 'route check' 'route explain' 'serve'
  set -l chosen ''
  for word in $tokens[2..-1]
    set -l longer (string trim -- "$chosen $word")
    contains -- $longer $known; or break
    set chosen $longer
  end
  set -l previous $tokens[-1]
  if string match -qr -- '^--[^=]+=' $current
    set previous (string replace -r '=.*' '' -- $current)
  end
  set -l kind
  switch "$chosen $previous"
    case 'call export --color' 'call list --color' 'call show --color' 'call stats --color' 'capture mirror --color' 'capture raw --color' 'config check --color' 'config convert --color' 'config defaults --color' 'config show --color' 'db drain --color' 'db import-quarantine --color' 'db init --color' 'db prune --color' 'db status --color' 'help --color' 'hep chunks --color' 'hep edit --color' 'hep listen --color' 'hep relay --color' 'hep spool --color' 'mi --color' 'report --color' 'report list --color' 'report show --color' 'route check --color' 'route explain --color' 'serve --color'
      set kind auto always never
    case 'call export --read' 'call export -r' 'call export --tls-cert' 'call export --tls-key' 'call export --tls-client-ca' 'call export --write' 'call export -w' 'call list --read' 'call list -r' 'call list --tls-cert' 'call list --tls-key' 'call list --tls-client-ca' 'call show --read' 'call show -r' 'call show --tls-cert' 'call show --tls-key' 'call show --tls-client-ca' 'call show --names' 'call stats --read' 'call stats -r' 'call stats --tls-cert' 'call stats --tls-key' 'call stats --tls-client-ca' 'capture mirror --read' 'capture mirror -r' 'capture mirror --quarantine' 'capture mirror --write' 'capture mirror -w' 'capture mirror --spool' 'capture mirror --target-ca' 'capture mirror --target-cert' 'capture mirror --target-key' 'capture mirror --names' 'capture mirror --route' 'capture raw --read' 'capture raw -r' 'capture raw --quarantine' 'capture raw --write' 'capture raw -w' 'capture raw --spool' 'capture raw --target-ca' 'capture raw --target-cert' 'capture raw --target-key' 'capture raw --names' 'capture raw --route' 'db drain --quarantine' 'db drain --spool' 'hep listen --tls-cert' 'hep listen --tls-key' 'hep listen --tls-client-ca' 'hep listen --auth-key-file' 'hep listen --quarantine' 'hep listen --write' 'hep listen -w' 'hep listen --spool' 'hep listen --target-ca' 'hep listen --target-cert' 'hep listen --target-key' 'hep listen --names' 'hep listen --route' 'hep relay --from' 'hep relay --spool' 'hep relay --target-ca' 'hep relay --target-cert' 'hep relay --target-key' 'hep relay --route' 'hep relay --tls-cert' 'hep relay --tls-key' 'hep relay --tls-client-ca' 'mi --fifo' 'mi --reply-directory' 'report --time-field' 'report --quarantine' 'report --write' 'report -w' 'report --spool' 'report --target-ca' 'report --target-cert' 'report --target-key' 'report --names' 'report list --read' 'report list -r' 'report list --tls-cert' 'report list --tls-key' 'report list --tls-client-ca' 'report show --read' 'report show -r' 'report show --tls-cert' 'report show --tls-key' 'report show --tls-client-ca' 'route explain --hep' 'route explain --read' 'route explain -r' 'serve --config' 'serve -c'
      set kind @files
    case 'call export --db' 'call export --port' 'call export --duration' 'call export --auth-key' 'call export --allow' 'call export --max-connections' 'call export --max-peer-connections' 'call export --header-timeout' 'call export --table' 'call export --where' 'call export --sip-user' 'call export --from-user' 'call export --to-user' 'call export --number' 'call export --call-id' 'call export --status' 'call export --reply' 'call export --ip' 'call export --ua' 'call export --match' 'call export --since' 'call export --until' 'call export --last' 'call export --min-duration' 'call export --max-duration' 'call export --min-ringing' 'call export --kind' 'call export --leg-header' 'call export --limit' 'call export --anonymise-key' 'call export --keep-prefix' 'call list --db' 'call list --port' 'call list --duration' 'call list --auth-key' 'call list --allow' 'call list --max-connections' 'call list --max-peer-connections' 'call list --header-timeout' 'call list --table' 'call list --where' 'call list --sip-user' 'call list --from-user' 'call list --to-user' 'call list --number' 'call list --call-id' 'call list --status' 'call list --reply' 'call list --ip' 'call list --ua' 'call list --match' 'call list --since' 'call list --until' 'call list --last' 'call list --min-duration' 'call list --max-duration' 'call list --min-ringing' 'call list --kind' 'call list --max-mos' 'call list --sort' 'call list --limit' 'call show --db' 'call show --port' 'call show --duration' 'call show --auth-key' 'call show --allow' 'call show --max-connections' 'call show --max-peer-connections' 'call show --header-timeout' 'call show --table' 'call show --where' 'call show --sip-user' 'call show --from-user' 'call show --to-user' 'call show --number' 'call show --call-id' 'call show --status' 'call show --reply' 'call show --ip' 'call show --ua' 'call show --match' 'call show --since' 'call show --until' 'call show --last' 'call show --min-duration' 'call show --max-duration' 'call show --min-ringing' 'call show --kind' 'call show --leg-header' 'call show --limit' 'call show --width' 'call stats --db' 'call stats --port' 'call stats --duration' 'call stats --auth-key' 'call stats --allow' 'call stats --max-connections' 'call stats --max-peer-connections' 'call stats --header-timeout' 'call stats --table' 'call stats --where' 'call stats --sip-user' 'call stats --from-user' 'call stats --to-user' 'call stats --number' 'call stats --call-id' 'call stats --status' 'call stats --reply' 'call stats --ip' 'call stats --ua' 'call stats --match' 'call stats --since' 'call stats --until' 'call stats --last' 'call stats --min-duration' 'call stats --max-duration' 'call stats --min-ringing' 'call stats --kind' 'call stats --max-mos' 'capture mirror --port' 'capture mirror --listen' 'capture mirror --where' 'capture mirror --sip-user' 'capture mirror --from-user' 'capture mirror --to-user' 'capture mirror --number' 'capture mirror --call-id' 'capture mirror --status' 'capture mirror --reply' 'capture mirror --ip' 'capture mirror --ua' 'capture mirror --match' 'capture mirror --since' 'capture mirror --until' 'capture mirror --last' 'capture mirror --snap-length' 'capture mirror --buffer-size' 'capture mirror --filter' 'capture mirror -f' 'capture mirror --give-up' 'capture mirror --workers' 'capture mirror --user' 'capture mirror --db' 'capture mirror --table' 'capture mirror --report-table' 'capture mirror --data-header' 'capture mirror --aleg-header' 'capture mirror --capture-node' 'capture mirror --custom-field1' 'capture mirror --custom-field2' 'capture mirror --custom-field3' 'capture mirror --column' 'capture mirror --batch-rows' 'capture mirror --rotate-size' 'capture mirror -C' 'capture mirror --rotate-seconds' 'capture mirror -G' 'capture mirror --rotate-count' 'capture mirror -W' 'capture mirror --hep-id' 'capture mirror --hep-name' 'capture mirror --hep-key' 'capture mirror --hep-correlation' 'capture mirror --spool-rate' 'capture mirror --spool-max-size' 'capture mirror --spool-max-age' 'capture mirror --hep-route' 'capture mirror --duration' 'capture mirror --drain-deadline' 'capture mirror --count' 'capture mirror -c' 'capture mirror --silent-after' 'capture raw --listen' 'capture raw --where' 'capture raw --sip-user' 'capture raw --from-user' 'capture raw --to-user' 'capture raw --number' 'capture raw --call-id' 'capture raw --status' 'capture raw --reply' 'capture raw --ip' 'capture raw --ua' 'capture raw --match' 'capture raw --since' 'capture raw --until' 'capture raw --last' 'capture raw --snap-length' 'capture raw --buffer-size' 'capture raw --filter' 'capture raw -f' 'capture raw --give-up' 'capture raw --workers' 'capture raw --user' 'capture raw --db' 'capture raw --table' 'capture raw --report-table' 'capture raw --data-header' 'capture raw --aleg-header' 'capture raw --capture-node' 'capture raw --custom-field1' 'capture raw --custom-field2' 'capture raw --custom-field3' 'capture raw --column' 'capture raw --batch-rows' 'capture raw --rotate-size' 'capture raw -C' 'capture raw --rotate-seconds' 'capture raw -G' 'capture raw --rotate-count' 'capture raw -W' 'capture raw --hep-id' 'capture raw --hep-name' 'capture raw --hep-key' 'capture raw --hep-correlation' 'capture raw --spool-rate' 'capture raw --spool-max-size' 'capture raw --spool-max-age' 'capture raw --hep-route' 'capture raw --duration' 'capture raw --drain-deadline' 'capture raw --count' 'capture raw -c' 'capture raw --silent-after' 'config check --set' 'config show --set' 'db drain --db' 'db drain --table' 'db drain --report-table' 'db drain --data-header' 'db drain --aleg-header' 'db drain --capture-node' 'db drain --custom-field1' 'db drain --custom-field2' 'db drain --custom-field3' 'db drain --column' 'db drain --batch-rows' 'db import-quarantine --db' 'db init --db' 'db init --table' 'db init --report-table' 'db prune --db' 'db prune --keep' 'db prune --keep-size' 'db prune --keep-rows' 'db prune --table' 'db status --db' 'db status --keep' 'db status --keep-size' 'db status --keep-rows' 'db status --table' 'hep listen --allow' 'hep listen --max-connections' 'hep listen --max-peer-connections' 'hep listen --header-timeout' 'hep listen --processes' 'hep listen --auth-key' 'hep listen --where' 'hep listen --sip-user' 'hep listen --from-user' 'hep listen --to-user' 'hep listen --number' 'hep listen --call-id' 'hep listen --status' 'hep listen --reply' 'hep listen --ip' 'hep listen --ua' 'hep listen --match' 'hep listen --since' 'hep listen --until' 'hep listen --last' 'hep listen --db' 'hep listen --table' 'hep listen --report-table' 'hep listen --data-header' 'hep listen --aleg-header' 'hep listen --capture-node' 'hep listen --custom-field1' 'hep listen --custom-field2' 'hep listen --custom-field3' 'hep listen --column' 'hep listen --batch-rows' 'hep listen --rotate-size' 'hep listen -C' 'hep listen --rotate-seconds' 'hep listen -G' 'hep listen --rotate-count' 'hep listen -W' 'hep listen --hep-id' 'hep listen --hep-name' 'hep listen --hep-key' 'hep listen --hep-correlation' 'hep listen --spool-rate' 'hep listen --spool-max-size' 'hep listen --spool-max-age' 'hep listen --hep-route' 'hep listen --duration' 'hep listen --drain-deadline' 'hep listen --count' 'hep listen -c' 'hep listen --silent-after' 'hep relay --hep-id' 'hep relay --where' 'hep relay --sip-user' 'hep relay --from-user' 'hep relay --to-user' 'hep relay --number' 'hep relay --call-id' 'hep relay --status' 'hep relay --reply' 'hep relay --ip' 'hep relay --ua' 'hep relay --match' 'hep relay --since' 'hep relay --until' 'hep relay --last' 'hep relay --spool-rate' 'hep relay --spool-max-size' 'hep relay --spool-max-age' 'hep relay --hep-route' 'hep relay --patience' 'hep relay --drain-deadline' 'hep relay --silent-after' 'hep relay --allow' 'hep relay --max-connections' 'hep relay --max-peer-connections' 'hep relay --header-timeout' 'mi --datagram' 'mi --http' 'mi --token' 'report --correlation-id' 'report --correlation' 'report --proto-type' 'report --source' 'report --destination' 'report --db' 'report --table' 'report --report-table' 'report --data-header' 'report --aleg-header' 'report --capture-node' 'report --custom-field1' 'report --custom-field2' 'report --custom-field3' 'report --column' 'report --batch-rows' 'report --rotate-size' 'report -C' 'report --rotate-seconds' 'report -G' 'report --rotate-count' 'report -W' 'report --hep-id' 'report --hep-name' 'report --hep-key' 'report --hep-correlation' 'report --spool-rate' 'report --spool-max-size' 'report --spool-max-age' 'report --duration' 'report --drain-deadline' 'report --count' 'report -c' 'report list --db' 'report list --port' 'report list --duration' 'report list --auth-key' 'report list --allow' 'report list --max-connections' 'report list --max-peer-connections' 'report list --header-timeout' 'report list --table' 'report list --correlation-id' 'report list --proto-type' 'report list --since' 'report list --until' 'report list --last' 'report list --limit' 'report show --db' 'report show --port' 'report show --duration' 'report show --auth-key' 'report show --allow' 'report show --max-connections' 'report show --max-peer-connections' 'report show --header-timeout' 'report show --table' 'report show --sip-table' 'report show --width' 'route check --hep-route' 'route explain --count' 'route explain -c' 'route explain --hep-route' 'serve --set'
      set kind @none
    case 'call export --interface' 'call export -i' 'call list --interface' 'call list -i' 'call show --interface' 'call show -i' 'call stats --interface' 'call stats -i' 'capture mirror --interface' 'capture mirror -i' 'capture raw --interface' 'capture raw -i' 'report list --interface' 'report list -i' 'report show --interface' 'report show -i'
      set kind @interfaces
    case 'call export --hep-listen' 'call list --hep-listen' 'call show --hep-listen' 'call stats --hep-listen' 'capture mirror --hep' 'capture raw --hep' 'hep listen --hep' 'hep relay --to' 'report --hep' 'report list --hep-listen' 'report show --hep-listen'
      set kind hep_udp: hep_tcp: hep_tls:
    case 'call export --method' 'call list --method' 'call show --method' 'call stats --method' 'capture mirror --method' 'capture raw --method' 'hep listen --method' 'hep relay --method'
      set kind INVITE ACK BYE CANCEL REGISTER OPTIONS SUBSCRIBE NOTIFY PUBLISH MESSAGE INFO UPDATE PRACK REFER
    case 'call export --tz' 'call list --tz' 'call show --tz' 'call stats --tz' 'capture mirror --tz' 'capture raw --tz' 'hep listen --tz' 'hep relay --tz' 'report --tz' 'report list --tz' 'report show --tz'
      set kind UTC local
    case 'call export --state' 'call list --state' 'call show --state' 'call stats --state'
      set kind trying proceeding ringing challenged redirected answered in-call ended lost cancelled busy declined unavailable not-found failed timeout no-answer partial registered removed subscribed terminated succeeded
    case 'call export --flag' 'call list --flag' 'call show --flag' 'call stats --flag'
      set kind no-ack no-bye cancel-race bye-glare glare forked transferred reinvite-failed early-media reused clock cut began-earlier unfinished partial one-way mos-unreliable
    case 'call export --summary' 'call list --summary' 'call show --summary' 'call stats --summary' 'capture mirror --summary' 'capture raw --summary' 'hep listen --summary' 'hep relay --summary' 'report --summary' 'serve --summary'
      set kind full short json none
    case 'call export --format'
      set kind pcap hep json text
    case 'call list --format' 'call stats --format'
      set kind table csv json
    case 'call show --format'
      set kind text mermaid svg html json
    case 'call show --by'
      set kind host port box
    case 'call stats --by'
      set kind none hour method status peer node ua codec
    case 'capture mirror --keep' 'capture raw --keep'
      set kind sip all
    case 'capture mirror --shape' 'capture raw --shape' 'db drain --shape' 'db init --shape' 'hep listen --shape' 'report --shape'
      set kind sipcapture homer5 homer5-split homer6 homer7
    case 'capture mirror --report-shape' 'capture raw --report-shape' 'db drain --report-shape' 'db init --report-shape' 'hep listen --report-shape' 'report --report-shape'
      set kind homer5 homer6
    case 'capture mirror --table-time' 'capture raw --table-time' 'db drain --table-time' 'hep listen --table-time' 'report --table-time'
      set kind packet receive
    case 'capture mirror --date' 'capture raw --date' 'db drain --date' 'hep listen --date' 'report --date'
      set kind utc local
    case 'capture mirror --partition' 'capture raw --partition' 'db drain --partition' 'db init --partition' 'hep listen --partition' 'report --partition'
      set kind none day hour
    case 'capture mirror --hep-version' 'capture raw --hep-version' 'hep listen --hep-version' 'report --hep-version'
      set kind 1 2 3
    case 'capture mirror --hep-identity' 'capture raw --hep-identity' 'hep listen --hep-identity' 'hep relay --hep-identity' 'report --hep-identity'
      set kind made always
    case 'capture mirror --hep-rate' 'capture raw --hep-rate' 'hep listen --hep-rate' 'hep relay --hep-rate' 'report --hep-rate'
      set kind capture
    case 'capture mirror --spool-sync' 'capture raw --spool-sync' 'hep listen --spool-sync' 'hep relay --spool-sync' 'report --spool-sync'
      set kind always interval never
    case 'capture mirror --format' 'capture raw --format' 'hep listen --format' 'report --format'
      set kind text json none
    case 'capture mirror --time' 'capture raw --time' 'hep listen --time' 'report --time'
      set kind none epoch delta date elapsed
    case 'capture mirror --script-version' 'capture raw --script-version' 'hep listen --script-version' 'hep relay --script-version' 'route check --script-version' 'route explain --script-version'
      set kind 2 3
    case 'capture mirror --unknown-functions' 'capture raw --unknown-functions' 'config check --unknown-functions' 'config show --unknown-functions' 'hep listen --unknown-functions' 'hep relay --unknown-functions' 'route check --unknown-functions' 'route explain --unknown-functions' 'serve --unknown-functions'
      set kind error skip
    case 'config show --format' 'db status --format' 'hep chunks --format' 'hep edit --format' 'hep spool --format' 'report show --format' 'route explain --format'
      set kind text json
    case 'hep edit --set' 'hep relay --set'
      set kind proto_family= proto_id= src_ip= dst_ip= src_ip6= dst_ip6= src_port= dst_port= timestamp= timestamp_us= proto_type= captagent_id= keepalive= auth_key= payload= compressed_payload= correlation_id= vlan_id= node_name= src_mac= dst_mac= ether_type= tcp_flags= ip_tos= mos= r_factor= geo_location= jitter= transaction_type= payload_json_keys= tags= tag_type= event_type= group_id= correlation_map=
    case 'hep edit --get' 'hep edit --del' 'hep relay --del'
      set kind proto_family proto_id src_ip dst_ip src_ip6 dst_ip6 src_port dst_port timestamp timestamp_us proto_type captagent_id keepalive auth_key payload compressed_payload correlation_id vlan_id node_name src_mac dst_mac ether_type tcp_flags ip_tos mos r_factor geo_location jitter transaction_type payload_json_keys tags tag_type event_type group_id correlation_map
    case 'hep edit --output-format'
      set kind hep pcap hex json
    case 'hep relay --hep-version'
      set kind 3
    case 'report list --format'
      set kind table json csv
  end
  if test -z "$kind"; and not string match -q -- '-*' $current
    switch $chosen
      case 'call list'
        set kind @files
      case 'call stats'
        set kind @files
      case 'capture mirror'
        set kind @files
      case 'capture raw'
        set kind @files
      case 'config check'
        set kind @files
      case 'config convert'
        set kind @files
      case 'config show'
        set kind @files
      case 'db import-quarantine'
        set kind @files
      case 'help'
        set kind exit-codes signals endpoints filters call capture config db help hep mi report route serve
      case 'hep edit'
        set kind @files
      case 'hep listen'
        set kind hep_udp: hep_tcp: hep_tls:
      case 'hep spool'
        set kind @files
      case 'mi'
        set kind sip_capture which get_statistics uptime version reload spool help
      case 'report'
        set kind @files
      case 'report list'
        set kind @files
      case 'route check'
        set kind @files
      case 'route explain'
        set kind @files
    end
  end
  if test -z "$kind"
    switch $chosen
      case ''
        set kind call capture config db help hep mi report route serve
      case 'call'
        set kind export list show stats
      case 'call export'
        set kind --allow --anonymise --anonymise-key --auth-key --call-id --color --db --duration --failed --flag --format --from-user --guess-legs --header-timeout --help --hep-listen --interface --ip --keep-prefix --kind --last --latest --leg-header --limit --match --max-connections --max-duration --max-peer-connections --media --method --min-duration --min-ringing --number --parse-hep --port --quiet --read --reply --since --single --sip-user --state --status --strict --summary --table --tls-cert --tls-client-ca --tls-key --to-user --tz --ua --until --utc --where --write -E -h -i -q -r -w
      case 'call list'
        set kind --allow --auth-key --call-id --color --csv-raw --db --duration --explain --failed --flag --format --from-user --header-timeout --help --hep-listen --interface --ip --kind --last --limit --match --max-connections --max-duration --max-mos --max-peer-connections --media --method --min-duration --min-ringing --number --parse-hep --port --quiet --read --reply --since --sip-user --sort --state --status --summary --table --tls-cert --tls-client-ca --tls-key --to-user --tz --ua --until --utc --where -E -h -i -q -r
      case 'call show'
        set kind --all --allow --ascii --auth-key --by --call-id --color --db --duration --failed --flag --follow --format --from-user --guess-legs --header-timeout --help --hep-listen --interface --ip --kind --last --latest --leg-header --limit --match --max-connections --max-duration --max-peer-connections --media --method --min-duration --min-ringing --names --no-media --number --parse-hep --port --quiet --read --reply --rtp-guess --since --single --sip-user --state --status --summary --table --tls-cert --tls-client-ca --tls-key --to-user --tz --ua --until --utc --verbose --where --width -E -h -i -q -r -v
      case 'call stats'
        set kind --allow --auth-key --by --call-id --color --csv-raw --db --duration --explain --failed --flag --format --from-user --header-timeout --help --hep-listen --interface --ip --kind --last --match --max-connections --max-duration --max-mos --max-peer-connections --media --method --min-duration --min-ringing --number --parse-hep --per-hop --port --quiet --read --reply --since --sip-user --state --status --summary --table --tls-cert --tls-client-ca --tls-key --to-user --tz --ua --until --utc --where -E -h -i -q -r
      case 'capture'
        set kind mirror raw
      case 'capture mirror'
        set kind --again --aleg-header --batch-rows --buffer-size --call-id --capture-node --color --column --compress --count --custom-field1 --data-header --date --db --drain-deadline --duration --filter --format --from-user --give-up --help --hep --hep-compress --hep-correlation --hep-id --hep-identity --hep-key --hep-name --hep-rate --hep-route --hep-version --interface --ip --keep --keep-reports --last --listen --match --method --names --no-hep-identity --no-promiscuous --number --parse-hep --partition --port --promiscuous --quarantine --quiet --read --reply --report-shape --report-table --rotate-count --rotate-seconds --rotate-size --route --rtcp --rtp --script-version --shape --show-filter --silent-after --since --sip-user --snap-length --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --status --summary --table --table-time --target-ca --target-cert --target-key --time --to-user --tz --ua --unknown-functions --until --user --utc --verbose --where --whole-only --workers --write -C -E -G -W -c -f -h -i -q -r -v -w
      case 'capture raw'
        set kind --again --aleg-header --batch-rows --buffer-size --call-id --capture-node --color --column --compress --count --custom-field1 --data-header --date --db --drain-deadline --duration --filter --format --from-user --give-up --help --hep --hep-compress --hep-correlation --hep-id --hep-identity --hep-key --hep-name --hep-rate --hep-route --hep-version --interface --ip --keep --keep-reports --last --listen --match --method --names --no-hep-identity --no-promiscuous --number --partition --promiscuous --quarantine --quiet --read --reply --report-shape --report-table --rotate-count --rotate-seconds --rotate-size --route --rtcp --rtp --script-version --shape --show-filter --silent-after --since --sip-user --snap-length --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --status --summary --table --table-time --target-ca --target-cert --target-key --time --to-user --tz --ua --unknown-functions --until --user --utc --verbose --where --whole-only --workers --write -C -G -W -c -f -h -i -q -r -v -w
      case 'config'
        set kind check convert defaults show
      case 'config check'
        set kind --color --help --quiet --set --unknown-functions -h -q
      case 'config convert'
        set kind --color --help -h
      case 'config defaults'
        set kind --color --help -h
      case 'config show'
        set kind --color --format --help --set --unknown-functions -h
      case 'db'
        set kind drain import-quarantine init prune status
      case 'db drain'
        set kind --aleg-header --batch-rows --capture-node --color --column --custom-field1 --data-header --date --db --help --partition --quarantine --report-shape --report-table --shape --spool --table --table-time -h
      case 'db import-quarantine'
        set kind --color --db --help -h
      case 'db init'
        set kind --color --db --help --partition --print --print-homer-mapping --report-shape --report-table --schema --shape --table -h
      case 'db prune'
        set kind --color --db --dry-run --help --keep --keep-rows --keep-size --table -h
      case 'db status'
        set kind --color --count --db --format --help --keep --keep-rows --keep-size --table -h
      case 'help'
        set kind --color --help -h
      case 'hep'
        set kind chunks edit listen relay spool
      case 'hep chunks'
        set kind --color --format --help -h
      case 'hep edit'
        set kind --color --del --force --format --get --help --list --output-format --quiet --set --upgrade -h -q
      case 'hep listen'
        set kind --accept-repeats --aleg-header --allow --auth-key --auth-key-file --batch-rows --call-id --capture-node --color --column --compress --count --custom-field1 --data-header --date --db --drain-deadline --duration --format --from-user --header-timeout --help --hep --hep-compress --hep-correlation --hep-id --hep-identity --hep-key --hep-name --hep-rate --hep-route --hep-version --ip --keep-reports --last --match --max-connections --max-peer-connections --method --names --no-hep-identity --number --partition --processes --quarantine --quiet --reply --report-shape --report-table --rotate-count --rotate-seconds --rotate-size --route --script-version --shape --silent-after --since --sip-user --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --status --summary --table --table-time --target-ca --target-cert --target-key --time --tls-cert --tls-client-ca --tls-key --to-user --tz --ua --unknown-functions --until --utc --verbose --where --whole-only --write -C -G -W -c -h -q -v -w
      case 'hep relay'
        set kind --accept-repeats --allow --balance --call-id --color --del --drain --drain-deadline --failover --from --from-user --header-timeout --help --hep-id --hep-identity --hep-rate --hep-route --hep-version --ip --keep-reports --last --match --max-connections --max-peer-connections --method --no-hep-identity --number --patience --quiet --reply --route --script-version --set --silent-after --since --sip-user --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --status --summary --target-ca --target-cert --target-key --tls-cert --tls-client-ca --tls-key --to --to-user --tz --ua --unknown-functions --until --utc --where --whole-only -h -q
      case 'hep spool'
        set kind --color --format --help --verify -h
      case 'mi'
        set kind --color --datagram --fifo --help --http --reply-directory --token -h
      case 'report'
        set kind --aleg-header --batch-rows --capture-node --color --column --compress --correlation --correlation-id --count --custom-field1 --data-header --date --db --destination --drain-deadline --duration --format --help --hep --hep-compress --hep-correlation --hep-id --hep-identity --hep-key --hep-name --hep-rate --hep-version --lines --names --no-hep-identity --partition --payload --proto-type --quarantine --quiet --report-shape --report-table --rotate-count --rotate-seconds --rotate-size --shape --source --spool --spool-max-age --spool-max-size --spool-rate --spool-sync --summary --table --table-time --target-ca --target-cert --target-key --time --time-field --tz --utc --verbose --write -C -G -W -c -h -q -v -w list show
      case 'report list'
        set kind --allow --auth-key --color --correlation-id --csv-raw --db --duration --format --header-timeout --help --hep-listen --interface --last --limit --max-connections --max-peer-connections --parse-hep --port --proto-type --read --since --table --tls-cert --tls-client-ca --tls-key --tz --until --utc -E -h -i -r
      case 'report show'
        set kind --allow --auth-key --color --db --duration --format --header-timeout --help --hep-listen --interface --max-connections --max-peer-connections --parse-hep --port --read --sip-table --table --tls-cert --tls-client-ca --tls-key --tz --utc --width -E -h -i -r
      case 'route'
        set kind check explain
      case 'route check'
        set kind --color --help --hep-route --quiet --script-version --unknown-functions -h -q
      case 'route explain'
        set kind --color --count --format --help --hep --hep-route --read --script-version --unknown-functions -c -h -r
      case 'serve'
        set kind --check --color --config --help --quiet --set --summary --unknown-functions -c -h -q
    end
  end
  set -l prefix ''
  test "$previous" != "$tokens[-1]"; and set prefix "$previous="
  switch "$kind"
    case @files
      __fish_complete_path (string replace -- $prefix '' $current) | string replace -r '^' -- $prefix
    case @interfaces
      printf '%s\n' $prefix(command ls /sys/class/net) "$prefix"any
    case @none
    case '*'
      printf '%s\n' $prefix$kind
  end
end
complete -c sipcap -f -a '(__sipcap_complete)'
