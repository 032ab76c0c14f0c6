// The data behind the status page, /status.json and `mlp-client watch`: plain values, read from the
// metrics' sums on request. An unknown figure is NaN and shown as a dash.

#ifndef MLP_SERVER_INSIGHT_STATUS_H_
#define MLP_SERVER_INSIGHT_STATUS_H_

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace mlp {

// The last hour, one figure per minute.
inline constexpr std::size_t kStatusMinutes = 60;
inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// The oldest minute first. NaN where unknown, such as before the start.
using MinuteSeries = std::array<double, kStatusMinutes>;

constexpr MinuteSeries UnknownMinutes() {
  MinuteSeries series{};
  series.fill(kUnknown);
  return series;
}

// A figure's current value and its value in the baseline; NaN where there is none.
struct StatusFigure {
  double value = kUnknown;
  double reference = kUnknown;
};

struct StatusMark {
  std::int64_t minute = 0;  // index into a series
  std::string what;  // "loaded", "drift alarm: hidden_1", "default changed", "baseline accepted"
};

struct StatusHistogram {
  std::vector<double> bounds;         // upper bounds, ascending; the last bucket is open-ended
  std::vector<std::int64_t> buckets;  // one more than bounds; covers the last hour at most
};

struct StatusDrift {
  double ratio = kUnknown;  // of the last full window; above 1 is drift
  double effect = kUnknown;
  std::int64_t window_rows = 0;
  std::chrono::system_clock::time_point window_end;  // the epoch if there was none
  std::int64_t alarms = 0;                           // since the load
  bool alarmed = false;                              // the last two windows were above 1
  MinuteSeries minutes = UnknownMinutes();           // the greatest ratio of each minute
  // Start of the last window; the epoch if unknown.
  std::chrono::system_clock::time_point window_begin = {};
  // End of the first window of the latest run above 1.
  std::chrono::system_clock::time_point above_since = {};
};

// The pre-activations of a sample of recent rows, over all units of a layer.
struct StatusShape {
  std::vector<double> bounds;   // n + 1 edges of n buckets
  std::vector<double> shares;   // [n]; sums to at most 1
  std::vector<double> curve_z;  // points on the activation's curve over the same range
  std::vector<double> curve_a;
  double lower_tail = kUnknown;  // tail bounds of the first unit; NaN if none
  double upper_tail = kUnknown;
};

struct StatusLayer {
  std::string name;        // "inputs", "hidden_1", ..., "outputs"
  std::string activation;  // empty for the inputs
  std::int64_t units = 0;
  StatusFigure lower_share;  // of the last full window
  StatusFigure upper_share;
  StatusFigure dead_units;
  StatusFigure one_signed_units;
  StatusFigure mean;
  StatusFigure zero_centredness;
  StatusFigure gradient_gain;
  MinuteSeries lower_minutes = UnknownMinutes();
  MinuteSeries upper_minutes = UnknownMinutes();
  StatusDrift drift;
  StatusShape shape;
};

// An input value that moved, measured by the standardised shift of its mean.
struct StatusInput {
  std::string name;              // of its tensor, with the index if that has several values
  double deviations = kUnknown;  // signed
};

struct StatusClass {
  std::string name;
  StatusFigure share;  // of the last full window
};

struct StatusModel {
  std::string name;
  std::string version;
  bool is_default = false;
  std::vector<std::string> labels;
  std::string state;  // "READY", "LOADING", "UNAVAILABLE", "refused: <why>"
  std::chrono::system_clock::time_point loaded_at;
  std::string architecture;  // "64-64-32-10, sigmoid, 6,570 parameters"

  double requests_per_second = kUnknown;  // of the last minute
  double p50_seconds = kUnknown;
  double p99_seconds = kUnknown;
  double refused_per_second = kUnknown;                        // for all reasons
  std::vector<std::pair<std::string, std::int64_t>> refusals;  // by reason, in the last hour
  std::int64_t errors = 0;  // answers with codes that are the server's fault, in the last hour
  MinuteSeries request_minutes = UnknownMinutes();
  MinuteSeries p50_minutes = UnknownMinutes();
  MinuteSeries p99_minutes = UnknownMinutes();
  MinuteSeries refused_minutes = UnknownMinutes();
  StatusHistogram latency;  // seconds
  StatusHistogram batch_rows;

  std::string baseline;  // "calibrated 2026-11-29, 1,437 rows", "learning: 300 of 2,000 rows", ""
  std::string baseline_error;     // why baseline.safetensors was refused, or empty
  double drift_ratio = kUnknown;  // the greatest over all layers
  MinuteSeries drift_minutes = UnknownMinutes();
  std::vector<StatusMark> marks;
  std::vector<StatusLayer> layers;
  std::vector<StatusInput> moved_inputs;    // ten at most, the most moved first
  std::int64_t clearly_moved_inputs = 0;    // those moved by at least 0.2 standard deviations
  std::vector<StatusClass> moved_classes;   // ten at most, the most moved first
  double out_of_range_share = kUnknown;     // rows of the last hour with a value out of range
  double expected_out_of_range = kUnknown;  // of healthy rows, see input_range.h
  double missing_share = kUnknown;          // rows with a NaN
  double not_finite_share = kUnknown;       // rows with an infinity

  // What is wrong, the worst first, one sentence each: "hidden_1 saturates since 14:05, lower tail,
  // 3.1 % to 41 %; first seen in inputs 7, 12". Empty if nothing is wrong.
  std::vector<std::string> findings;
};

// Whether a baseline judges the model.
inline bool HasBaseline(const StatusModel& model) {
  return !std::isnan(model.expected_out_of_range);
}

// The share of wrong rows that matters. Occasional wrong rows below it are ignored.
inline constexpr double kNotableShareOfRows = 0.01;

// The greatest healthy share of rows out of range. Live rows sometimes leave the range of the
// calibration's rows: as often as expected, or up to twice as often.
inline double MostOutOfRange(const StatusModel& model) {
  return std::fmax(0.05, 2 * model.expected_out_of_range);  // fmax ignores NaN
}

struct Status {
  std::chrono::system_clock::time_point now;
  std::chrono::system_clock::time_point started;
  std::string server_version;
  bool ready = false;
  std::vector<StatusModel> models;  // by name, then version descending
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_STATUS_H_
