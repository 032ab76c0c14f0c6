#include "client/commands/number_range.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

CLI::Validator NumberCheck(double least, double most, const std::string& expected,
                           const std::string& description) {
  const auto check = [=](std::string& text) -> std::string {
    double value = 0.0;
    // Written so that NaN is refused too.
    if (CLI::detail::lexical_cast(text, value) && value >= least && value <= most) return "";
    return absl::StrCat("'", text, "'; expected ", expected);
  };
  return {check, description, ""};
}

}  // namespace

CLI::Validator NumberIn(double least, double most) {
  return NumberCheck(least, most, absl::StrCat("a number from ", least, " to ", most),
                     absl::StrCat("FLOAT in [", least, " - ", most, "]"));
}

CLI::Validator FiniteNumber() {
  constexpr double kMax = std::numeric_limits<float>::max();
  return NumberCheck(-kMax, kMax, "a finite number", "");
}

}  // namespace mlp
