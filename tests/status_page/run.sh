#!/usr/bin/env bash
# Shows the status page of prepared servers in Debian's Chromium, in light and dark mode and on a
# phone. Takes a picture of each, checks its accessibility with axe-core, and checks that it
# refreshes itself.
#
# Two npm packages of fixed versions are kept outside the checkout, in
# ${XDG_CACHE_HOME:-$HOME/.cache}/mlpserve. Exits with 77, with the reason, if Chromium or npm is
# missing or npm's registry does not answer.
# Usage: tests/status_page/run.sh SAMPLES [PICTURES]
#   SAMPLES    the program status_page_samples
#   PICTURES   the folder for the pictures; without it, they are deleted
set -euo pipefail
samples="$(realpath "${1:?expected the path of status_page_samples}")"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

# The newest puppeteer-core that runs on Debian 12's Node.js.
readonly packages=(puppeteer-core@24.43.1 axe-core@4.14.1)

skip() {
  echo "SKIPPED: $*"
  exit 77
}

chromium="$(command -v chromium)" ||
  skip "Chromium is not installed; deploy/install-packages.sh browser-test"
for program in node npm; do
  command -v "$program" >/dev/null ||
    skip "$program is not installed; deploy/install-packages.sh node"
done

work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-status-page.XXXXXX")"
server=""
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

# Installed under another name first, so an interrupted npm leaves nothing that looks complete.
cache="${XDG_CACHE_HOME:-$HOME/.cache}/mlpserve"
modules="$cache/$(IFS=+; echo "${packages[*]}")"
mkdir -p "$cache"
exec 9>"$cache/status_page.lock"
flock 9
if [ ! -d "$modules" ]; then
  timeout 120 npm install --prefix "$work/npm" --ignore-scripts --no-audit --no-fund --no-package-lock \
    --loglevel=error "${packages[@]}" >"$work/npm.log" 2>&1 ||
    skip "npm install fails: $(tail -n 3 "$work/npm.log")"
  new="$(mktemp --directory "$cache/new.XXXXXX")"
  mv "$work/npm/node_modules" "$new/node_modules"
  mv "$new" "$modules"
fi
exec 9>&-

mkdir -p "${2:-$work/pictures}"
pictures="$(realpath "${2:-$work/pictures}")"
"$samples" >"$work/addresses" &
server=$!
while ! grep -q '^all$' "$work/addresses"; do
  kill -0 "$server" 2>/dev/null || { echo "FAILED: $samples has ended" >&2; exit 1; }
  sleep 0.1
done
sed -i '/^all$/d' "$work/addresses"
# Chromium keeps its profile and crash reports there.
env HOME="$work" XDG_CONFIG_HOME="$work" XDG_CACHE_HOME="$work" NODE_PATH="$modules/node_modules" \
  node "$here/look.js" "$chromium" "$pictures" <"$work/addresses"
