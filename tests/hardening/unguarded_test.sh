#!/usr/bin/env bash
# Checks that elf_test.sh detects each missing guard, with a program built without any guard.
#
#   tests/hardening/unguarded_test.sh COMPILER
set -euo pipefail
folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
work="$(mktemp --directory)"
trap 'rm -rf "$work"' EXIT

cat >"$work/program.cc" <<'SOURCE'
int main() { return 0; }
SOURCE
"${1:?expected a compiler}" -o "$work/program" "$work/program.cc" -no-pie -fno-stack-protector -fcf-protection=none \
  -fno-stack-clash-protection -U_FORTIFY_SOURCE -Wl,-z,norelro -Wl,-z,lazy -Wl,-z,execstack -Wl,-rpath,/nowhere \
  2>/dev/null
if "$folder/elf_test.sh" "$work/program" 2>"$work/log"; then
  echo "elf_test.sh passes a program without guards" >&2
  exit 1
fi
for guard in position-independent 'read-only relocations' 'bound later' 'can be executed' 'stack protector' \
  _FORTIFY_SOURCE 'stack clash' 'control flow' 'other folders'; do
  grep -q -- "$guard" "$work/log" || { echo "not detected: $guard" >&2; cat "$work/log" >&2; exit 1; }
done
