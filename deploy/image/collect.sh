#!/usr/bin/env bash
# Collects the root file system of the image without a shell: the programs, the shared libraries
# that they load, the loader, CA certificates, and the files that name lookup reads. Runs on Debian,
# as root, in the Dockerfile's stage `files`.
#
#   deploy/image/collect.sh OUT COMPILED_IN PROGRAMS
#
# PROGRAMS is the file mlp-programs, which acts as mlp-server or mlp-client by its name. COMPILED_IN
# is the output of deploy/image/compiled-in.sh on the machine that built it. It goes into the bill
# of materials (deploy/image/sbom.sh). Only root can write any of the files, and only the programs
# and the loader can be executed. Every file has the time SOURCE_DATE_EPOCH (0 if unset), so equal
# files make equal layers. For scanners, var/lib/dpkg/status.d holds what dpkg knows of the packages
# that files came from, and a list of each package's files.
#
# For another architecture, SYSROOT is a folder made by tests/arm64_sysroot.sh, from which all files
# are taken. EMULATOR is the command that runs a program with its libraries.
set -euo pipefail

readonly sysroot="${SYSROOT:-}" emulator="${EMULATOR:-}"
[ -z "$sysroot" ] || export DPKG_ADMINDIR="$sysroot/var/lib/dpkg"
readonly out="${1:?a folder to make}" compiled_in="${2:?the output of compiled-in.sh}"
readonly programs="${3:?the file mlp-programs}"
readonly status="$out/var/lib/dpkg/status.d"

# Libraries that another library loads by name at run time, which ldd does not list: oneTBB's
# allocator, next to oneTBB. glibc 2.36 has the lookup in files and by DNS built in. image_checks.sh
# compares this with what the loader is asked for.
declare -rA loaded_by_name=([libtbb.so.12]=libtbbmalloc.so.2)

# The package that owns a file, by dpkg's name. Some files are listed under the names they had
# before /lib became a link.
package_of() {
  local line
  line="$(dpkg-query --search "$1" 2>/dev/null || dpkg-query --search "${1#/usr}")"
  echo "${line%%: *}"
}

# The file with a package's licences: its own, or that of a package built from the same sources,
# because slim images drop the link between them.
copyright_of() {
  local source other
  # shellcheck disable=SC2016 # dpkg's own variables, twice
  source="$(dpkg-query --show --showformat='${source:Package}' "$1")"
  # shellcheck disable=SC2016
  for other in "${1%%:*}" $(dpkg-query --show --showformat='${source:Package} ${Package}\n' |
    awk -v source="$source" '$1 == source { print $2 }'); do
    if [ -f "$sysroot/usr/share/doc/$other/copyright" ]; then
      echo "$sysroot/usr/share/doc/$other/copyright"
      return
    fi
  done
  echo "$1 has no copyright here" >&2
  return 1
}

# Copies a file to a path of the image: add MODE FILE PATH [PACKAGE].
add() {
  local mode="$1" file="$2" path="$3" package="${4:-}" name
  install -D --mode="$mode" "$file" "$out$path"
  [ -n "$package" ] || return 0
  name="${package%%:*}"
  if [ ! -f "$status/$name" ]; then
    dpkg-query --status "$package" >"$status/$name"
    mkdir -p "$out/usr/share/doc/$name"
    # Compressed, because the texts are many and similar. Without a name and a time, so that layers
    # are equal.
    gzip --best --no-name --stdout <"$(copyright_of "$package")" >"$out/usr/share/doc/$name/copyright.gz"
  fi
  printf '%s  %s\n' "$(md5sum <"$file" | cut -d' ' -f1)" "${path#/}" >>"$status/$name.md5sums"
}

# The libraries and the loader of a program, as the loader finds them.
libraries_of() {
  local list
  if [ -n "$emulator" ]; then
    # shellcheck disable=SC2086 # one word for each of its arguments
    list="$($emulator -E LD_TRACE_LOADED_OBJECTS=1 "$1")"
  else
    list="$(ldd "$1")"
  fi
  if grep 'not found' <<<"$list" >&2; then
    return 1
  fi
  sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) .*/\1/p' <<<"$list"
}

umask 022
mkdir -p "$status" "$out/models"
# Here /lib and /lib64 are links into /usr.
cp --archive --no-target-directory "$sysroot/lib" "$out/lib"
[ ! -L "$sysroot/lib64" ] || cp --archive --no-target-directory "$sysroot/lib64" "$out/lib64"

add 755 "$programs" /usr/bin/mlp-server
ln --symbolic mlp-server "$out/usr/bin/mlp-client"
list="$(libraries_of "$programs")"
mapfile -t libraries <<<"$list"
for library in "${libraries[@]}"; do
  also="${loaded_by_name[${library##*/}]:-}"
  [ -z "$also" ] || libraries+=("${library%/*}/$also")
done
while read -r library; do
  mode=644
  [[ "${library##*/}" != ld-linux* ]] || mode=755 # the kernel executes it
  # Under the name that programs ask for, in the folder where the file really is.
  folder="$(readlink --canonicalize "$sysroot${library%/*}")"
  file="$(readlink --canonicalize "$sysroot$library")"
  add "$mode" "$file" "${folder#"$sysroot"}/${library##*/}" "$(package_of "${file#"$sysroot"}")"
done < <(printf '%s\n' "${libraries[@]}" | sort --unique)

certificates=/etc/ssl/certs/ca-certificates.crt
# A sysroot has the certificates as single files, because no package's scripts ran there.
[ -z "$sysroot" ] || cat "$sysroot"/usr/share/ca-certificates/mozilla/*.crt >"$sysroot$certificates"
add 644 "$sysroot$certificates" "$certificates" ca-certificates
add 644 "$sysroot/usr/lib/os-release" /etc/os-release base-files
add 644 <(echo 'hosts: files dns') /etc/nsswitch.conf
add 644 <(printf '%s\n' 'root:x:0:0:root:/:/nologin' \
  'nonroot:x:65532:65532:nonroot:/:/nologin') /etc/passwd
add 644 <(printf '%s\n' 'root:x:0:' 'nonroot:x:65532:') /etc/group

"$(dirname "${BASH_SOURCE[0]}")/sbom.sh" "$out" "$compiled_in"
find "$out" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
