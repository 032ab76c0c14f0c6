#!/usr/bin/env bash
# Checks the formatting of every source and the scripts (shellcheck), and runs clang-tidy on all of them by the compile commands
# of a build by clang that joins sources (build/asan): each of the large headers is then read a few
# times instead of a hundred. Usage: tests/lint.sh [BUILD_FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build="${1:-build/asan}"
build="${build#"$PWD/"}"

git ls-files '*.cc' '*.h' | xargs clang-format --dry-run --Werror

git grep --files-with-matches -E '^#!.*[/ ](ba)?sh$' >"$build/scripts"
xargs shellcheck --external-sources --severity=warning <"$build/scripts"
# It ends at the first match, and what writes to it then fails: with pipefail, once in a while.
if xargs grep -nE '\|[[:space:]]*grep[[:space:]]+-[a-zA-Z]*q' <"$build/scripts" | grep -v "^tests/lint.sh:"; then
  echo "a pipe into grep -q: read all of it, with grep ... >/dev/null" >&2
  exit 1
fi

# A kernel is compiled for each instruction set; its source is read for the first of them alone.
commands="$build/lint"
mkdir -p "$commands"
awk 'BEGIN { RS = "\n}[,\n]*"; print "[" }
  match($0, /"file": "[^"]*"/) {
    file = substr($0, RSTART, RLENGTH)
    sub(/^\[?\n*/, "")
    if (!seen[file]++) { printf "%s%s\n}", separator, $0; separator = ",\n" }
  }
  END { print "\n]" }' "$build/compile_commands.json" > "$commands/compile_commands.json"

# The definitions and places of headers of everything under a folder.
flags_of() {
  grep '"command"' "$build/compile_commands.json" | grep -e "/$1/" | grep -v MLP_KERNEL_NAMESPACE |
    grep -oE -e '-(D[^ ]*|I[^ ]*|isystem [^ ]*)' | sed 's/\\\\\\"/"/g' | sort -u
}

# All sources of these folders in one each: reading the headers, and looking through them, is most of
# the work. Generated headers must be there.
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

# Of .clang-tidy's checks those that find most in tests and benchmarks: in GoogleTest's code all of them
# take thrice as long as reading it. What the analyzer would find there, sanitizers see when they run.
checks_of_tests='-*,bugprone-argument-comment,bugprone-dangling-handle,bugprone-undelegated-constructor'
checks_of_tests+=',bugprone-use-after-move,google-build-using-namespace,google-explicit-constructor'
checks_of_tests+=',misc-unused-parameters,misc-unused-using-decls,modernize-use-override'
checks_of_tests+=',performance-for-range-copy,performance-unnecessary-copy-initialization'
checks_of_tests+=',readability-identifier-naming'

check() {
  local checks=-bugprone-suspicious-include # joined sources include sources
  case "${1#"$PWD/"}" in
    tests/* | benchmarks/* | "$build"/tests/* | "$build"/benchmarks/*) checks=$checks_of_tests ;;
    # What users run by themselves is left to the sanitizers too: the server and what it reads are not.
    "$commands"/client.cc) checks+=',-clang-analyzer-*' ;;
    # The analyzer follows every unrolled step, for minutes, and there is nothing to find in arithmetic.
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
