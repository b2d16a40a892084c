#!/usr/bin/env bash
# Builds webapp/out. Needs Node; brings the Node wheel from PyPI when there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! { command -v node && command -v npm && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 9) ? 0 : 1)'; } >/dev/null 2>&1; then
  [ -x .venv-web/bin/python ] || "$UV" venv --quiet --python "$BASE_PYTHON" .venv-web
  "$UV" pip sync --quiet --python .venv-web/bin/python --require-hashes requirements/web.txt
fi
lock=$(cksum webapp/package-lock.json | cut -d' ' -f1)
if [ "$(cat webapp/node_modules/.installed 2>/dev/null)" != "$lock" ]; then
  infra/web.sh ci --silent --no-progress
  echo "$lock" > webapp/node_modules/.installed
fi
log=$(mktemp)
infra/web.sh run --silent build > "$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; exit 1; }
rm -f "$log"
