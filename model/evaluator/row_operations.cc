#include "model/evaluator/row_operations.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mlp {
namespace {

const float* RowOf(const RowsView& view, std::int64_t row) { return view.data + row * view.stride; }

// ---- kReduce ----

// The values that are reduced to one value of z: `count` values, `stride` apart.
struct Reduced {
  const float* first;
  std::int64_t count;
  std::int64_t stride;

  template <typename Take>
  double Sum(const Take& take) const {
    double sum = 0.0;
    for (std::int64_t i = 0; i < count; ++i) sum += take(static_cast<double>(first[i * stride]));
    return sum;
  }
  // The position of the first value than which no other is `better`. NaN is better than any number
  // and is thus passed on.
  template <typename Better>
  std::int64_t Best(const Better& better) const {
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < count && !std::isnan(first[best * stride]); ++i) {
      const float value = first[i * stride];
      if (std::isnan(value) || better(value, first[best * stride])) best = i;
    }
    return best;
  }
  // NaN is never greater or smaller, as in GreatestOf for outputs of labels.
  template <typename Better>
  std::int64_t Position(const Better& better) const {
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < count; ++i) {
      if (better(first[i * stride], first[best * stride])) best = i;
    }
    return best;
  }
};

bool IsGreater(float a, float b) { return a > b; }
bool IsSmaller(float a, float b) { return a < b; }

// Subtracts the greatest value so that e^x stays finite.
double LogSumExp(const Reduced& x) {
  const double greatest = x.first[x.Best(IsGreater) * x.stride];
  if (std::isinf(greatest) || std::isnan(greatest)) return greatest;
  return greatest + std::log(x.Sum([&](double value) { return std::exp(value - greatest); }));
}

// A sum beyond FP32's range becomes infinite, as in frameworks, which sum in FP32.
double AsFloat(double sum) { return static_cast<float>(sum); }

// If the sum of squares is a normal float, rounds it to float first, as frameworks do. Otherwise
// uses the exact sum, because the root may be in range.
double LengthOf(double sum_of_squares) {
  const auto sum = static_cast<float>(sum_of_squares);
  return std::sqrt(std::isnormal(sum) ? static_cast<double>(sum) : sum_of_squares);
}

double Reduce(ReductionKind kind, const Reduced& x) {
  const auto itself = [](double value) { return value; };
  const auto square = [](double value) { return value * value; };
  switch (kind) {
    case ReductionKind::kSum:
      return x.Sum(itself);
    case ReductionKind::kMean:
      return AsFloat(x.Sum(itself)) / static_cast<double>(x.count);
    case ReductionKind::kProduct: {
      double product = 1.0;
      for (std::int64_t i = 0; i < x.count; ++i) product *= x.first[i * x.stride];
      return product;
    }
    case ReductionKind::kMaximum:
      return x.first[x.Best(IsGreater) * x.stride];
    case ReductionKind::kMinimum:
      return x.first[x.Best(IsSmaller) * x.stride];
    case ReductionKind::kL1:
      return x.Sum([](double value) { return std::fabs(value); });
    case ReductionKind::kL2:
      return LengthOf(x.Sum(square));
    case ReductionKind::kSumOfSquares:
      return x.Sum(square);
    case ReductionKind::kLogSum:
      return std::log(AsFloat(x.Sum(itself)));
    case ReductionKind::kLogSumExp:
      return LogSumExp(x);
    case ReductionKind::kArgMax:
      return static_cast<double>(x.Position(IsGreater));
    case ReductionKind::kArgMin:
      return static_cast<double>(x.Position(IsSmaller));
  }
  return 0.0;
}

void ReduceRow(const Reduction& operation, const float* x, float* z) {
  for (std::int64_t outer = 0; outer < operation.outer; ++outer) {
    for (std::int64_t inner = 0; inner < operation.inner; ++inner) {
      const Reduced reduced = {x + outer * operation.count * operation.inner + inner,
                               operation.count, operation.inner};
      *z++ = static_cast<float>(Reduce(operation.kind, reduced));
    }
  }
}

// ---- kLookup ----

