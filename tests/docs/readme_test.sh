#!/usr/bin/env bash
# Compares the Python in README.md with that in docs/use/start.md, which start_test.sh runs.
#
#   tests/docs/readme_test.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# python FILE: prints the lines of its blocks of Python.
python() {
  awk '/^```/ { inside = $0 == "```python"; next } inside { print }' "$1"
}

blocks="$(grep -c '^```python' README.md)"
[ "$blocks" -eq 3 ] || { echo "README.md has $blocks blocks of Python; expected 3" >&2; exit 1; }
diff <(python docs/use/start.md) <(python README.md) ||
  { echo "README.md and docs/use/start.md differ" >&2; exit 1; }
