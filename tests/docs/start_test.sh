#!/usr/bin/env bash
# Runs the Python code of docs/use/start.md for each framework, serves the model that the code writes, runs the
# page's commands that send it requests, and compares the answers to 50 rows with the framework's own. Prints a
# line for each framework: ok, FAILED, or skipped if its packages cannot be installed. Exits with 1 after a
# failure, and with 77 if no framework could be run.
#
#   tests/docs/start_test.sh PROGRAMS [FRAMEWORK...]     PROGRAMS is the folder of mlp-server and mlp-client
#
# pip installs the packages of requirements-FRAMEWORK.txt into PYTHON_ENVIRONMENTS/FRAMEWORK, where the next run
# finds them, or into a temporary folder. The packages of PyTorch and Keras are large, so these two run only with
# MLP_ALL_FRAMEWORKS=1.
set -uo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
readonly page="$here/../../docs/use/start.md"
[ $# -ge 1 ] || { echo "Usage: tests/docs/start_test.sh PROGRAMS [FRAMEWORK...]" >&2; exit 2; }
programs="$(cd "$1" && pwd)" || exit 2
shift
frameworks=("$@")
[ $# -gt 0 ] || frameworks=(scikit-learn pytorch keras)

work="$(mktemp -d)"
server=""
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null
  wait
  rm -rf "$work"
}
trap cleanup EXIT
export PATH="$programs:$PATH"
environments="${PYTHON_ENVIRONMENTS:-$work}"
mkdir -p "$environments"
environments="$(cd "$environments" && pwd)"

# block NAME: prints the lines of the block after <!-- run: NAME -->.
block() {
  awk -v mark="<!-- run: $1 -->" '
    inside && /^```/ { exit }
    inside { print }
    wanted && /^```/ { inside = 1 }
    { wanted = wanted || $0 == mark }' "$page"
}

# Code that runs after each block: makes rows, and saves the framework's answers to them.
readonly rows='
import numpy
rows = numpy.random.default_rng(1).normal(3, 1, (50, 4)).astype("float32")
numpy.save("rows.npy", rows)
'
declare -A own_answers=(
  ["scikit-learn"]='numpy.save("expected.npy", network.predict_proba(rows).astype("float32"))'
  ["pytorch"]='numpy.save("expected.npy", network(torch.from_numpy(rows)).detach().numpy())'
  ["keras"]='numpy.save("expected.npy", network.predict(rows, verbose=0))'
)
# The probabilities are the model's last output with two dimensions.
readonly compare='
import numpy, sys
answers = numpy.load("answers.npz")
probabilities = [answers[name] for name in answers.files if answers[name].ndim == 2]
difference = abs(probabilities[-1] - numpy.load("expected.npy")).max()
sys.exit(0 if difference < 1e-5 else f"the answers differ by {difference}")
'

# run FRAMEWORK: returns 0; or prints the reason on standard error, and returns 1.
run() {
  local python="$environments/$1/bin/python" folder="$work/$1.run" lines address
  mkdir -p "$folder/models/mine/1"
  cd "$folder" || return 1
  block "$1" >model.py
  lines="$(wc -l <model.py)"
  [ "$lines" -gt 0 ] || { echo "docs/use/start.md has no block for $1" >&2; return 1; }
  [ "$lines" -le 6 ] || { echo "the block for $1 has $lines lines; expected 6 at most" >&2; return 1; }
  printf '%s%s\n' "$rows" "${own_answers[$1]}" >>model.py
  "$python" model.py >python.log 2>&1 || { tail -n 5 python.log >&2; return 1; }

  : >server.log
  mlp-server --model-repository models --grpc-address 127.0.0.1:0 --http-address 127.0.0.1:0 2>>server.log &
  server=$!
  for _ in $(seq 600); do
    address="$(sed -n 's/.*gRPC on 127.0.0.1:0, port \([0-9]*\),.*/127.0.0.1:\1/p' server.log)"
    [ -z "$address" ] || break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  [ -n "$address" ] || { tail -n 5 server.log >&2; return 1; }
  block ask >ask.sh
  [ -s ask.sh ] || { echo "docs/use/start.md has no block 'ask'" >&2; return 1; }
  MLP_ADDRESS="$address" bash -euo pipefail ask.sh >asked 2>&1 || { cat asked >&2; return 1; }
  MLP_ADDRESS="$address" mlp-client infer mine --input rows.npy --output answers.npz || return 1
  kill "$server"
  wait "$server"
  server=""
  "$python" -c "$compare"
}

failed=0 passed=0
for framework in "${frameworks[@]}"; do
  environment="$environments/$framework"
  requirements="$here/requirements-$framework.txt"
  if [ "$framework" != scikit-learn ] && [ -z "${MLP_ALL_FRAMEWORKS:-}" ]; then
    echo "skipped  $framework: its packages are large; MLP_ALL_FRAMEWORKS=1 installs them"
    continue
  fi
  if ! cmp -s "$requirements" "$environment/installed"; then
    rm -rf "$environment"
    if ! { python3 -m venv "$environment" &&
      "$environment/bin/pip" install --quiet --disable-pip-version-check --retries 1 --requirement "$requirements" &&
      cp "$requirements" "$environment/installed"; } >"$work/pip.log" 2>&1; then
      echo "skipped  $framework: $(tail -n 1 "$work/pip.log")"
      continue
    fi
  fi
  if run "$framework"; then
    echo "ok       $framework"
    passed=$((passed + 1))
  else
    echo "FAILED   $framework"
    failed=$((failed + 1))
  fi
  [ -z "$server" ] || { kill "$server"; wait "$server"; server=""; } 2>/dev/null
done
[ "$failed" -eq 0 ] || exit 1
[ "$passed" -gt 0 ] || exit 77
