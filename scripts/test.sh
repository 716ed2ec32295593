#!/usr/bin/env bash
# Installs what the tests need, starts private databases, runs everything, stops them, and ends with the count.
# A name of test/long (npm run test:long -- chaos --minutes 2) runs that program instead.
# With paths (npm test -- test/sip) only those run, and databases only if needed.
set -uo pipefail
cd "$(dirname "$0")/.."
packages=(python3 make g++ libpcap-dev tshark tcpdump zstd iproute2 procps openssl sip-tester sngrep kamailio kamailio-mysql-modules
  chromium zsh fish mariadb-server mariadb-client postgresql clickhouse-server)
[ -z "${SIPCAP_LONG:-}" ] || packages+=(zookeeper faketime)
bash scripts/prepare.sh "${packages[@]}" || exit 1

if [ -n "${SIPCAP_LONG:-}" ] && [ -e "test/long/${1:-}.ts" ]; then
  exec node --disable-warning=ExperimentalWarning --import ./test/sink/spool/typescript-register.mjs "test/long/$1.ts" "${@:2}"
fi

. scripts/servers.sh
trap stop_servers EXIT
trap 'exit 130' INT TERM
if [ $# -eq 0 ] || [[ " $* " =~ test/(store|e2e|pipeline) ]]; then start_servers; fi

results=$(mktemp)
node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js --json --outputFile="$results" "$@"
status=$?
node scripts/count-tests.mjs "$results"
counted=$?
rm -f "$results"
[ $status -eq 0 ] && [ $counted -eq 0 ]
