#!/usr/bin/env bash
# Looks at what the kernels' objects define: everything the linker might merge with another object's
# (weak and global symbols) has to be in the object's own namespaces. A function of std or of a
# shared header, compiled for AVX-512 and kept by the linker for everybody, would end the program on
# a CPU without it.
# usage: check_kernel_symbols.sh INSTRUCTION_SET OBJECT [NM], the last one for objects of another
# architecture
set -euo pipefail

instruction_set="$1"
object="$2"
nm="${3:-nm}"

# DW.ref.__gxx_personality_v0 is a pointer that unwinding needs, the same in every object.
foreign="$("$nm" --demangle --defined-only --extern-only "$object" |
  cut -d' ' -f2- |
  grep -vE "^[A-Za-z] .*(mlp::${instruction_set}::|Eigen_${instruction_set}::)|^V DW\.ref\.__gxx_personality_v0$" || true)"
if [ -n "$foreign" ]; then
  echo "$object defines symbols outside mlp::${instruction_set} and Eigen_${instruction_set}:" >&2
  echo "$foreign" >&2
  exit 1
fi

# An empty list would be a failure to look.
"$nm" --demangle --defined-only --extern-only "$object" | grep "mlp::${instruction_set}::CompiledKernels<" >/dev/null
echo "$object: every symbol is its own"
