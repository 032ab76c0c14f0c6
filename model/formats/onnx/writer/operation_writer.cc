#include "model/formats/onnx/writer/operation_writer.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// The element-wise operators of ONNX's operator set 17 whose attributes, if any, are floats. All
// operators of ONNX Runtime's domain are written.
constexpr absl::string_view kWrittenFunctions[] = {
    "Abs",     "Acos",  "Acosh", "Add",         "And",   "Asin", "Asinh",  "Atan",
    "Atanh",   "Ceil",  "Celu",  "Cos",         "Cosh",  "Div",  "Elu",    "Equal",
    "Erf",     "Exp",   "Floor", "Greater",     "Less",  "Log",  "Max",    "GreaterOrEqual",
    "Mean",    "Min",   "Mul",   "HardSigmoid", "Neg",   "Not",  "Or",     "HardSwish",
    "Pow",     "PRelu", "Relu",  "LeakyRelu",   "Round", "Selu", "Shrink", "LessOrEqual",
    "Sigmoid", "Sign",  "Sin",   "Reciprocal",  "Sinh",  "Sqrt", "Sub",    "Softplus",
    "Sum",     "Tan",   "Tanh",  "Softsign",    "Where", "Xor",  "IsNaN",  "ThresholdedRelu",
};

// ONNX Runtime's domain.
constexpr absl::string_view kContribDomain = "com.microsoft";

// Whether an operand is a condition, which is BOOL in ONNX.
bool TakesCondition(absl::string_view function, std::size_t operand) {
  if (function == "Where") return operand == 0;
  return function == "And" || function == "Or" || function == "Not" || function == "Xor";
}

std::string Reshape(const std::string& x, std::vector<std::int64_t> row_shape,
                    const std::string& name, OnnxGraphWriter& writer) {
  row_shape.insert(row_shape.begin(), -1);
  const std::string shape = writer.AddIntegers(absl::StrCat(name, "_shape"), row_shape);
  return writer.AddStep("Reshape", {x, shape}, name);
}

std::string Cast(const std::string& x, Datatype datatype, const std::string& name,
                 OnnxGraphWriter& writer) {
  std::string cast = writer.AddStep("Cast", {x}, name);
  SetInteger(writer.last(), "to", OnnxTypeOf(datatype));
  return cast;
}

struct ReductionOperator {
  ReductionKind kind;
  const char* operation;
};

constexpr ReductionOperator kReductionOperators[] = {
    {ReductionKind::kSum, "ReduceSum"},       {ReductionKind::kMean, "ReduceMean"},
    {ReductionKind::kProduct, "ReduceProd"},  {ReductionKind::kMaximum, "ReduceMax"},
    {ReductionKind::kMinimum, "ReduceMin"},   {ReductionKind::kL1, "ReduceL1"},
    {ReductionKind::kL2, "ReduceL2"},         {ReductionKind::kSumOfSquares, "ReduceSumSquare"},
    {ReductionKind::kLogSum, "ReduceLogSum"}, {ReductionKind::kLogSumExp, "ReduceLogSumExp"},
    {ReductionKind::kArgMax, "ArgMax"},       {ReductionKind::kArgMin, "ArgMin"},
};

// Converts keys to positions; other values get the position after the end of the table.
std::string PositionsOfKeys(const Lookup& operation, const Layer& layer, const std::string& x,
                            OnnxGraphWriter& writer) {
  std::vector<float> positions;
  for (std::int64_t i = 0; i < operation.entries(); ++i) {
    positions.push_back(static_cast<float>(i));
  }
  std::string found = writer.AddStep("LabelEncoder", {x}, absl::StrCat(layer.name, "_positions"));
  SetFloats(writer.last(), "keys_floats", operation.keys);
  SetFloats(writer.last(), "values_floats", positions);
  SetFloat(writer.last(), "default_float", static_cast<float>(operation.entries()));
  writer.MakeLastMl();
  return found;
}

}  // namespace

absl::Status NotWrittenAsOnnx(const Layer& layer, absl::string_view what) {
  return absl::UnimplementedError(
      absl::StrCat("layer '", layer.name, "' ", what,
                   ", which cannot be written as ONNX; use the native format"));
}

absl::StatusOr<std::string> WriteOperation(const UnitFunction& operation,
                                           const LayerSources& layer_sources) {
  const auto& [layer, sources, writer] = layer_sources;
  const ElementwiseFunction& function = *operation.function;
  const auto* const end = std::end(kWrittenFunctions);
  const bool known = function.domain.empty()
                         ? std::find(std::begin(kWrittenFunctions), end, function.name) != end
                         : function.domain == kContribDomain;
  if (!known) {
    return NotWrittenAsOnnx(layer, absl::StrCat("applies ", function.name));
  }
  std::vector<std::string> operands;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    operands.push_back(TakesCondition(function.name, i) ? writer.AsCondition(sources[i])
                                                        : sources[i]);
  }
  const std::string name = absl::StrCat(layer.name, "_z");
  const std::string z =
      writer.AddStep(std::string(function.name), operands,
                     function.makes_bool ? absl::StrCat(layer.name, "_condition") : name);
  if (!function.domain.empty()) writer.SetLastDomain(std::string(function.domain));
  for (std::size_t i = 0; i < operation.parameters.size(); ++i) {
    SetFloat(writer.last(), std::string(function.parameters[i].name),
             static_cast<float>(operation.parameters[i]));
  }
  return function.makes_bool ? writer.FromCondition(z, name) : z;
}

