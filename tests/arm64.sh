#!/usr/bin/env bash
# Builds for arm64 with Debian's cross compiler and runs the result with qemu's user-mode emulation,
# on a Debian 12 machine of another architecture. Unpacks Debian's arm64 libraries into folders of
# the build.
#
#   tests/arm64.sh             the evaluator, and its tests
#   tests/arm64.sh programs    mlp-server and mlp-client; the client sends requests to the server. This
#                              takes minutes, so CI does not run it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

case "$#:${1:-}" in
  0:)
    deploy/install-packages.sh arm64
    tests/arm64_sysroot.sh arm64-sysroot build/arm64-sysroot
    cmake --preset arm64
    cmake --build --preset arm64
    ctest --preset arm64 --parallel "$(nproc)"
    exit
    ;;
  1:programs) ;;
  *)
    echo "Usage: tests/arm64.sh [programs]" >&2
    exit 2
    ;;
esac

sysroot="$PWD/build/arm64-programs-sysroot"
readonly sysroot bin=build/arm64-programs/bin held_out=deploy/models/held_out
# Code generators run on this machine, so its own packages are needed too.
deploy/install-packages.sh build arm64
tests/arm64_sysroot.sh arm64-programs-sysroot "$sysroot"

# pkg-config finds gRPC's dependencies, and must search only the sysroot.
export PKG_CONFIG_SYSROOT_DIR="$sysroot"
export PKG_CONFIG_LIBDIR="$sysroot/usr/lib/aarch64-linux-gnu/pkgconfig:$sysroot/usr/share/pkgconfig"
cmake --preset arm64-programs
cmake --build --preset arm64-programs --target mlp_image_program

# The files of an image, as the Dockerfile makes them (docs/use/container.md). The programs below run
# with only these files.
image="$PWD/build/arm64-image"
readonly image
rm -rf "$image"
mkdir -p "$image.programs"
file "$bin/mlp-programs" | grep 'ARM aarch64' >/dev/null || fail "mlp-programs is not for arm64"
aarch64-linux-gnu-strip -o "$image.programs/mlp-programs" "$bin/mlp-programs"
deploy/image/compiled-in.sh build/arm64-programs "$sysroot" >"$image.programs/compiled-in"
SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}" \
  SYSROOT="$sysroot" EMULATOR="qemu-aarch64-static -L $sysroot" \
  VERSION="$(sed -n 's/^project(mlpserve VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)" \
  REVISION="$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)" \
  deploy/image/collect.sh "$image" "$image.programs/compiled-in" "$image.programs/mlp-programs"
rm -rf "$image.programs"
echo "image for arm64: $(find "$image" -type f -printf '%s\n' | awk '{ s += $1 } END { printf "%.1f MB", s / 1e6 }')," \
  "$(find "$image" -name '*.so*' -type f | wc -l) libraries"

client() {
  qemu-aarch64-static -L "$image" "$image/usr/bin/mlp-client" "$@"
}

work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-arm64.XXXXXX")"
readonly work
server=""
cleanup() {
  local status="$?"
  [ "$status" -eq 0 ] || tail -n 20 "$work/log" >&2 || true
  [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Started directly, without the function: signals must reach the server and not a shell in between.
qemu-aarch64-static -L "$image" "$image/usr/bin/mlp-server" --model-repository deploy/models/repository \
  --grpc-address 127.0.0.1:0 --http-address 127.0.0.1:0 >"$work/log" 2>&1 &
server="$!"
tries=0
until port="$(sed -n 's/.*gRPC on 127\.0\.0\.1:0, port \([0-9]*\).*/\1/p' "$work/log")" && [ -n "$port" ]; do
  kill -0 "$server" 2>/dev/null || fail "the server ended"
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] || fail "the server does not listen within a minute"
  sleep 0.1
done
export MLP_ADDRESS="127.0.0.1:$port"
client health --wait 60 >/dev/null || fail "the server does not serve"
# The answers must be as accurate as on any other machine.
for model in digits-tanh digits-relu digits-sigmoid; do
  answer="$(client infer "$model" --input "$held_out/pixels.npy" \
    --labels "$held_out/labels.npy" --output-format none)"
  [[ "$answer" =~ ^accuracy\ ([0-9]+)/360\  ]] || fail "$model: expected an accuracy, got: $answer"
  [ "${BASH_REMATCH[1]}" -ge 346 ] || fail "$model: $answer; expected at least 96 %"
  echo "$model on arm64: $answer"
done
kill -TERM "$server"
status=0
wait "$server" || status="$?"
server=""
[ "$status" -eq 0 ] || fail "the server ended with $status"
echo "passed in $SECONDS s"
