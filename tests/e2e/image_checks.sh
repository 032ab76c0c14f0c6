#!/usr/bin/env bash
# Checks the default image, layer by layer, and runs it where its files matter. It must have no
# shell, nothing writable, and exactly the needed libraries. Also checks its size, its labels, its
# bill of materials, and that its programs resolve names.
#
#   tests/e2e/image_checks.sh IMAGE SLIM
#
# SLIM is the image of the target `slim`, which has the same settings. Needs root and the Docker
# daemon of DOCKER_HOST, which tests/e2e/container_test.sh provides.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
readonly root
# By its id: saved by name, it would include all of its tags.
image="$(docker image inspect --format '{{.Id}}' "${1:?expected IMAGE, the default image}")"
readonly image slim="${2:?expected SLIM, the image of the target slim}"
readonly largest_bytes=41000000

work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-image.XXXXXX")"
readonly work
cleanup() {
  docker rm --force mlp-image-names >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# The layers as they are shipped. A container's file system has more, because Docker adds files.
unpack_layers() {
  local layer
  mkdir "$work/saved" "$work/root"
  docker save "$image" | tar --extract --directory "$work/saved"
  jq --raw-output '.[0].Layers[]' "$work/saved/manifest.json" >"$work/layers"
  while read -r layer; do
    tar --list --verbose --numeric-owner --file "$work/saved/$layer" >>"$work/list"
    tar --extract --directory "$work/root" --file "$work/saved/$layer"
  done <"$work/layers"
}

check_no_shell() {
  local found
  found="$(cd "$work/root" && find . -type f -perm /111 -printf '%f\n' | grep -v '^ld-linux' | sort)"
  [ "$found" = mlp-server ] || fail "these files can be executed: $found; expected only mlp-server"
  found="$(readlink "$work/root/usr/bin/mlp-client")"
  [ "$found" = mlp-server ] || fail "mlp-client is '$found'; expected a link to the file of both programs"
  # The loader can run a library as a program, so nothing may be named like a shell.
  found="$(cd "$work/root" && find . -regex '.*/\(ba\|da\|z\|k\|c\|tc\)?sh\|.*/\(busybox\|toybox\|perl.*\|python.*\)')"
  [ -z "$found" ] || fail "an interpreter is in the image: $found"
  if docker run --rm --network=none --entrypoint /bin/sh "$image" -c true >/dev/null 2>&1; then
    fail "/bin/sh starts"
  fi
}

# Everything belongs to root, and other users may only read. A link counts as its target.
check_nothing_writable() {
  local found
  found="$(awk '$2 != "0/0"' "$work/list")"
  [ -z "$found" ] || fail "these do not belong to root: $found"
  found="$(awk '$1 !~ /^l/ && ($1 ~ /^.....w/ || $1 ~ /^........w/ || $1 ~ /[sStT]/)' "$work/list")"
  [ -z "$found" ] || fail "these can be written, or run as another user: $found"
}

check_size() {
  local bytes name="$1"
  bytes="$(docker image inspect --format '{{.Size}}' "$image")"
  [ "$bytes" -le "$largest_bytes" ] || fail "the image has $bytes bytes; expected at most $largest_bytes"
  echo "$name: $(awk -v b="$bytes" 'BEGIN { printf "%.1f", b / 1e6 }') MB," \
    "$(docker save "$image" | gzip | wc -c | awk '{ printf "%.1f", $1 / 1e6 }') MB compressed," \
    "$(wc -l <"$work/layers") layer, $(grep -c '\.so' "$work/list") libraries;" \
    "$slim: $(docker image inspect --format '{{.Size}}' "$slim" | awk '{ printf "%.1f", $1 / 1e6 }') MB"
}

label() {
  docker image inspect --format "{{index .Config.Labels \"org.opencontainers.image.$1\"}}" "$image"
}

check_labels() {
  local says name
  says="$(docker run --rm --network=none "$image" --version)"
  [ "$says" = "mlp-server $(label version) ($(label revision))" ] ||
    fail "the labels name $(label version) ($(label revision)); the program is $says"
  [[ "$(label created)" =~ ^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:]{8}Z$ ]] ||
    fail "the label created is '$(label created)'"
  # build-image.sh got these from its caller, or from the checkout's remote.
  [[ "$(label source)" =~ ^https:// ]] || fail "the label source is '$(label source)'"
  [[ "$(label documentation)" == "$(label source)"/*container.md ]] ||
    fail "the label documentation is '$(label documentation)'"
  for name in title description; do
    [ -n "$(label "$name")" ] || fail "the label $name is missing"
  done
}

# The Dockerfile repeats the settings, so both images must have the same.
check_same_settings() {
  local settings='{{json .Config.User}} {{json .Config.ExposedPorts}} {{json .Config.Entrypoint}}
    {{json .Config.StopSignal}} {{json .Config.Healthcheck}} {{json .Config.Labels}} {{json .Config.Env}}'
  [ "$(docker image inspect --format "$settings" "$image")" = \
    "$(docker image inspect --format "$settings" "$slim")" ] || fail "the settings of slim differ"
  local variable
  for variable in MLP_MODEL_REPOSITORY=/models MLP_GRPC_ADDRESS=0.0.0.0:8001 MLP_HTTP_ADDRESS=0.0.0.0:8002; do
    docker image inspect --format '{{json .Config.Env}}' "$image" | grep -F "\"$variable\"" >/dev/null ||
      fail "the image does not set $variable"
  done
}

# The libraries in the image must be exactly those that the programs load, at their start and while
# the server serves. oneTBB looks for two more, which Debian's packages do not have either.
check_libraries() {
  local loader
  loader="$(cd "$work/root" && find . -name 'ld-linux*' -type f -printf '/%P\n')"
  {
    basename "$loader"
    docker run --rm --network=none --entrypoint "$loader" "$image" --list /usr/bin/mlp-server |
      sed -n 's/.*=> \/.*\/\([^ ]*\) .*/\1/p'
    # The server of check_names.
    docker logs mlp-image-names 2>&1 | sed -n 's/.*find library=\([^ ]*\) .*/\1/p' |
      grep -v -e '^libiomp5\.so$' -e '^libirml\.so\.1$'
  } | sort --unique >"$work/wanted"
  (cd "$work/root" && find . -type f -name '*.so*' -printf '%f\n' | sort --unique) >"$work/there"
  diff "$work/wanted" "$work/there" >"$work/differences" ||
    fail "libraries that are needed (<) and present (>): $(cat "$work/differences")"
  grep -q tbbmalloc "$work/wanted" || fail "the loader's log does not name the libraries"
}

# The bill of materials must name every file with its checksum and, for each library, a package with
# the version in dpkg's description inside the image.
check_sbom() {
  local bill="$work/root/usr/share/sbom/mlpserve.spdx.json" description name version
  jq --raw-output '.files[] | (.checksums[] | select(.algorithm == "SHA256") | .checksumValue)
    + "  " + .fileName' "$bill" | sort >"$work/billed"
  (cd "$work/root" && find . -type f ! -path ./usr/share/sbom/mlpserve.spdx.json -print0 |
    xargs --null sha256sum | sort) >"$work/found"
  diff "$work/billed" "$work/found" >"$work/differences" ||
    fail "files in the bill of materials (<) and in the image (>): $(cat "$work/differences")"
  jq --exit-status --raw-output '
    ([.packages[] | {(.SPDXID): .}] | add) as $packages
    | ([.relationships[] | select(.relationshipType == "EXPANDED_FROM_ARCHIVE")
        | {(.spdxElementId): $packages[.relatedSpdxElement]}] | add) as $origins
    | .files[] | select(.fileName | test("/lib.*/lib.*\\.so|/ld-linux"))
    | .fileName + " " + ($origins[.SPDXID] | .name + " " + .versionInfo)' "$bill" >"$work/origins" ||
    fail "a library belongs to no package"
  [ "$(wc -l <"$work/origins")" -eq "$(wc -l <"$work/there")" ] || fail "a library has two packages or none"
  for description in "$work"/root/var/lib/dpkg/status.d/*; do
    [[ "$description" != *.md5sums ]] || continue
    name="$(basename "$description")"
    version="$(sed -n 's/^Version: //p' "$description")"
    jq --exit-status --arg name "$name" --arg version "$version" '.packages[]
      | select(.name == $name and .versionInfo == $version and (.SPDXID | startswith("SPDXRef-Package")))' \
      "$bill" >/dev/null || fail "the bill of materials lacks $name $version"
    [ -s "$work/root/usr/share/doc/$name/copyright.gz" ] || fail "the copyright of $name is missing"
    # As scanners check them.
    (cd "$work/root" && md5sum --quiet --check "$description.md5sums") ||
      fail "a file of $name differs from its checksum in var/lib/dpkg/status.d"
  done
  # Eigen consists of headers only, so no library shows its use.
  jq --exit-status '[.relationships[] | select(.relationshipType == "GENERATED_FROM"
      and .relatedSpdxElement == "SPDXRef-Headers-libeigen3-dev")] | length == 1' "$bill" >/dev/null ||
    fail "the bill of materials lacks Eigen's headers"
  echo "bill of materials: $(jq '.files | length' "$bill") files, $(wc -l <"$work/origins") libraries of" \
    "$(cut -d' ' -f2 "$work/origins" | sort --unique | wc -l) packages," \
    "headers of $(jq '[.packages[] | select(.SPDXID | startswith("SPDXRef-Headers"))] | length' "$bill")"
}

inside() {
  timeout 60 docker exec --env LD_DEBUG= mlp-image-names /usr/bin/mlp-client "$@"
}

# Resolves names by /etc/hosts and by DNS, in the client (c-ares) and in the server (the C library).
# The container gets both files from here, so this machine's do not matter.
check_names() {
  local pid tries=0
  echo '127.0.0.1 localhost listed.example' >"$work/hosts"
  echo 'nameserver 127.0.0.1' >"$work/resolv.conf"
  cp -R "$root/deploy/models/repository" "$work/models"
  chmod -R a+rX "$work"
  docker run --detach --name mlp-image-names --network=none --read-only --cap-drop=ALL \
    --security-opt=no-new-privileges --volume "$work/models:/models:ro" \
    --volume "$work/hosts:/etc/hosts:ro" --volume "$work/resolv.conf:/etc/resolv.conf:ro" \
    --env LD_DEBUG=libs "$image" --grpc-address listed.example:8001 >/dev/null 2>&1 || fail "the server does not start"
  pid="$(docker inspect --format '{{.State.Pid}}' mlp-image-names)"
  : >"$work/name_server"
  setpriv --pdeathsig KILL nsenter --target "$pid" --net \
    python3 "$root/tests/e2e/name_server.py" served.example >"$work/name_server" 2>&1 &
  until grep -q ready "$work/name_server"; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "no name server: $(cat "$work/name_server")"
    sleep 0.1
  done
  inside --address listed.example:8001 health --wait 20 >/dev/null || fail "no answer by /etc/hosts"
  inside --address served.example:8001 health >/dev/null || fail "no answer by DNS"
  # An unknown name must fail, which shows that the two names above were really resolved.
  if inside --address unknown.example:8001 --timeout 3 health >/dev/null 2>&1; then
    fail "an unknown name resolves"
  fi
  docker exec --detach --env LD_DEBUG= mlp-image-names /usr/bin/mlp-server \
    --grpc-address served.example:9001 --http-address served.example:9002
  inside --address 127.0.0.1:9001 health --wait 20 >/dev/null || fail "the server does not resolve its name by DNS"
}

unpack_layers
check_no_shell
check_nothing_writable
check_size "$1"
check_labels
check_same_settings
check_names
check_libraries
check_sbom
echo "names resolve by /etc/hosts and by DNS"
