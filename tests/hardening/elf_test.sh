#!/usr/bin/env bash
# Checks how programs are hardened, by their ELF files. Fails if a program lacks a guard.
#
#   tests/hardening/elf_test.sh PROGRAM...
#
# docs/develop/hardening.md says what each guard protects against.
set -euo pipefail
[ "$#" -ge 1 ] || { sed -n '2,4p' "$0" >&2; exit 2; }

failures=0
lacks() {
  echo "$program: $1" >&2
  failures=$((failures + 1))
}

# count_instructions PATTERN: prints how many instructions of the program match.
count_instructions() {
  awk -v pattern="$1" '$0 ~ pattern { ++count } END { print count + 0 }' "$work/code"
}

# Checks that the program has an instruction for each guard that leaves no other trace.
check_code() {
  objdump --disassemble --no-show-raw-insn "$program" >"$work/code"
  case "$(sed -n 's/^ *Machine: *//p' "$work/header")" in
    *X86-64*)
      # -fstack-clash-protection touches each page of a large frame.
      [ "$(count_instructions 'or[bql] +[$]0x0,.*[(]%rsp[)]')" -gt 0 ] || lacks "no stack clash protection"
      # -fcf-protection marks the targets of indirect calls.
      [ "$(count_instructions 'endbr64')" -gt 1000 ] || lacks "no control flow protection"
      ;;
    *AArch64*)
      [ "$(count_instructions 'bti\tc|paciasp')" -gt 1000 ] || lacks "no branch protection"
      ;;
    *) lacks "built for a machine that this test does not know" ;;
  esac
}

check() {
  readelf --wide --file-header "$program" >"$work/header"
  readelf --wide --program-headers "$program" >"$work/segments"
  readelf --wide --dynamic "$program" >"$work/dynamic"
  readelf --wide --dyn-syms "$program" >"$work/symbols"

  grep -q 'Type: *DYN' "$work/header" && grep -q 'FLAGS_1.*PIE' "$work/dynamic" ||
    lacks "no position-independent executable (-pie)"
  grep -q 'GNU_RELRO' "$work/segments" || lacks "no read-only relocations (-z relro)"
  grep -q 'FLAGS.*BIND_NOW' "$work/dynamic" || lacks "symbols are bound later (-z now)"
  grep -q 'GNU_STACK.* RW ' "$work/segments" || lacks "the stack can be executed (-z noexecstack)"
  ! grep -q 'LOAD.* RWE ' "$work/segments" || lacks "a segment can be written and executed"
  ! grep -q 'TEXTREL' "$work/dynamic" || lacks "the code is relocated (TEXTREL)"
  ! grep -Eq '\((RPATH|RUNPATH)\)' "$work/dynamic" || lacks "the loader searches other folders"
  grep -q ' __stack_chk_fail@' "$work/symbols" || lacks "no stack protector"
  grep -Eq ' __[a-z]+_chk@' "$work/symbols" || lacks "no _FORTIFY_SOURCE"
  check_code
}

work="$(mktemp --directory)"
trap 'rm -rf "$work"' EXIT
for program in "$@"; do
  [ -f "$program" ] || { echo "$program: no such file" >&2; exit 2; }
  check
done
[ "$failures" -eq 0 ] || exit 1
echo "$# programs: PIE, full RELRO, no executable stack, stack protector, stack clash, fortified, control flow"
