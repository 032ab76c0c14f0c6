#!/usr/bin/env bash
# Runs the blocks of commands that documents mark, against a server with the sample models. A document marks a
# block with the comment `<!-- run -->` or `<!-- run in FOLDER -->` on a separate line before it. The lines that
# begin with "$ " run in order, in a temporary folder with a copy of deploy/models, or in FOLDER below it. A
# command must succeed. If the document shows an error of mlp-client or mlp-server below it, the command must fail
# with that line, in which "…" or "..." stands for any text. A warning of mlp-client is not an error. Prints
# FILE:LINE and the command of each failure.
#
#   tests/docs/run_blocks.sh PROGRAMS [DOCUMENT...]     PROGRAMS is the folder of mlp-server and mlp-client
set -uo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
[ $# -ge 1 ] || { echo "Usage: tests/docs/run_blocks.sh PROGRAMS [DOCUMENT...]" >&2; exit 2; }
programs="$(cd "$1" && pwd)" || exit 2
shift
cd "$root" || exit 2
documents=("$@")
[ $# -gt 0 ] || mapfile -t documents < <(grep -rlE '^<!-- run( in [^ ]+)? -->$' README.md docs --include='*.md' | sort)

work="$(mktemp -d)"
server=""
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null
  wait
  rm -rf "$work"
}
trap cleanup EXIT
export PATH="$programs:$PATH"

mkdir -p "$work/deploy"
: >"$work/server.log"
cp -r deploy/models "$work/deploy/models"
mlp-server --model-repository "$work/deploy/models/repository" --model-control explicit --load-model '*' \
  --grpc-address 127.0.0.1:0 --http-address 127.0.0.1:0 --rest-address 127.0.0.1:0 2>>"$work/server.log" &
server=$!
# port NAME: prints the port that the log gives for gRPC, REST or HTTP.
port() {
  sed -n "s/.*info $1 on 127.0.0.1:0, port \([0-9]*\).*/\1/p" "$work/server.log" | head -n 1
}
for _ in $(seq 600); do
  [ -z "$(port gRPC)" ] || [ -z "$(port REST)" ] || break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
grpc="$(port gRPC)" rest="$(port REST)" http="$(port HTTP)"
if [ -z "$grpc" ] || [ -z "$rest" ]; then
  tail -n 5 "$work/server.log" >&2
  exit 1
fi
export MLP_ADDRESS="127.0.0.1:$grpc"

# commands DOCUMENT: prints, for each command, its line number, its folder, the command and the first line that
# is shown below it, separated by \x1f. A \ or an open quote at the end of a line continues a command.
commands() {
  awk '
    function flush() {
      if (command != "") printf "%d\x1f%s\x1f%s\x1f%s\x1e", line, folder, command, shown
      command = shown = ""
    }
    function goes_on(text,    quotes) { quotes = gsub(/\x27/, "", text); return quotes % 2 || text ~ /\\$/ }
    /^<!-- run( in [^ ]+)? -->$/ {
      flush()
      marked = 1
      folder = $3 == "in" ? $4 : "."
      next
    }
    marked && !inside && (/^    / || /^```/) { inside = 1; fenced = /^```/; if (fenced) next }
    inside && (fenced ? /^```/ : !/^    / && !/^$/) { flush(); marked = inside = 0 }
    !inside { next }
    { text = $0; if (!fenced) sub(/^    /, "", text) }
    command != "" && open { command = command "\n" text; open = goes_on(command); next }
    text ~ /^\$ / { flush(); line = FNR; command = substr(text, 3); open = goes_on(command); next }
    command != "" && shown == "" { shown = text }
    END { flush() }' "$1"
}

ran=0 failed=0
complain() {
  echo "$1: $2" >&2
  printf '%s\n' "$3" | tail -n 5 | sed 's/^/  /' >&2
  failed=$((failed + 1))
}
for document in "${documents[@]}"; do
  variables=""
  while IFS=$'\x1f' read -r -d $'\x1e' line folder command shown; do
    ran=$((ran + 1))
    here_now="$(sed -E "s/(localhost|127\.0\.0\.1):8000/127.0.0.1:$rest/g; s/(localhost|127\.0\.0\.1):8001/127.0.0.1:$grpc/g
      s/(localhost|127\.0\.0\.1):8002/127.0.0.1:$http/g" <<<"$command")"
    # Each command has a separate shell, with the variables that the commands before it set.
    [[ ! "$command" =~ ^[a-z_]+=[\"\'] ]] || variables+="$command"$'\n'
    said="$(cd "$work/$folder" && timeout 120 bash -c "$variables$here_now" 2>&1)"
    status=$?
    case "$shown" in
      "mlp-client: warning: "*) shown="" ;;
    esac
    case "$shown" in
      mlp-client:* | mlp-server:* | 20??-??-??T*" error "*)
        last="$(printf '%s\n' "$said" | tail -n 1)"
        # Lines of the log are compared without their time.
        [[ "$shown" == mlp-* ]] || last="${last#* }" shown="${shown#* }"
        pattern="$(sed 's/[][*?\\]/\\&/g; s/…/*/g; s/\.\.\./*/g' <<<"$shown")"
        # shellcheck disable=SC2053 # a pattern
        if [ "$status" -eq 0 ]; then
          complain "$document:$line" "$command: succeeds; expected '$shown'" "$said"
        elif [[ "$last" != $pattern ]]; then
          complain "$document:$line" "$command: expected '$shown'" "$said"
        fi
        ;;
      *) [ "$status" -eq 0 ] || complain "$document:$line" "$command: ends with $status" "$said" ;;
    esac
  done < <(commands "$document")
done
echo "ran $ran commands of ${#documents[@]} documents, $failed failed"
[ "$ran" -gt 0 ] && [ "$failed" -eq 0 ]
