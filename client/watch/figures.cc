#include "client/watch/figures.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/text.h"

namespace mlp {
namespace {

// Three digits of a number, and all digits before the point.
std::string ThreeDigits(double number) {
  const double size = std::abs(number);
  if (std::isnan(number)) return "-";
  if (std::isinf(number)) return number > 0.0 ? "inf" : "-inf";
  if (number == 0.0) return "0";
  if (size < 0.005) return absl::StrFormat("%.0e", number);
  if (size < 9.995) return absl::StrFormat("%.2f", number);
  if (size < 99.95) return absl::StrFormat("%.1f", number);
  return size < 1e15 ? FormatCount(std::llround(number)) : absl::StrFormat("%.2e", number);
}

}  // namespace

std::string TerminalRate(double per_second) { return ThreeDigits(per_second); }

std::string TerminalSeconds(double seconds) {
  if (std::isnan(seconds)) return "-";
  if (seconds < 999.5e-6) return absl::StrFormat("%.0f us", seconds * 1e6);
  if (seconds < 0.9995) return absl::StrFormat("%.3g ms", seconds * 1e3);
  return absl::StrFormat("%.3g s", seconds);
}

std::string TerminalShare(double share) {
  if (std::isnan(share)) return "-";
  const double percent = share * 100.0;
  return absl::StrFormat("%.*f %%", std::abs(percent) < 9.95 && percent != 0.0 ? 1 : 0, percent);
}

std::string TerminalRatio(double ratio) { return ThreeDigits(ratio); }

std::string TerminalValue(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? FormatCount(std::llround(value))
                                                              : ThreeDigits(value);
}

std::string BesideReference(const FigureView& figure, std::string (*text)(double)) {
  if (std::isnan(figure.reference)) return text(figure.value);
  return absl::StrCat(text(figure.value), " (", text(figure.reference), ")");
}

TextStyle DriftStyle(double ratio) {
  if (std::isnan(ratio)) return TextStyle::kPlain;
  if (ratio > 1.0) return TextStyle::kBad;
  return ratio > 0.8 ? TextStyle::kWarning : TextStyle::kGood;
}

}  // namespace mlp
