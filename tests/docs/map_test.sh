#!/usr/bin/env bash
# Checks that docs/develop/map.md has a line for every folder with a CMakeLists.txt, and that docs/README.md has
# one for every document.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

status=0
while read -r folder; do
  # shellcheck disable=SC2016 # backticks of Markdown
  grep -F '`'"$folder"'/`' docs/develop/map.md >/dev/null && continue
  echo "docs/develop/map.md has no line for $folder/" >&2
  status=1
done < <(find benchmarks client deploy model proto server tests -name CMakeLists.txt -not -path 'tests/*/*' \
  -printf '%h\n' | sort)

while read -r document; do
  grep -F "]($document" docs/README.md >/dev/null && continue
  echo "docs/README.md has no line for docs/$document" >&2
  status=1
done < <(cd docs && find use reference develop measurements -name '*.md' -not -path 'develop/adding/*' | sort)
exit "$status"
