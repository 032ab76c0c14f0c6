// MatMul and Gemm of any rank, and Einsum.

#include "model/formats/onnx/operators/product_operators.h"
#include "model/formats/onnx/operators/refusals.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/contraction.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

constexpr std::int64_t kMaxRank = 16;

// ---- Einsum ----

struct Equation {
  std::vector<std::vector<Letter>> factors;
  std::vector<Letter> made;
};

// The dimensions of "...", counted from the last one, are letters below 0.
constexpr Letter kLastOfEllipsis = -1;

std::optional<std::vector<Letter>> LettersOf(absl::string_view term, std::int64_t rank) {
  const std::size_t dots = term.find("...");
  std::vector<Letter> letters;
  const auto named =
      static_cast<std::int64_t>(term.size()) - (dots == absl::string_view::npos ? 0 : 3);
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (i == dots) {
      for (std::int64_t k = rank - named; k > 0; --k) {
        letters.push_back(static_cast<Letter>(kLastOfEllipsis - (k - 1)));
      }
      i += 2;
      continue;
    }
    const char letter = term[i];
    const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    if (!is_letter) return std::nullopt;
    letters.push_back(letter);
  }
  return letters;
}

absl::StatusOr<Equation> EquationOf(const Operands& operands) {
  const AttributeProto* attribute = FindAttribute(operands.node, "equation");
  std::string text = attribute == nullptr ? "" : attribute->s();
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  const auto broken = [&] {
    return absl::InvalidArgumentError(absl::StrCat("attribute 'equation' is ", Quote(text),
                                                   "; expected a term of letters for each input, ",
                                                   "as in 'bi,ij->bj'"));
  };
  if (text.size() > 256) return broken();
  const std::vector<std::string> sides = absl::StrSplit(text, "->");
  if (sides.size() > 2) return broken();
  const std::vector<std::string> terms = absl::StrSplit(sides[0], ',');
  if (terms.size() != operands.inputs.size()) return broken();
  Equation equation;
  std::map<Letter, int> counts;
  std::int64_t most_dots = 0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, i);
    if (!shape.ok()) return shape.status();
    auto letters = LettersOf(terms[i], shape->rank());
    if (!letters.has_value() || static_cast<std::int64_t>(letters->size()) != shape->rank() ||
        shape->rank() > kMaxRank) {
      return broken();
    }
    for (const Letter letter : *letters) {
      ++counts[letter];
      if (letter < 0) most_dots = std::max<std::int64_t>(most_dots, -letter);
    }
    equation.factors.push_back(*std::move(letters));
  }
  if (sides.size() == 1) {
    // Without a right side, the result has the dimensions of "...", then the letters that occur
    // once.
    for (std::int64_t k = most_dots; k > 0; --k) equation.made.push_back(static_cast<Letter>(-k));
    for (const auto& [letter, count] : counts) {
      if (letter > 0 && count == 1) equation.made.push_back(letter);
    }
    return equation;
  }
  const bool dotted = sides[1].find("...") != std::string::npos;
  auto made = LettersOf(sides[1],
                        static_cast<std::int64_t>(sides[1].size()) - (dotted ? 3 - most_dots : 0));
  if (!made.has_value()) return broken();
  for (const Letter letter : *made) {
    const bool twice = std::count(made->begin(), made->end(), letter) > 1;
    if (twice || (letter > 0 && counts[letter] == 0)) return broken();
  }
  equation.made = *std::move(made);
  return equation;
}

