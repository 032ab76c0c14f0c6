#!/usr/bin/env bash
# Writes the bill of materials of a root file system made by collect.sh, as SPDX 2.3 in JSON: every
# file with its checksums, the Debian package that it came from, and the packages whose headers were
# compiled into the programs. Reads dpkg's files only and needs no network.
#
#   deploy/image/sbom.sh ROOT COMPILED_IN
#
# The document goes to ROOT/usr/share/sbom/mlpserve.spdx.json. VERSION and REVISION name the build,
# and SOURCE_DATE_EPOCH its time. Equal files give an equal document.
set -euo pipefail

readonly root="${1:?a root file system}" compiled_in="${2:?the output of compiled-in.sh}"
readonly status="$root/var/lib/dpkg/status.d"
readonly document="$root/usr/share/sbom/mlpserve.spdx.json"

work="$(mktemp --directory)"
readonly work
trap 'rm -rf "$work"' EXIT

field() {
  awk -v name="$1:" '$1 == name { print $2, $3; exit }' "$2"
}

# "name version architecture source source-version role" of the packages in the image and of those
# compiled in.
packages() {
  local description name version source
  for description in "$status"/*; do
    [[ "$description" != *.md5sums ]] || continue
    read -r name <<<"$(field Package "$description")"
    read -r version <<<"$(field Version "$description")"
    # dpkg leaves out a source with the package's own name. It gives the source's version, in
    # brackets, only if it differs.
    read -r source source_version <<<"$(field Source "$description" | tr -d '()')"
    read -r architecture <<<"$(field Architecture "$description")"
    echo "$name $version $architecture ${source:-$name} ${source_version:-$version} files"
  done
  sed 's/$/ headers/' "$compiled_in"
}

# "path sha1 sha256 package", with - for files that belong to no package.
files() {
  local package
  (cd "$root" && find . -type f -printf '%P\n') | LC_ALL=C sort >"$work/paths"
  sed "s|^\(.*\)$|$root/\1|" "$work/paths" >"$work/full_paths"
  xargs --delimiter='\n' sha1sum <"$work/full_paths" | cut -d' ' -f1 >"$work/sha1"
  xargs --delimiter='\n' sha256sum <"$work/full_paths" | cut -d' ' -f1 >"$work/sha256"
  for package in "$status"/*.md5sums; do
    sed "s|^[0-9a-f]*  \(.*\)$|\1 $(basename "$package" .md5sums)|" "$package"
  done >"$work/owners"
  paste -d' ' "$work/paths" "$work/sha1" "$work/sha256" |
    awk 'NR == FNR { owner[$1] = $2; next } { print $0, ($1 in owner ? owner[$1] : "-") }' \
      "$work/owners" -
}

packages | LC_ALL=C sort >"$work/packages"
files >"$work/files"
# SPDX's code for a package's files: SHA-1 over their sorted SHA-1s.
verification="$(awk '{ print $2 }' "$work/files" | LC_ALL=C sort | tr -d '\n' | sha1sum | cut -d' ' -f1)"
contents="$(cat "$work/packages" "$work/files" | sha256sum | cut -c-32)"
created="$(date --utc --date="@${SOURCE_DATE_EPOCH:-0}" +%Y-%m-%dT%H:%M:%SZ)"

mkdir -p "${document%/*}"
awk -v version="${VERSION:-unknown}" -v revision="${REVISION:-unknown}" -v created="$created" \
  -v verification="$verification" -v contents="$contents" '
  # An SPDX identifier may only have letters, digits, dots and hyphens. Header packages get separate
  # identifiers: a package may be in the image and compiled in, in two versions.
  function id(kind, name) {
    gsub(/_/, "-u-", name); gsub(/\+/, "-p-", name); gsub(/[^A-Za-z0-9.-]/, "-", name)
    return "SPDXRef-" kind "-" name
  }
  function escaped(text) { gsub(/%/, "%25", text); gsub(/\+/, "%2B", text); gsub(/:/, "%3A", text)
                           return text }
  function separator(n) { return n > 1 ? ",\n" : "\n" }
  FNR == NR {
    kind = $6 == "files" ? "Package" : "Headers"
    p = p separator(++packages) "    {\"SPDXID\": \"" id(kind, $1) "\", \"name\": \"" $1 \
      "\", \"versionInfo\": \"" $2 "\", \"supplier\": \"Organization: Debian\", " \
      "\"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false, " \
      "\"sourceInfo\": \"built from " $4 " " $5 "\", " \
      "\"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\", " \
      "\"referenceLocator\": \"pkg:deb/debian/" escaped($1) "@" escaped($2) "?arch=" $3 \
      "&distro=debian-12\"}]}"
    if (kind == "Headers") headers[++header_packages] = id(kind, $1)
    next
  }
  {
    f = f separator(++files) "    {\"SPDXID\": \"" id("File", $1) "\", \"fileName\": \"./" $1 \
      "\", \"checksums\": [{\"algorithm\": \"SHA1\", \"checksumValue\": \"" $2 \
      "\"}, {\"algorithm\": \"SHA256\", \"checksumValue\": \"" $3 "\"}]}"
    relate("SPDXRef-Image", "CONTAINS", id("File", $1))
    if ($4 != "-") relate(id("File", $1), "EXPANDED_FROM_ARCHIVE", id("Package", $4))
    if ($1 ~ /^usr\/bin\/mlp-/) {
      for (i = 1; i <= header_packages; ++i) relate(id("File", $1), "GENERATED_FROM", headers[i])
    }
  }
  function relate(from, type, to) {
    r = r separator(++relationships + 1) "    {\"spdxElementId\": \"" from \
      "\", \"relationshipType\": \"" type "\", \"relatedSpdxElement\": \"" to "\"}"
  }
  END {
    print "{\n  \"spdxVersion\": \"SPDX-2.3\",\n  \"dataLicense\": \"CC0-1.0\","
    print "  \"SPDXID\": \"SPDXRef-DOCUMENT\",\n  \"name\": \"mlpserve-" version "\","
    print "  \"documentNamespace\": \"urn:mlpserve:sbom:" version ":" revision ":" contents "\","
    print "  \"creationInfo\": {\"created\": \"" created "\", " \
      "\"creators\": [\"Tool: mlpserve-sbom.sh\"]},"
    print "  \"packages\": [\n    {\"SPDXID\": \"SPDXRef-Image\", \"name\": \"mlpserve\", " \
      "\"versionInfo\": \"" version " (" revision ")\", \"downloadLocation\": \"NOASSERTION\", " \
      "\"filesAnalyzed\": true, \"packageVerificationCode\": " \
      "{\"packageVerificationCodeValue\": \"" verification "\"}, " \
      "\"primaryPackagePurpose\": \"CONTAINER\"}," p "\n  ],"
    print "  \"files\": [" f "\n  ],"
    print "  \"relationships\": [\n    {\"spdxElementId\": \"SPDXRef-DOCUMENT\", " \
      "\"relationshipType\": \"DESCRIBES\", \"relatedSpdxElement\": \"SPDXRef-Image\"}" r "\n  ]\n}"
  }' "$work/packages" "$work/files" >"$document"
