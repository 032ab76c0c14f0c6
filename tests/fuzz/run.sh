#!/usr/bin/env bash
# Fuzzes every reader for so many seconds each, from the committed fixtures on. What crashes one is
# left in build/fuzz/crashes/ and fails the run.
#
#   tests/fuzz/run.sh SECONDS
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [ "$#" != 1 ]; then
  echo "Usage: tests/fuzz/run.sh SECONDS" >&2
  exit 2
fi
seconds=$1

cmake --preset fuzz
cmake --build --preset fuzz --target onnx_fuzzer safetensors_fuzzer model_json_fuzzer
build=$PWD/build/fuzz
mkdir -p "$build/crashes"

# Copies every fixture with this name's ending into a folder of seeds, each under a name of its own.
seed() {
  local target=$1 ending=$2 number=0
  mkdir -p "$build/corpus/$target"
  while IFS= read -r file; do
    number=$((number + 1))
    cp "$file" "$build/corpus/$target/seed_$number"
  done < <(find tests/fixtures deploy/models -name "*$ending" -size -64k | sort)
}
seed onnx .onnx
seed safetensors .safetensors
seed model_json model.json

# The limit of time is of the clock, not of the CPU, so that a machine that pauses must not reach it.
for target in onnx safetensors model_json; do
  echo "== $target, $seconds s"
  "$build/bin/${target}_fuzzer" "$build/corpus/$target" -max_total_time="$seconds" \
    -max_len=65536 -rss_limit_mb=2048 -timeout=120 -print_final_stats=1 \
    -artifact_prefix="$build/crashes/${target}_" 2>&1 | tail -n 12
done
