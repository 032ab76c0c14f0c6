#include "model/formats/onnx/operators/contraction.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/operators/wiring.h"
#include "model/formats/onnx/values/element_type.h"

namespace mlp {
namespace {

// Products with a separate matrix for each part become at most this many dense layers.
constexpr std::int64_t kMaxDenseParts = 64;

// Sorts letters as they are in `order`.
void SortAs(const Letters& order, Letters& letters) {
  std::stable_sort(letters.begin(), letters.end(), [&](Letter a, Letter b) {
    return std::find(order.begin(), order.end(), a) < std::find(order.begin(), order.end(), b);
  });
}

class Contraction {
 public:
  Contraction(const Operands& operands, const Letters& made)
      : operands_(operands), made_(made), tensors_(operands) {}

  absl::StatusOr<OnnxValue> Of(const LetteredValue& a, const LetteredValue& b) && {
    for (const LetteredValue* part : {&a, &b}) {
      absl::StatusOr<LetteredTensor> factor = tensors_.Add(*part);
      if (!factor.ok()) return factor.status();
      factors_.push_back(*std::move(factor));
    }
    if (auto status = tensors_.FindBatch(factors_, made_); !status.ok()) return status;
    // Rows come first, because weights are the right operand of a dense layer.
    if (!factors_[0].is_signal()) std::swap(factors_[0], factors_[1]);
    Sort();
    if (!tensors_.ProductOf({&grouped_, &rows_, &summed_, &columns_}).has_value()) {
      return absl::UnimplementedError(
          absl::StrCat("it multiplies more than ", LetteredTensors::kMaxProducts,
                       " pairs of numbers for each row; at most ", LetteredTensors::kMaxProducts,
                       " are supported"));
    }
    if (!factors_[0].is_signal()) return OfConstants();
    return OfRows();
  }

 private:
  void Sort() {
    for (const auto& [letter, size] : tensors_.sizes()) {
      const bool in_first = factors_[0].Varies(letter);
      const bool in_second = factors_[1].Varies(letter);
      if (std::find(made_.begin(), made_.end(), letter) == made_.end()) {
        summed_.push_back(letter);
      } else if (in_first && in_second) {
        grouped_.push_back(letter);
      } else if (in_second) {
        columns_.push_back(letter);
      } else {
        rows_.push_back(letter);
      }
    }
    // In the result's or the first factor's order, so that most products need no permutation.
    for (Letters* letters : {&grouped_, &rows_, &columns_}) SortAs(made_, *letters);
    SortAs(factors_[0].letters, summed_);
  }

  std::int64_t SizeOf(const Letters& letters) const { return *tensors_.ProductOf({&letters}); }

  absl::StatusOr<OnnxValue> OfConstants() {
    const LetterLists whole = {&grouped_, &rows_, &columns_, &summed_};
    const auto a = tensors_.NumbersOf(factors_[0], whole);
    if (!a.ok()) return a.status();
    const auto b = tensors_.NumbersOf(factors_[1], whole);
    if (!b.ok()) return b.status();
    const auto depth = static_cast<std::size_t>(SizeOf(summed_));
    std::vector<double> sums(a->size() / depth);
    for (std::size_t i = 0; i < a->size(); ++i) sums[i / depth] += (*a)[i] * (*b)[i];
    const LetterLists parts = {&grouped_, &rows_, &columns_};
    const int type = TypeOfConstantAt(OnlyOperand(operands_, factors_[0].value).get(), 0);
    absl::StatusOr<OnnxConstant> made =
        NewConstant(operands_, tensors_.ShapeOf(parts).dimensions, sums, type);
    if (!made.ok()) return made.status();
    return tensors_.InOrderOf(made_, *made, parts);
  }

