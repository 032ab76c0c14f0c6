#include "model/drift/calibration.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/drift/covariance_sums.h"
#include "model/drift/output_form.h"
#include "model/drift/power_traces.h"
#include "model/drift/reference_values.h"
#include "model/drift/row_census.h"
#include "model/drift/target_rows.h"
#include "model/drift/target_shape.h"
#include "model/drift/whitening.h"
#include "model/grouped_digits.h"

namespace mlp {
namespace {

// Rows that are processed at a time: enough for matrix products to be efficient, few enough for all
// their components to fit in 32 MiB.
constexpr std::int64_t kMaxChunkRows = 512;
constexpr std::int64_t kChunkFloats = std::int64_t{8} << 20;

// The greatest number of distinct rows that one matrix needs.
constexpr std::int64_t kMaxDistinctRows = 2 * kMaxUnitsWhole + 2;

// A sum of eigenvalues, normally about 1 each, below which there are only rounding errors.
constexpr double kNoVariance = 1e-9;

std::int64_t InvertedOf(const TargetShape& shape, std::int64_t components) {
  return shape.panel_units == 0 ? components : 2 * shape.panel_units;
}

// One calibration, with all its passes.
class CalibrationRun final {
 public:
  CalibrationRun(const Evaluator& evaluator, std::int64_t rows,
                 absl::Span<const float* const> inputs, const CalibrationOptions& options)
      : evaluator_(evaluator),
        rows_(rows),
        inputs_(inputs),
        options_(options),
        form_(OutputFormOf(evaluator.network())),
        shapes_(TargetsOf(evaluator.network(), form_)),
        census_(evaluator.network(), kMaxDistinctRows) {
    std::int64_t floats = 1;
    passes_ = 2;
    for (const TargetShape& shape : shapes_) {
      floats += 2 * shape.units;
      if (shape.panel_units > 0) passes_ += 2 * shape.units > kMaxExactComponents ? 2 : 1;
    }
    chunk_rows_ = std::clamp<std::int64_t>(kChunkFloats / floats, 1, kMaxChunkRows);
  }

  absl::StatusOr<CalibratedBaseline> Run() {
    for (const TargetShape& shape : shapes_) {
      if (shape.kind == TargetKind::kClasses || shape.units <= kMaxCalibratedUnits) continue;
      return absl::UnimplementedError(
          absl::StrCat(shape.name, " has ", GroupedDigits(shape.units), " values; at most ",
                       GroupedDigits(kMaxCalibratedUnits), " can be calibrated"));
    }
    if (rows_ < 1) return absl::InvalidArgumentError("there are no rows to calibrate with");
    if (auto status = TakeReferences(); !status.ok()) return status;
    if (auto status = CheckRows(); !status.ok()) return status;
    if (auto status = CheckCensus(); !status.ok()) return status;
    if (auto status = TakeCovariances(); !status.ok()) return status;
    result_.baseline.model_digest = options_.model_digest;
    result_.baseline.source = options_.source;
    result_.baseline.created =
        std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    result_.baseline.rows = rows_;
    return std::move(result_);
  }

 private:
  // Calls `take(first, count)` for all rows, in chunks that do not cross a boundary of LayerSums'
  // pieces.
  absl::Status ForEachChunk(absl::FunctionRef<void(std::int64_t first, std::int64_t count)> take) {
    for (std::int64_t first = 0; first < rows_;) {
      if (options_.cancelled && options_.cancelled()) {
        return absl::CancelledError("the calibration was cancelled");
      }
      const std::int64_t piece_left = LayerSums::kPieceRows - first % LayerSums::kPieceRows;
      const std::int64_t count = std::min({chunk_rows_, piece_left, rows_ - first});
      take(first, count);
      rows_done_ += count;
      first += count;
      if (options_.progress) {
        options_.progress(
            std::min(1.0, static_cast<double>(rows_done_) / static_cast<double>(rows_ * passes_)));
      }
    }
    return absl::OkStatus();
  }

  absl::Status TakeReferences();
  absl::Status CheckRows();
  absl::Status CheckCensus();
  absl::Status TakeCovariances();
  absl::Status CompleteTracesOf(std::size_t target, TargetRows& target_rows, Whitened& whitened);

