#include "model/formats/onnx/operators/contraction.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/operators/wiring.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {
namespace {

using Letters = std::vector<Letter>;

// The most products for a row, or for constants computed at load.
constexpr std::int64_t kMostProducts = std::int64_t{1} << 24;

// Products with a separate matrix for each part become at most this many dense layers.
constexpr std::int64_t kMostDenseParts = 64;

bool Has(const Letters& letters, Letter letter) {
  return std::find(letters.begin(), letters.end(), letter) != letters.end();
}

// One of the two factors.
struct Factor {
  std::vector<OnnxValue> value;  // exactly one
  WholeShape shape;
  Letters letters;
  bool is_signal = false;

  std::optional<Letter> batch() const {
    if (!shape.has_batch()) return std::nullopt;
    return letters[static_cast<std::size_t>(shape.batch)];
  }
};

class Contraction {
 public:
  Contraction(const Operands& operands, const Letters& made) : operands_(operands), made_(made) {}

  absl::StatusOr<OnnxValue> Of(const LetteredValue& a, const LetteredValue& b) && {
    for (const LetteredValue* part : {&a, &b}) {
      if (auto status = Take(*part); !status.ok()) return status;
    }
    if (auto status = CheckBatch(); !status.ok()) return status;
    // Rows come first, because weights are the right operand of a dense layer.
    if (!factors_[0].is_signal) std::swap(factors_[0], factors_[1]);
    Sort();
    const std::optional<std::int64_t> products = Product({&grouped_, &rows_, &summed_, &columns_});
    if (!products.has_value()) {
      return absl::UnimplementedError(absl::StrCat("it multiplies more than ", kMostProducts,
                                                   " pairs of numbers for each row; at most ",
                                                   kMostProducts, " are supported"));
    }
    if (!factors_[0].is_signal) return OfConstants();
    return OfRows();
  }

 private:
  absl::Status Take(const LetteredValue& part) {
    Factor factor;
    factor.value = {part.value};
    factor.is_signal = std::holds_alternative<Signal>(part.value);
    const OnnxValue* const pointer = &part.value;
    const absl::StatusOr<WholeShape> shape =
        WholeShapeAt({operands_.node, {&pointer, 1}, operands_.conversion}, 0);
    if (!shape.ok()) return shape.status();
    factor.shape = *shape;
    factor.letters = part.letters;
    if (factor.letters.size() != factor.shape.dimensions.size()) {
      return absl::InvalidArgumentError(absl::StrCat("a factor has the shape ", TextOf(*shape),
                                                     "; expected ", factor.letters.size(),
                                                     " dimensions"));
    }
    for (std::size_t k = 0; k < factor.letters.size(); ++k) {
      std::int64_t& size = sizes_.try_emplace(factor.letters[k], 1).first->second;
      const std::int64_t own = factor.shape.dimensions[k];
      if (own < 1 || (own != 1 && size != 1 && own != size)) {
        return absl::InvalidArgumentError(absl::StrCat("a factor has the shape ", TextOf(*shape),
                                                       " with ", own, " where another one has ",
                                                       size, "; expected the same, or 1"));
      }
      size = std::max(size, own);
    }
    factors_.push_back(std::move(factor));
    return absl::OkStatus();
  }

  absl::Status CheckBatch() {
    for (const Factor& factor : factors_) {
      const std::optional<Letter> its = factor.batch();
      if (!its.has_value()) continue;
      const bool mixed =
          (batch_.has_value() && *batch_ != *its) || !Has(made_, *its) ||
          sizes_[*its] != factor.shape.dimensions[static_cast<std::size_t>(factor.shape.batch)];
      batch_ = its;
      if (!mixed) continue;
      return absl::UnimplementedError(
          "it multiplies rows of the batch with one another; supported are products within one "
          "row, and of rows with constants");
    }
    for (const Factor& factor : factors_) {
      for (std::size_t k = 0; batch_.has_value() && k < factor.letters.size(); ++k) {
        if (factor.letters[k] != *batch_ || factor.shape.has_batch() ||
            factor.shape.dimensions[k] == 1) {
          continue;
        }
        return absl::UnimplementedError(absl::StrCat(
            "a constant of shape ", TextOf(factor.shape),
            " has different values for some rows; supported is the same for all rows"));
      }
    }
    return absl::OkStatus();
  }

  // Whether the factor has more than one value along `letter`.
  static bool Walks(const Factor& factor, Letter letter) {
    for (std::size_t k = 0; k < factor.letters.size(); ++k) {
      if (factor.letters[k] == letter && factor.shape.dimensions[k] != 1) return true;
    }
    return false;
  }

