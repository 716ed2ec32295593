#!/usr/bin/env bash
# Regenerates everything and fails if that changes a file in the repository.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/generate.sh
changed=$(git status --porcelain -- oclif.manifest.json completion man package.json schema test/architecture/commands.txt samples docs/script-words.md docs/serve.md docs/counters.md docs/exit-codes.md docs/terminal.svg docs/examples)
[ -z "$changed" ] || { echo "not fresh (run npm run generate and commit):"; echo "$changed"; exit 1; }
