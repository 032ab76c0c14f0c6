#!/usr/bin/env bash
# Installs tools for Kubernetes that Debian does not have, and prints what to put in front of PATH.
#
#   PATH="$(tests/kubernetes/tools.sh helm kube-score kubernetes-validate):$PATH"
#
# helm and kube-score are built from their Go modules; kubernetes-validate and its schemas come from
# PyPI. prometheus-operator and cert-manager are not programs: their folders contain the definitions
# of their resources. Each tool is in a folder named after its version, outside the checkout, so
# that all checkouts on a machine share it: ${XDG_CACHE_HOME:-$HOME/.cache}/mlpserve. Building helm
# takes about four minutes of one CPU; later calls return immediately.
# Exits 77, with the reason, if Go or Python is missing or a registry does not answer.
set -euo pipefail

readonly helm_version=v3.21.4
readonly kube_score_version=v1.20.0
readonly kubernetes_validate_version=1.37.0
readonly prometheus_operator_version=v0.85.0
readonly cert_manager_version=v1.21.2
# The Kubernetes version that helm assumes in `helm template` and `helm lint`, which contact no
# cluster: the oldest that the chart supports. It is linked in, as in helm's own release builds.
readonly kubernetes_minor=31

cache="${XDG_CACHE_HOME:-$HOME/.cache}/mlpserve"

skip() {
  echo "SKIPPED: $*" >&2
  exit 77
}

# go_install FOLDER PACKAGE@VERSION [FLAG...]: builds the program of a Go module with the installed
# Go.
go_install() {
  command -v go >/dev/null || skip "Go is not installed, so $2 cannot be built"
  env -C / GOBIN="$1" GOTOOLCHAIN=local GOFLAGS=-buildvcs=false CGO_ENABLED=0 \
    go install -trimpath "${@:3}" "$2" >&2 || skip "go install $2 fails: see the lines above"
}

make_helm() {
  local minor="k8sVersionMinor=$kubernetes_minor"
  go_install "$1" "helm.sh/helm/v3/cmd/helm@$helm_version" -ldflags \
    "-s -w -X helm.sh/helm/v3/internal/version.version=$helm_version
     -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.$minor
     -X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/lint/rules.$minor"
}

make_kube_score() {
  go_install "$1" "github.com/zegl/kube-score/cmd/kube-score@$kube_score_version" -ldflags "-s -w"
}

make_kubernetes_validate() {
  local library="$1/library"
  command -v python3 >/dev/null || skip "Python is not installed"
  python3 -m pip --version >/dev/null 2>&1 || skip "pip is not installed"
  # A folder of packages, because a virtual environment could not be moved into place.
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$library" "kubernetes-validate==$kubernetes_validate_version" >&2 ||
    skip "pip install kubernetes-validate fails: see the lines above"
  cat >"$1/kubernetes-validate" <<'SCRIPT'
#!/usr/bin/env bash
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
PYTHONPATH="$here/library" exec python3 -c \
  'from kubernetes_validate.__main__ import main; import sys; sys.exit(main())' "$@"
SCRIPT
  chmod +x "$1/kubernetes-validate"
}

make_prometheus_operator() {
  copy_definitions "$1" "github.com/prometheus-operator/prometheus-operator@$prometheus_operator_version" \
    example/prometheus-operator-crd
}

make_cert_manager() {
  copy_definitions "$1" "github.com/cert-manager/cert-manager@$cert_manager_version" deploy/crds
}

# copy_definitions TO MODULE@VERSION FOLDER: copies definitions of resources from a folder of a Go
# module.
copy_definitions() {
  local module="$2" source
  command -v go >/dev/null || skip "Go is not installed, so $module cannot be downloaded"
  source="$(env -C / GOTOOLCHAIN=local go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
  [ -n "$source" ] || skip "go mod download $module fails"
  install -m 644 "$source/$3"/*.yaml "$1"
}

# ensure NAME VERSION: prints the tool's folder. Builds it under another name first, so that an
# interrupted build leaves nothing that looks complete.
ensure() {
  local folder="$cache/$1-$2"
  if [ ! -d "$folder" ]; then
    mkdir -p "$cache"
    # Tests of several checkouts may call this at the same time.
    exec 9>"$cache/$1.lock"
    flock 9
    if [ ! -d "$folder" ]; then
      new="$(mktemp --directory "$cache/new.XXXXXX")"
      trap 'rm -rf "$new"' EXIT # only for this subshell
      chmod 755 "$new"
      "make_${1//-/_}" "$new"
      mv "$new" "$folder"
    fi
    exec 9>&-
  fi
  echo "$folder"
}

found=()
for tool in "$@"; do
  case "$tool" in
    helm) version="$helm_version" ;;
    kube-score) version="$kube_score_version" ;;
    kubernetes-validate) version="$kubernetes_validate_version" ;;
    prometheus-operator) version="$prometheus_operator_version" ;;
    cert-manager) version="$cert_manager_version" ;;
    *)
      echo "Usage: tests/kubernetes/tools.sh (helm | kube-score | kubernetes-validate | prometheus-operator | cert-manager)..." >&2
      exit 2
      ;;
  esac
  folder="$(ensure "$tool" "$version")"
  found+=("$folder")
done
(
  IFS=:
  echo "${found[*]}"
)
