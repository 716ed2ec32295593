#!/usr/bin/env bash
# From a checkout to a running capture node: install, build, create a database, import the sample, listen for HEP.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/prepare.sh python3 make g++ libpcap-dev

database=.sipcap/sipcap.db
mkdir -p .sipcap
echo "database $database:"
to=(--db "sqlite:$database")
status=0
output=$(node bin/run.js db init "${to[@]}" 2>&1) || status=$?
echo "$output"
if [[ $status = 2 && "$output" = *'SQLite is not available'* ]]; then
  to=()
  echo "continuing without a database: messages are shown, and not stored"
elif [ $status != 0 ]; then
  exit $status
fi
echo
echo "the sample capture, samples/sample.pcap:"
node bin/run.js capture mirror -r samples/sample.pcap --quiet
if [ ${#to[@]} -gt 0 ]; then
  echo
  echo "into the database (what is stored already is not stored twice):"
  node bin/run.js capture mirror -r samples/sample.pcap "${to[@]}"
fi
[ "${SIPCAP_START:-listen}" = once ] && exit 0
echo
echo "listening for HEP; stop with Ctrl-C. From another terminal: kamailio, opensips, heplify or sngrep -H udp:127.0.0.1:9060"
exec node bin/run.js hep listen "hep_udp:${SIPCAP_LISTEN:-0.0.0.0:9060}" "hep_tcp:${SIPCAP_LISTEN:-0.0.0.0:9060}" "${to[@]}" --format text
