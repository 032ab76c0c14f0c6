#include "model/formats/onnx/values/sparse_constant.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {

absl::StatusOr<OnnxConstant> DenseConstant(const onnx::SparseTensorProto& sparse,
                                           OnnxConversion& conversion) {
  const OnnxConstant values{&sparse.values()};
  for (const OnnxConstant& part : {values, OnnxConstant{&sparse.indices()}}) {
    if (auto status = CheckConstant(part); !status.ok()) return status;
  }
  const absl::StatusOr<ConstantTensor<double>> numbers = ReadNumbers(values, conversion.limits);
  if (!numbers.ok()) return numbers.status();
  const absl::StatusOr<ConstantTensor<double>> indices =
      ReadNumbers({&sparse.indices()}, conversion.limits);
  if (!indices.ok()) return indices.status();

  onnx::TensorProto shape;
  *shape.mutable_dims() = sparse.dims();
  if (shape.dims_size() > 16) {
    return absl::UnimplementedError(absl::StrCat(
        values.Text(), " is sparse in more than 16 dimensions; supported are up to 16"));
  }
  const absl::StatusOr<std::int64_t> count = CountOf({&shape});
  if (!count.ok()) return count.status();
  const std::size_t entries = numbers->values.size();
  const auto rank = static_cast<std::size_t>(shape.dims_size());
  // Each index is an index into all values, or one index for each dimension.
  const bool by_dimension = indices->dimensions.size() == 2;
  if (indices->values.size() != entries * (by_dimension ? rank : 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat(values.Text(), " has ", entries, " values and indices of dimensions ",
                     ShapeText(indices->dimensions), "; expected an index for each value"));
  }
  if (*count > std::numeric_limits<int>::max()) {
    return absl::UnimplementedError(absl::StrCat(values.Text(), " has ", *count,
                                                 " values with its zeros; supported are ",
                                                 std::numeric_limits<int>::max()));
  }
  const auto bytes = *count * static_cast<std::int64_t>(sizeof(float));
  if (auto status =
          TakeBytes(absl::StrCat("the zeros of ", values.Text()), bytes, conversion.limits);
      !status.ok()) {
    return status;
  }
  onnx::TensorProto& made = conversion.made_tensors.emplace_back();
  made.set_name(sparse.values().name());
  made.set_data_type(onnx::TensorProto::FLOAT);
  *made.mutable_dims() = sparse.dims();
  made.mutable_float_data()->Resize(static_cast<int>(*count), 0.0F);
  for (std::size_t i = 0; i < entries; ++i) {
    double place = 0.0;
    bool inside = true;
    for (std::size_t k = 0; k < (by_dimension ? rank : 1); ++k) {
      const double index = indices->values[by_dimension ? i * rank + k : i];
      const auto size =
          static_cast<double>(by_dimension ? shape.dims(static_cast<int>(k)) : *count);
      inside = inside && index >= 0.0 && index < size;
      place = place * size + index;
    }
    if (!inside) {
      return absl::InvalidArgumentError(
          absl::StrCat(values.Text(), " has a sparse value outside its dimensions ",
                       ShapeText(OnnxConstant{&shape}.Dimensions()), "; expected all within"));
    }
    made.set_float_data(static_cast<int>(place), static_cast<float>(numbers->values[i]));
  }
  return OnnxConstant{&made};
}

}  // namespace mlp
