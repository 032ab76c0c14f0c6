// The part of a server's /status.json that `mlp-client watch` shows.

#ifndef MLP_CLIENT_WATCH_STATUS_VIEW_H_
#define MLP_CLIENT_WATCH_STATUS_VIEW_H_

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace mlp {

// NaN means that the server does not know the figure.
inline constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

// A figure's current value and its value in the baseline.
struct FigureView {
  double value = kNotKnown;
  double reference = kNotKnown;
};

// One figure per minute, the oldest first.
using MinutesView = std::vector<double>;

struct LayerView {
  std::string name;
  std::string activation;
  std::int64_t units = 0;
  FigureView lower_share;
  FigureView upper_share;
  FigureView dead_units;
  FigureView one_signed_units;
  FigureView gradient_gain;
  double drift_ratio = kNotKnown;
  double drift_effect = kNotKnown;
  std::int64_t drift_alarms = 0;
  bool drift_alarmed = false;
  MinutesView drift_minutes;
  MinutesView lower_minutes;
  MinutesView upper_minutes;
};

struct ModelView {
  std::string name;
  std::string version;
  bool is_default = false;
  std::vector<std::string> labels;
  std::string state;
  absl::Time loaded_at = absl::InfinitePast();
  std::string architecture;
  double requests_per_second = kNotKnown;
  double p50_seconds = kNotKnown;
  double p99_seconds = kNotKnown;
  double refused_per_second = kNotKnown;
  std::int64_t errors = 0;
  MinutesView request_minutes;
  MinutesView p99_minutes;
  std::string baseline;
  std::string baseline_error;
  double drift_ratio = kNotKnown;
  MinutesView drift_minutes;
  std::vector<LayerView> layers;
  std::vector<std::pair<std::string, double>> moved_inputs;  // in standard deviations
  std::vector<std::pair<std::string, FigureView>> moved_classes;
  double out_of_range_share = kNotKnown;
  double missing_share = kNotKnown;
  double not_finite_share = kNotKnown;
  std::vector<std::string> findings;
};

struct StatusView {
  absl::Time now = absl::InfinitePast();
  absl::Time started = absl::InfinitePast();
  std::string server_version;
  bool ready = false;
  std::vector<ModelView> models;
};

// Members that are missing, null or of another type count as unknown, so that servers of other
// versions can be shown. INTERNAL ("malformed answer") if `json` is not a JSON object. Thread-safe.
absl::StatusOr<StatusView> ReadStatus(absl::string_view json);

}  // namespace mlp

#endif  // MLP_CLIENT_WATCH_STATUS_VIEW_H_
