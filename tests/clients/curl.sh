#!/usr/bin/env bash
# Sends requests over HTTP with curl: probes, metadata, a held-out digit, and refusals.
# Usage: curl.sh HOST:PORT
set -euo pipefail

base="http://$1"
work="$(mktemp --directory)"
readonly base work
trap 'rm -rf "$work"' EXIT

# ask CODE PATH [CURL'S ARGUMENTS…] expects CODE and leaves the answer in $work/answer.
ask() {
  local expected="$1" path="$2" code
  shift 2
  code="$(curl --silent --show-error --max-time 60 --output "$work/answer" \
    --write-out '%{http_code}' "$@" "$base/$path")"
  echo "$path: $code $(head -c 120 "$work/answer")"
  [ "$code" = "$expected" ]
}

held_out() {
  python3 - "$(dirname "${BASH_SOURCE[0]}")/../.." "$@" <<'END'
import array, json, pathlib, sys

checkout, task, *arguments = sys.argv[1:]


def floats(path):
    """The FP32 values of a NumPy file, in order."""
    data = (pathlib.Path(checkout) / path).read_bytes()
    return array.array("f", data[10 + int.from_bytes(data[8:10], "little") :])


if task == "request":
    rows = int(arguments[0])
    values = floats("deploy/models/held_out/pixels.npy")[: 64 * rows].tolist()
    tensor = {"name": "pixels", "shape": [rows, 64], "datatype": "FP32", "data": values}
    print(json.dumps({"id": "curl", "inputs": [tensor]}))
else:
    answer = json.loads(pathlib.Path(arguments[0]).read_text())
    output = next(one for one in answer["outputs"] if one["name"] == "probabilities")
    expected = floats("tests/fixtures/reference/digits-relu/probabilities.npy")
    assert answer["id"] == "curl" and len(output["data"]) == 10 * output["shape"][0]
    assert all(abs(a - e) <= 1e-5 * abs(e) for a, e in zip(output["data"], expected))
    print(output["shape"][0], "rows equal ONNX Runtime's answers")
END
}

ask 200 v2
ask 200 v2/health/live
ask 200 v2/health/ready
ask 200 v2/models/digits-relu
ask 200 v2/models/digits%2Drelu/versions/1/ready
ask 404 v2/models/no-such-model
ask 405 v2/models/digits-relu/infer

for rows in 1 360; do
  held_out request "$rows" >"$work/request"
  ask 200 v2/models/digits-relu/infer --data-binary "@$work/request"
  held_out compare "$work/answer"
  # As curl does by itself for a large body.
  ask 200 v2/models/digits-relu/infer --data-binary "@$work/request" --header 'Expect: 100-continue'
  held_out compare "$work/answer"
done
ask 200 v2/models/digits-relu/infer --data-binary "@$work/request" \
  --header 'Transfer-Encoding: chunked'
held_out compare "$work/answer"
ask 400 v2/models/digits-relu/infer --data '{"inputs":[}'
ask 415 v2/models/digits-relu/infer --data x --header 'Content-Encoding: gzip'
