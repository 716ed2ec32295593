#!/usr/bin/env bash
# Brings what the program needs onto the machine: system packages (as root; else the one line to run is printed),
# npm packages, the build. Quick where all is there. Usage: prepare.sh PACKAGE...
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
for package in "$@"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "please install: ${missing[*]}"
  elif [ "$(id -u)" != 0 ]; then
    echo "some system packages are missing; to have them: sudo apt-get install -y ${missing[*]}"
  else
    echo "installing system packages: ${missing[*]}"
    # No package may start a service of its own while it is installed.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      printf '#!/bin/sh\nexit 101\n' > "$policy"
      chmod +x "$policy"
      trap 'rm -f "$policy"' EXIT
    fi
    install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >.sipcap-apt.log 2>&1; }
    install || { apt-get update -qq && install; } || { tail -5 .sipcap-apt.log; echo "some system packages could not be installed: what needs them will say so"; }
    rm -f .sipcap-apt.log
  fi
fi

if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "installing npm packages (sqlite3 is compiled: about two minutes)"
  # Not npm ci: it demands lock entries of every platform's binaries, which not every registry serves.
  npm install --no-save --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi

if [ -n "$(find native binding.gyp -newer build/Release/datagrams.node -print -quit 2>/dev/null || echo new)" ]; then node native/build.mjs; fi

if [ ! -d dist ] || [ -n "$(find src tsconfig.json package.json scripts/bundle.mjs -newer dist/.built -print -quit 2>/dev/null || echo new)" ]; then
  echo "building"
  npm run --silent build
fi
