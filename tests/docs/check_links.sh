#!/usr/bin/env bash
# Checks the documents of a tree: the target of every relative link must exist, with its anchor; so must every
# file that a document names in backticks, and every document that other files name (docs/NAME.md#heading). Prints
# FILE:LINE and the target of each one that does not exist.
#
#   tests/docs/check_links.sh [TREE]        TREE is this checkout by default
#
# A name in backticks counts as a file of the tree
#   - if it begins with a folder at the top of the tree: `server/main.cc`, `tests/fuzz`; or
#   - if it has a slash and the extension of a source: `kernels/dense_kernels.cc`. The end of a path suffices.
# Names in footnotes do not count, because footnotes cite other projects. Neither do names with wildcards, blanks,
# <placeholders> or $VARIABLES. elsewhere.txt, next to this script, lists names that look like files of the tree
# but are not.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "${1:-$here/../..}"

# The paths of the tree's files, one per line, and the places where files other than documents name a document.
# Without git, the tree's files are all files except those of builds.
mention='[^][:space:]"()]*docs/[A-Za-z0-9_./-]+\.(md|json|svg|png)(#[a-z0-9_-]+)?'
if paths="$(git ls-files --cached --others --exclude-standard 2>/dev/null)" && [ -n "$paths" ]; then
  mentions="$(git grep --untracked -noIE "$mention" -- ':!*.md' || true)"
else
  paths="$(find . -type d \( -name .git -o -path ./build \) -prune -o -type f -print | sed 's|^\./||')"
  mentions="$(grep -rnoIE --exclude-dir=.git --exclude-dir=build --exclude='*.md' "$mention" . | sed 's|^\./||' || true)"
fi
mapfile -t documents < <(grep '\.md$' <<<"$paths")
[ "${#documents[@]}" -gt 0 ] || { echo "no documents in $PWD" >&2; exit 1; }
elsewhere="$here/elsewhere.txt"

# The documents are read twice: first for their headings, then for their links.
# shellcheck disable=SC2016 # awk's own dollars and backticks
awk '
# Uses neither RSTART nor RLENGTH, which its callers need.
function folder_of(path) {
  if (!sub(/\/[^\/]*$/, "", path)) return ""
  return path
}

# The path without "." and "..", or "?" if it leaves the tree.
function normal(path,    parts, n, i, kept, k, result) {
  n = split(path, parts, "/")
  for (i = 1; i <= n; i++) {
    if (parts[i] == "" || parts[i] == ".") continue
    if (parts[i] != "..") kept[++k] = parts[i]
    else if (k-- == 0) return "?"
  }
  for (i = 1; i <= k; i++) result = result (i > 1 ? "/" : "") kept[i]
  return result == "" ? "." : result
}

# The anchor that GitHub makes from a heading.
function slug(heading) {
  while (match(heading, /\[[^]]*\]\([^)]*\)/)) {
    link = substr(heading, RSTART, RLENGTH)
    label = link
    sub(/^\[/, "", label)
    sub(/\]\(.*/, "", label)
    heading = substr(heading, 1, RSTART - 1) label substr(heading, RSTART + RLENGTH)
  }
  heading = tolower(heading)
  gsub(/[^a-z0-9_ \200-\377-]/, "", heading)
  gsub(/ /, "-", heading)
  return heading
}

function broken(target, why,    place) {
  place = pass == "mentions" ? mentioned_at : FILENAME ":" FNR
  printf "%s: %s: %s\n", place, target, why
  failed = 1
}

function is_elsewhere(name,    path) {
  if (name in elsewhere) return 1
  for (path in elsewhere_below) if (index(name, path) == 1) return 1
  return 0
}

