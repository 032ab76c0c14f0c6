#!/usr/bin/env bash
# Prints the manual page of one of our programs, generated from its --help.
#
#   deploy/debian/man-page.sh [--emulator=COMMAND] PROGRAM VERSION DATE
#
# If PROGRAM has commands, each becomes a section with its own --help. DATE is YYYY-MM-DD. Limits
# that a server derives from its machine get no number here.
set -euo pipefail

emulator=()
if [[ "$1" == --emulator=* ]]; then
  IFS=' ' read -r -a emulator <<<"${1#*=}"
  shift
fi
readonly program="$1" version="$2" date="$3"
name="$(basename "$program")"
readonly name

# Without this shell's variables, which must not change the page.
run() {
  env --ignore-environment PATH="$PATH" "${emulator[@]}" "$program" "$@"
}

# Defaults that depend on the machine. The client has none.
by_machine=none
if [ "$name" = mlp-server ]; then
  by_machine="$(run --list-options |
    sed -n 's/.*"name":"\([a-z-]*\)".*"default_from_machine":true.*/\1/p' | paste --serial --delimiters='|')"
fi
readonly by_machine

help_of() {
  run "$@" --help | sed -E "s/^(  --($by_machine) [^=]*)=[^ ]+/\1/"
}

# Headings become sections (of the given roff macro). Indented heads and their texts become
# paragraphs with a hanging tag. What follows them is copied.
to_roff() {
  awk -v heading="$1" '
    function roff(text) {
      gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text)
      if (text ~ /^[.\x27]/) text = "\\&" text
      return text
    }
    function end_example() { if (example) print ".fi\n.RE"; example = 0 }
    NR == 1 { if (heading != ".SH") print roff($0); next } # the summary; that of the program is already printed
    /^Usage: / { print ".PP\n.B " roff(substr($0, 8)); next }
    /^[A-Z][A-Za-z]*:$/ {
      end_example()
      section = substr($0, 1, length($0) - 1)
      if (section != "Subcommands") print heading " " (heading == ".SH" ? toupper(section) : section)
      next
    }
    /^$/ { end_example(); blank = 1; next }
    section == "Subcommands" && /^  / { next } # each has its own section
    section == "Examples" && /^  / {
      if (!example) print ".PP\n.RS\n.nf"
      example = 1; blank = 0
      print roff(substr($0, 3)); next
    }
    /^  [^ ]/ && (section == "Options" || section == "Positionals") {
      head = substr($0, 3); text = ""
      if (match(head, /   +/)) { text = substr(head, RSTART + RLENGTH); head = substr(head, 1, RSTART - 1) }
      print ".TP\n.B " roff(head)
      if (text != "") print roff(text)
      blank = 0; next
    }
    { end_example(); sub(/^ +/, ""); if (blank) print ".PP"; blank = 0; print roff($0) }
    END { end_example() }'
}

# Escapes the hyphens of options and names, which groff would otherwise replace.
hyphens() {
  sed 's/-/\\-/g'
}

help="$(help_of)"
readonly help summary="${help%%$'\n'*}"
first="${summary%%[.,]*}"
echo ".TH ${name^^} 1 $date \"mlpserve $version\" \"User Commands\"" | hyphens
echo ".SH NAME"
echo "$(hyphens <<<"$name") \\- $(hyphens <<<"${first,}")"
echo ".SH DESCRIPTION"
hyphens <<<"$summary"
to_roff .SH <<<"$help"
commands="$(awk '/^Subcommands:/ { inside = 1; next } /^$/ { inside = 0 } inside { print $1 }' <<<"$help")"
if [ -n "$commands" ]; then
  echo ".SH COMMANDS"
fi
for command in $commands; do
  hyphens <<<".SS $name $command"
  help_of "$command" | to_roff .PP
done
echo ".SH SEE ALSO"
other=client
[ "$name" = mlp-server ] || other=server
echo ".BR mlp\\-$other (1)"
