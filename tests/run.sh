#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: under AddressSanitizer and
# UndefinedBehaviorSanitizer, the server's under ThreadSanitizer, and as shipped. Also fuzzes the
# readers, and runs lint during the tests. The last output is ctest's summary of the tests as
# shipped, unless lint finds something.
#
#   tests/run.sh          everything
#   tests/run.sh quick    the shipped build, and its tests except the drill
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

joined=()
left_out=()
case "$#:${1:-}" in
  0:) ;;
  1:quick) left_out=(--label-exclude '^(drill|registry)$') ;;
  *)
    echo "Usage: tests/run.sh [quick]" >&2
    exit 2
    ;;
esac

phase() {
  printf '\n== %s (after %d s)\n\n' "$*" "$SECONDS"
}

phase "install what is missing"
deploy/install-packages.sh build test

# Building these tools for the first time takes minutes. The tests of the chart wait for them.
mkdir -p build/logs
nice -n 19 tests/kubernetes/tools.sh helm kube-score kubernetes-validate prometheus-operator cert-manager \
  >build/logs/kubernetes_tools 2>&1 &
beside=($!)
trap 'kill "${beside[@]}" 2>/dev/null || true' EXIT

phase "build as shipped"
# A new tree joins sources, which builds in a third of the time. An existing tree is kept as it is.
[ -f build/release/build.ninja ] || joined=(-DCMAKE_UNITY_BUILD=ON)
cmake --preset release -DMLP_BUILD_TESTS=ON "${joined[@]}"
cmake --build --preset release --target mlp_tests

if [ "${1:-}" != quick ]; then
  deploy/install-packages.sh asan
  deploy/install-packages.sh packaging
  # Installing Debian's Docker would replace another engine, so an existing one is used.
  command -v dockerd >/dev/null || deploy/install-packages.sh container-test
  deploy/install-packages.sh cluster-test
  deploy/install-packages.sh browser-test
  command -v npm >/dev/null || deploy/install-packages.sh node
  # The end-to-end tests of the shipped build run against the servers with sanitizers.
  sanitized=(-DMLP_E2E_TESTS="$PWD/build/release/bin/e2e_tests")

  # Building Kubernetes' programs for the first time takes ten minutes and runs in the background.
  # The tests of the cluster come last because they need them.
  nice -n 19 tests/cluster/build-kube.sh >build/logs/kube 2>&1 &
  kube=$!
  # Installing the clients from registries takes minutes, so this runs in the background.
  tests/clients/run.sh >build/logs/clients 2>&1 &
  clients=$!
  beside+=("$kube" "$clients")

  phase "build with AddressSanitizer and UndefinedBehaviorSanitizer, and the fuzzers"
  cmake --preset asan "${sanitized[@]}"
  cmake --build --preset asan --target mlp_tests mlp_fuzzers
  phase "build the server and its tests with ThreadSanitizer"
  cmake --preset tsan "${sanitized[@]}"
  cmake --build --preset tsan --target mlp_server_program mlp_server_tests

  # Lint uses the CPU time that the tests leave free: many of them only wait.
  nice -n 19 tests/lint.sh build/asan >build/logs/lint 2>&1 &
  lint=$!
  beside+=("$lint")

  # The end-to-end tests, the longest by far, use less than half of a CPU.
  phase "test with AddressSanitizer and UndefinedBehaviorSanitizer"
  ctest --preset asan --parallel "$((2 * $(nproc)))"
  phase "test with ThreadSanitizer"
  ctest --preset tsan --label-regex server --parallel "$((2 * $(nproc)))"
  phase "fuzz the readers, a minute each"
  tests/fuzz/run.sh 60 4

  phase "third-party clients"
  asked=0
  wait "$clients" || asked=$?
  cat build/logs/clients
  [ "$asked" -eq 0 ] || [ "$asked" -eq 77 ]

  phase "Kubernetes' programs"
  built=0
  wait "$kube" || built=$?
  cat build/logs/kube
  [ "$built" -eq 0 ] || [ "$built" -eq 77 ]
fi

phase "test as shipped"
ctest --preset release --parallel "$(nproc)" "${left_out[@]}"

if [ "${1:-}" != quick ]; then
  linted=0
  wait "$lint" || linted=$?
  if [ "$linted" -ne 0 ]; then
    phase "lint"
    cat build/logs/lint
    exit "$linted"
  fi
fi
