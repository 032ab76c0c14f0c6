#!/usr/bin/env bash
# Builds the program of tests/cluster/kube, and prints the folder that holds it under each of its
# names. A cold build takes about ten minutes of two CPUs and 3 GB of Go's build cache, so the
# program is kept outside the checkout, in ${XDG_CACHE_HOME:-~/.cache}/mlpserve, in a folder named
# after its sources and Go's version. A later run finds it there.
#
#   tests/cluster/build-kube.sh            build it unless it exists
#   tests/cluster/build-kube.sh download   only fetch the modules (860 MB)
#   tests/cluster/build-kube.sh find       build nothing; exit 77 if it does not exist
#
# Exits 77, with the reason, if Go is missing, too old, or cannot reach its registry.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/kube"

readonly programs="etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl coredns"

skip() {
  echo "SKIPPED: $*" >&2
  exit 77
}

case "$#:${1:-}" in
  0: | 1:download | 1:find) ;;
  *)
    echo "Usage: tests/cluster/build-kube.sh [download | find]" >&2
    exit 2
    ;;
esac

command -v go >/dev/null || skip "go, which builds Kubernetes' programs, is not installed"
# Run in the module's folder, go gives the reason if go.mod needs a newer one.
version="$(go env GOVERSION 2>&1)" || skip "$version"
needed="$(awk '$1 == "go" { print $2 }' go.mod)"
[ "$(printf '%s\n' "go$needed" "$version" | sort -V | head -n 1)" = "go$needed" ] ||
  skip "this machine has $version; Kubernetes' programs need go$needed"

cache="${XDG_CACHE_HOME:-$HOME/.cache}/mlpserve"
key="$(cat go.mod go.sum main.go - <<<"$version $(go env GOARCH)" | sha256sum | cut -c1-16)"
folder="$cache/kube-$key"

if [ "${1:-}" = find ]; then
  [ -d "$folder" ] || skip "Kubernetes' programs are not built; tests/cluster/build-kube.sh takes ten minutes"
  echo "$folder"
  exit
fi

mkdir -p "$cache"
# Checkouts share the folder: the second one waits, then finds what the first has built.
exec 9>"$cache/kube.lock"
flock 9
if [ ! -d "$folder" ]; then
  log="$cache/kube.log"
  go mod download >"$log" 2>&1 || skip "cannot download the modules: $(tail -n 1 "$log")"
  [ "${1:-}" != download ] || exit 0

  release="$(go list -m -f '{{.Version}}' k8s.io/kubernetes)"
  IFS=. read -r major minor _ <<<"${release#v}"
  package=k8s.io/component-base/version
  rm -rf "$folder.new"
  mkdir "$folder.new"
  # The version is linked in, as in Kubernetes' own build, because kubectl and the API server
  # compare theirs.
  CGO_ENABLED=0 go build -trimpath -o "$folder.new/kube" -ldflags "-s -w \
    -X $package.gitVersion=$release -X $package.gitMajor=$major -X $package.gitMinor=$minor" . \
    >"$log" 2>&1 9>&- || { cat "$log" >&2; exit 1; }
  for program in $programs; do
    ln -s kube "$folder.new/$program"
  done
  mv "$folder.new" "$folder"
fi
[ "${1:-}" = download ] || echo "$folder"
