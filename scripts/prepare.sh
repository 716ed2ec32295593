#!/usr/bin/env bash
# Installs what the program needs: system packages (as root; else prints the command to run),
# npm packages, the build. Quick if everything is installed. Usage: prepare.sh PACKAGE...
# Exit code 4: the npm registry cannot be reached.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

bash scripts/system-packages.sh "$@"

network_faults='\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|FETCH_ERROR|no answer within [0-9]+ s)\b'

# Ends with 4 if what npm printed names a fault of the network. Another fault is the installation's to report.
refuse_unreachable() {
  local fault
  fault=$(grep -oEm1 "$network_faults" <<<"$1") || return 0
  cat >&2 <<END
cannot reach the npm registry $(npm config get registry) ($fault): the packages that sipcap needs are not installed
check the network, name a proxy or mirror (npm config set proxy URL, npm config set registry URL), or copy node_modules from a machine with the same system and Node.js
END
  exit 4
}

# Asks through npm, which knows of proxies and certificates; at most $1 seconds. What it printed stays in answer, what is
# known without in reason.
registry_answers() {
  local status=0
  reason=
  answer=$(timeout "$1" npm ping --fetch-retries=0 --fetch-timeout=10000 --loglevel=error 2>&1 </dev/null) || status=$?
  [ "$status" != 124 ] || reason="no answer within $1 s"
  return "$status"
}

# npm's own patience with a network that goes away is without end. Asks every 20 s, but not while packages are compiled, as
# npm's children do. On a machine with much to do a single answer may be late.
install_packages() {
  local npm watch failures=0 status=0
  npm install --no-save --no-audit --no-fund --loglevel=error &
  npm=$!
  trap 'kill "$npm" "$watch" 2>/dev/null' TERM
  while sleep 20; do
    if [ -n "$(cat "/proc/$npm/task"/*/children 2>/dev/null)" ] || registry_answers 60; then
      failures=0
    elif ! grep -qE "$network_faults" <<<"$answer$reason" || [ $((++failures)) -lt 3 ]; then
      continue
    else
      echo "npm install: $(grep -oEm1 "$network_faults" <<<"$reason$answer")"
      kill "$npm"
      break
    fi
  done &
  watch=$!
  wait "$npm" || status=$?
  kill "$watch" 2>/dev/null || true
  return "$status"
}

# sqlite3 and the addon are optional: without a compiler the rest works.
packages='npm packages'
report_compiler() {
  local missing=() tool
  for tool in g++ make python3; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  if [ ${#missing[@]} = 0 ]; then
    packages='npm packages (sqlite3 is compiled: about two minutes)'
    return
  fi
  echo "not installed: ${missing[*]}; the optional parts that are compiled may be missing:"
  echo "  sqlite3: without it SQLite needs Node.js 22.13 or newer; capture, HEP, MySQL and PostgreSQL do not need it"
  echo "  the addon for batched UDP: without it UDP uses Node's own sockets, which are slower"
}

if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  registry_answers 12 || refuse_unreachable "$reason$answer"
  report_compiler
  export npm_config_fetch_timeout=${npm_config_fetch_timeout:-30000} npm_config_fetch_retries=${npm_config_fetch_retries:-1}
  # Not npm ci: it demands lock entries of every platform's binaries, which not every registry serves.
  status=0
  step "installing $packages" install_packages || status=$?
  if [ $status != 0 ]; then
    refuse_unreachable "$step_output"
    exit $status
  fi
  touch node_modules/.package-lock.json
fi

if [ -n "$(find native binding.gyp -newer build/Release/datagrams.node -print -quit 2>/dev/null || echo new)" ]; then
  step 'building the addon for batched UDP' node native/build.mjs
fi

if [ ! -d dist ] || [ -n "$(find src tsconfig.json package.json scripts/bundle.mjs native/code-cache.mjs -newer dist/.built -print -quit 2>/dev/null || echo new)" ]; then
  step 'building sipcap' npm run --silent build
fi
