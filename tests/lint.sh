#!/usr/bin/env bash
# Checks the formatting of every source, and the scripts with shellcheck. Runs clang-tidy on all
# sources with the compile commands of a clang build that joins sources (build/asan), so it reads
# each of the large headers a few times instead of a hundred times.
# Usage: tests/lint.sh [BUILD_FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build="${1:-build/asan}"
build="${build#"$PWD/"}"

git ls-files '*.cc' '*.h' | xargs clang-format --dry-run --Werror

git grep --files-with-matches -E '^#!.*[/ ](ba)?sh$' >"$build/scripts"
xargs shellcheck --external-sources --severity=warning <"$build/scripts"
# grep -q ends at the first match, and then the program that writes to it may fail. With pipefail,
# this breaks a script occasionally.
if xargs grep -nE '\|[[:space:]]*grep[[:space:]]+-[a-zA-Z]*q' <"$build/scripts" | grep -v "^tests/lint.sh:"; then
  echo "do not pipe into grep -q: read all input, with grep ... >/dev/null" >&2
  exit 1
fi

# A kernel is compiled for each instruction set. clang-tidy reads its source only for the first one.
commands="$build/lint"
mkdir -p "$commands"
awk 'BEGIN { RS = "\n}[,\n]*"; print "[" }
  match($0, /"file": "[^"]*"/) {
    file = substr($0, RSTART, RLENGTH)
    sub(/^\[?\n*/, "")
    if (!seen[file]++) { printf "%s%s\n}", separator, $0; separator = ",\n" }
  }
  END { print "\n]" }' "$build/compile_commands.json" > "$commands/compile_commands.json"

# The definitions and include paths of everything below a folder.
flags_of() {
  grep '"command"' "$build/compile_commands.json" | grep -e "/$1/" | grep -v MLP_KERNEL_NAMESPACE |
    grep -oE -e '-(D[^ ]*|I[^ ]*|isystem [^ ]*)' | sed 's/\\\\\\"/"/g' | sort -u
}

# Joins all sources of each of these folders into one, because reading and checking the headers is
# most of the work. Generated headers must exist.
groups=(client model server)
for group in "${groups[@]}"; do
  find "$build/$group" -path '*/Unity/*.cxx' -print0 | sort -z | xargs -0 grep -h '^#include "/' |
    grep -v '/client/examples/' >"$commands/$group.cc"
  flags_of "$group" >"$commands/$group.flags"
done

mapfile -t joined < <(find "$build" -path '*/Unity/*.cxx' |
  grep -E '/(tests|benchmarks|client/CMakeFiles/mlp_client_ask.dir)/' | sort)
mapfile -t single < <(grep -o '"file": "[^"]*"' "$build/compile_commands.json" |
  cut -d'"' -f4 | grep -E "^$PWD/(model|server|client|tests|benchmarks)/.*\.cc$" | sort -u || true)

# The checks of .clang-tidy that find the most in tests and benchmarks. On GoogleTest's code, all
# checks would take three times as long as reading it. The sanitizers find at run time what the
# analyzer would find there.
checks_of_tests='-*,bugprone-argument-comment,bugprone-dangling-handle,bugprone-undelegated-constructor'
checks_of_tests+=',bugprone-use-after-move,google-build-using-namespace,google-explicit-constructor'
checks_of_tests+=',misc-unused-parameters,misc-unused-using-decls,modernize-use-override'
checks_of_tests+=',performance-for-range-copy,performance-unnecessary-copy-initialization'
checks_of_tests+=',readability-identifier-naming'

check() {
  local checks=-bugprone-suspicious-include # joined sources include sources
  case "${1#"$PWD/"}" in
    tests/* | benchmarks/* | "$build"/tests/* | "$build"/benchmarks/*) checks=$checks_of_tests ;;
    # The sanitizers suffice for the client, which users run on their own data. The analyzer checks
    # the server and its readers.
    "$commands"/client.cc) checks+=',-clang-analyzer-*' ;;
    # The analyzer follows every unrolled step, for minutes, and finds nothing in arithmetic.
    */kernels/*) checks+=',-clang-analyzer-*' ;;
  esac
  local how=(-p "$commands") flags=()
  if [ -f "${1%.cc}.flags" ]; then
    mapfile -t flags < <(sed 's/^-isystem /-isystem\n/' "${1%.cc}.flags")
    how=()
    flags=(-- -std=c++20 "${flags[@]}")
  fi
  clang-tidy-16 "${how[@]}" --quiet --checks="$checks" \
    --header-filter="^$PWD/(model|server|client|tests|benchmarks)/" "$1" "${flags[@]}" \
    2> >(grep -v 'warnings generated\.$\|^Suppressed\|^Use -header-filter' >&2)
}
export -f check
export build commands checks_of_tests
{
  printf '%s.cc\n' "${groups[@]/#/$commands/}"
  printf '%s\n' "${joined[@]}" "${single[@]}"
} |
  xargs --max-args=1 --max-procs="$(nproc)" bash -c 'check "$1"' check
echo "clang-format and clang-tidy have no findings"
