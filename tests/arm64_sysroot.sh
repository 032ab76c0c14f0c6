#!/usr/bin/env bash
# Unpacks Debian's arm64 packages of a section of deploy/packages.txt, with all their dependencies,
# into a folder. Adds neither the packages nor the architecture to this machine. Keeps the folder if
# it was made from the same list.
#
#   tests/arm64_sysroot.sh SECTION FOLDER
set -euo pipefail

list="$(dirname "${BASH_SOURCE[0]}")/../deploy/packages.txt"
readonly list section="${1:?expected a section of deploy/packages.txt}"
mkdir -p "${2:?expected a folder}"
folder="$(cd "$2" && pwd)"
readonly folder

packages="$(awk -v wanted="[$section]" '/^\[/ { inside = ($0 == wanted); next } inside && /^[a-z]/' "$list")"
if [ "$(cat "$folder/packages" 2>/dev/null)" = "$packages" ]; then
  exit 0
fi
rm -rf "$folder"
mkdir -p "$folder"/apt/{lists/partial,archives/partial} "$folder"/usr/{bin,lib,sbin}
touch "$folder/apt/status"
# As on Debian: packages have files in both places.
for name in bin lib sbin; do ln -s "usr/$name" "$folder/$name"; done

# apt-get as on an arm64 machine with nothing installed.
apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=""
  -o Dir::State::lists="$folder/apt/lists" -o Dir::State::status="$folder/apt/status"
  -o Dir::Cache="$folder/apt" -o Debug::NoLocking=true)
"${apt[@]}" update
# shellcheck disable=SC2086 # one word for each package
"${apt[@]}" install --yes --no-install-recommends --download-only $packages >/dev/null
# dpkg's own records, so that dpkg-query --admindir knows which package a file belongs to.
records="$folder/var/lib/dpkg"
mkdir -p "$records/info"
echo 1 >"$records/info/format" # with architectures in names
for package in "$folder"/apt/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" >"$folder/apt/files.tar"
  tar --extract --keep-directory-symlink --directory "$folder" --file "$folder/apt/files.tar"
  name="$(dpkg-deb --field "$package" Package)"
  [ "$(dpkg-deb --field "$package" Multi-Arch)" != same ] || name+=:arm64
  tar --list --file "$folder/apt/files.tar" | sed 's/^\.//; s|^/$|/.|; s|\(.\)/$|\1|' >"$records/info/$name.list"
  { dpkg-deb --field "$package" && echo "Status: install ok installed" && echo; } >>"$records/status"
done
rm -rf "$folder/apt"
# Absolute links would lead to this machine's files.
find "$folder" -type l -lname '/*' -printf '%p\n' | while read -r link; do
  ln -sfn "$(realpath --no-symlinks --relative-to="$(dirname "$link")" "$folder$(readlink "$link")")" "$link"
done
# The same holds for the paths in linker scripts, such as libc.so.
find "$folder/usr/lib" -name '*.so' -type f -size -2k -exec grep -qI '^GROUP' {} ';' \
  -exec sed -i "s| /| $folder/|g" {} +
echo "$packages" >"$folder/packages"
