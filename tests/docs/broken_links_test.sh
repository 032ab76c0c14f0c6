#!/usr/bin/env bash
# Checks that check_links.sh reports each broken link of a small tree, and nothing else.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/docs/use" "$tree/server"
cat >"$tree/server/main.cc" <<'SOURCE'
// docs/use/start.md is there (docs/use/start.md#twice), and https://example.org/docs/use/theirs.md is not ours.
// Broken: docs/use/nothing.md, docs/use/start.md#nothing.
SOURCE

# Lines without "broken" have only valid links, except for the link "wrong".
cat >"$tree/docs/README.md" <<'DOCUMENT'
# Map

[start](use/start.md), [a heading](use/start.md#two-words-and-a-code), [here](#map), [web](https://example.org/x.md).
[the second of two](use/start.md#twice-1), ![a picture](use/start.md "with a title"), [a folder](use)
broken file: [start](use/begin.md)
broken heading: [start](use/start.md#three-words)
broken heading of this page: [here](#nowhere)
broken way out of the tree: [up](../../README.md)
a label over two lines: [which
ends here](use/start.md), and a broken one: [which
ends here](use/ended.md)
<a href="use/start.md">right</a> <a href="use/broken.md">wrong</a>
The code is `server/main.cc`, or `main.cc`, or `server/`; not `server/*.cc`, `/etc/passwd`, `a/b` or `server/<name>.cc`.
broken name: `server/mine.cc`
broken name of a source that lies deeper: `inner/main.cc`
`[no link](in-code.md)`
```
[no link](in-a-block.md) `server/in_a_block.cc`
```
[^1]: Another project, `server/theirs.cc` at 0123abc:
    also `server/more_of_theirs.cc`.
broken again after the footnote: `server/ours.cc`
DOCUMENT
cat >"$tree/docs/use/start.md" <<'DOCUMENT'
# Start

## Two words, and `a code`

## Twice

## Twice
DOCUMENT

expected="docs/README.md:5: use/begin.md
docs/README.md:6: use/start.md#three-words
docs/README.md:7: #nowhere
docs/README.md:8: ../../README.md
docs/README.md:11: use/ended.md
docs/README.md:12: use/broken.md
docs/README.md:14: \`server/mine.cc\`
docs/README.md:15: \`inner/main.cc\`
docs/README.md:22: \`server/ours.cc\`
server/main.cc:2: docs/use/nothing.md
server/main.cc:2: docs/use/start.md#nothing"
status=0
said="$(GIT_CEILING_DIRECTORIES="$(dirname "$tree")" "$here/check_links.sh" "$tree" 2>&1)" || status=$?
if [ "$status" -ne 1 ] || ! diff <(echo "$expected") <(awk '{ sub(/: no such .*/, ""); print }' <<<"$said"); then
  echo "check_links.sh ended with $status; expected 1 and the lines marked <" >&2
  exit 1
fi

# Without the broken links, the check must pass.
sed -i '/[Bb]roken\|ends here\|which$/d' "$tree/docs/README.md" "$tree/server/main.cc"
GIT_CEILING_DIRECTORIES="$(dirname "$tree")" "$here/check_links.sh" "$tree"
