#!/usr/bin/env bash
# Fuzzes every reader for SECONDS each, starting from the committed fixtures. AT_A_TIME readers run
# at a time, by default one per CPU. Prints a line for each: its executions, and how much code they
# reached. If an input crashes a reader, the run fails and leaves the input in build/fuzz/crashes/.
#
#   tests/fuzz/run.sh SECONDS [AT_A_TIME]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if ! [[ "$#:${1:-}:${2:-1}" =~ ^[12]:[1-9][0-9]*:[1-9][0-9]*$ ]]; then
  echo "Usage: tests/fuzz/run.sh SECONDS [AT_A_TIME]" >&2
  exit 2
fi
seconds=$1
at_a_time=${2:-$(nproc)}
targets=(onnx safetensors baseline model_json model_settings request_wire infer_body access_list authorization)

deploy/install-packages.sh build test asan
cmake --preset asan
cmake --build --preset asan --target mlp_fuzzers
programs=$PWD/build/asan/bin
build=$PWD/build/fuzz
mkdir -p "$build/crashes" "$build/logs"

# Copies every fixture with this extension into a folder of seeds, each under a different name.
seed() {
  local target=$1 ending=$2 number=0
  mkdir -p "$build/corpus/$target"
  while IFS= read -r file; do
    number=$((number + 1))
    cp "$file" "$build/corpus/$target/seed_${ending//[^a-z]/}_$number"
  done < <(find tests/fixtures tests/fuzz/seeds deploy/models -name "*$ending" -size -64k | sort)
}
seed onnx .onnx
seed safetensors .safetensors
seed baseline .safetensors
seed model_json model.json
seed model_settings .pbtxt
seed model_settings config.json
seed request_wire .request
seed infer_body .body
seed access_list .tokens
seed authorization .authorization

# The time limit is wall-clock time, not CPU time, so it must leave room for a machine that pauses.
fuzz() {
  local target=$1
  "$programs/${target}_fuzzer" "$build/corpus/$target" -max_total_time="$seconds" \
    -max_len=65536 -rss_limit_mb=2048 -timeout=120 -print_final_stats=1 \
    -artifact_prefix="$build/crashes/${target}_" >"$build/logs/$target" 2>&1 && return
  echo "$target failed:"
  tail -n 40 "$build/logs/$target"
  return 1
}
export -f fuzz
export programs build seconds
failed=0
printf '%s\n' "${targets[@]}" |
  xargs --max-args=1 --max-procs="$at_a_time" bash -c 'fuzz "$1"' fuzz || failed=1

# "edges" is libFuzzer's "cov": how many edges between basic blocks, in all linked code, the inputs
# reached. "corpus" is the number of inputs that libFuzzer kept.
echo "target executions seconds edges corpus"
for target in "${targets[@]}"; do
  awk -v target="$target" '
    /cov: / { for (i = 1; i < NF; ++i) { if ($i == "cov:") edges = $(i + 1)
                                         if ($i == "corp:") corpus = $(i + 1) } }
    /^Done/ { executions = $2; seconds = $(NF - 1) }
    END { print target, executions, seconds, edges, corpus }' "$build/logs/$target"
done
exit "$failed"
