#!/usr/bin/env bash
# Checks that run_blocks.sh reports each command that does not do what its document shows.
# Usage: tests/docs/failing_blocks_test.sh PROGRAMS
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
document="$(mktemp --suffix=.md)"
trap 'rm -f "$document"' EXIT
cat >"$document" <<'DOCUMENT'
<!-- run -->

    $ true
    $ row='right'
    $ test "$row" = right
    $ false
    $ echo 'mlp-client: other' >&2; exit 2
    mlp-client: shown
    $ true
    mlp-client: an error
    $ echo 'mlp-client: [1,2] is *not* 3' >&2; exit 2
    mlp-client: [1,2] is … 3

    $ false # still the first block, which goes on after a blank line

Text.

    $ false

<!-- run in deploy/models/held_out -->
```
$ test -f pixels.npy
$ test -f \
    nothing.npy
$ echo 'mlp-client: warning: few rows' >&2
mlp-client: warning: few rows
```
DOCUMENT

status=0
said="$("$here/run_blocks.sh" "$1" "$document" 2>&1)" || status=$?
named="$(sed -n "s|^$document:\([0-9]*\): .*|\1|p" <<<"$said" | tr '\n' ' ')"
[ "$status" -eq 1 ] && [ "$named" = "6 7 9 14 23 " ] && exit 0
echo "ended with $status and named the lines $named; expected 1 and 6 7 9 14 23" >&2
echo "$said" >&2
exit 1
