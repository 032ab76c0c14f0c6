#!/usr/bin/env bash
# Makes a tar of a minimal Debian bookworm, unless the existing one is less than a week old.
#
#   tests/e2e/debian_base.sh TAR
#
# Uses debootstrap and this machine's mirror, because there is no registry to pull an image from.
# Needs root. Exits with 77, with the reason, if apt has no source for bookworm.
set -euo pipefail

readonly tar="${1:?expected TAR, the file to make}"

# Two tests may need the tar at the same time. One makes it, the other waits.
mkdir -p "${tar%/*}"
exec 9>"$tar.lock"
flock 9
if [ -n "$(find "$tar" -mtime -7 2>/dev/null)" ]; then
  exit 0
fi

work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-base.XXXXXX")"
readonly work base="$work/base"

cleanup() {
  local status="$?"
  set +e
  trap '' INT TERM
  [ -z "$child" ] || { kill -TERM "$child"; wait "$child"; } 2>/dev/null
  # Unmounts what a killed debootstrap left mounted, the longest paths first.
  awk -v under="$work/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort --reverse |
    xargs --no-run-if-empty umount --lazy
  rm -rf --one-file-system "$work"
  exit "$status"
}
child=""
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs in the background, because bash delays its traps until a foreground program has ended.
waited_for() {
  local status=0
  "$@" &
  child="$!"
  wait "$child" || status="$?"
  child=""
  return "$status"
}

# Uses the host apt's settings for proxies and dates, and some of the official slim image's
# trimming, so that the sizes are comparable.
# shellcheck disable=SC2016 # apt's own variables
apt_sources() {
  apt-get indextargets --format 'deb $(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' \
    'Origin: Debian'
}
sources="$(apt_sources)"
if [ -z "$sources" ]; then
  waited_for apt-get update -qq
  sources="$(apt_sources)"
fi
mirror="$(awk '$3 == "bookworm" && $4 == "main" && !seen { print $2; seen = 1 }' <<<"$sources")"
[ -n "$mirror" ] || { echo "apt here has no source for Debian bookworm"; exit 77; }

waited_for debootstrap --variant=minbase bookworm "$base" "$mirror"

echo "$sources" >"$base/etc/apt/sources.list"
apt-config dump Acquire | grep -v '^Acquire::IndexTargets' >"$base/etc/apt/apt.conf.d/90host"
if grep -q ' https:' <<<"$sources" && [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  install -D -m 644 /etc/ssl/certs/ca-certificates.crt \
    "$base/etc/ssl/certs/ca-certificates.crt"
fi
cat >"$base/etc/dpkg/dpkg.cfg.d/slim" <<'END'
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
END
find "$base/usr/share/doc" ! -type d ! -name copyright -delete
rm -rf "$base"/usr/share/{info,locale,man}/* "$base"/var/cache/apt/* "$base"/var/lib/apt/lists/*
rm -f "$base"/var/cache/apt/archives/*.deb "$base/etc/hostname" "$base/etc/resolv.conf"

# Written under another name first: otherwise the next run could take a truncated tar for a complete
# one.
tar --create --file "$tar.new.$$" --directory "$base" --numeric-owner .
mv "$tar.new.$$" "$tar"
rm -rf --one-file-system "$base"
