// Judges windows of rows against a baseline by Hotelling's T² with a ridge, compared with the
// 99.9 % point of a three-moment fit (Imhof 1961, Pearson 1959). Definitions:
// docs/reference/drift.md.

#ifndef MLP_MODEL_DRIFT_DRIFT_JUDGE_H_
#define MLP_MODEL_DRIFT_DRIFT_JUDGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "model/drift/baseline.h"

namespace mlp {

// Sums of one target's w over some rows of a window.
struct SubWindow {
  std::int64_t rows = 0;
  std::vector<double> sums;  // Σ(w − μ), [p]; relative to the baseline's means, to avoid
                             // cancellation
};

struct Judgement {
  double ratio = 0.0;           // T / q of the judged rows
  double effect = 0.0;          // √(max(T − κ1, 0)·(1/n + 1/m) / κ1) of the judged rows
  std::int64_t rows = 0;        // n of the whole window
  std::vector<float> whitened;  // Aᵀ(w̄ − μ) of the whole window, [p], in the order of w also with
                                // panels; for AcceptWindows
};

// Judges one window of `target`, from a baseline of `baseline_rows` rows. Leaves out the sub-window
// without which T is smallest, so that one wild row is not drift. Only a sub-window with at most a
// fifth of the rows may be left out: a large request is not a single row. If all sub-windows are
// larger, judges the whole window. Both cases use the same level, which holds for T of any rows
// without drift.
//
// If `accepted` is not null, its T' and level are used, and the effect is that of the distance from
// its mean. REQUIRES: at least one row. Thread-safe.
Judgement JudgeWindow(const TargetBaseline& target, std::int64_t baseline_rows,
                      const AcceptedWindows* accepted, absl::Span<const SubWindow> window);

// A warning if windows of up to `window_rows` rows (--saturation-window) are judged by a baseline
// of fewer rows, `baseline_rows`, or nothing. The random error of the baseline's mean is part of
// every window's distance, so a baseline of too few rows may alarm forever. Thread-safe.
std::optional<std::string> LargeWindowWarning(std::int64_t baseline_rows, std::int64_t window_rows);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_DRIFT_JUDGE_H_
