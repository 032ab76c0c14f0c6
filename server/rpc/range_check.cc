#include "server/rpc/range_check.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/datatype.h"
#include "model/quote.h"

namespace mlp {
namespace {

// Messages list this many keys.
constexpr std::size_t kMaxKeysNamed = 8;

std::string ExpectedText(const ServedModel& model, const InputRange& range, bool of_strings) {
  if (range.keys == nullptr) return absl::StrCat(range.lowest, " to ", range.highest);
  std::string text = "one of ";
  const std::size_t named = std::min(range.keys->size(), kMaxKeysNamed);
  for (std::size_t i = 0; i < named; ++i) {
    const float key = (*range.keys)[i];
    absl::StrAppend(&text, i == 0 ? "" : ", ");
    if (of_strings) {
      const auto& words = model.network->vocabulary().words();
      const bool is_word = key >= 0.0F && key < static_cast<float>(words.size());
      absl::StrAppend(&text, is_word ? Quote(words[static_cast<std::size_t>(key)]) : "nothing");
    } else {
      absl::StrAppend(&text, key);
    }
  }
  if (named < range.keys->size()) {
    absl::StrAppend(&text, " and ", range.keys->size() - named, " more");
  }
  return text;
}

absl::Status OutOfRange(const ServedModel& model, const InputRange& range, std::int64_t row,
                        float value) {
  const TensorSpec& input = model.network->inputs()[static_cast<std::size_t>(range.input)];
  const bool of_strings = input.datatype == Datatype::kBytes;
  return absl::InvalidArgumentError(absl::StrCat(
      "input ", Quote(input.name), " has ",
      of_strings ? std::string("an unknown string") : absl::StrCat(value), " in row ", row,
      input.width() == 1 ? "" : absl::StrCat(", at position ", range.unit), "; model ",
      Quote(model.name), " expects ", ExpectedText(model, range, of_strings)));
}

}  // namespace

absl::Status CheckInputRanges(const ServedModel& model, std::int64_t rows,
                              absl::Span<const InputValues> inputs) {
  for (const InputRange& range : model.input_ranges) {
    const InputValues& values = inputs[static_cast<std::size_t>(range.input)];
    const TensorSpec& input = model.network->inputs()[static_cast<std::size_t>(range.input)];
    const auto element = static_cast<std::int64_t>(SizeOf(values.stored_as));
    const std::int64_t width = input.width();
    const char* at = static_cast<const char*>(values.data) + range.unit * element;
    for (std::int64_t row = 0; row < rows; ++row, at += width * element) {
      float value = 0.0F;
      ConvertToFloats(values.stored_as, at, 1, &value);
      if (!range.Contains(value)) return OutOfRange(model, range, row, value);
    }
  }
  return absl::OkStatus();
}

}  // namespace mlp
