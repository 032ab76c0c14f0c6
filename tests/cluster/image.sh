#!/usr/bin/env bash
# Makes images for containerd without Docker, in the format of docker save.
#
#   tests/cluster/image.sh NAME TAR FOLDER PROGRAM
#
# FOLDER is the image's root, PROGRAM its entry point.
set -euo pipefail

readonly name="${1:?expected the name of the image}" tar="${2:?expected its file}"
readonly root="${3:?expected its root folder}" program="${4:?expected its program}"

work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-image.XXXXXX")"
readonly work
trap 'rm -rf "$work"' EXIT

tar --create --file "$work/layer.tar" --directory "$root" --owner=0 --group=0 --numeric-owner .
layer="$(sha256sum "$work/layer.tar" | cut -d' ' -f1)"
cat >"$work/config.json" <<END
{"architecture": "$(dpkg --print-architecture)", "os": "linux",
 "config": {"Entrypoint": ["$program"], "User": "65532:65532", "StopSignal": "SIGTERM"},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$layer"]}}
END
cat >"$work/manifest.json" <<END
[{"Config": "config.json", "RepoTags": ["$name"], "Layers": ["layer.tar"]}]
END
tar --create --file "$tar" --directory "$work" manifest.json config.json layer.tar