absl::StatusOr<OnnxValues> Einsum(const Operands& operands) {
  const absl::StatusOr<Equation> equation = EquationOf(operands);
  if (!equation.ok()) return equation.status();
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    if (operands.At(i) == nullptr) return InputLeftOut(i);
  }
  const auto& factors = equation->factors;
  onnx::TensorProto& one = operands.conversion.made_tensors.emplace_back();
  one.set_data_type(onnx::TensorProto::FLOAT);
  one.add_float_data(1.0F);
  LetteredValue product{*operands.At(0), factors[0]};
  const std::size_t steps = std::max<std::size_t>(1, factors.size() - 1);
  for (std::size_t i = 0; i < steps; ++i) {
    const bool alone = factors.size() == 1;
    const LetteredValue next = alone ? LetteredValue{OnnxConstant{&one}, {}}
                                     : LetteredValue{*operands.At(i + 1), factors[i + 1]};
    // Keeps the letters that occur in later factors or in the result.
    std::vector<Letter> made;
    if (i + 1 == steps) {
      made = equation->made;
    } else {
      for (const LetteredValue* factor : {&std::as_const(product), &next}) {
        for (const Letter letter : factor->letters) {
          bool later = std::count(equation->made.begin(), equation->made.end(), letter) > 0;
          for (std::size_t k = i + 2; k < factors.size(); ++k) {
            later = later || std::count(factors[k].begin(), factors[k].end(), letter) > 0;
          }
          if (later && std::count(made.begin(), made.end(), letter) == 0) made.push_back(letter);
        }
      }
    }
    absl::StatusOr<OnnxValue> value = Contract(operands, product, next, made);
    if (!value.ok()) return value.status();
    product = {*std::move(value), std::move(made)};
  }
  return SingleValue(std::move(product.value));
}

}  // namespace

absl::StatusOr<OnnxValue> ProductOfMatrices(const Operands& operands, bool transpose_first,
                                            bool transpose_second) {
  const absl::StatusOr<WholeShape> a = WholeShapeAt(operands, 0);
  if (!a.ok()) return a.status();
  const absl::StatusOr<WholeShape> b = WholeShapeAt(operands, 1);
  if (!b.ok()) return b.status();
  if (a->rank() < 1 || b->rank() < 1 || a->rank() > kMaxRank || b->rank() > kMaxRank) {
    return absl::UnimplementedError(absl::StrCat("it multiplies shapes ", TextOf(*a), " and ",
                                                 TextOf(*b), "; supported are 1 to ", kMaxRank,
                                                 " dimensions each"));
  }
  const bool by_rows = transpose_first && a->rank() > 1;
  const bool by_columns = transpose_second || b->rank() == 1;
  const std::int64_t depth = a->dimensions.end()[by_rows ? -2 : -1];
  if (b->dimensions.end()[by_columns ? -1 : -2] != depth) {
    return absl::InvalidArgumentError(
        absl::StrCat(InputText(operands, 0), " has the shape ", TextOf(*a),
                     transpose_first ? ", transposed" : "", ", and ", InputText(operands, 1), " ",
                     TextOf(*b), transpose_second ? ", transposed" : "", "; expected ",
                     CountText(depth, by_columns ? "column" : "row"), " of the second"));
  }
  constexpr Letter kRow = 0;
  constexpr Letter kDepth = 1;
  constexpr Letter kColumn = 2;
  // The dimensions before the matrices, counted from the last one.
  const auto leading = [](std::int64_t rank) {
    std::vector<Letter> letters;
    for (std::int64_t k = rank - 2; k > 0; --k) letters.push_back(static_cast<Letter>(2 + k));
    return letters;
  };
  std::vector<Letter> first = leading(a->rank());
  if (a->rank() > 1) first.push_back(kRow);
  first.push_back(kDepth);
  std::vector<Letter> second = leading(b->rank());
  second.push_back(kDepth);
  if (b->rank() > 1) second.push_back(kColumn);
  std::vector<Letter> made = leading(std::max(a->rank(), b->rank()));
  if (a->rank() > 1) made.push_back(kRow);
  if (b->rank() > 1) made.push_back(kColumn);
  if (transpose_first && a->rank() > 1) std::swap(first.end()[-1], first.end()[-2]);
  if (transpose_second && b->rank() > 1) std::swap(second.end()[-1], second.end()[-2]);
  return Contract(operands, {*operands.At(0), first}, {*operands.At(1), second}, made);
}

const std::vector<OnnxOperator>& ProductOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"Einsum", "", 1, 8, {{"equation", AttributeProto::STRING}}, Einsum},
  };
  return *operators;
}

}  // namespace mlp
