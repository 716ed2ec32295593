#!/usr/bin/env bash
# Installs what the program needs: system packages (as root; else prints the command to run),
# npm packages, the build. Quick if everything is installed. Usage: prepare.sh PACKAGE...
# Exit code 4: the npm registry cannot be reached.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

bash scripts/system-packages.sh "$@"

# Asks through npm, which knows of proxies and certificates. Another answer than "unreachable" is the installation's to report.
require_registry() {
  local registry answer status=0
  registry=$(npm config get registry)
  answer=$(timeout 12 npm ping --fetch-retries=0 --fetch-timeout=10000 --loglevel=error 2>&1 </dev/null) || status=$?
  [ "$status" = 0 ] && return
  local reason
  reason=$(grep -oEm1 '\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|FETCH_ERROR)\b' <<<"$answer") || true
  [ "$status" = 124 ] && reason='no answer within 12 s'
  [ -n "$reason" ] || return 0
  cat >&2 <<END
cannot reach the npm registry $registry ($reason): the packages that sipcap needs are not installed
check the network, name a proxy or mirror (npm config set proxy URL, npm config set registry URL), or copy node_modules from a machine with the same system and Node.js
END
  exit 4
}

# sqlite3 and the addon are optional: without a compiler the rest works.
report_compiler() {
  local missing=() tool
  for tool in g++ make python3; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "not installed: ${missing[*]}; the optional parts that are compiled may be missing:"
  echo "  sqlite3: without it SQLite needs Node.js 22.13 or newer; capture, HEP, MySQL and PostgreSQL do not need it"
  echo "  the addon for batched UDP: without it UDP uses Node's own sockets, which are slower"
}

if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  require_registry
  report_compiler
  # Not npm ci: it demands lock entries of every platform's binaries, which not every registry serves.
  step 'installing npm packages (sqlite3 is compiled: about two minutes)' npm install --no-save --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi

if [ -n "$(find native binding.gyp -newer build/Release/datagrams.node -print -quit 2>/dev/null || echo new)" ]; then
  step 'building the addon for batched UDP' node native/build.mjs
fi

if [ ! -d dist ] || [ -n "$(find src tsconfig.json package.json scripts/bundle.mjs -newer dist/.built -print -quit 2>/dev/null || echo new)" ]; then
  step 'building sipcap' npm run --silent build
fi
