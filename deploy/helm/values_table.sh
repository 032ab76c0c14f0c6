#!/usr/bin/env bash
# Writes the table of values in the chart's README.md from the comments of its values.yaml.
#
#   deploy/helm/values_table.sh           writes it
#   deploy/helm/values_table.sh --check   shows the changes, and exits with 1 if there are any
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/mlpserve"

case "$#:${1:-}" in
  0: | 1:--check) ;;
  *)
    echo "Usage: deploy/helm/values_table.sh [--check]" >&2
    exit 2
    ;;
esac

# Prints a row for each key that has a value on its own line. Its description is the comment before
# it, starting at the line that begins with "--".
rows() {
  awk '
    function cell(text) { gsub(/\|/, "\\|", text); return text }
    /^ *# -- / { about = $0; sub(/^ *# -- /, "", about); described = 1; next }
    /^ *# / && described { line = $0; sub(/^ *# /, "", line); about = about " " line; next }
    /^ *[A-Za-z][A-Za-z0-9]*:/ {
      match($0, /^ */)
      depth = RLENGTH / 2
      key = $0
      sub(/^ */, "", key)
      sub(/:.*/, "", key)
      path[depth] = depth ? path[depth - 1] "." key : key
      value = $0
      sub(/^[^:]*: */, "", value)
      if (value != "" && !described) {
        print "values.yaml: " path[depth] " has no description" > "/dev/stderr"
        exit 1
      }
      if (value != "") print "| `" path[depth] "` | `" cell(value) "` | " cell(about) " |"
      described = 0
      next
    }
    { described = 0 }' values.yaml
}

new="$(mktemp)"
trap 'rm -f "$new"' EXIT
table="$(rows)"
awk -v table="$table" '
  /^<!-- values: begin/ { print; print "| value | default | meaning |"; print "|---|---|---|"; print table; skip = 1; next }
  /^<!-- values: end/ { skip = 0; ended = 1 }
  !skip { print }
  END { exit !ended }' README.md >"$new"

if [ "${1:-}" = --check ]; then
  diff -u README.md "$new" >&2 || {
    echo "deploy/helm/mlpserve/README.md does not match values.yaml; run deploy/helm/values_table.sh" >&2
    exit 1
  }
else
  cat "$new" >README.md
fi
