#!/usr/bin/env bash
# Installs what the program needs: system packages (as root; else prints the command to run),
# npm packages, the build. Quick if everything is installed. Usage: prepare.sh PACKAGE...
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/system-packages.sh "$@"

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
