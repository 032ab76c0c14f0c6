// Judges windows of rows against a baseline: Hotelling's T² with a ridge, with the 99.9 % point of
// a three-moment fit (Imhof 1961, Pearson 1959). Definitions: docs/drift.md.

#ifndef MLP_MODEL_DRIFT_DRIFT_JUDGE_H_
#define MLP_MODEL_DRIFT_DRIFT_JUDGE_H_

#include <cstdint>
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
  double ratio = 0.0;           // T / q of the sub-windows but the one without which T is smallest
  double effect = 0.0;          // √(max(T − κ1, 0)·(1/n + 1/m) / κ1), of the same rows
  std::int64_t rows = 0;        // n of the whole window
  std::vector<float> whitened;  // Aᵀ(w̄ − μ) of the whole window, [p]; what AcceptWindows takes.
                                // Of panels, each component stands where w has it
};

// Judges one window of `target`, of a baseline of `baseline_rows` rows. Sub-windows without rows
// are left out. `accepted` may be null; where it is not, its T' and level are used, and the effect
// is that of the distance from its mean. REQUIRES: one row or more. Thread-safe.
Judgement JudgeWindow(const TargetBaseline& target, std::int64_t baseline_rows,
                      const AcceptedWindows* accepted, absl::Span<const SubWindow> window);

// An input, unit or class that moved: standardised mean shift, in standard deviations of one row.
struct Shift {
  std::int64_t index = 0;
  double deviations = 0.0;  // signed
};

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_DRIFT_JUDGE_H_
