// scikit-learn's linear models, as skl2onnx writes them: LinearClassifier and LinearRegressor.

#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/lookups.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/quote.h"
#include "model/utf8.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// x W^T + b, with one row of coefficients for each target.
absl::StatusOr<Signal> LinearScores(const Operands& operands, std::int64_t targets) {
  absl::StatusOr<Signal> x = NumberSignalAt(operands, 0);
  if (!x.ok()) return x;
  if (x->row_shape.size() != 1) return FlatSignalAt(operands, 0);
  const std::int64_t units = x->row_shape[0];
  const AttributeProto* coefficients = FindAttribute(operands.node, "coefficients");
  const AttributeProto* intercepts = FindAttribute(operands.node, "intercepts");
  const std::int64_t given = coefficients == nullptr ? 0 : coefficients->floats_size();
  if (targets < 1 || targets > Network::kMaxWidth || given != targets * units) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it has ", CountText(given, "coefficient"), " for ", CountText(targets, "target"), " of ",
        CountText(units, "feature"), "; expected one for each feature of each target"));
  }
  const std::int64_t shifts = intercepts == nullptr ? 0 : intercepts->floats_size();
  if (shifts != 0 && shifts != targets) {
    return absl::InvalidArgumentError(absl::StrCat("it has ", CountText(shifts, "intercept"),
                                                   "; expected ", targets,
                                                   ", one for each target"));
  }
  const auto bytes = static_cast<std::int64_t>(sizeof(float)) * (given + 2 * shifts);
  if (auto status = TakeBytes("its coefficients", bytes, operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  Dense dense;
  dense.weights.resize(static_cast<std::size_t>(given));
  for (std::int64_t target = 0; target < targets; ++target) {
    for (std::int64_t unit = 0; unit < units; ++unit) {
      dense.weights[static_cast<std::size_t>(unit * targets + target)] =
          coefficients->floats(static_cast<int>(target * units + unit));
    }
  }
  x->node = AddRowOperation(operands, std::move(dense), {x->node}, targets);
  if (shifts > 0) {
    const RowNodeId shift =
        AddConstant(operands, {intercepts->floats().begin(), intercepts->floats().end()});
    x->node = AddElementwise(operands, "Add", {x->node, shift}, {}, targets);
  }
  x->row_shape = {targets};
  x->datatype = Datatype::kFp32;
  return x;
}

// SOFTMAX_ZERO differs from SOFTMAX for scores of about 0: their shares are not exponentials, and
// they are left out of the sum.
RowNodeId AddSoftmaxButZero(const Operands& operands, RowNodeId x, std::int64_t width) {
  constexpr double kAlmostZero = 1e-7;
  const RowNodeId border = AddConstant(operands, {kAlmostZero});
  const RowNodeId zero = AddConstant(operands, {0.0});
  Reduction greatest{ReductionKind::kMaximum, 1, width, 1};
  Selection repeated;
  repeated.units.assign(static_cast<std::size_t>(width), 0);
  const RowNodeId most =
      AddRowOperation(operands, repeated, {AddRowOperation(operands, greatest, {x}, 1)}, width);
  const RowNodeId negative = AddElementwise(operands, "Neg", {most}, {}, width);
  const RowNodeId shifted = AddElementwise(operands, "Add", {x, negative}, {}, width);
  const RowNodeId powers = AddElementwise(operands, "Exp", {shifted}, {}, width);
  const RowNodeId scale = AddElementwise(operands, "Exp", {negative}, {}, width);
  const RowNodeId scaled = AddElementwise(operands, "Mul", {x, scale}, {}, width);
  const RowNodeId size = AddElementwise(operands, "Abs", {x}, {}, width);
  const RowNodeId counts = AddElementwise(operands, "Greater", {size, border}, {}, width);
  const RowNodeId summed = AddElementwise(operands, "Where", {counts, powers, zero}, {}, width);
  const RowNodeId shares = AddElementwise(operands, "Where", {counts, powers, scaled}, {}, width);
  greatest.kind = ReductionKind::kSum;
  const RowNodeId sum = AddRowOperation(operands, repeated,
                                        {AddRowOperation(operands, greatest, {summed}, 1)}, width);
  return AddElementwise(operands, "Div", {shares, sum}, {}, width);
}

absl::StatusOr<std::string> PostTransformOf(const Operands& operands) {
  const AttributeProto* attribute = FindAttribute(operands.node, "post_transform");
  std::string name = attribute == nullptr || attribute->s().empty() ? "NONE" : attribute->s();
  for (const char* known : {"NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"}) {
    if (name == known) return name;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("attribute 'post_transform' is ", Quote(name),
                   "; expected NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO or PROBIT"));
}

// The transform for several targets.
RowNodeId AddPostTransform(const Operands& operands, absl::string_view name, RowNodeId x,
                           std::int64_t width) {
  if (name == "LOGISTIC") return AddElementwise(operands, "Sigmoid", {x}, {}, width);
  if (name == "PROBIT") return AddElementwise(operands, "Probit", {x}, {}, width);
  if (name == "SOFTMAX") return AddRowFunction(operands, ActivationKind::kSoftmax, x, width);
  if (name == "SOFTMAX_ZERO") return AddSoftmaxButZero(operands, x, width);
  return x;
}

absl::StatusOr<OnnxValues> LinearRegressor(const Operands& operands) {
  const std::int64_t targets = IntegerAttribute(operands.node, "targets", 1);
  const absl::StatusOr<std::string> transform = PostTransformOf(operands);
  if (!transform.ok()) return transform.status();
  if (targets == 1 && *transform != "NONE" && *transform != "PROBIT") {
    return absl::UnimplementedError(
        absl::StrCat("post_transform ", *transform,
                     " of one target differs between runtimes; supported are NONE and PROBIT, so "
                     "export the transform as a separate node"));
  }
  absl::StatusOr<Signal> scores = LinearScores(operands, targets);
  if (!scores.ok()) return scores.status();
  const RowNodeId node = AddPostTransform(operands, *transform, scores->node, targets);
  return WithNode(*std::move(scores), node);
}

// ---- LinearClassifier ----

// The classes' labels, as a decision without scores.
absl::StatusOr<Decision> LabelsOf(const Operands& operands) {
  const AttributeProto* integers = FindAttribute(operands.node, "classlabels_ints");
  const AttributeProto* strings = FindAttribute(operands.node, "classlabels_strings");
  Decision decision;
  std::int64_t bytes = 0;
  if (strings != nullptr && strings->strings_size() > 0) {
    for (const std::string& label : strings->strings()) {
      bytes += static_cast<std::int64_t>(sizeof(std::string) + label.size());
      if (!IsUtf8(label)) {
        return NoUtf8("the label", label);
      }
    }
    if (auto status = TakeBytes("its labels", bytes, operands.conversion.limits); !status.ok()) {
      return status;
    }
    decision.datatype = Datatype::kBytes;
    decision.string_labels = std::make_shared<const std::vector<std::string>>(
        strings->strings().begin(), strings->strings().end());
    return decision;
  }
  if (integers == nullptr || integers->ints_size() == 0) {
    return absl::InvalidArgumentError("it has no labels; expected one for each class");
  }
  bytes = static_cast<std::int64_t>(sizeof(std::int64_t)) * integers->ints_size();
  if (auto status = TakeBytes("its labels", bytes, operands.conversion.limits); !status.ok()) {
    return status;
  }
  decision.integer_labels = std::make_shared<const std::vector<std::int64_t>>(
      integers->ints().begin(), integers->ints().end());
  return decision;
}

RowNodeId AddBeside(const Operands& operands, RowNodeId left, RowNodeId right) {
  RowNode node = NewRowNode(operands, RowOperation::kConcat, 2);
  node.operands = {left, right};
  return operands.conversion.graph.Add(std::move(node));
}

// One target decides between two classes: the second if its score is above 0.
absl::StatusOr<OnnxValues> TwoClasses(const Operands& operands, Decision decision, Signal scores,
                                      const std::string& transform) {
  if (transform == "PROBIT") {
    return absl::UnimplementedError(
        "post_transform PROBIT of one target is not supported; supported are NONE and LOGISTIC");
  }
  const RowNodeId zero = AddConstant(operands, {0.0});
  decision.scores = scores;
  decision.scores.node = AddBeside(operands, zero, scores.node);
  decision.scores.row_shape = {2};
  RowNodeId second = scores.node;
  if (transform == "LOGISTIC") second = AddElementwise(operands, "Sigmoid", {second}, {}, 1);
  const RowNodeId one = AddConstant(operands, {1.0});
  const RowNodeId first = AddElementwise(operands, "Sub", {one, second}, {}, 1);
  scores.row_shape = {2};
  OnnxValues values = SingleValue(std::move(decision));
  const RowNodeId both = AddBeside(operands, first, second);
  values.push_back(WithNode(std::move(scores), both).front());
  return values;
}

absl::StatusOr<OnnxValues> LinearClassifier(const Operands& operands) {
  absl::StatusOr<Decision> decision = LabelsOf(operands);
  if (!decision.ok()) return decision.status();
  const absl::StatusOr<std::string> transform = PostTransformOf(operands);
  if (!transform.ok()) return transform.status();
  const auto labels =
      static_cast<std::int64_t>(decision->integer_labels->size() + decision->string_labels->size());
  const AttributeProto* intercepts = FindAttribute(operands.node, "intercepts");
  const std::int64_t targets = intercepts == nullptr ? labels : intercepts->floats_size();
  absl::StatusOr<Signal> scores = LinearScores(operands, targets);
  if (!scores.ok()) return scores.status();
  if (targets == 1 && labels == 2) {
    return TwoClasses(operands, *std::move(decision), *std::move(scores), *transform);
  }
  if (labels != targets) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", CountText(labels, "label"), " for ", CountText(targets, "target"),
                     "; expected one for each target, or two for one target"));
  }
  decision->scores = *scores;
  OnnxValues values = SingleValue(*std::move(decision));
  const RowNodeId node = AddPostTransform(operands, *transform, scores->node, targets);
  values.push_back(WithNode(*std::move(scores), node).front());
  return values;
}

}  // namespace

const std::vector<OnnxOperator>& LinearOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"LinearClassifier",
       "ai.onnx.ml",
       1,
       1,
       {{"classlabels_ints", AttributeProto::INTS},
        {"classlabels_strings", AttributeProto::STRINGS},
        {"coefficients", AttributeProto::FLOATS},
        {"intercepts", AttributeProto::FLOATS},
        {"multi_class", AttributeProto::INT},
        {"post_transform", AttributeProto::STRING}},
       LinearClassifier},
      {"LinearRegressor",
       "ai.onnx.ml",
       1,
       1,
       {{"coefficients", AttributeProto::FLOATS},
        {"intercepts", AttributeProto::FLOATS},
        {"post_transform", AttributeProto::STRING},
        {"targets", AttributeProto::INT}},
       LinearRegressor},
  };
  return *operators;
}

}  // namespace mlp
