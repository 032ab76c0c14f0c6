#!/usr/bin/env bash
# Packs the programs of a build folder into Debian packages, installs them in a fresh Debian, runs
# the service's command there, sends it requests, and builds client/examples against the installed
# library and against the sources.
#
#   tests/packages/package_test.sh BUILD
#
# Exits with 77, with the reason, if it cannot make a Debian. The Debian is a folder made from
# build/container-base.tar. Nothing is installed on this machine.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
readonly root
readonly build="${1:?expected BUILD, a build folder}"
readonly base_tar="$root/build/container-base.tar"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

skip() {
  echo "SKIPPED: $*"
  exit 77
}

[ "$(id -u)" -eq 0 ] || skip "a Debian in a folder needs root"
for program in cpack chroot debootstrap dpkg-deb dpkg-shlibdeps groff setpriv strace; do
  command -v "$program" >/dev/null ||
    skip "$program is not installed; deploy/install-packages.sh build container-test packaging"
done

work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-package.XXXXXX")"
readonly work debian="$work/debian"
cleanup() {
  local status="$?"
  set +e
  trap '' INT TERM
  [ "$status" -eq 0 ] || [ ! -s "$work/log" ] || tail -n 40 "$work/log" >&2
  [ -z "$server" ] || { kill -TERM "$server"; wait "$server"; } 2>/dev/null
  awk -v under="$work/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort --reverse |
    xargs --no-run-if-empty umount --lazy
  rm -rf --one-file-system "$work"
  exit "$status"
}
server=""
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs a command and shows its log only if it fails.
quietly() {
  "$@" >"$work/log" 2>&1 || fail "$*"
}

inside() {
  chroot "$debian" /usr/bin/env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    DEBIAN_FRONTEND=noninteractive http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" "$@"
}

pack() {
  quietly cpack --config "$build/CPackConfig.cmake" -B "$work/packages"
  runtime=("$work"/packages/mlpserve_*.deb)
  development=("$work"/packages/libmlpserve-dev_*.deb)
  echo "$(basename "${runtime[0]}") $(stat --format %s "${runtime[0]}" | awk '{ printf "%.1f MB", $1 / 1e6 }')," \
    "$(basename "${development[0]}") $(stat --format %s "${development[0]}" | awk '{ printf "%.1f MB", $1 / 1e6 }')"
}

# The package must contain certain files. Everything in it must belong to root, and all users must
# be able to read it.
check_contents() {
  local path mode
  dpkg-deb --contents "${runtime[0]}" >"$work/contents"
  for path in usr/bin/mlp-server usr/bin/mlp-client usr/share/man/man1/mlp-server.1.gz \
    usr/share/man/man1/mlp-client.1.gz lib/systemd/system/mlpserve.service \
    etc/mlpserve/mlp-server.ini var/lib/mlpserve/; do
    grep -q " \./$path\$" "$work/contents" || fail "the package has no $path"
  done
  mode="$(awk '$2 != "root/root" || $1 ~ /^.....w/ || $1 ~ /^........w/ || $1 !~ /^.......r/' "$work/contents")"
  [ -z "$mode" ] || fail "owners and modes: $mode"
  [ "$(dpkg-deb --info "${runtime[0]}" conffiles)" = /etc/mlpserve/mlp-server.ini ] ||
    fail "an upgrade would overwrite the configuration"
  # dpkg-shlibdeps must have found every library of deploy/packages.txt that the programs link.
  dpkg-deb --field "${runtime[0]}" Depends | tr ',' '\n' | awk '{ print $1 }' | sort >"$work/depends"
  while read -r path; do
    # Debian's spdlog also has a name with fmt's version.
    grep -q "^$path\(-fmt9\)\?$" "$work/depends" || fail "the package does not depend on $path"
  done < <(awk '/^\[/ { inside = ($0 == "[runtime]"); next } inside && /^[a-z]/' "$root/deploy/packages.txt")
}

