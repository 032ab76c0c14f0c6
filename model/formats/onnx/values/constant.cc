#include "model/formats/onnx/values/constant.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {

std::vector<std::int64_t> OnnxConstant::Dimensions() const {
  std::vector<std::int64_t> dimensions(tensor->dims().begin(), tensor->dims().end());
  if (transposed) std::swap(dimensions[0], dimensions[1]);
  return dimensions;
}

std::string OnnxConstant::Text() const {
  return tensor->name().empty() ? "a constant"
                                : absl::StrCat("initializer ", Quote(tensor->name()));
}

absl::Status TakeBytes(absl::string_view what, std::int64_t bytes, ConstantLimits& limits) {
  limits.bytes_left -= bytes;
  if (limits.bytes_left < 0) {
    return absl::UnimplementedError(absl::StrCat(
        what, " take many times the file's size; supported are 8 times that plus 16 MiB"));
  }
  limits.memory_used += bytes;
  return CheckMemory(limits.memory_used, limits.most_memory);
}

absl::Status CheckConstant(const OnnxConstant& constant) {
  constexpr int kMax = 64;
  const int dimensions = constant.tensor->dims_size();
  const int entries = constant.tensor->external_data_size();
  if (dimensions <= kMax && entries <= kMax) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat(constant.Text(), " has ", dimensions > kMax ? dimensions : entries,
                   dimensions > kMax ? " dimensions" : " entries about its external data",
                   "; supported are at most ", kMax));
}

absl::StatusOr<std::int64_t> CountOf(const OnnxConstant& constant) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  std::int64_t count = 1;
  for (const std::int64_t dimension : constant.tensor->dims()) {
    if (dimension < 0) {
      return absl::InvalidArgumentError(absl::StrCat(constant.Text(), " has dimensions ",
                                                     ShapeText(constant.Dimensions()),
                                                     "; expected none below 0"));
    }
    if (dimension > kMax || (count *= dimension) > kMax) {
      return absl::UnimplementedError(absl::StrCat(constant.Text(), " has dimensions ",
                                                   ShapeText(constant.Dimensions()),
                                                   "; supported is a product below 2^31"));
    }
  }
  return count;
}

}  // namespace mlp