absl::StatusOr<std::string> WriteOperation(const Reduction& operation,
                                           const LayerSources& layer_sources) {
  const auto& [layer, sources, writer] = layer_sources;
  const auto* const entry = std::find_if(
      std::begin(kReductionOperators), std::end(kReductionOperators),
      [&](const ReductionOperator& candidate) { return candidate.kind == operation.kind; });
  if (entry == std::end(kReductionOperators)) {
    return NotWrittenAsOnnx(layer, absl::StrCat("reduces by ", NameOf(operation.kind)));
  }
  const bool of_rows = operation.outer == 1 && operation.inner == 1;
  const std::string name = absl::StrCat(layer.name, "_z");
  std::vector<std::string> inputs = {
      of_rows ? sources[0]
              : Reshape(sources[0], {operation.outer, operation.count, operation.inner},
                        absl::StrCat(layer.name, "_x"), writer)};
  const std::int64_t axis = of_rows ? 1 : 2;
  const bool position =
      operation.kind == ReductionKind::kArgMax || operation.kind == ReductionKind::kArgMin;
  // In operator set 17, this is the only reduction that takes its axes as an input.
  if (operation.kind == ReductionKind::kSum) {
    inputs.push_back(writer.AddIntegers(absl::StrCat(layer.name, "_axes"), {axis}));
  }
  std::string z = writer.AddStep(entry->operation, inputs, name);
  if (position) SetInteger(writer.last(), "axis", axis);
  if (!position && operation.kind != ReductionKind::kSum) {
    SetIntegers(writer.last(), "axes", {axis});
  }
  SetInteger(writer.last(), "keepdims", of_rows ? 1 : 0);
  if (position) z = Cast(z, Datatype::kFp32, name, writer);
  return of_rows ? z : Reshape(z, {layer.units}, name, writer);
}

absl::StatusOr<std::string> WriteOperation(const Selection& operation,
                                           const LayerSources& layer_sources) {
  const auto& [layer, sources, writer] = layer_sources;
  const std::string units = writer.AddIntegers(absl::StrCat(layer.name, "_units"),
                                               {operation.units.begin(), operation.units.end()});
  std::string z = writer.AddStep("Gather", {sources[0], units}, absl::StrCat(layer.name, "_z"));
  SetInteger(writer.last(), "axis", 1);
  return z;
}

absl::StatusOr<std::string> WriteOperation(const Lookup& operation,
                                           const LayerSources& layer_sources) {
  const auto& [layer, sources, writer] = layer_sources;
  constexpr std::int64_t kMaxPositions = std::int64_t{1} << 24;
  if (operation.keys.empty() && !operation.default_row.empty()) {
    return NotWrittenAsOnnx(layer, "has a row for positions out of range");
  }
  // LabelEncoder accepts NaN as a key only from version 4 of ai.onnx.ml on.
  if (!operation.keys.empty() && std::isnan(operation.keys.back())) {
    return NotWrittenAsOnnx(layer, "has an entry for NaN");
  }
  if (operation.entries() >= kMaxPositions) {
    return NotWrittenAsOnnx(layer, "has more entries than FP32 has positions");
  }
  std::string x = sources[0];
  std::vector<float> table = operation.table;
  if (!operation.keys.empty()) {
    x = PositionsOfKeys(operation, layer, x, writer);
    std::vector<float> default_row = operation.default_row;
    if (default_row.empty()) {
      default_row.assign(static_cast<std::size_t>(operation.width),
                         std::numeric_limits<float>::quiet_NaN());
    }
    table.insert(table.end(), default_row.begin(), default_row.end());
  }
  const auto rows = static_cast<std::int64_t>(table.size()) / operation.width;
  const std::string entries =
      writer.AddFloats(absl::StrCat(layer.name, "_table"), {rows, operation.width}, table);
  x = Cast(x, Datatype::kInt64, absl::StrCat(layer.name, "_indices"), writer);
  const std::string rows_read =
      writer.AddStep("Gather", {entries, x}, absl::StrCat(layer.name, "_entries"));
  SetInteger(writer.last(), "axis", 0);
  return Reshape(rows_read, {layer.units}, absl::StrCat(layer.name, "_z"), writer);
}

absl::StatusOr<std::string> WriteOperation(const MatrixProduct& operation,
                                           const LayerSources& layer_sources) {
  const auto& [layer, sources, writer] = layer_sources;
  const std::string a = Reshape(sources[0], {operation.batch, operation.rows, operation.depth},
                                absl::StrCat(layer.name, "_a"), writer);
  const std::string b = Reshape(sources[1], {operation.batch, operation.depth, operation.columns},
                                absl::StrCat(layer.name, "_b"), writer);
  const std::string product =
      writer.AddStep("MatMul", {a, b}, absl::StrCat(layer.name, "_product"));
  return Reshape(product, {layer.units}, absl::StrCat(layer.name, "_z"), writer);
}

}  // namespace mlp
