// A status as a server sends it, for tests.

#ifndef MLP_TESTS_CLIENT_WATCH_STATUS_TEXT_H_
#define MLP_TESTS_CLIENT_WATCH_STATUS_TEXT_H_

namespace mlp {

// One healthy model without a baseline, and one whose hidden layer drifts.
inline constexpr char kStatusText[] = R"({
  "now": "2026-11-29T14:05:12Z", "started": "2026-11-29T10:53:00Z",
  "server_version": "mlp-server 1.2.0", "ready": true,
  "models": [
    {"name": "calm", "version": "3", "is_default": true, "labels": ["stable"], "state": "READY",
     "loaded_at": "2026-11-29T10:53:01Z", "architecture": "4-8-3, relu, 67 parameters",
     "requests_per_second": 1204.4, "p50_seconds": 0.00041, "p99_seconds": 0.0019,
     "refused_per_second": 0, "errors": 0,
     "request_minutes": [null, 1, 2, 4], "p99_minutes": [null, 0.001, 0.002, 0.001],
     "baseline": "", "baseline_error": "", "drift_ratio": null, "drift_minutes": [],
     "layers": [], "moved_inputs": [], "moved_classes": [],
     "out_of_range_share": null, "missing_share": null, "not_finite_share": null, "findings": []},
    {"name": "torn", "version": "1", "is_default": false, "labels": [], "state": "READY",
     "loaded_at": null, "architecture": "64-64-10, sigmoid, 4,810 parameters",
     "requests_per_second": 2, "p50_seconds": null, "p99_seconds": null, "refused_per_second": 0.5,
     "errors": 2, "request_minutes": [0, 1], "p99_minutes": [],
     "baseline": "calibrated 2026-11-29, 1,437 rows", "baseline_error": "",
     "drift_ratio": 6.03, "drift_minutes": [0.5, 6.03],
     "layers": [
       {"name": "inputs", "activation": "", "units": 64,
        "lower_share": {"value": null, "reference": null},
        "upper_share": {"value": null, "reference": null},
        "dead_units": {"value": null, "reference": null},
        "one_signed_units": {"value": null, "reference": null},
        "gradient_gain": {"value": null, "reference": null},
        "lower_minutes": [], "upper_minutes": [],
        "drift": {"ratio": 0.57, "effect": 0.01, "window_rows": 1000, "alarms": 0,
                  "alarmed": false, "minutes": [0.5, 0.57]}},
       {"name": "hidden_1", "activation": "sigmoid", "units": 64,
        "lower_share": {"value": 0.41, "reference": 0.031},
        "upper_share": {"value": 0.002, "reference": 0.001},
        "dead_units": {"value": 3, "reference": 0},
        "one_signed_units": {"value": 64, "reference": 64},
        "gradient_gain": {"value": 0.08, "reference": 0.14},
        "lower_minutes": [0.03, 0.41], "upper_minutes": [0.001, 0.002],
        "drift": {"ratio": 6.03, "effect": 0.4, "window_rows": 1000, "alarms": 2,
                  "alarmed": true, "minutes": [0.7, 6.03]}}],
     "moved_inputs": [{"name": "pixels[7]", "deviations": -3.2}],
     "moved_classes": [{"name": "three", "share": {"value": 0.3, "reference": 0.1}}],
     "out_of_range_share": 0.001, "missing_share": 0, "not_finite_share": 0,
     "findings": ["hidden_1 drifts since 14:02", "classes moved", "3 units are dead"]}]})";

}  // namespace mlp

#endif  // MLP_TESTS_CLIENT_WATCH_STATUS_TEXT_H_