  void Sort() {
    for (const auto& [letter, size] : sizes_) {
      const bool in_first = Walks(factors_[0], letter);
      const bool in_second = Walks(factors_[1], letter);
      if (!Has(made_, letter)) {
        summed_.push_back(letter);
      } else if (in_first && in_second) {
        grouped_.push_back(letter);
      } else if (in_second) {
        columns_.push_back(letter);
      } else {
        rows_.push_back(letter);
      }
    }
    // In the result's order, so that most products need no permutation.
    for (Letters* letters : {&grouped_, &rows_, &columns_}) {
      std::sort(letters->begin(), letters->end(), [&](Letter a, Letter b) {
        return std::find(made_.begin(), made_.end(), a) < std::find(made_.begin(), made_.end(), b);
      });
    }
    // Likewise, in the first factor's order.
    const Letters& first = factors_[0].letters;
    std::stable_sort(summed_.begin(), summed_.end(), [&](Letter a, Letter b) {
      return std::find(first.begin(), first.end(), a) < std::find(first.begin(), first.end(), b);
    });
  }

  std::optional<std::int64_t> Product(const std::vector<const Letters*>& lists) {
    std::int64_t product = 1;
    for (const Letters* letters : lists) {
      for (const Letter letter : *letters) {
        product *= sizes_[letter];
        if (product > kMostProducts) return std::nullopt;
      }
    }
    return product;
  }

  WholeShape ShapeOfLetters(const std::vector<const Letters*>& lists) {
    WholeShape shape;
    for (const Letters* letters : lists) {
      for (const Letter letter : *letters) {
        if (batch_ == letter) shape.batch = shape.rank();
        shape.dimensions.push_back(sizes_[letter]);
      }
    }
    return shape;
  }

  // The stride of the factor's values along each letter of `lists`.
  static std::vector<std::int64_t> StridesIn(const Factor& factor,
                                             const std::vector<const Letters*>& lists) {
    std::vector<std::int64_t> strides;
    const std::vector<std::int64_t> own = StridesOf(factor.shape.dimensions);
    for (const Letters* letters : lists) {
      for (const Letter letter : *letters) {
        std::int64_t stride = 0;
        for (std::size_t k = 0; k < factor.letters.size(); ++k) {
          // A letter that occurs twice follows a diagonal.
          if (factor.letters[k] == letter && factor.shape.dimensions[k] != 1) stride += own[k];
        }
        strides.push_back(stride);
      }
    }
    return strides;
  }

  absl::StatusOr<Wiring> Arranged(const Factor& factor, const std::vector<const Letters*>& lists) {
    WholeShape shape = ShapeOfLetters(lists);
    if (!factor.is_signal) shape.batch = WholeShape::kNoBatch;
    const std::vector<std::int64_t> strides = StridesIn(factor, lists);
    return MakeWiring(operands_, std::move(shape),
                      [&](absl::Span<const std::int64_t> place) { return UnitAt(place, strides); });
  }

  Operands OnlyOf(const Factor& factor, const OnnxValue*& pointer) const {
    pointer = factor.value.data();
    return {operands_.node, {&pointer, 1}, operands_.conversion};
  }

  absl::StatusOr<std::vector<double>> NumbersOf(const Factor& factor,
                                                const std::vector<const Letters*>& lists) {
    const OnnxValue* pointer = nullptr;
    const absl::StatusOr<ConstantTensor<double>> numbers =
        NumbersOfConstantAt(OnlyOf(factor, pointer), 0);
    if (!numbers.ok()) return numbers.status();
    // There may be many more weights than values in a row.
    const std::vector<std::int64_t> dimensions = ShapeOfLetters(lists).dimensions;
    const std::int64_t count = *Product(lists);
    if (auto status =
            TakeBytes("its computed weights", count * static_cast<std::int64_t>(sizeof(double)),
                      operands_.conversion.limits);
        !status.ok()) {
      return status;
    }
    const std::vector<std::int64_t> strides = StridesIn(factor, lists);
    std::vector<double> values(static_cast<std::size_t>(count));
    std::vector<std::int64_t> place(dimensions.size());
    for (double& value : values) {
      value = numbers->values[static_cast<std::size_t>(UnitAt(place, strides))];
      for (std::size_t k = place.size(); k-- > 0;) {
        if (++place[k] < dimensions[k]) break;
        place[k] = 0;
      }
    }
    return values;
  }

  absl::StatusOr<OnnxValue> OfConstants() {
    const std::vector<const Letters*> whole = {&grouped_, &rows_, &columns_, &summed_};
    const auto a = NumbersOf(factors_[0], whole);
    if (!a.ok()) return a.status();
    const auto b = NumbersOf(factors_[1], whole);
    if (!b.ok()) return b.status();
    const auto depth = static_cast<std::size_t>(*Product({&summed_}));
    std::vector<double> sums(a->size() / depth);
    for (std::size_t i = 0; i < a->size(); ++i) sums[i / depth] += (*a)[i] * (*b)[i];
    const std::vector<const Letters*> parts = {&grouped_, &rows_, &columns_};
    const OnnxValue* pointer = nullptr;
    const int type = TypeOfConstantAt(OnlyOf(factors_[0], pointer), 0);
    WholeShape shape = ShapeOfLetters(parts);
    shape.batch = WholeShape::kNoBatch;
    absl::StatusOr<OnnxConstant> made = NewConstant(operands_, shape.dimensions, sums, type);
    if (!made.ok()) return made.status();
    return InItsOrder(*made, parts);
  }

