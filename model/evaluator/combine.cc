#include "model/evaluator/combine.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

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

void Fold(const Layer& layer, absl::Span<const RowsView> sources, std::int64_t rows, MatrixMap& z) {
  z = MapOf(sources[0], rows);
  for (const RowsView& source : sources.subspan(1)) {
    const ConstStridedMap values = MapOf(source, rows);
    const auto x = values.array();
    switch (layer.combination) {
      case Combination::kProduct:
        z.array() *= x;
        break;
      case Combination::kMaximum:
        // NaN goes on from either side, as in ONNX.
        z = (z.array() > x || z.array().isNaN()).select(z.array(), x).matrix();
        break;
      case Combination::kMinimum:
        z = (z.array() < x || z.array().isNaN()).select(z.array(), x).matrix();
        break;
      default:
        z += x.matrix();
    }
  }
}

void ScaleAndShift(const Layer& layer, MatrixMap& z) {
  if (!layer.center.empty()) z.rowwise() -= ConstRow(layer.center.data(), layer.units);
  z.array().rowwise() *= ConstRow(layer.weights.data(), layer.units).array();
  z.rowwise() += ConstRow(layer.bias.data(), layer.units);
}

// The spread of a row whose sum is beyond the floats is infinite, as in frameworks, which sum in
// FP32; the row is 0 then.
double Overflowing(double sum) {
  constexpr double kGreatest = std::numeric_limits<float>::max();
  return sum > kGreatest ? std::numeric_limits<double>::infinity() : sum;
}

// A row of zeros has no direction and stays as it is.
void NormalizeRows(const Layer& layer, MatrixMap& z) {
  const auto units = static_cast<double>(z.cols());
  for (Eigen::Index row = 0; row < z.rows(); ++row) {
    const auto x = z.row(row).cast<double>();
    double mean = 0.0;
    double norm = 0.0;
    switch (layer.norm) {
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
        norm = std::sqrt(Overflowing((x.array() - mean).square().sum()) / units + layer.epsilon);
        break;
      case Norm::kRms:
        norm = std::sqrt(Overflowing(x.squaredNorm()) / units + layer.epsilon);
        break;
    }
    // By a spread of 0, as without an epsilon, frameworks divide all the same.
    const bool by_spread = layer.norm == Norm::kStandard || layer.norm == Norm::kRms;
    if (norm != 0.0 || by_spread) z.row(row) = ((x.array() - mean) / norm).matrix().cast<float>();
  }
}

void FillMissing(const Layer& layer, MatrixMap& z) {
  const bool nan = std::isnan(layer.missing);
  for (Eigen::Index row = 0; row < z.rows(); ++row) {
    for (Eigen::Index unit = 0; unit < z.cols(); ++unit) {
      float& value = z(row, unit);
      if (nan ? std::isnan(value) : value == layer.missing) {
        value = layer.bias[static_cast<std::size_t>(unit)];
      }
    }
  }
}

// nearbyint rounds halves to even, as ONNX asks for, in the rounding mode that C++ starts with.
void Quantize(const Layer& layer, MatrixMap& z) {
  const auto [scale, zero_point, lowest, highest] = layer.quantization;
  for (Eigen::Index i = 0; i < z.size(); ++i) {
    const float step = std::nearbyint(z.data()[i] / scale) + zero_point;
    // In this order NaN is passed on.
    z.data()[i] = (std::clamp(step, lowest, highest) - zero_point) * scale;
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
  MatrixMap map(z, rows, layer.units);
  switch (layer.combination) {
    case Combination::kSum:
    case Combination::kProduct:
    case Combination::kMaximum:
    case Combination::kMinimum:
      return Fold(layer, sources, rows, map);
    default:
      break;
  }
  const SourceRule rule = InfoOf(layer.combination).sources;
  if (rule == SourceRule::kOperands || rule == SourceRule::kNone) {
    return Operate(layer, sources, rows, z);
  }
  Gather(sources, rows, z);
  switch (layer.combination) {
    case Combination::kAffine:
      return ScaleAndShift(layer, map);
    case Combination::kNormalize:
      return NormalizeRows(layer, map);
    case Combination::kImpute:
      return FillMissing(layer, map);
    case Combination::kQuantize:
      return Quantize(layer, map);
    default:
      return;
  }
}

}  // namespace mlp
