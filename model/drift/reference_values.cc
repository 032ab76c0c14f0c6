#include "model/drift/reference_values.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mlp {
namespace {

// With rarer classes, a window's share would depend on a row or two.
constexpr double kMinJudgedShare = 0.005;
constexpr std::size_t kMaxJudgedClasses = 64;

// The least scale of a value, relative to the root mean square of all standard deviations.
constexpr double kMinScale = 0.1;

}  // namespace

ValueSums::ValueSums(std::int64_t values) : sums_(static_cast<std::size_t>(values)) {}

void ValueSums::Add(std::int64_t first, absl::Span<const float> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float value = values[i];
    if (!std::isfinite(value)) continue;
    Sums& sums = sums_[static_cast<std::size_t>(first) + i];
    if (sums.count == 0) sums = {0, value, 0.0, 0.0, value, value};
    const double deviation = value - sums.center;
    ++sums.count;
    sums.sum += deviation;
    sums.squares += deviation * deviation;
    sums.minimum = std::min(sums.minimum, value);
    sums.maximum = std::max(sums.maximum, value);
  }
}

ValueReference ValueSums::Reference() const {
  ValueReference reference;
  std::vector<double> variances;
  double mean_variance = 0.0;
  for (const Sums& sums : sums_) {
    const bool known = sums.count > 0;
    const double count = known ? static_cast<double>(sums.count) : 1.0;
    const double mean = sums.sum / count;
    variances.push_back(std::max(sums.squares / count - mean * mean, 0.0));
    mean_variance += variances.back() / static_cast<double>(sums_.size());
    reference.center.push_back(static_cast<float>(sums.center + mean));
    // The range of a value that was never finite is unknown.
    reference.minimum.push_back(known ? sums.minimum : std::numeric_limits<float>::lowest());
    reference.maximum.push_back(known ? sums.maximum : std::numeric_limits<float>::max());
  }
  for (const double variance : variances) {
    const double deviation = std::max(std::sqrt(variance), kMinScale * std::sqrt(mean_variance));
    const auto scale = static_cast<float>(deviation);
    reference.scale.push_back(scale > 0.0F && std::isfinite(scale) ? scale : 1.0F);
  }
  return reference;
}

ClassSums::ClassSums(const OutputForm& form)
    : form_(form), counts_(static_cast<std::size_t>(form.classes)) {}

void ClassSums::Add(absl::Span<const float> values) {
  const auto prediction = PredictionOf(form_, values);
  if (!prediction.has_value()) return;
  ++rows_;
  ++counts_[static_cast<std::size_t>(prediction->predicted)];
  confidence_ += prediction->confidence;
}

ClassReference ClassSums::Reference() const {
  ClassReference reference;
  const auto rows = static_cast<double>(std::max<std::int64_t>(rows_, 1));
  reference.confidence = confidence_ / rows;
  for (const std::int64_t count : counts_) {
    reference.share.push_back(static_cast<double>(count) / rows);
  }
  for (std::size_t i = 0; i < reference.share.size(); ++i) {
    if (reference.share[i] >= kMinJudgedShare) {
      reference.judged.push_back(static_cast<std::int64_t>(i));
    }
  }
  if (reference.judged.size() > kMaxJudgedClasses) {
    const auto share_of = [&](std::int64_t i) {
      return reference.share[static_cast<std::size_t>(i)];
    };
    std::stable_sort(reference.judged.begin(), reference.judged.end(),
                     [&](std::int64_t a, std::int64_t b) { return share_of(a) > share_of(b); });
    reference.judged.resize(kMaxJudgedClasses);
    std::sort(reference.judged.begin(), reference.judged.end());
  }
  return reference;
}

LayerSums::LayerSums(const Network& network, std::int64_t rows)
    : network_(network),
      rows_left_(rows),
      piece_(MakeNetworkActivity(network)),
      whole_(MakeNetworkActivity(network)),
      most_(network.layers().size()) {}

void LayerSums::Advance(std::int64_t rows) {
  rows_left_ -= rows;
  piece_rows_ += rows;
  const bool is_over = piece_rows_ >= kPieceRows && rows_left_ >= kPieceRows;
  if (!is_over && rows_left_ > 0) return;
  SettleNetworkActivity(piece_);
  for (std::size_t i = 0; i < piece_.size(); ++i) {
    most_[i].dead = std::max(most_[i].dead, piece_[i].DeadUnits());
    most_[i].one_signed = std::max(most_[i].one_signed, piece_[i].OneSignedUnits());
  }
  MergeNetworkActivity(piece_, whole_);
  ResetNetworkActivity(piece_);
  piece_rows_ = 0;
}

std::vector<LayerReference> LayerSums::References() const {
  std::vector<LayerReference> references;
  for (std::size_t i = 0; i < network_.layers().size(); ++i) {
    const Layer& layer = network_.layers()[i];
    if (!layer.has_activity()) continue;
    const LayerActivity& activity = whole_[i];
    const auto activations = static_cast<double>(activity.rows * layer.units);
    const double finite = std::max(activations - static_cast<double>(activity.non_finite), 1.0);
    LayerReference reference;
    reference.layer = layer.name;
    reference.lower_share = static_cast<double>(activity.LowerTail()) / activations;
    reference.upper_share = static_cast<double>(activity.UpperTail()) / activations;
    reference.dead_units = static_cast<double>(most_[i].dead);
    reference.one_signed_units = static_cast<double>(most_[i].one_signed);
    reference.mean = activity.Sum() / finite;
    const double rms = std::sqrt(activity.sum_of_squares / finite);
    reference.zero_centredness = rms > 0.0 ? std::min(std::abs(reference.mean) / rms, 1.0) : 0.0;
    reference.gradient_gain = activity.SumOfSlopes() / finite;
    references.push_back(std::move(reference));
  }
  return references;
}

}  // namespace mlp
