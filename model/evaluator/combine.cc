#include "model/evaluator/combine.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>

#include "model/evaluator/row_operations.h"

namespace mlp {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMatrixMap = Eigen::Map<const Matrix>;
using MatrixMap = Eigen::Map<Matrix>;
using ConstRow = Eigen::Map<const Eigen::RowVectorXf>;
using ConstStridedMap = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;

ConstStridedMap MapOf(const RowsView& view, std::int64_t rows) {
  return {view.data, rows, view.width, Eigen::OuterStride<>(view.stride)};
}

// Sets z to the first source, then calls `fold(z, x)` with each of the others.
template <typename FoldIn>
void Fold(const RowsOfLayer& layer_rows, const FoldIn& fold) {
  MatrixMap z(layer_rows.z, layer_rows.rows, layer_rows.units);
  z = MapOf(layer_rows.sources[0], layer_rows.rows);
  for (const RowsView& source : layer_rows.sources.subspan(1)) {
    fold(z, MapOf(source, layer_rows.rows));
  }
}

// Copies the sources side by side into z, for operations that work in place.
MatrixMap Gathered(const RowsOfLayer& layer_rows) {
  Gather(layer_rows.sources, layer_rows.rows, layer_rows.z);
  return {layer_rows.z, layer_rows.rows, layer_rows.units};
}

// DenseLayer evaluates dense layers.
void Operate(const Dense&, const RowsOfLayer&) {}

void Operate(const Concatenation&, const RowsOfLayer& layer_rows) { Gathered(layer_rows); }

void Operate(const Sum&, const RowsOfLayer& layer_rows) {
  Fold(layer_rows, [](MatrixMap& z, const ConstStridedMap& x) { z += x; });
}

void Operate(const Product&, const RowsOfLayer& layer_rows) {
  Fold(layer_rows, [](MatrixMap& z, const ConstStridedMap& x) { z.array() *= x.array(); });
}

// NaN in either operand is passed on, as in ONNX.
void Operate(const Maximum&, const RowsOfLayer& layer_rows) {
  Fold(layer_rows, [](MatrixMap& z, const ConstStridedMap& x) {
    z = (z.array() > x.array() || z.array().isNaN()).select(z.array(), x.array()).matrix();
  });
}

void Operate(const Minimum&, const RowsOfLayer& layer_rows) {
  Fold(layer_rows, [](MatrixMap& z, const ConstStridedMap& x) {
    z = (z.array() < x.array() || z.array().isNaN()).select(z.array(), x.array()).matrix();
  });
}

void Operate(const Affine& affine, const RowsOfLayer& layer_rows) {
  MatrixMap z = Gathered(layer_rows);
  if (!affine.center.empty()) z.rowwise() -= ConstRow(affine.center.data(), layer_rows.units);
  z.array().rowwise() *= ConstRow(affine.scale.data(), layer_rows.units).array();
  z.rowwise() += ConstRow(affine.shift.data(), layer_rows.units);
}

// A sum beyond FP32's range makes a row's spread infinite and the row 0, as in frameworks, which
// sum in FP32.
double Overflowing(double sum) {
  constexpr double kGreatest = std::numeric_limits<float>::max();
  return sum > kGreatest ? std::numeric_limits<double>::infinity() : sum;
}

// A row of zeros is left unchanged: it has no direction.
void Operate(const Normalization& normalization, const RowsOfLayer& layer_rows) {
  MatrixMap z = Gathered(layer_rows);
  const auto units = static_cast<double>(z.cols());
  for (Eigen::Index row = 0; row < z.rows(); ++row) {
    const auto x = z.row(row).cast<double>();
    double mean = 0.0;
    double norm = 0.0;
    switch (normalization.norm) {
      case Norm::kL1:
        norm = x.cwiseAbs().sum();
        break;
      case Norm::kL2:
        norm = std::sqrt(x.squaredNorm());
        break;
      case Norm::kMax:
        norm = x.maxCoeff();
        break;
      case Norm::kGreatest:
        norm = x.cwiseAbs().maxCoeff();
        break;
      case Norm::kStandard:
        mean = x.mean();
        norm = std::sqrt(Overflowing((x.array() - mean).square().sum()) / units +
                         normalization.epsilon);
        break;
      case Norm::kRms:
        norm = std::sqrt(Overflowing(x.squaredNorm()) / units + normalization.epsilon);
        break;
    }
    // Frameworks divide by a spread even if it is 0, which it can be without an epsilon.
    const bool by_spread =
        normalization.norm == Norm::kStandard || normalization.norm == Norm::kRms;
    if (norm != 0.0 || by_spread) z.row(row) = ((x.array() - mean) / norm).matrix().cast<float>();
  }
}

void Operate(const Imputation& imputation, const RowsOfLayer& layer_rows) {
  MatrixMap z = Gathered(layer_rows);
  const bool nan = std::isnan(imputation.missing);
  for (Eigen::Index row = 0; row < z.rows(); ++row) {
    for (Eigen::Index unit = 0; unit < z.cols(); ++unit) {
      float& value = z(row, unit);
      if (nan ? std::isnan(value) : value == imputation.missing) {
        value = imputation.values[static_cast<std::size_t>(unit)];
      }
    }
  }
}

// nearbyint rounds halves to even, as ONNX requires, in the default rounding mode.
void Operate(const Quantization& quantization, const RowsOfLayer& layer_rows) {
  MatrixMap z = Gathered(layer_rows);
  const auto [scale, zero_point, lowest, highest] = quantization;
  for (Eigen::Index i = 0; i < z.size(); ++i) {
    const float step = std::nearbyint(z.data()[i] / scale) + zero_point;
    // std::clamp with NaN as its first argument returns NaN.
    z.data()[i] = (std::clamp(step, lowest, highest) - zero_point) * scale;
  }
}

void Operate(const Constant& constant, const RowsOfLayer& layer_rows) {
  for (std::int64_t row = 0; row < layer_rows.rows; ++row) {
    std::copy(constant.values.begin(), constant.values.end(),
              layer_rows.z + row * layer_rows.units);
  }
}

}  // namespace

void Gather(absl::Span<const RowsView> sources, std::int64_t rows, float* gathered) {
  std::int64_t width = 0;
  for (const RowsView& source : sources) width += source.width;
  for (std::int64_t row = 0; row < rows; ++row) {
    float* to = gathered + row * width;
    for (const RowsView& source : sources) {
      to = std::copy_n(source.data + row * source.stride, source.width, to);
    }
  }
}

void Combine(const Layer& layer, absl::Span<const RowsView> sources, std::int64_t rows, float* z) {
  const RowsOfLayer layer_rows = {sources, rows, layer.units, z};
  std::visit([&](const auto& operation) { Operate(operation, layer_rows); }, layer.operation);
}

}  // namespace mlp
