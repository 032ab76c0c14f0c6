// A network with a layer for each operation of model/row_operations.h, before and behind dense
// ones.

#ifndef MLP_TESTS_MODEL_EVERY_OPERATION_H_
#define MLP_TESTS_MODEL_EVERY_OPERATION_H_

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/network.h"

namespace mlp {

// A layer with `operation` that reads `sources`. The caller sets its units.
inline Layer OperationLayer(RowOperationDetail operation, std::vector<Source> sources) {
  Layer layer;
  layer.operation = std::move(operation);
  for (const Source& source : sources) layer.inputs += source.width;
  layer.sources = std::move(sources);
  return layer;
}

inline Layer ConstantLayer(std::vector<float> values) {
  Layer layer;
  layer.units = static_cast<std::int64_t>(values.size());
  layer.operation = Constant{std::move(values)};
  return layer;
}

inline UnitFunction FunctionNamed(absl::string_view name, std::vector<double> parameters = {}) {
  return {FindElementwiseFunction("", name), std::move(parameters)};
}

// Inputs: "x" of 6 values and "category" of 2, which are positions in a table of 3 entries. The
// answer has 9 values.
inline Network NetworkOfEveryOperation() {
  std::vector<Layer> layers;
  const auto add = [&](Layer layer, std::int64_t units) {
    layer.units = units;
    layers.push_back(std::move(layer));
    return Source::OfLayer(static_cast<std::int64_t>(layers.size()) - 1, Tap::kActivation, units);
  };
  const Source x = Source::OfInput(0, 6);
  const Source category = Source::OfInput(1, 2);
  const float nan = std::numeric_limits<float>::quiet_NaN();

  Layer dense;
  dense.inputs = dense.units = 6;
  for (int i = 0; i < 36; ++i)
    dense.dense().weights.push_back(0.25F * static_cast<float>(i % 7 - 3));
  dense.dense().bias.assign(6, 0.5F);
  dense.sources = {x};
  dense.activation.kind = ActivationKind::kTanh;
  const Source hidden = add(std::move(dense), 6);

  const Source limit = add(ConstantLayer({0, -1, 0.5F, 2, -0.25F, 1}), 6);
  const Source above = add(OperationLayer(FunctionNamed("Greater"), {hidden, limit}), 6);
  const Source chosen = add(OperationLayer(FunctionNamed("Where"), {above, hidden, limit}), 6);
  const Source shrunk = add(OperationLayer(FunctionNamed("Shrink", {0.125, 0.25}), {chosen}), 6);
  const Source mixed = add(OperationLayer(Selection{{5, 0, 0, 3, 2, 4, 1, 1}}, {shrunk}), 8);
  const Source norms = add(OperationLayer(Reduction{ReductionKind::kL2, 2, 2, 2}, {mixed}), 4);
  const Source embedded = add(OperationLayer(Lookup{2, {}, {1, 2, 3, 4, 5, 6}, {}}, {category}), 4);
  const Source coded =
      add(OperationLayer(Lookup{1, {-1, 0, 2, nan}, {10, 20, 30, 40}, {-5}}, {category}), 2);
  const Source product = add(OperationLayer(MatrixProduct{1, 2, 2, 2}, {norms, embedded}), 4);

  Layer joined;
  joined.inputs = 10;
  for (int i = 0; i < 90; ++i)
    joined.dense().weights.push_back(0.125F * static_cast<float>(i % 11 - 5));
  joined.dense().bias.assign(9, 0.0F);
  joined.sources = {product, coded, embedded};
  add(std::move(joined), 9);

  NetworkOutput output;
  output.tensor = {"y", {9}};
  output.layer = static_cast<std::int64_t>(layers.size()) - 1;
  return Network::Create(std::vector<TensorSpec>{{"x", {6}}, {"category", {2}}}, std::move(layers),
                         {output})
      .value();
}

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_EVERY_OPERATION_H_
