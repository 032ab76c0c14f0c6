#!/usr/bin/env bash
# Draws the file that `soak --csv FILE` has written as an SVG on standard output: the server's
# memory and descriptors over time. Shows the highest value in each of 300 spans of time.
#
#   tests/e2e/soak/plot.sh FILE > docs/pictures/soak.svg
set -euo pipefail
[ "$#" -eq 1 ] || { echo "Usage: tests/e2e/soak/plot.sh FILE" >&2; exit 2; }

awk -F, '
  NR > 1 { second[++count] = $1; value[1, count] = $2 / 1048576; value[2, count] = $3 }
  # The smallest of 1, 2, 5, 10, 20, 50, ... that is at least x.
  function ceiling(x,   ten) {
    for (ten = 1; ten * 10 < x; ten *= 10) {
    }
    return x <= ten ? ten : x <= 2 * ten ? 2 * ten : x <= 5 * ten ? 5 * ten : 10 * ten
  }
  function panel(which, title, top,   i, x, y, most, span, high, path) {
    most = 0
    for (i = 1; i <= count; ++i) if (value[which, i] > most) most = value[which, i]
    most = ceiling(most)
    printf "<text x=\"70\" y=\"%d\" font-size=\"14\" font-weight=\"bold\">%s</text>\n", top - 8, title
    for (i = 0; i <= 2; ++i) {
      y = top + 130 - i * 65
      printf "<path d=\"M70 %dH700\" stroke=\"#dddddd\"/>", y
      printf "<text x=\"64\" y=\"%d\" text-anchor=\"end\" font-size=\"12\">%g</text>\n", y + 4, most * i / 2
    }
    path = ""; high = 0; span = 0
    for (i = 1; i <= count; ++i) {
      if (value[which, i] > high) high = value[which, i]
      if (second[i] < span && i < count) continue
      x = 70 + 630 * second[i] / second[count]
      path = path sprintf("%s%.1f %.1f", path == "" ? "M" : "L", x, top + 130 - 130 * high / most)
      span = second[i] + second[count] / 300; high = 0
    }
    printf "<path d=\"%s\" fill=\"none\" stroke=\"#1f77b4\" stroke-width=\"1.5\"/>\n", path
  }
  END {
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"400\" viewBox=\"0 0 720 400\" font-family=\"sans-serif\" role=\"img\">"
    print "<title>An mlp-server under a mixed load</title>"
    print "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#ffffff\"/>"
    panel(1, "resident memory, MiB", 40)
    panel(2, "open descriptors", 215)
    for (i = 0; i <= 6; ++i) {
      printf "<text x=\"%d\" y=\"368\" text-anchor=\"middle\" font-size=\"12\">%.0f</text>\n", 70 + 105 * i, second[count] * i / 360
    }
    print "<text x=\"385\" y=\"390\" text-anchor=\"middle\" font-size=\"12\">minutes</text>\n</svg>"
  }' "$1"