check_manual() {
  local page="$work/page" option version date
  dpkg-deb --fsys-tarfile "${runtime[0]}" |
    tar --extract --to-stdout ./usr/share/man/man1/mlp-server.1.gz | gunzip >"$page"
  # groff must give no warning, and every option must have an entry.
  [ -z "$(groff -man -Tutf8 -ww "$page" 2>&1 >/dev/null)" ] || fail "groff warns about the manual page"
  "$build/bin/mlp-server" --help | grep -o '^  --[a-z-]*' | sed 's/^  //; s/-/\\-/g' >"$work/options"
  [ "$(wc -l <"$work/options")" -gt 20 ] || fail "--help lists no options"
  while read -r option; do
    grep -qF ".B $option" "$page" || fail "the manual page lacks $option"
  done <"$work/options"
  version="$(sed -n 's/^\.TH .*"mlpserve \(.*\)" .*/\1/p' "$page")"
  date="$(sed -n 's/^\.TH [^ ]* 1 \([^ ]*\) .*/\1/p' "$page" | tr -dc 0-9-)"
  # Makes the page again with other limits: it must not contain any limit of this machine.
  (ulimit -n 64 && taskset --cpu-list 0 "$root/deploy/debian/man-page.sh" "$build/bin/mlp-server" \
    "$version" "$date") >"$work/other_page"
  diff "$page" "$work/other_page" || fail "the manual page depends on the machine that it is made on"
}

make_debian() {
  local status=0
  "$root/tests/e2e/debian_base.sh" "$base_tar" >"$work/log" 2>&1 || status="$?"
  [ "$status" -ne 77 ] || skip "$(tail -n 1 "$work/log")"
  [ "$status" -eq 0 ] || fail "cannot make the base of a Debian"
  mkdir "$debian"
  tar --extract --file "$base_tar" --directory "$debian" --numeric-owner
  cp /etc/resolv.conf /etc/hosts "$debian/etc/"
  mount --bind /dev "$debian/dev"
  mount -t proc proc "$debian/proc"
  mkdir "$debian/packages"
  cp "${runtime[0]}" "${development[0]}" "$debian/packages/"
  quietly inside apt-get update -qq
}

# The command of the unit, run as a user like the one of DynamicUser=.
start_service() {
  local unit="$debian/lib/systemd/system/mlpserve.service" command tries=0
  command="$(sed -n 's/^ExecStart=//p' "$unit")"
  grep -qx 'DynamicUser=yes' "$unit" || fail "the unit runs as root"
  # After the installation, the folder of models is empty.
  # shellcheck disable=SC2086 # one word for each argument
  strace -D --follow-forks --output="$work/calls" setpriv --pdeathsig KILL chroot --userspec=65532:65532 "$debian" /usr/bin/env --ignore-environment \
    $command --grpc-address 127.0.0.1:0 --http-address 127.0.0.1:0 --poll-seconds 1 \
    >"$work/server.log" 2>&1 &
  server="$!"
  until port="$(sed -n 's/.*gRPC on 127\.0\.0\.1:0, port \([0-9]*\).*/\1/p' "$work/server.log")" && [ -n "$port" ]; do
    kill -0 "$server" 2>/dev/null || fail "the service ended: $(cat "$work/server.log")"
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "the service does not listen: $(cat "$work/server.log")"
    sleep 0.1
  done
  # Publishes a model as an operator would.
  cp -R "$root/deploy/models/repository/digits-relu" "$debian/var/lib/mlpserve/"
  chmod -R a+rX "$debian/var/lib/mlpserve"
  inside mlp-client --address "127.0.0.1:$port" health digits-relu --wait 120 >/dev/null ||
    fail "the service does not serve the published model: $(cat "$work/server.log")"
}

stop_service() {
  local status=0
  kill -TERM "$server"
  wait "$server" || status="$?"
  server=""
  [ "$status" -eq 0 ] || fail "the service ended with $status: $(cat "$work/server.log")"
}

check_unit() {
  quietly inside apt-get install -y -qq --no-install-recommends systemd
  quietly inside systemd-analyze verify --man=no /lib/systemd/system/mlpserve.service
  [ ! -s "$work/log" ] || fail "systemd warns about the unit: $(cat "$work/log")"
  local exposure
  exposure="$(inside systemd-analyze security --offline=true /lib/systemd/system/mlpserve.service |
    sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p')"
  awk -v e="$exposure" 'BEGIN { exit !(e != "" && e <= 1.2) }' ||
    fail "systemd rates the unit's exposure $exposure; expected 1.2 at most"
  echo "systemd-analyze security: exposure $exposure"
}

