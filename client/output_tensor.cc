#include "client/output_tensor.h"

#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {
namespace {

using OutputMessage = inference::ModelInferResponse::InferOutputTensor;

constexpr std::size_t kMaxOutputDimensions = 32;

template <typename... Parts>
absl::Status MalformedOutput(const Tensor& tensor, const Parts&... parts) {
  return absl::InternalError(
      absl::StrCat("malformed answer: output '", tensor.name, "' has ", parts...));
}

std::string ShapeOf(const Tensor& tensor) {
  const absl::Span<const std::int64_t> shape = tensor.shape;
  const bool whole = shape.size() <= kMaxOutputDimensions;
  return absl::StrCat("[", absl::StrJoin(shape.subspan(0, kMaxOutputDimensions), ","),
                      whole ? "]" : ",...]");
}

// The number of elements; nullopt for a shape that cannot answer `rows` rows. Also refuses empty
// rows and excessive ranks, which no reader of an answer expects.
std::optional<std::size_t> ElementsOf(const Tensor& tensor, std::int64_t rows) {
  if (tensor.shape.empty() || tensor.shape.size() > kMaxOutputDimensions ||
      tensor.shape[0] != rows) {
    return std::nullopt;
  }
  std::int64_t of_a_row = 1;
  for (const std::int64_t length : absl::MakeSpan(tensor.shape).subspan(1)) {
    if (length < 1 || __builtin_mul_overflow(of_a_row, length, &of_a_row)) return std::nullopt;
  }
  std::int64_t count = 0;
  if (__builtin_mul_overflow(of_a_row, rows, &count)) return std::nullopt;
  return static_cast<std::size_t>(count);
}

absl::Status WrongCount(const Tensor& tensor, std::size_t received, const char* of_what) {
  return MalformedOutput(tensor, received, of_what, " for shape ", ShapeOf(tensor));
}

// A half-precision number: sign, 5 exponent bits, 10 mantissa bits.
struct Half {
  std::uint16_t bits = 0;
  explicit operator float() const {
    const int exponent = bits >> 10 & 0x1f;
    const int mantissa = bits & 0x3ff;
    float value = std::ldexp(static_cast<float>(mantissa + (exponent > 0 ? 0x400 : 0)),
                             (exponent > 0 ? exponent : 1) - 25);
    if (exponent == 0x1f) {
      value = mantissa == 0 ? std::numeric_limits<float>::infinity()
                            : std::numeric_limits<float>::quiet_NaN();
    }
    return (bits & 0x8000) != 0 ? -value : value;
  }
};

// A bfloat16: the upper half of a float.
struct BrainHalf {
  std::uint16_t bits = 0;
  explicit operator float() const {
    const std::uint32_t wide = std::uint32_t{bits} << 16;
    float value = 0;
    std::memcpy(&value, &wide, sizeof(value));
    return value;
  }
};

template <typename Element>
bool AddTo(Element element, Tensor& tensor) {
  if constexpr (std::is_integral_v<Element>) {
    if constexpr (std::is_same_v<Element, std::uint64_t>) {
      if (element > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return false;
      }
    }
    tensor.integers.push_back(static_cast<std::int64_t>(element));
  } else {
    tensor.values.push_back(static_cast<float>(element));
  }
  return true;
}

absl::Status TooGreat(const Tensor& tensor) {
  return absl::UnimplementedError(absl::StrCat("output '", tensor.name, "' has a number of ",
                                               tensor.datatype, " above that of INT64"));
}

template <typename Element>
absl::Status ReadRaw(const std::string& raw, std::size_t count, Tensor& tensor) {
  if (raw.size() % sizeof(Element) != 0 || raw.size() / sizeof(Element) != count) {
    return WrongCount(tensor, raw.size(), " bytes");
  }
  if constexpr (std::is_same_v<Element, float>) {
    tensor.values.resize(count);
    if (count > 0) std::memcpy(tensor.values.data(), raw.data(), raw.size());
    return absl::OkStatus();
  }
  for (std::size_t at = 0; at < raw.size(); at += sizeof(Element)) {
    Element element{};
    std::memcpy(&element, raw.data() + at, sizeof(Element));
    if (!AddTo(element, tensor)) return TooGreat(tensor);
  }
  return absl::OkStatus();
}

absl::Status ReadRawBool(const std::string& raw, std::size_t count, Tensor& tensor) {
  if (raw.size() != count) return WrongCount(tensor, raw.size(), " bytes");
  for (const char byte : raw) tensor.integers.push_back(byte != 0 ? 1 : 0);
  return absl::OkStatus();
}

// Each element is preceded by its length in 4 bytes.
absl::Status ReadRawStrings(absl::string_view raw, std::size_t count, Tensor& tensor) {
  const std::size_t received = raw.size();
  while (!raw.empty()) {
    std::uint32_t length = 0;
    if (raw.size() < sizeof(length)) return WrongCount(tensor, received, " bytes of strings");
    std::memcpy(&length, raw.data(), sizeof(length));
    raw.remove_prefix(sizeof(length));
    if (length > raw.size() || tensor.strings.size() == count) {
      return WrongCount(tensor, received, " bytes of strings");
    }
    tensor.strings.emplace_back(raw.substr(0, length));
    raw.remove_prefix(length);
  }
  if (tensor.strings.size() != count) return WrongCount(tensor, received, " bytes of strings");
  return absl::OkStatus();
}

template <typename Field>
absl::Status ReadTyped(const Field& field, std::size_t count, Tensor& tensor) {
  if (static_cast<std::size_t>(field.size()) != count) {
    return WrongCount(tensor, static_cast<std::size_t>(field.size()), " values");
  }
  for (const auto element : field) {
    if (!AddTo(element, tensor)) return TooGreat(tensor);
  }
  return absl::OkStatus();
}

absl::Status Unread(const Tensor& tensor) {
  return absl::UnimplementedError(absl::StrCat("output '", tensor.name, "' has datatype ",
                                               tensor.datatype,
                                               ", which this client does not read"));
}

absl::Status ReadAllRaw(const std::string& raw, std::size_t count, Tensor& tensor) {
  const std::string& datatype = tensor.datatype;
  if (datatype == "FP32") return ReadRaw<float>(raw, count, tensor);
  if (datatype == "FP64") return ReadRaw<double>(raw, count, tensor);
  if (datatype == "FP16") return ReadRaw<Half>(raw, count, tensor);
  if (datatype == "BF16") return ReadRaw<BrainHalf>(raw, count, tensor);
  if (datatype == "BOOL") return ReadRawBool(raw, count, tensor);
  if (datatype == "INT8") return ReadRaw<std::int8_t>(raw, count, tensor);
  if (datatype == "INT16") return ReadRaw<std::int16_t>(raw, count, tensor);
  if (datatype == "INT32") return ReadRaw<std::int32_t>(raw, count, tensor);
  if (datatype == "INT64") return ReadRaw<std::int64_t>(raw, count, tensor);
  if (datatype == "UINT8") return ReadRaw<std::uint8_t>(raw, count, tensor);
  if (datatype == "UINT16") return ReadRaw<std::uint16_t>(raw, count, tensor);
  if (datatype == "UINT32") return ReadRaw<std::uint32_t>(raw, count, tensor);
  if (datatype == "UINT64") return ReadRaw<std::uint64_t>(raw, count, tensor);
  if (datatype == "BYTES") return ReadRawStrings(raw, count, tensor);
  return Unread(tensor);
}

absl::Status ReadAllTyped(const inference::InferTensorContents& contents, std::size_t count,
                          Tensor& tensor) {
  const std::string& datatype = tensor.datatype;
  if (datatype == "FP32") return ReadTyped(contents.fp32_contents(), count, tensor);
  if (datatype == "FP64") return ReadTyped(contents.fp64_contents(), count, tensor);
  if (datatype == "BOOL") return ReadTyped(contents.bool_contents(), count, tensor);
  if (datatype == "INT8" || datatype == "INT16" || datatype == "INT32") {
    return ReadTyped(contents.int_contents(), count, tensor);
  }
  if (datatype == "INT64") return ReadTyped(contents.int64_contents(), count, tensor);
  if (datatype == "UINT8" || datatype == "UINT16" || datatype == "UINT32") {
    return ReadTyped(contents.uint_contents(), count, tensor);
  }
  if (datatype == "UINT64") return ReadTyped(contents.uint64_contents(), count, tensor);
  if (datatype != "BYTES") return Unread(tensor);
  if (static_cast<std::size_t>(contents.bytes_contents_size()) != count) {
    return WrongCount(tensor, static_cast<std::size_t>(contents.bytes_contents_size()), " values");
  }
  tensor.strings.assign(contents.bytes_contents().begin(), contents.bytes_contents().end());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Tensor> ReadOutputTensor(const OutputMessage& output, const std::string* raw,
                                        std::int64_t rows) {
  Tensor tensor{
      output.name(), {output.shape().begin(), output.shape().end()}, {}, output.datatype()};
  const std::optional<std::size_t> count = ElementsOf(tensor, rows);
  if (!count.has_value()) {
    return MalformedOutput(tensor, "shape ", ShapeOf(tensor), " for ", rows, " rows");
  }
  const absl::Status read = raw != nullptr ? ReadAllRaw(*raw, *count, tensor)
                                           : ReadAllTyped(output.contents(), *count, tensor);
  if (!read.ok()) return read;
  return tensor;
}

}  // namespace mlp