  const Evaluator& evaluator_;
  std::int64_t rows_;
  absl::Span<const float* const> inputs_;
  const CalibrationOptions& options_;
  OutputForm form_;
  std::vector<TargetShape> shapes_;
  RowCensus census_;
  std::int64_t chunk_rows_ = 0;
  std::int64_t passes_ = 0;
  std::int64_t rows_done_ = 0;  // in all passes
  CalibratedBaseline result_;
};

// The first pass: reference values.
absl::Status CalibrationRun::TakeReferences() {
  const Network& network = evaluator_.network();
  Evaluator::Workspace workspace = evaluator_.MakeWorkspace();
  LayerSums layer_sums(network, rows_);
  ValueSums input_sums(shapes_.front().units);
  ValueSums value_sums(form_.is_classifier() ? 0 : form_.width);
  ClassSums class_sums(form_);
  std::vector<std::vector<float>> outputs;
  std::vector<float*> output_pointers;
  for (const NetworkOutput& output : network.outputs()) {
    outputs.emplace_back(static_cast<std::size_t>(chunk_rows_ * network.WidthOf(output)));
    output_pointers.push_back(outputs.back().data());
  }
  absl::Status status = ForEachChunk([&](std::int64_t first, std::int64_t count) {
    std::vector<const float*> inputs;
    std::int64_t at = 0;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const std::int64_t width = network.inputs()[i].width();
      inputs.push_back(inputs_[i] + first * width);
      for (std::int64_t row = 0; row < count; ++row) {
        input_sums.Add(at, {inputs.back() + row * width, static_cast<std::size_t>(width)});
      }
      at += width;
    }
    evaluator_.Evaluate(count, inputs, output_pointers, workspace, layer_sums.activity());
    layer_sums.Advance(count);
    census_.Add(count, inputs, outputs[form_.output].data(), form_.width);
    for (std::int64_t row = 0; row < count; ++row) {
      const absl::Span<const float> values(outputs[form_.output].data() + row * form_.width,
                                           static_cast<std::size_t>(form_.width));
      if (form_.is_classifier()) {
        class_sums.Add(values);
      } else {
        value_sums.Add(0, values);
      }
    }
  });
  if (!status.ok()) return status;
  result_.baseline.inputs = input_sums.Reference();
  if (form_.is_classifier()) {
    result_.baseline.classes = class_sums.Reference();
  } else {
    result_.baseline.values = value_sums.Reference();
  }
  result_.baseline.layers = layer_sums.References();
  return absl::OkStatus();
}

absl::Status CalibrationRun::CheckRows() {
  std::int64_t wanted = kFewCalibrationRows;
  for (const TargetShape& shape : shapes_) {
    const std::int64_t inverted =
        InvertedOf(shape, shape.ComponentsWith(result_.baseline.classes.judged.size()));
    if (rows_ < inverted + 2) {
      return absl::InvalidArgumentError(absl::StrCat("there are ", GroupedDigits(rows_), " rows; ",
                                                     shape.name, " needs at least ",
                                                     GroupedDigits(inverted + 2)));
    }
    wanted = std::max(wanted, 10 * inverted);
  }
  if (rows_ < wanted) {
    result_.warnings.push_back(
        absl::StrCat("a baseline of only ", GroupedDigits(rows_),
                     " rows detects less and may alarm without drift; use at least ",
                     GroupedDigits(wanted), " rows"));
  }
  return absl::OkStatus();
}

// Checks that some rows have finite answers and that the rows differ. Collects warnings about them.
absl::Status CalibrationRun::CheckCensus() {
  if (census_.answered_rows() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "none of ", GroupedDigits(rows_), " rows has a finite answer; ",
        GroupedDigits(census_.not_finite_rows()),
        " have a NaN or an infinity; expected rows like those in requests to the model"));
  }
  if (census_.distinct_rows() == 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "all ", GroupedDigits(rows_), " rows are the same; expected rows that differ"));
  }
  for (std::string& warning : WarningsOf(census_, result_.baseline.inputs)) {
    result_.warnings.push_back(std::move(warning));
  }
  const TargetShape* widest = nullptr;
  std::int64_t most = 0;
  for (const TargetShape& shape : shapes_) {
    const std::int64_t rows_needed =
        InvertedOf(shape, shape.ComponentsWith(result_.baseline.classes.judged.size())) + 2;
    if (rows_needed <= most) continue;
    widest = &shape;
    most = rows_needed;
  }
  if (census_.distinct_rows() < most) {
    result_.warnings.push_back(absl::StrCat(
        "only ", GroupedDigits(census_.distinct_rows()), " of ", GroupedDigits(rows_),
        " rows are distinct; ", widest->name, " needs ", GroupedDigits(most), " distinct rows"));
  }
  return absl::OkStatus();
}

