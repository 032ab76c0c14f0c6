#!/usr/bin/env bash
# Installs the missing packages of the named sections of deploy/packages.txt.
# Usage: deploy/install-packages.sh SECTION...
set -euo pipefail

list="$(dirname "${BASH_SOURCE[0]}")/packages.txt"

packages_of() {
  awk -v wanted="[$1]" '
    /^#/ || /^$/ { next }
    /^\[/ { inside = ($0 == wanted); found = found || inside; next }
    inside { print }
    END { exit !found }' "$list" || { echo "$list has no section [$1]" >&2; exit 2; }
}

wanted=()
for section in "$@"; do
  packages="$(packages_of "$section")"
  mapfile -t -O "${#wanted[@]}" wanted <<<"$packages"
done

missing=()
for package in "${wanted[@]}"; do
  state="$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)"
  [ "$state" = installed ] || missing+=("$package")
done
if [ "${#missing[@]}" -eq 0 ]; then
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Packages are missing. Run as root, or install sudo, to install them: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