  absl::StatusOr<RowNodeId> RowsOf(const Factor& factor, const std::vector<const Letters*>& lists) {
    const absl::StatusOr<Wiring> wiring = Arranged(factor, lists);
    if (!wiring.ok()) return wiring.status();
    return AddWired(operands_, {std::get<Signal>(factor.value[0]).node}, wiring->units, 0.0);
  }

  RowNodeId AddDense(RowNodeId x, absl::Span<const double> weights, std::int64_t units) {
    return AddRowOperation(operands_, Dense{{weights.begin(), weights.end()}}, {x}, units);
  }

  absl::StatusOr<OnnxValue> OfRows() {
    auto signal = std::get<Signal>(factors_[0].value[0]);
    for (const Factor& factor : factors_) {
      const auto* its = std::get_if<Signal>(factor.value.data());
      if (its == nullptr || IsFloatingPoint(its->datatype)) continue;
      return absl::UnimplementedError(
          absl::StrCat("it multiplies elements of type ", ElementTypeName(its->datatype),
                       "; supported are FLOAT, DOUBLE, FLOAT16 and BFLOAT16, so cast it first"));
    }
    const std::int64_t groups = *Product({&grouped_});
    const std::int64_t rows = *Product({&rows_});
    const std::int64_t depth = *Product({&summed_});
    const std::int64_t columns = *Product({&columns_});
    const absl::StatusOr<RowNodeId> x = RowsOf(factors_[0], {&grouped_, &rows_, &summed_});
    if (!x.ok()) return x.status();
    const std::vector<const Letters*> parts = {&grouped_, &rows_, &columns_};
    // Checks the width before anything is made.
    if (auto shape = MakeWiring(operands_, ShapeOfLetters(parts),
                                [](absl::Span<const std::int64_t>) { return std::int64_t{0}; });
        !shape.ok()) {
      return shape.status();
    }
    RowNodeId made = -1;
    if (factors_[1].is_signal) {
      const absl::StatusOr<RowNodeId> y = RowsOf(factors_[1], {&grouped_, &summed_, &columns_});
      if (!y.ok()) return y.status();
      made = AddProduct({*x, *y}, {groups, rows, depth, columns});
    } else {
      absl::StatusOr<std::vector<double>> weights =
          NumbersOf(factors_[1], {&grouped_, &summed_, &columns_});
      if (!weights.ok()) return weights.status();
      const bool dense = rows == 1 && groups <= kMostDenseParts;
      if (!dense && static_cast<std::int64_t>(weights->size()) > Network::kMaxWidth) {
        return absl::UnimplementedError(
            absl::StrCat("it multiplies several vectors of a row with ", weights->size(),
                         " weights; supported are up to ", Network::kMaxWidth));
      }
      made = dense ? AddDenseParts(*x, *weights, groups, columns)
                   : AddProduct({*x, AddConstant(operands_, *std::move(weights))},
                                {groups, rows, depth, columns});
    }
    return InItsOrder(WithWholeShape(std::move(signal), made, ShapeOfLetters(parts)), parts);
  }

  RowNodeId AddProduct(std::vector<RowNodeId> factors, const MatrixProduct& product) {
    return AddRowOperation(operands_, product, std::move(factors),
                           product.batch * product.rows * product.columns);
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

  // Permutes from the order of `parts` to the result's.
  absl::StatusOr<OnnxValue> InItsOrder(OnnxValue value, const std::vector<const Letters*>& parts) {
    Factor factor;
    factor.is_signal = std::holds_alternative<Signal>(value);
    factor.shape = ShapeOfLetters(parts);
    for (const Letters* letters : parts) {
      factor.letters.insert(factor.letters.end(), letters->begin(), letters->end());
    }
    factor.value = {std::move(value)};
    if (factor.letters == made_) return factor.value[0];
    const absl::StatusOr<Wiring> wiring = Arranged(factor, {&made_});
    if (!wiring.ok()) return wiring.status();
    const OnnxValue* pointer = nullptr;
    return WiredAt(OnlyOf(factor, pointer), 0, *wiring);
  }

  const Operands& operands_;
  const Letters& made_;
  std::vector<Factor> factors_;
  std::map<Letter, std::int64_t> sizes_;
  std::optional<Letter> batch_;
  Letters grouped_;  // in both factors and the result
  Letters rows_;     // in the first factor and the result, or in neither factor
  Letters columns_;  // in the second factor and the result
  Letters summed_;
};

}  // namespace

absl::StatusOr<OnnxValue> Contract(const Operands& operands, const LetteredValue& a,
                                   const LetteredValue& b, const std::vector<Letter>& made) {
  return Contraction(operands, made).Of(a, b);
}

}  // namespace mlp