// The other passes: means, covariances and levels.
absl::Status CalibrationRun::TakeCovariances() {
  Baseline& baseline = result_.baseline;
  TargetRows target_rows(evaluator_, form_, baseline, shapes_, inputs_);
  std::vector<CovarianceSums> sums;
  for (const TargetShape& shape : shapes_) {
    sums.emplace_back(shape.ComponentsWith(baseline.classes.judged.size()), shape.panel_units);
  }
  const std::vector<bool> all(shapes_.size(), true);
  absl::Status status = ForEachChunk([&](std::int64_t first, std::int64_t count) {
    const std::vector<RowMatrix>& w = target_rows.Take(first, count, all);
    for (std::size_t i = 0; i < w.size(); ++i) sums[i].Add(w[i]);
  });
  if (!status.ok()) return status;
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    TargetBaseline target;
    target.name = shapes_[i].name;
    target.kind = shapes_[i].kind;
    target.components = shapes_[i].ComponentsWith(baseline.classes.judged.size());
    target.panel_units = shapes_[i].panel_units;
    Whitened whitened = sums[i].Whiten(target);
    if (whitened.hardly_varies && target.kind != TargetKind::kInputs) {
      result_.warnings.push_back(absl::StrCat("more than half of the values of ", target.name,
                                              " are the same for all rows"));
    }
    baseline.targets.push_back(std::move(target));
    if (shapes_[i].panel_units > 0) {
      if (auto traced = CompleteTracesOf(i, target_rows, whitened); !traced.ok()) return traced;
    }
    TargetBaseline& made = baseline.targets.back();
    const std::int64_t inverted = InvertedOf(shapes_[i], made.components);
    PowerTraces& traces = whitened.traces;
    // If nothing ever varied, any change is drift.
    if (traces.first < kNoVariance) traces = {1.0, 1.0, 1.0};
    made.kappa1 = traces.first;
    made.level = LevelOf(traces, rows_, inverted);
    if (!std::isfinite(made.kappa1) || !std::isfinite(made.level)) {
      return absl::InvalidArgumentError(
          absl::StrCat(made.name, " has values that are too large to compare"));
    }
  }
  return absl::OkStatus();
}

absl::Status CalibrationRun::CompleteTracesOf(std::size_t target, TargetRows& target_rows,
                                              Whitened& whitened) {
  const TargetBaseline& target_baseline = result_.baseline.targets[target];
  std::vector<bool> wanted(shapes_.size(), false);
  wanted[target] = true;
  const auto for_each = [&](absl::FunctionRef<void(const RowMatrix&)> take) {
    return ForEachChunk([&](std::int64_t first, std::int64_t count) {
      take(WhitenRows(target_baseline, target_rows.Take(first, count, wanted)[target]));
    });
  };
  const auto times_raises = [&](const Eigen::MatrixXd& x) {
    return TimesWhitenedDiagonal(target_baseline, whitened.raises, x);
  };
  return CompleteTraces(target_baseline.components, rows_, for_each, times_raises, whitened.traces);
}

}  // namespace

absl::StatusOr<CalibratedBaseline> Calibrate(const Evaluator& evaluator, std::int64_t rows,
                                             absl::Span<const float* const> inputs,
                                             const CalibrationOptions& options) {
  return CalibrationRun(evaluator, rows, inputs, options).Run();
}

}  // namespace mlp