function check_link(target,    file, anchor, path) {
  if (target == "" || target ~ /^[a-z][a-z0-9+.-]*:/ || target ~ /^\/\//) return
  checked++
  file = target
  sub(/#.*/, "", file)
  anchor = target ~ /#/ ? substr(target, length(file) + 2) : ""
  path = file == "" ? FILENAME : normal(folder_of(FILENAME) "/" file)
  if (!(path in there)) broken(target, "no such file")
  else if (anchor != "" && path ~ /\.md$/ && !((path, anchor) in anchors)) broken(target, "no such heading")
}

function check_name(name,    top) {
  if (name !~ /^\.*[A-Za-z0-9_][A-Za-z0-9_.+\/-]*$/ || name !~ /\//) return
  sub(/\/$/, "", name)
  top = name
  sub(/\/.*/, "", top)
  if (is_elsewhere(name)) return
  if (name !~ /\// || !(top in tops) && name !~ /\.(cc|h|py|sh|proto|cmake)$/) return
  named++
  if (name in there || normal(folder_of(FILENAME) "/" name) in there) return
  if (name ~ /\.(cc|h|py|sh|proto|cmake)$/ && index(ends, "/" name "\n")) return
  broken("`" name "`", "no such file in the tree")
}

# All paths, the folders that they are in, and the folders at the top.
pass == "paths" {
  ends = ends "/" $0 "\n"
  path = $0
  there["."] = there[path] = 1
  if (path ~ /\//) {
    top = path
    sub(/\/.*/, "", top)
    tops[top] = 1
  }
  while (sub(/\/[^\/]*$/, "", path)) there[path] = 1
  next
}
pass == "elsewhere" {
  if ($0 !~ /^(#|$)/) {
    if ($1 ~ /\/$/) elsewhere_below[$1] = 1
    elsewhere[$1] = 1
    sub(/\/$/, "", $1)
    elsewhere[$1] = 1
  }
  next
}

# FILE:LINE:MENTION. The tests of this script name documents that do not exist.
pass == "mentions" {
  match($0, /^[^:]*:[0-9]+:/)
  mentioned_at = substr($0, 1, RLENGTH - 1)
  target = substr($0, RLENGTH + 1)
  if (target ~ /:\/\// || mentioned_at ~ /^tests\/docs\//) next
  sub(/.*docs\//, "docs/", target)
  file = target
  sub(/#.*/, "", file)
  if (is_elsewhere(file)) next
  mentioned++
  if (!(file in there)) broken(target, "no such file")
  else if (file != target && !((file, substr(target, length(file) + 2)) in anchors)) broken(target, "no such heading")
  next
}

FNR == 1 { fenced = cited = 0 }
/^ *(```|~~~)/ { fenced = !fenced; next }
fenced { next }
# A footnote with its continuation lines: it may name files of another project.
/^[^ ]/ || /^$/ { cited = /^\[\^[^]]+\]:/ }

pass == "headings" {
  if (/^#+ /) {
    heading = $0
    sub(/^#+ +/, "", heading)
    sub(/ +$/, "", heading)
    name = slug(heading)
    count = seen[FILENAME, name]++
    anchors[FILENAME, count ? name "-" count : name] = 1
  }
  line = $0
  while (match(line, /<a (id|name)="[^"]*"/)) {
    name = substr(line, RSTART, RLENGTH - 1)
    sub(/.*"/, "", name)
    anchors[FILENAME, name] = 1
    line = substr(line, RSTART + RLENGTH)
  }
  next
}

pass == "links" {
  # Checks the names in backticks, then removes the backticks with their content, which has no links.
  line = $0
  plain = ""
  while (match(line, /`[^`]*`/)) {
    if (!cited) check_name(substr(line, RSTART + 1, RLENGTH - 2))
    plain = plain substr(line, 1, RSTART - 1) "code"
    line = substr(line, RSTART + RLENGTH)
  }
  plain = plain line
  rest = plain
  while (match(rest, /\]\([^() \t]*(\([^() \t]*\))?[^() \t]*( "[^"]*")?\)/)) {
    target = substr(rest, RSTART + 2, RLENGTH - 3)
    sub(/ ".*/, "", target)
    check_link(target)
    rest = substr(rest, RSTART + RLENGTH)
  }
  if (match(plain, /^ *\[[^]]+\]: +[^ ]+$/)) {
    target = substr(plain, RSTART, RLENGTH)
    sub(/.*\]: +/, "", target)
    check_link(target)
  }
  rest = plain
  while (match(rest, /(href|src)="[^"]*"/)) {
    target = substr(rest, RSTART, RLENGTH - 1)
    sub(/.*"/, "", target)
    check_link(target)
    rest = substr(rest, RSTART + RLENGTH)
  }
}

END {
  if (failed) exit 1
  printf "%d links, %d names of files and %d mentions of documents are valid\n", checked, named, mentioned
}
' pass=paths <(printf '%s\n' "$paths") pass=elsewhere "$elsewhere" pass=headings "${documents[@]}" pass=links "${documents[@]}" \
  pass=mentions <(printf '%s\n' "$mentions")
