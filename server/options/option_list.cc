#include "server/options/option_list.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace mlp {
namespace {

using Json = nlohmann::ordered_json;

Json DefaultOf(const OptionValue& value) {
  switch (value.type) {
    case OptionType::kFlag:
    case OptionType::kInteger:
    case OptionType::kNumber:
      return Json::parse(value.default_text);
    case OptionType::kList:
      return Json(
          std::vector<std::string>(absl::StrSplit(value.default_text, ',', absl::SkipEmpty())));
    default:
      return value.default_text;
  }
}

Json JsonOf(const Option& option) {
  const OptionValue& value = option.value;
  Json json = {{"name", option.name}, {"variable", nullptr}, {"type", NameOf(value.type)}};
  if (!option.command_line_only) json["variable"] = option.Variable();
  if (value.range.has_value()) {
    json[value.range->exclusive ? "exclusive_minimum" : "minimum"] = value.range->minimum;
    json[value.range->exclusive ? "exclusive_maximum" : "maximum"] = value.range->maximum;
    json["or_zero"] = value.range->or_zero;
  }
  if (value.type == OptionType::kName) json["names"] = value.names;
  json["default"] = DefaultOf(value);
  json["default_from_machine"] = value.default_from_machine;
  json["help"] = option.help;
  return json;
}

}  // namespace

std::string OptionList(const std::vector<Option>& table) {
  std::string list;
  for (const Option& option : table) {
    absl::StrAppend(&list, list.empty() ? "[\n" : ",\n", JsonOf(option).dump());
  }
  return absl::StrCat(list, "\n]\n");
}

}  // namespace mlp