// The entry for `value`, or -1.
std::int64_t EntryOf(const Lookup& operation, float value) {
  const std::vector<float>& keys = operation.keys;
  if (keys.empty()) {
    const auto entries = static_cast<float>(operation.entries());
    // Truncates towards zero, as does ONNX's Cast before a Gather.
    if (!(value > -entries - 1.0F && value < entries)) return -1;
    const auto position = static_cast<std::int64_t>(value);
    if (position < -operation.entries()) return -1;
    return position < 0 ? position + operation.entries() : position;
  }
  if (std::isnan(value)) {
    return std::isnan(keys.back()) ? static_cast<std::int64_t>(keys.size()) - 1 : -1;
  }
  const auto end = std::isnan(keys.back()) ? keys.end() - 1 : keys.end();
  const auto found = std::lower_bound(keys.begin(), end, value);
  return found == end || *found != value ? -1 : found - keys.begin();
}

void LookUpRow(const Lookup& operation, const RowsView& source, std::int64_t row, float* z) {
  const float* x = RowOf(source, row);
  for (std::int64_t i = 0; i < source.width; ++i, z += operation.width) {
    const std::int64_t entry = EntryOf(operation, x[i]);
    if (entry >= 0) {
      std::copy_n(operation.table.data() + entry * operation.width, operation.width, z);
    } else if (!operation.default_row.empty()) {
      std::copy(operation.default_row.begin(), operation.default_row.end(), z);
    } else {
      std::fill_n(z, operation.width, std::numeric_limits<float>::quiet_NaN());
    }
  }
}

// ---- kMatrixProduct ----

void MultiplyRow(const MatrixProduct& operation, const float* a, const float* b, float* z) {
  for (std::int64_t batch = 0; batch < operation.batch; ++batch) {
    for (std::int64_t i = 0; i < operation.rows; ++i, a += operation.depth) {
      for (std::int64_t column = 0; column < operation.columns; ++column) {
        double sum = 0.0;
        for (std::int64_t k = 0; k < operation.depth; ++k) {
          sum += static_cast<double>(a[k]) * b[k * operation.columns + column];
        }
        *z++ = static_cast<float>(sum);
      }
    }
    b += operation.depth * operation.columns;
  }
}

}  // namespace

// One call for all rows if the sources' rows are contiguous, as z's are.
void Operate(const UnitFunction& operation, const RowsOfLayer& layer_rows) {
  const float* operands[ElementwiseFunction::kMaxOperands];
  const absl::Span<const float* const> arguments(operands, layer_rows.sources.size());
  const bool whole =
      std::all_of(layer_rows.sources.begin(), layer_rows.sources.end(),
                  [&](const RowsView& source) { return source.stride == layer_rows.units; });
  const std::int64_t calls = whole ? 1 : layer_rows.rows;
  const std::int64_t count = whole ? layer_rows.rows * layer_rows.units : layer_rows.units;
  float* z = layer_rows.z;
  for (std::int64_t row = 0; row < calls; ++row, z += count) {
    for (std::size_t i = 0; i < layer_rows.sources.size(); ++i) {
      operands[i] = RowOf(layer_rows.sources[i], row);
    }
    operation.function->value.ForEach(arguments, operation.parameters, count, z);
  }
}

void Operate(const Reduction& operation, const RowsOfLayer& layer_rows) {
  for (std::int64_t row = 0; row < layer_rows.rows; ++row) {
    ReduceRow(operation, RowOf(layer_rows.sources[0], row), layer_rows.z + row * layer_rows.units);
  }
}

void Operate(const Selection& operation, const RowsOfLayer& layer_rows) {
  float* z = layer_rows.z;
  for (std::int64_t row = 0; row < layer_rows.rows; ++row) {
    const float* x = RowOf(layer_rows.sources[0], row);
    for (const std::int32_t unit : operation.units) *z++ = x[unit];
  }
}

void Operate(const Lookup& operation, const RowsOfLayer& layer_rows) {
  for (std::int64_t row = 0; row < layer_rows.rows; ++row) {
    LookUpRow(operation, layer_rows.sources[0], row, layer_rows.z + row * layer_rows.units);
  }
}

void Operate(const MatrixProduct& operation, const RowsOfLayer& layer_rows) {
  for (std::int64_t row = 0; row < layer_rows.rows; ++row) {
    MultiplyRow(operation, RowOf(layer_rows.sources[0], row), RowOf(layer_rows.sources[1], row),
                layer_rows.z + row * layer_rows.units);
  }
}

}  // namespace mlp
