// Judges windows of rows against a baseline: Hotelling's T² with a ridge, with the 99.9 % point of
// a three-moment fit (Imhof 1961, Pearson 1959). Definitions: docs/drift.md.

#ifndef MLP_MODEL_DRIFT_DRIFT_JUDGE_H_
#define MLP_MODEL_DRIFT_DRIFT_JUDGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "model/drift/baseline.h"

namespace mlp {

// The sums of w over some rows of a window, of one target.
struct SubWindow {
  std::int64_t rows = 0;
  std::vector<double> sums;  // Σ(w − μ), [p]: less the baseline's means, so that nothing cancels
};

struct Judgement {
  double ratio = 0.0;           // T / q of the rows that are judged
  double effect = 0.0;          // √(max(T − κ1, 0)·(1/n + 1/m) / κ1), of the same rows
  std::int64_t rows = 0;        // n of the whole window
  std::vector<float> whitened;  // Aᵀ(w̄ − μ) of the whole window, [p]; what AcceptWindows takes.
                                // Of panels, each component stands where w has it
};

// Judges one window of `target`, of a baseline of `baseline_rows` rows. Judged are the rows of all
// sub-windows but the one without which T is smallest, so that one wild row is no drift. Only a
// sub-window of a fifth of the rows or less may be that one: a large request is no single row.
// Where all have more, the whole window is judged. The level is the same: it is that of T of any
// rows without drift.
//
// `accepted` may be null; where it is not, its T' and level are used, and the effect is that of the
// distance from its mean. REQUIRES: one row or more. Thread-safe.
Judgement JudgeWindow(const TargetBaseline& target, std::int64_t baseline_rows,
                      const AcceptedWindows* accepted, absl::Span<const SubWindow> window);

// What to warn of where windows of up to `window_rows` rows (--saturation-window) are judged by a
// baseline of `baseline_rows`, which should have as many: the chance in its own mean is in every
// window, so that an unlucky one alarms for ever. Nothing where it has. Thread-safe.
std::optional<std::string> LargeWindowWarning(std::int64_t baseline_rows, std::int64_t window_rows);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_DRIFT_JUDGE_H_
