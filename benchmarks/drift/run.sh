#!/usr/bin/env bash
# Measures the quality of a running server's drift ratios: which drifts they detect, compared with the
# definition on the same rows; their false alarms; and how soon they detect drifts, compared with
# alibi-detect's detectors. Prints tables in Markdown (docs/measurements/drift.md). Takes one to two hours.
#
#   benchmarks/drift/run.sh [FOLDER]
#
# FOLDER [build/drift] keeps the installed packages (1.5 GB), the rows (2 GB) and the results; existing
# parts are reused.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
readonly programs="$here/../../build/release/bin"
readonly work="${1:-$here/../../build/drift}"

# One thread each, because a server runs at the same time.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1

for program in mlp-server mlp-client; do
  [ -x "$programs/$program" ] && continue
  echo "build/release/bin/$program does not exist: build the preset release first" >&2
  exit 2
done

# install NAME [PACKAGE]: makes a virtual environment with requirements-NAME.txt, and with PACKAGE without
# its dependencies.
install() {
  [ -f "$work/$1/installed" ] && return
  python3 -m venv "$work/$1"
  "$work/$1/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements-$1.txt"
  [ "$#" -lt 2 ] || "$work/$1/bin/pip" install --quiet --disable-pip-version-check --no-deps "$2"
  touch "$work/$1/installed"
}

python() {
  "$work/$1/bin/python" "$here/$2.py" "${@:3}"
}

mkdir -p "$work"
install server
install detectors tf-keras==2.18.0

python server networks "$work/models"
if [ ! -d "$work/streams" ]; then
  python server streams "$work/streams.unfinished" "$work/models"
  mv "$work/streams.unfinished" "$work/streams"
fi
for case in table-relu digits-tanh; do
  for what in evidence quiet delays; do
    [ -f "$work/$what-$case.json" ] || python server evidence "$what" "$programs" "$work" "$case" >&2
  done
  python detectors detectors "$work/streams" "$work/models" "$case" "$work/detectors-$case.json" >&2
done
[ -f "$work/online-table-relu.json" ] ||
  python detectors online "$work/streams" table-relu "$work/online-table-relu.json" >&2
python server report "$work"
