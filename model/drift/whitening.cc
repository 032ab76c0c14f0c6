#include "model/drift/whitening.h"

#include <algorithm>
#include <cmath>

namespace mlp {

std::vector<WhiteningPart> WhiteningPartsOf(std::int64_t components, std::int64_t panel_units) {
  if (panel_units == 0) return {{0, components, 0, false, 0}};
  std::vector<WhiteningPart> parts;
  const std::int64_t half = components / 2;
  std::int64_t offset = 0;
  for (std::int64_t first = 0; first < half; first += panel_units) {
    const WhiteningPart part{first, std::min(panel_units, half - first), half + first, true,
                             offset};
    offset += part.size() * part.size();
    parts.push_back(part);
  }
  return parts;
}

std::int64_t WhiteningFloats(std::int64_t components, std::int64_t panel_units) {
  const WhiteningPart last = WhiteningPartsOf(components, panel_units).back();
  return last.offset + last.size() * last.size();
}

Eigen::VectorXd Whiten(const TargetBaseline& target, absl::Span<const double> d) {
  Eigen::VectorXd whitened = Eigen::VectorXd::Zero(target.components);
  for (const WhiteningPart& part : WhiteningPartsOf(target.components, target.panel_units)) {
    const std::int64_t size = part.size();
    const Eigen::Map<const RowMatrix> a(target.whitening.data() + part.offset, size, size);
    Eigen::VectorXd part_whitened = Eigen::VectorXd::Zero(size);
    // Row by row, to avoid a copy of the matrix in double.
    for (std::int64_t i = 0; i < size; ++i) {
      const double value = d[static_cast<std::size_t>(part.ComponentAt(i))];
      if (value != 0.0) part_whitened += value * a.row(i).transpose().cast<double>();
    }
    for (std::int64_t i = 0; i < size; ++i) whitened[part.ComponentAt(i)] = part_whitened[i];
  }
  return whitened;
}

Eigen::MatrixXd TimesWhitenedDiagonal(const TargetBaseline& target, const Eigen::VectorXd& d,
                                      const Eigen::MatrixXd& x) {
  Eigen::MatrixXd product = Eigen::MatrixXd::Zero(x.rows(), x.cols());
  for (const WhiteningPart& part : WhiteningPartsOf(target.components, target.panel_units)) {
    const std::int64_t size = part.size();
    const Eigen::Map<const RowMatrix> a(target.whitening.data() + part.offset, size, size);
    Eigen::VectorXd part_d(size);
    Eigen::MatrixXd part_x(size, x.cols());
    for (std::int64_t i = 0; i < size; ++i) {
      part_d[i] = d[part.ComponentAt(i)];
      part_x.row(i) = x.row(part.ComponentAt(i));
    }
    if ((part_d.array() == 0.0).all()) continue;
    const Eigen::MatrixXd wide = a.cast<double>();
    const Eigen::MatrixXd part_product =
        wide.transpose() * (part_d.asDiagonal() * (wide * part_x)).eval();
    for (std::int64_t i = 0; i < size; ++i) product.row(part.ComponentAt(i)) = part_product.row(i);
  }
  return product;
}

RowMatrix WhitenRows(const TargetBaseline& target, const RowMatrix& w) {
  const Eigen::Map<const Eigen::RowVectorXd> mean(target.mean.data(), target.components);
  RowMatrix whitened(w.rows(), w.cols());
  for (const WhiteningPart& part : WhiteningPartsOf(target.components, target.panel_units)) {
    const std::int64_t size = part.size();
    const Eigen::Map<const RowMatrix> a(target.whitening.data() + part.offset, size, size);
    RowMatrix deviations(w.rows(), size);
    for (std::int64_t i = 0; i < size; ++i) {
      const std::int64_t at = part.ComponentAt(i);
      for (Eigen::Index row = 0; row < w.rows(); ++row) {
        const float value = w(row, at);
        deviations(row, i) = std::isnan(value) ? 0.0F : static_cast<float>(value - mean[at]);
      }
    }
    const RowMatrix product = deviations * a;
    for (std::int64_t i = 0; i < size; ++i) whitened.col(part.ComponentAt(i)) = product.col(i);
  }
  return whitened;
}

}  // namespace mlp
