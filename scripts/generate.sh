#!/usr/bin/env bash
# Generates the files kept in the repository: the command manifest, its snapshot, the completions, the sample, parts of docs/.
set -euo pipefail
cd "$(dirname "$0")/.."
npx oclif manifest . >/dev/null 2>&1 || { npx oclif manifest .; exit 1; }
node scripts/sort-manifest.mjs
node scripts/make-completion.mjs
node scripts/make-man.mjs
node scripts/command-snapshot.mjs > test/architecture/commands.txt
node scripts/make-settings-schema.mjs
node scripts/make-script-words.mjs
node scripts/make-sample.mjs
node scripts/make-call-schemas.mjs
npx prettier --write --log-level silent schema/call.schema.json schema/ladder.schema.json
node scripts/make-call-example.mjs
node scripts/make-docs.mjs
node scripts/make-terminal-picture.mjs