# calls_of SET: prints the system calls in a set, including those of the sets that it contains.
calls_of() {
  local member
  for member in $(inside systemd-analyze syscall-filter "$1" | sed '1d; /^ *#/d'); do
    if [[ "$member" == @* ]]; then calls_of "$member"; else echo "$member"; fi
  done
}

# The unit must allow the server's system calls, from its start to its end.
check_calls() {
  awk '/execve\("\/usr\/bin\/mlp-server"/ { started = 1 }
    started && match($0, /^[0-9]+ +[a-z0-9_]+\(/) { sub(/^[0-9]+ +/, ""); sub(/\(.*/, ""); print }' \
    "$work/calls" | sort --unique >"$work/called"
  grep -qx "epoll_p\?wait" "$work/called" || fail "strace did not see the server wait"
  [ "$(grep -c '^SystemCallFilter=' "$debian/lib/systemd/system/mlpserve.service")" -eq 2 ] ||
    fail "the unit has another filter than this test checks"
  calls_of @privileged | sort --unique >"$work/refused"
  calls_of @system-service | sort --unique | comm -23 - "$work/refused" >"$work/allowed"
  comm -23 "$work/called" "$work/allowed" >"$work/beyond"
  [ ! -s "$work/beyond" ] || fail "the unit refuses system calls of the server: $(tr '\n' ' ' <"$work/beyond")"
  echo "system calls: $(wc -l <"$work/called") of the $(wc -l <"$work/allowed") that the unit allows"
}

# Builds client/examples in three ways and sends the service requests with each.
build_examples() {
  quietly inside apt-get install -y -qq --no-install-recommends ./packages/"$(basename "${development[0]}")" \
    cmake g++ make pkg-config
  local examples=/usr/share/doc/libmlpserve-dev/examples
  # The base contains no documentation, like the official slim image.
  cp -R "$root/client/examples" "$debian/root/examples"
  dpkg-deb --contents "${development[0]}" | grep "\.$examples/ask.cc\$" >/dev/null || fail "the examples are not in the package"
  quietly inside cmake -S /root/examples -B /root/by-cmake
  quietly inside cmake --build /root/by-cmake
  check_asks /root/by-cmake/ask "find_package"
  # shellcheck disable=SC2016 # for the shell inside
  quietly inside sh -c 'g++ -std=c++17 /root/examples/ask.cc -o /root/by-pkg-config \
    $(pkg-config --cflags --libs mlpserve-client)'
  check_asks /root/by-pkg-config "pkg-config"

  mkdir "$debian/root/mlpserve"
  git -C "$root" ls-files -z -- CMakeLists.txt cmake client proto tests/packages |
    tar --create --directory "$root" --null --files-from - | tar --extract --directory "$debian/root/mlpserve"
  quietly inside apt-get install -y -qq --no-install-recommends protobuf-compiler
  quietly inside cmake -S /root/mlpserve/tests/packages/as_subproject -B /root/within \
    -D FETCHCONTENT_SOURCE_DIR_MLPSERVE=/root/mlpserve
  quietly inside cmake --build /root/within --target ask --parallel 2
  check_asks /root/within/ask "FetchContent"
}

check_asks() {
  local answer
  answer="$(inside "$1" "127.0.0.1:$port" digits-relu)" || fail "the program built by $2 gets no answer"
  # One score for each digit. The example sends a vertical stroke, which is a one.
  awk '$1 == "probabilities:" { for (i = 2; i <= NF; ++i) if ($i > best) { best = $i; digit = i - 2 } ; n = NF - 1 }
    END { exit !(n == 10 && digit == 1) }' <<<"$answer" || fail "the program built by $2 prints: $answer"
  echo "built by $2: the request is answered"
}

pack
check_contents
check_manual
make_debian
quietly inside apt-get install -y -qq --no-install-recommends "./packages/$(basename "${runtime[0]}")"
start_service
build_examples
check_unit
stop_service
check_calls
quietly inside apt-get purge -y -qq mlpserve
[ ! -e "$debian/etc/mlpserve" ] || fail "a purge leaves /etc/mlpserve"
[ -d "$debian/var/lib/mlpserve/digits-relu" ] || fail "a purge removes the models"
echo "passed in $SECONDS s"
