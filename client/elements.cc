#include "client/elements.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// Calls `use` with a value of the type that elements of `datatype` have; false where there is none.
template <typename Use>
bool WithElement(absl::string_view datatype, const Use& use) {
  if (datatype == "FP32") return use(float{}), true;
  if (datatype == "FP64") return use(double{}), true;
  if (datatype == "INT64") return use(std::int64_t{}), true;
  if (datatype == "INT32") return use(std::int32_t{}), true;
  if (datatype == "INT16") return use(std::int16_t{}), true;
  if (datatype == "INT8") return use(std::int8_t{}), true;
  if (datatype == "UINT64") return use(std::uint64_t{}), true;
  if (datatype == "UINT32") return use(std::uint32_t{}), true;
  if (datatype == "UINT16") return use(std::uint16_t{}), true;
  if (datatype == "UINT8" || datatype == "BOOL") return use(std::uint8_t{}), true;
  return false;
}

// The first float beyond what the integer type has.
template <typename Integer>
constexpr float End() {
  return static_cast<float>(std::numeric_limits<Integer>::max() / 2 + 1) * 2.0F;
}

template <typename Element>
bool Has(float value, bool is_bool) {
  if constexpr (std::is_floating_point_v<Element>) {
    return true;
  } else {
    if (is_bool) return value == 0.0F || value == 1.0F;
    return value == std::trunc(value) &&
           value >= static_cast<float>(std::numeric_limits<Element>::lowest()) &&
           value < End<Element>();
  }
}

template <typename Element>
void AddElement(Element element, bool is_bool, Tensor& tensor) {
  tensor.values.push_back(static_cast<float>(element));
  if constexpr (!std::is_floating_point_v<Element>) {
    tensor.texts.push_back(is_bool ? (element != 0 ? "true" : "false") : absl::StrCat(element));
  }
}

template <typename Field>
std::int64_t AddField(const Field& field, bool is_bool, Tensor& tensor) {
  for (const auto element : field) AddElement(element, is_bool, tensor);
  return field.size();
}

absl::Status NotRead(const Tensor& tensor) {
  return absl::UnimplementedError(absl::StrCat("output '", tensor.name, "' has datatype ",
                                               tensor.datatype,
                                               ", which this client does not read"));
}

absl::Status BrokenBytes(const Tensor& tensor, std::size_t bytes) {
  return absl::InternalError(absl::StrCat("malformed answer: output '", tensor.name, "' has ",
                                          bytes, " bytes, which hold no whole number of ",
                                          tensor.datatype));
}

absl::StatusOr<std::int64_t> ReadRawStrings(absl::string_view raw, Tensor& tensor) {
  const std::size_t bytes = raw.size();
  std::uint32_t length = 0;
  while (!raw.empty()) {
    if (raw.size() < sizeof(length)) return BrokenBytes(tensor, bytes);
    std::memcpy(&length, raw.data(), sizeof(length));
    raw.remove_prefix(sizeof(length));
    if (length > raw.size()) return BrokenBytes(tensor, bytes);
    tensor.texts.emplace_back(raw.substr(0, length));
    raw.remove_prefix(length);
  }
  tensor.values.assign(tensor.texts.size(), 0.0F);
  return static_cast<std::int64_t>(tensor.texts.size());
}

}  // namespace

bool KnowsNumbers(absl::string_view datatype) {
  return WithElement(datatype, [](auto) {});
}

bool IsNan(absl::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  return text.empty() || absl::EqualsIgnoreCase(text, "nan");
}

bool AppendNumber(absl::string_view datatype, float value, std::string& raw) {
  const bool is_bool = datatype == "BOOL";
  bool has = false;
  WithElement(datatype, [&](auto type) {
    using Element = decltype(type);
    has = Has<Element>(value, is_bool);
    if (!has) return;
    const auto element = static_cast<Element>(value);
    raw.append(reinterpret_cast<const char*>(&element), sizeof(element));
  });
  return has;
}

void AppendString(absl::string_view text, std::string& raw) {
  const auto length = static_cast<std::uint32_t>(text.size());
  raw.append(reinterpret_cast<const char*>(&length), sizeof(length));
  raw.append(text.data(), text.size());
}

absl::StatusOr<std::int64_t> ReadRawElements(absl::string_view raw, Tensor& tensor) {
  if (tensor.datatype == "BYTES") return ReadRawStrings(raw, tensor);
  bool whole = true;
  const bool known = WithElement(tensor.datatype, [&](auto type) {
    whole = raw.size() % sizeof(type) == 0;
    for (std::size_t at = 0; whole && at < raw.size(); at += sizeof(type)) {
      std::memcpy(&type, raw.data() + at, sizeof(type));
      AddElement(type, tensor.datatype == "BOOL", tensor);
    }
  });
  if (!known) return NotRead(tensor);
  if (!whole) return -1;
  return static_cast<std::int64_t>(tensor.values.size());
}

absl::StatusOr<std::int64_t> ReadTypedElements(const inference::InferTensorContents& contents,
                                               Tensor& tensor) {
  const std::string& datatype = tensor.datatype;
  if (datatype == "FP32") return AddField(contents.fp32_contents(), false, tensor);
  if (datatype == "FP64") return AddField(contents.fp64_contents(), false, tensor);
  if (datatype == "INT64") return AddField(contents.int64_contents(), false, tensor);
  if (datatype == "UINT64") return AddField(contents.uint64_contents(), false, tensor);
  if (datatype == "BOOL") return AddField(contents.bool_contents(), true, tensor);
  if (datatype == "BYTES") {
    tensor.texts.assign(contents.bytes_contents().begin(), contents.bytes_contents().end());
    tensor.values.assign(tensor.texts.size(), 0.0F);
    return static_cast<std::int64_t>(tensor.texts.size());
  }
  if (!KnowsNumbers(datatype)) return NotRead(tensor);
  return datatype[0] == 'U' ? AddField(contents.uint_contents(), false, tensor)
                            : AddField(contents.int_contents(), false, tensor);
}

}  // namespace mlp