  absl::StatusOr<OnnxValue> OfRows() {
    auto signal = std::get<Signal>(factors_[0].value);
    for (const LetteredTensor& factor : factors_) {
      const auto* factor_signal = std::get_if<Signal>(&factor.value);
      if (factor_signal == nullptr || IsFloatingPoint(factor_signal->datatype)) continue;
      return absl::UnimplementedError(
          absl::StrCat("it multiplies elements of type ", ElementTypeName(factor_signal->datatype),
                       "; supported are FLOAT, DOUBLE, FLOAT16 and BFLOAT16, so cast it first"));
    }
    const MatrixProduct product = {SizeOf(grouped_), SizeOf(rows_), SizeOf(summed_),
                                   SizeOf(columns_)};
    const absl::StatusOr<RowNodeId> x = tensors_.RowsOf(factors_[0], {&grouped_, &rows_, &summed_});
    if (!x.ok()) return x.status();
    const LetterLists parts = {&grouped_, &rows_, &columns_};
    // Checks the width before anything is made.
    if (auto shape =
            MakeWiring(operands_, tensors_.ShapeOf(parts), [](Place) { return std::int64_t{0}; });
        !shape.ok()) {
      return shape.status();
    }
    const LetterLists of_second = {&grouped_, &summed_, &columns_};
    RowNodeId made = -1;
    if (factors_[1].is_signal()) {
      const absl::StatusOr<RowNodeId> y = tensors_.RowsOf(factors_[1], of_second);
      if (!y.ok()) return y.status();
      made = AddProduct({*x, *y}, product);
    } else {
      absl::StatusOr<std::vector<double>> weights = tensors_.NumbersOf(factors_[1], of_second);
      if (!weights.ok()) return weights.status();
      const bool dense = product.rows == 1 && product.batch <= kMaxDenseParts;
      if (!dense && static_cast<std::int64_t>(weights->size()) > Network::kMaxWidth) {
        return absl::UnimplementedError(
            absl::StrCat("it multiplies several vectors of a row with ", weights->size(),
                         " weights; supported are up to ", Network::kMaxWidth));
      }
      made = dense ? AddDenseParts(*x, *weights, product.batch, product.columns)
                   : AddProduct({*x, AddConstant(operands_, *std::move(weights))}, product);
    }
    return tensors_.InOrderOf(
        made_, WithWholeShape(std::move(signal), made, tensors_.ShapeOf(parts)), parts);
  }

  RowNodeId AddProduct(std::vector<RowNodeId> factors, const MatrixProduct& product) {
    return AddRowOperation(operands_, product, std::move(factors),
                           product.batch * product.rows * product.columns);
  }

  RowNodeId AddDense(RowNodeId x, absl::Span<const double> weights, std::int64_t units) {
    return AddRowOperation(operands_, Dense{{weights.begin(), weights.end()}}, {x}, units);
  }

  // One dense layer for each group, over the group's units.
  RowNodeId AddDenseParts(RowNodeId x, const std::vector<double>& weights, std::int64_t groups,
                          std::int64_t columns) {
    if (groups == 1) return AddDense(x, weights, columns);
    const auto size = weights.size() / static_cast<std::size_t>(groups);
    const std::int64_t depth = operands_.conversion.graph.At(x).width / groups;
    RowNode joined = NewRowNode(operands_, RowOperation::kConcat, groups * columns);
    for (std::int64_t group = 0; group < groups; ++group) {
      const RowNodeId part = AddSlice(operands_, x, group * depth, depth);
      joined.operands.push_back(AddDense(
          part, absl::MakeConstSpan(weights).subspan(static_cast<std::size_t>(group) * size, size),
          columns));
    }
    return operands_.conversion.graph.Add(std::move(joined));
  }

  const Operands& operands_;
  const Letters& made_;
  LetteredTensors tensors_;
  std::vector<LetteredTensor> factors_;  // two
  Letters grouped_;                      // in both factors and the result
  Letters rows_;                         // in the first factor and the result, or in neither factor
  Letters columns_;                      // in the second factor and the result
  Letters summed_;
};

}  // namespace

absl::StatusOr<OnnxValue> Contract(const Operands& operands, const LetteredValue& a,
                                   const LetteredValue& b, const Letters& made) {
  return Contraction(operands, made).Of(a, b);
}

}  // namespace mlp
