#include "model/formats/native/member_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "model/formats/native/members.h"
#include "model/quote.h"

namespace mlp {

absl::StatusOr<float> NativeFloat(absl::string_view place, double number) {
  if (std::fabs(number) <= static_cast<double>(std::numeric_limits<float>::max())) {
    return static_cast<float>(number);
  }
  return absl::InvalidArgumentError(
      absl::StrCat(place, " is ", number, "; expected a number within the range of FP32"));
}

std::string NativeMemberReader::Place(absl::string_view key) const {
  return absl::StrCat("'", pointer_, "/", key, "'");
}

const std::string& NativeMemberReader::TextOf(absl::string_view key) const {
  return std::get<std::string>(*description_.Find(key));
}

void NativeMemberReader::Weights(Layer& layer) {
  absl::StatusOr<NativeMatrix> weights = tensors_.TakeMatrix(
      Place("weights"), TextOf("weights"), /*transposed=*/TextOf("layout") == "out_in");
  status_.Update(weights.status());
  if (!weights.ok()) return;
  // The sources may have another width; Network::Create reports that.
  layer.inputs = weights->rows;
  layer.units = weights->columns;
  layer.dense().weights = std::move(weights->values);
}

void NativeMemberReader::Vector(absl::string_view key, std::vector<float>& values,
                                std::int64_t count) {
  if (!status_.ok()) return;
  Take(count == kAnyCount ? tensors_.TakeVector(Place(key), TextOf(key))
                          : tensors_.TakeVector(Place(key), TextOf(key), count),
       values);
}

void NativeMemberReader::Vector(absl::string_view key, std::vector<float>& values,
                                std::int64_t count, float default_value) {
  if (!status_.ok()) return;
  if (description_.Find(key) != nullptr) return Vector(key, values, count);
  values.assign(static_cast<std::size_t>(count), default_value);
}

void NativeMemberReader::OptionalVector(absl::string_view key, std::vector<float>& values,
                                        std::int64_t count) {
  if (description_.Find(key) != nullptr) Vector(key, values, count);
}

void NativeMemberReader::Table(absl::string_view key, std::vector<float>& values,
                               std::int64_t& width) {
  absl::StatusOr<NativeMatrix> table =
      tensors_.TakeMatrix(Place(key), TextOf(key), /*transposed=*/false);
  status_.Update(table.status());
  if (!table.ok()) return;
  width = table->columns;
  values = std::move(table->values);
}

void NativeMemberReader::Indices(absl::string_view key, std::vector<std::int32_t>& indices) {
  Take(tensors_.TakeIndices(Place(key), TextOf(key)), indices);
}

void NativeMemberReader::Integer(absl::string_view key, std::int64_t& number) {
  number = std::get<std::int64_t>(*description_.Find(key));
}

void NativeMemberReader::Integer(absl::string_view key, std::int64_t& number,
                                 std::int64_t default_value) {
  number = default_value;
  if (description_.Find(key) != nullptr) Integer(key, number);
}

void NativeMemberReader::Number(absl::string_view key, float& number) {
  Take(NativeFloat(Place(key), std::get<double>(*description_.Find(key))), number);
}

void NativeMemberReader::Number(absl::string_view key, float& number, float default_value) {
  number = default_value;
  if (description_.Find(key) != nullptr) Number(key, number);
}

void NativeMemberReader::NumberOrInfinity(absl::string_view key, float& number) {
  const NativeValue* given = description_.Find(key);
  if (given == nullptr) {
    number = std::numeric_limits<float>::quiet_NaN();
  } else if (std::holds_alternative<double>(*given)) {
    Number(key, number);
  } else {
    const float infinity = std::numeric_limits<float>::infinity();
    number = TextOf(key) == kInfinite ? infinity : -infinity;
  }
}

void NativeMemberReader::Function(UnitFunction& function) {
  const std::string& name = TextOf("function");
  const std::string domain = description_.Find("domain") != nullptr ? TextOf("domain") : "";
  function.function = FindElementwiseFunction(domain, name);
  if (function.function == nullptr) {
    status_.Update(absl::InvalidArgumentError(absl::StrCat(
        Place("function"), " is ", Quote(name), ", which is not a known element-wise operator of ",
        domain.empty() ? "ONNX" : Quote(domain))));
    return;
  }
  const std::vector<ElementwiseParameter>& known = function.function->parameters;
  for (const ElementwiseParameter& parameter : known) {
    function.parameters.push_back(static_cast<double>(parameter.default_value));
  }
  const NativeValue* given = description_.Find("parameters");
  if (given == nullptr) return;
  for (const auto& [key, number] : std::get<NativeNumbers>(*given)) {
    const auto parameter = std::find_if(known.begin(), known.end(),
                                        [&, &wanted = key](const ElementwiseParameter& candidate) {
                                          return candidate.name == wanted;
                                        });
    if (parameter == known.end()) {
      status_.Update(absl::InvalidArgumentError(absl::StrCat(
          Place("parameters"), " has ", Quote(key), ", which ", name, " does not have")));
      return;
    }
    function.parameters[static_cast<std::size_t>(parameter - known.begin())] = number;
  }
}

}  // namespace mlp
