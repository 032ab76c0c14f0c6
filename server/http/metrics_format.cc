#include "server/http/metrics_format.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace mlp {
namespace {

// One entry of an Accept header.
struct MediaRange {
  std::string type;     // in lower case: text/plain, text/*, */*
  std::string version;  // empty if there is none
  int weight = 1'000;   // in thousandths; 0: not accepted
};

// Reads a weight from 0 to 1 with at most three decimals, and returns it in thousandths.
std::optional<int> WeightOf(absl::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int weight = (text[0] - '0') * 1'000;
  int place = 100;
  for (std::size_t i = 2; i < text.size(); ++i, place /= 10) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) return std::nullopt;
    weight += (text[i] - '0') * place;
  }
  return weight <= 1'000 ? std::optional(weight) : std::nullopt;
}

absl::string_view WithoutQuotes(absl::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return value;
  return value.substr(1, value.size() - 2);
}

std::optional<MediaRange> ReadMediaRange(absl::string_view entry) {
  const std::vector<absl::string_view> parts = absl::StrSplit(entry, ';');
  MediaRange range;
  range.type = absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts[0]));
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::pair<absl::string_view, absl::string_view> parameter =
        absl::StrSplit(parts[i], absl::MaxSplits('=', 1));
    const absl::string_view key = absl::StripAsciiWhitespace(parameter.first);
    const absl::string_view value = absl::StripAsciiWhitespace(parameter.second);
    if (absl::EqualsIgnoreCase(key, "version")) range.version = std::string(WithoutQuotes(value));
    if (!absl::EqualsIgnoreCase(key, "q")) continue;
    const std::optional<int> weight = WeightOf(value);
    if (!weight) return std::nullopt;
    range.weight = *weight;
  }
  return range;
}

// Keeps the greatest weight of all entries of the same type.
void Raise(std::optional<int>& weight, const MediaRange& range) {
  weight = std::max(weight.value_or(0), range.weight);
}

}  // namespace

const char* ContentTypeOf(MetricsFormat format) {
  return format == MetricsFormat::kOpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

MetricsFormat ChooseMetricsFormat(absl::string_view accept) {
  std::optional<int> open_metrics;
  std::optional<int> plain_text;
  std::optional<int> any_text;
  std::optional<int> anything;
  for (const absl::string_view entry : absl::StrSplit(accept, ',')) {
    const std::optional<MediaRange> range = ReadMediaRange(entry);
    if (!range) continue;
    const bool is_served = range->version.empty() || range->version == "1.0.0";
    if (range->type == "application/openmetrics-text" && is_served) Raise(open_metrics, *range);
    if (range->type == "text/plain") Raise(plain_text, *range);
    if (range->type == "text/*") Raise(any_text, *range);
    if (range->type == "*/*") Raise(anything, *range);
  }
  // For text, the most specific entry decides.
  const int text = plain_text ? *plain_text : any_text ? *any_text : anything.value_or(0);
  const bool chosen = open_metrics.value_or(0) > 0 && *open_metrics >= text;
  return chosen ? MetricsFormat::kOpenMetrics : MetricsFormat::kText;
}

}  // namespace mlp
