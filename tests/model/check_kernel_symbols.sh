#!/usr/bin/env bash
# Checks the symbols that the kernels' objects define. Every symbol that the linker might merge with
# another object's (weak and global ones) must be in the object's own namespaces. If a function of
# std or of a shared header were compiled for AVX-512 and the linker kept it for all callers, the
# program would crash on a CPU without AVX-512.
# Usage: check_kernel_symbols.sh INSTRUCTION_SET OBJECT [NM]; NM is for objects of another architecture
set -euo pipefail

instruction_set="$1"
object="$2"
nm="${3:-nm}"

# DW.ref.__gxx_personality_v0 is a pointer for unwinding. It is the same in every object.
foreign="$("$nm" --demangle --defined-only --extern-only "$object" |
  cut -d' ' -f2- |
  grep -vE "^[A-Za-z] .*(mlp::${instruction_set}::|Eigen_${instruction_set}::)|^V DW\.ref\.__gxx_personality_v0$" || true)"
if [ -n "$foreign" ]; then
  echo "$object defines symbols outside mlp::${instruction_set} and Eigen_${instruction_set}:" >&2
  echo "$foreign" >&2
  exit 1
fi

# An empty list would mean that the check itself failed.
"$nm" --demangle --defined-only --extern-only "$object" | grep "mlp::${instruction_set}::CompiledKernels<" >/dev/null
echo "$object: every symbol is in its own namespaces"
