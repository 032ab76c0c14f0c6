#include "server/repository/version_labels.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "model/quote.h"
#include "server/decimal.h"

namespace mlp {
namespace {

constexpr std::size_t kLongestLabel = 64;

bool IsLabel(absl::string_view text) {
  return !text.empty() && text.size() <= kLongestLabel && absl::ascii_islower(text[0]) &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '-';
         });
}

}  // namespace

std::optional<std::int64_t> ParseVersion(absl::string_view text) {
  std::int64_t version = 0;
  if (!IsDecimal(text) || text[0] == '0' || !absl::SimpleAtoi(text, &version)) {
    return std::nullopt;
  }
  return version;
}

absl::StatusOr<std::map<std::string, std::int64_t>> ReadVersionLabels(
    const inference::ModelConfig& config) {
  std::map<std::string, std::int64_t> labels;
  for (const auto& [key, value] : config.parameters()) {
    absl::string_view label = key;
    if (!absl::ConsumePrefix(&label, kLabelPrefix)) continue;
    if (!IsLabel(label)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "parameter ", Quote(key), ": ", Quote(label),
          " is not a label; expected a lower-case letter, then at most 63 lower-case letters, "
          "digits, '_' and '-'"));
    }
    const std::optional<std::int64_t> version = ParseVersion(value.string_value());
    if (!version.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "parameter ", Quote(key), " is ", Quote(value.string_value()),
          "; expected a version as its string_value: a positive integer without leading zeros"));
    }
    labels.emplace(label, *version);
  }
  return labels;
}

}  // namespace mlp
