#!/usr/bin/env bash
# Prints the Debian packages whose headers or static libraries are compiled into the image's program
# in a build folder of Ninja. One line for each: name, version, architecture, source package, its
# version.
#
#   deploy/image/compiled-in.sh BUILD [SYSROOT]
#
# With SYSROOT, the packages of another architecture that were unpacked there
# (tests/arm64_sysroot.sh).
set -euo pipefail

readonly build="${1:?a build folder}" sysroot="${2:-}"
[ -z "$sysroot" ] || export DPKG_ADMINDIR="$sysroot/var/lib/dpkg"

work="$(mktemp --directory)"
readonly work
trap 'rm -rf "$work"' EXIT

# Only for the image's program: the folder may also hold tests.
inputs="$(ninja -C "$build" -t inputs mlp_image_program)"
{
  grep '^/.*\.a$' <<<"$inputs" || true
  grep '\.o$' <<<"$inputs" | xargs ninja -C "$build" -t deps | sed -n "s|^ *\($sysroot/usr/.*\)|\1|p"
} | xargs readlink --canonicalize-existing | sort --unique | sed "s|^$sysroot||" >"$work/files"

# Files that belong to no package are left out. The builder knows what was installed by hand.
xargs dpkg-query --search <"$work/files" 2>/dev/null >"$work/owners" || true
# shellcheck disable=SC2016 # dpkg's own variables
sed 's/: .*//' "$work/owners" | sort --unique | xargs dpkg-query --show \
  --showformat='${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n'
