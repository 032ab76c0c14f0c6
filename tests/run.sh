#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. ctest's summary stands last.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

deploy/install-packages.sh build test

cmake --preset release
cmake --build --preset release
ctest --preset release --parallel "$(nproc)"
