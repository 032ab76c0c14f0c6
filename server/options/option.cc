#include "server/options/option.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/decimal.h"

namespace mlp {
namespace {

template <typename Number>
OptionValue IntegerIn(Number& number, OptionRange range) {
  const auto set = [&number, range](const std::string& text) -> std::string {
    std::int64_t parsed = 0;
    const bool is_number = IsDecimal(text) && absl::SimpleAtoi(text, &parsed);
    const bool is_in_range = parsed >= range.minimum && parsed <= range.maximum;
    if (!is_number || !(is_in_range || (range.or_zero && parsed == 0))) {
      return absl::StrCat("'", text, "' is not in range; expected ", range.or_zero ? "0, or " : "",
                          "a whole number from ", range.minimum, " to ", range.maximum);
    }
    number = static_cast<Number>(parsed);
    return "";
  };
  OptionValue value{OptionType::kInteger, set, absl::StrCat(number)};
  value.placeholder = absl::StrCat("INT:", range.or_zero ? "0 or " : "", "[", range.minimum, " - ",
                                   range.maximum, "]");
  value.range = range;
  return value;
}

}  // namespace

const char* NameOf(OptionType type) {
  switch (type) {
    case OptionType::kFlag:
      return "flag";
    case OptionType::kInteger:
      return "integer";
    case OptionType::kNumber:
      return "number";
    case OptionType::kName:
      return "name";
    case OptionType::kList:
      return "list";
    default:
      return "text";
  }
}

std::string Option::Flag() const { return absl::StrCat("--", name); }

std::string Option::Variable() const {
  if (command_line_only) return "";
  std::string variable = absl::StrCat("MLP_", absl::AsciiStrToUpper(name));
  std::replace(variable.begin(), variable.end(), '-', '_');
  return variable;
}

OptionValue TextValue(std::string& text, const std::string& placeholder, const TextCheck& check) {
  const auto set = [&text, check](const std::string& given) {
    std::string wrong = check == nullptr ? "" : check(given);
    if (wrong.empty()) text = given;
    return wrong;
  };
  return {OptionType::kText, set, text, placeholder};
}

OptionValue FlagValue(bool& flag) { return {OptionType::kFlag, &flag, flag ? "true" : "false"}; }

OptionValue ListValue(std::vector<std::string>& texts) {
  return {OptionType::kList, &texts, absl::StrJoin(texts, ","), "TEXT"};
}

OptionValue IntegerValue(int& number, std::int64_t minimum, std::int64_t maximum) {
  return IntegerIn(number, {minimum, maximum});
}

OptionValue IntegerValue(std::int64_t& number, std::int64_t minimum, std::int64_t maximum) {
  return IntegerIn(number, {minimum, maximum});
}

OptionValue IntegerOrZero(int& number, std::int64_t minimum, std::int64_t maximum) {
  return IntegerIn(number, {minimum, maximum, /*or_zero=*/true});
}

OptionValue IntegerOrZero(std::int64_t& number, std::int64_t minimum, std::int64_t maximum) {
  return IntegerIn(number, {minimum, maximum, /*or_zero=*/true});
}

OptionValue FractionValue(double& number) {
  const auto set = [&number](const std::string& text) -> std::string {
    double parsed = 0.0;
    // The comparisons are false for NaN.
    if (!absl::SimpleAtod(text, &parsed) || !(parsed > 0.0 && parsed < 1.0)) {
      return absl::StrCat("'", text, "' is not in range; expected a number between 0 and 1");
    }
    number = parsed;
    return "";
  };
  OptionValue value{OptionType::kNumber, set, absl::StrCat(number), "FLOAT"};
  value.range = OptionRange{0, 1, /*or_zero=*/false, /*exclusive=*/true};
  return value;
}

OptionValue IndexedName(std::vector<std::string> names, std::size_t default_index,
                        std::function<void(std::size_t)> set) {
  const auto set_text = [names, set = std::move(set)](const std::string& text) -> std::string {
    const auto found = std::find(names.begin(), names.end(), absl::AsciiStrToLower(text));
    if (found == names.end()) {
      return absl::StrCat("'", text, "' is unknown; expected one of ", absl::StrJoin(names, ", "));
    }
    set(static_cast<std::size_t>(found - names.begin()));
    return "";
  };
  OptionValue value{OptionType::kName, set_text, names[default_index], "NAME"};
  value.names = std::move(names);
  return value;
}

OptionValue FromMachine(OptionValue value) {
  value.default_from_machine = true;
  return value;
}

}  // namespace mlp
