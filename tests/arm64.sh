#!/usr/bin/env bash
# Builds the evaluator for arm64 with Debian's cross compiler and runs its tests by qemu's emulation,
# on a Debian 12 machine of another architecture. Debian's libraries for arm64 are unpacked into
# build/arm64-sysroot: neither they nor their architecture are added to this machine's packages.
# Usage: tests/arm64.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

deploy/install-packages.sh arm64

# Unpacked again where the list has changed.
sysroot=build/arm64-sysroot
packages="$(awk '/^\[/ { inside = ($0 == "[arm64-sysroot]"); next } inside && /^[a-z]/' deploy/packages.txt)"
if [ "$(cat "$sysroot/packages" 2>/dev/null)" != "$packages" ]; then
  rm -rf "$sysroot"
  mkdir -p "$sysroot"/apt/{lists/partial,archives/partial,downloads}
  touch "$sysroot/apt/status"
  # apt-get as it would be on an arm64 machine with nothing installed.
  apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=""
    -o Dir::State::lists="$PWD/$sysroot/apt/lists" -o Dir::State::status="$PWD/$sysroot/apt/status"
    -o Dir::Cache="$PWD/$sysroot/apt")
  "${apt[@]}" update
  # shellcheck disable=SC2086 # one word for each package
  (cd "$sysroot/apt/downloads" && "${apt[@]}" download $packages)
  for package in "$sysroot"/apt/downloads/*.deb; do
    dpkg-deb --extract "$package" "$sysroot"
  done
  rm -rf "$sysroot/apt"
  echo "$packages" >"$sysroot/packages"
fi

cmake --preset arm64
cmake --build --preset arm64
ctest --preset arm64 --parallel "$(nproc)"
