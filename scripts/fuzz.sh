#!/usr/bin/env bash
# Compiles the fuzzers and runs them: bash scripts/fuzz.sh --cases 2000000 (see test/fuzz/program.ts for the options).
set -euo pipefail
cd "$(dirname "$0")/.."
out=.sipcap/fuzz
rm -rf "$out"
mkdir -p "$out" && ln -sfn ../../build "$out/build"
npx tsc -p tsconfig.test.json --noEmit false --outDir "$out" --sourceMap false
exec node "$out/test/fuzz/program.js" "$@"
