#!/usr/bin/env bash
# Builds the image of this checkout with `docker build`. Fills in its labels, and uses the commit's
# time as SOURCE_DATE_EPOCH, so two builds of a commit have the same layers. Arguments go to `docker
# build`.
#
#   deploy/build-image.sh --tag mlpserve
#   deploy/build-image.sh --tag mlpserve:slim --target slim
#
# REVISION, SOURCE_DATE_EPOCH, SOURCE_URL and DOCUMENTATION_URL replace what git says. BUILD_CONTEXT
# names another folder to build from.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly root

# Prints nothing if there is no git or this is not a checkout.
git_says() {
  git -C "$root" "$@" 2>/dev/null || true
}

version="$(sed -n 's/^project(mlpserve VERSION \([0-9.]*\) .*/\1/p' "$root/CMakeLists.txt")"
revision="${REVISION:-$(git_says rev-parse --short=12 HEAD)}"
epoch="${SOURCE_DATE_EPOCH:-$(git_says log -1 --format=%ct)}"
created="$(date --utc --date="@${epoch:-0}" +%Y-%m-%dT%H:%M:%SZ)"

# A label must be an address that anybody may open: not a path, and not an address with a password.
source_url="${SOURCE_URL:-$(git_says remote get-url origin)}"
[[ "$source_url" =~ ^https://[^@]*$ ]] || source_url=""
source_url="${source_url%.git}"
documentation_url="${DOCUMENTATION_URL:-${source_url:+$source_url/blob/${revision:-HEAD}/docs/use/container.md}}"

exec docker build \
  --build-arg VERSION="$version" --build-arg REVISION="$revision" \
  --build-arg SOURCE_DATE_EPOCH="${epoch:-0}" --build-arg CREATED="$created" \
  --build-arg SOURCE_URL="$source_url" --build-arg DOCUMENTATION_URL="$documentation_url" \
  "$@" "${BUILD_CONTEXT:-$root}"
