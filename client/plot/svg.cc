#include "client/plot/svg.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace mlp {
namespace {

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

}  // namespace

std::string SvgPicture(double width, double height, absl::string_view title,
                       absl::string_view content) {
  return absl::StrCat(
      absl::StrFormat("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                      "viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" role=\"img\">\n",
                      width, height, width, height),
      "<title>", Escaped(title), "</title>\n",
      "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#ffffff\"/>\n", content, "</svg>\n");
}

std::string SvgText(double x, double y, absl::string_view attributes, absl::string_view text) {
  return absl::StrFormat("<text x=\"%.1f\" y=\"%.1f\"%s>%s</text>\n", x, y, attributes,
                         Escaped(text));
}

std::string SvgRule(double x1, double y1, double x2, double y2, absl::string_view colour) {
  return absl::StrFormat(
      "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"%s\" stroke-width=\"1\" fill=\"none\"/>\n", x1, y1,
      x2, y2, colour);
}

std::string SvgPath(absl::string_view path, absl::string_view colour,
                    absl::string_view attributes) {
  return absl::StrFormat("<path d=\"%s\" stroke=\"%s\" stroke-width=\"2.5\" fill=\"none\"%s/>\n",
                         path, colour, attributes);
}

double TickStep(double length) {
  const double magnitude = std::pow(10.0, std::floor(std::log10(length / 10.0)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (length / (step * magnitude) <= 10.0) return step * magnitude;
  }
  return 10.0 * magnitude;
}

}  // namespace mlp
