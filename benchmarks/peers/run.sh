#!/usr/bin/env bash
# Compares mlp-server with its alternatives, each serving the same two networks to `mlp-client bench`, and
# its evaluator with onnxruntime, without a server. Installs the alternatives into a folder and prints two
# tables in Markdown. Takes ten minutes on an idle machine.
#
#   benchmarks/peers/run.sh [FOLDER]
#
# FOLDER [build/peers] keeps the installed packages. Set the variables ROUNDS [5] and SECONDS_OF_A_LOAD [3] to
# change the defaults.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
readonly root="$here/../.."
readonly work="${1:-$root/build/peers}"

for program in mlp-server mlp-client evaluator_benchmark; do
  [ -x "$root/build/release/bin/$program" ] && continue
  echo "build/release/bin/$program does not exist: build the preset release first" >&2
  exit 2
done

# install NAME: makes a virtual environment with requirements-NAME.txt.
install() {
  [ -f "$work/$1/installed" ] && return
  python3 -m venv "$work/$1"
  "$work/$1/bin/pip" install --quiet --disable-pip-version-check \
    --requirement "$here/requirements-$1.txt"
  touch "$work/$1/installed"
}

mkdir -p "$work"
install mlserver
install grpc_aio

# Renames the Python package, because PyPI has another package called proto.
rm -rf "$work/messages" "$work/repository"
mkdir -p "$work/messages/open_inference"
for file in open_inference model_config; do
  sed 's#"proto/#"open_inference/#' "$root/proto/$file.proto" \
    >"$work/messages/open_inference/$file.proto"
done
"$work/grpc_aio/bin/python" -m grpc_tools.protoc -I "$work/messages" --python_out="$work/messages" \
  --grpc_python_out="$work/messages" "$work"/messages/open_inference/*.proto
"$work/grpc_aio/bin/python" "$here/make_models.py" "$work/repository"

PYTHONPATH="$work/messages:$here" python3 "$here/measure.py" "$work" "$root/build/release/bin"
"$work/grpc_aio/bin/python" "$here/evaluator.py" "$work/repository" "$root/build/release/bin"
