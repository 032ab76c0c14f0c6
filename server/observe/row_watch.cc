#include "server/observe/row_watch.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

namespace mlp {
namespace {

std::vector<std::int64_t> InputWidths(const Network& network) {
  std::vector<std::int64_t> widths;
  for (const TensorSpec& input : network.inputs()) widths.push_back(input.width());
  return widths;
}

absl::Span<const float> ValuesOf(const OutputForm& form, const float* row) {
  return absl::MakeConstSpan(row, static_cast<std::size_t>(form.width));
}

}  // namespace

RowWatch::RowWatch(const Evaluator& evaluator, ActivityWindow window, Clock::time_point now)
    : widths_(InputWidths(evaluator.network())),
      input_values_(std::accumulate(widths_.begin(), widths_.end(), std::int64_t{0})),
      form_(OutputFormOf(evaluator.network())),
      inverse_most_entropy_(1.0 / std::log(static_cast<double>(form_.classes))),
      interval_(evaluator.network(), form_),
      kernel_(ValueKernelOf(evaluator.instruction_set())),
      sample_(widths_),
      confidence_(ShareCounts::Bounds()),
      entropy_(ShareCounts::Bounds()),
      totals_(0, form_),
      judged_(window) {
  totals_.values.clear();
  totals_.value_squares.clear();
  const std::lock_guard lock(mutex_);
  judged_.Restart(now);
  ChooseClasses();
}

void RowWatch::ChooseClasses() {
  classes_ = ChooseShownClasses(form_.classes, class_names_,
                                reference_ == nullptr ? absl::Span<const double>()
                                                      : absl::MakeSpan(reference_->class_shares()));
}

void RowWatch::SetReference(std::shared_ptr<const WatchReference> reference,
                            Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  reference_.swap(reference);
  reference_number_.fetch_add(1, std::memory_order_release);
  judged_.Restart(now);
  ChooseClasses();
}

void RowWatch::SetClassNames(std::vector<std::string> names) {
  const std::lock_guard lock(mutex_);
  class_names_ = std::move(names);
  ChooseClasses();
}

WatchSummary RowWatch::Read() const {
  WatchSummary summary;
  const std::lock_guard lock(mutex_);
  summary.sums = totals_;
  summary.has_reference = reference_ != nullptr;
  summary.classes = classes_;
  // Also under the lock: Add holds it while it adds to them.
  summary.confidence = confidence_.Collect();
  summary.entropy = entropy_.Collect();
  return summary;
}

std::vector<ShownClass> RowWatch::ShownClasses() const {
  const std::lock_guard lock(mutex_);
  return classes_;
}

void RowWatch::SetJudged(bool judged, Clock::time_point now) {
  // Allocated and freed outside the lock.
  FinishedWatchWindow one;
  FinishedWatchWindow other;
  if (judged) {
    const WatchSums empty(input_values_, form_);
    one = JudgedWindow<WatchSums>::Make(empty);
    other = JudgedWindow<WatchSums>::Make(empty);
  }
  const std::lock_guard lock(mutex_);
  if (judged_.is_on() != judged) judged_.Start(one, other, now);
}

bool RowWatch::TakeWindow(Clock::time_point now, FinishedWatchWindow& window) {
  if (window.sub_windows.empty()) {
    window = JudgedWindow<WatchSums>::Make(WatchSums(input_values_, form_));
  } else {
    window.Clear();
  }
  const std::lock_guard lock(mutex_);
  if (!judged_.is_on()) return false;
  judged_.Advance(0, now);
  return judged_.Take(window);
}

void RowWatch::Add(ThreadWatch& thread, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  totals_.Add(thread.sums_);
  thread.confidence_.MoveTo(confidence_);
  thread.entropy_.MoveTo(entropy_);
  const bool is_last =
      thread.reference_number_ == reference_number_.load(std::memory_order_relaxed);
  if (is_last && judged_.is_on()) {
    judged_.current().Add(thread.sums_);
    judged_.Advance(thread.sums_.rows, now);
  }
}

ThreadWatch::ThreadWatch(std::shared_ptr<RowWatch> watch)
    : watch_(std::move(watch)), sums_(watch_->input_values_, watch_->form_) {
  TakeReference();
}

void ThreadWatch::AddUp(RowWatch::Clock::time_point now) {
  if (sums_.rows == 0) return;
  watch_->Add(*this, now);
  sums_.Clear();
}

void ThreadWatch::TakeReference() {
  AddUp(RowWatch::Clock::now());
  const std::lock_guard lock(watch_->mutex_);
  reference_ = watch_->reference_;
  reference_number_ = watch_->reference_number_.load(std::memory_order_relaxed);
}

void ThreadWatch::Look(std::int64_t rows, absl::Span<const float* const> inputs,
                       const float* outputs) {
  // Batches of one size usually follow each other, and most of them are skipped.
  if (rows != last_rows_) {
    last_rows_ = rows;
    last_gap_ = GapAt(watch_->interval_.Of(rows));
  }
  if (++batches_ < last_gap_) return;
  batches_ = 0;
  gap_ = 2.0 * static_cast<double>(random_() - std::minstd_rand::min()) /
         static_cast<double>(std::minstd_rand::max());
  last_gap_ = GapAt(watch_->interval_.Of(rows));
  if (watch_->reference_number_.load(std::memory_order_acquire) != reference_number_) {
    TakeReference();
  }
  sums_.rows += rows;
  watch_->sample_.Add(rows, inputs);
  for (std::int64_t row = 0; row < rows; row += kMaxValueRows) {
    const std::int64_t count = std::min(kMaxValueRows, rows - row);
    WatchInputs(count, row, inputs);
    WatchOutputs(count, outputs + row * watch_->form_.width);
  }
}

void ThreadWatch::WatchInputs(std::int64_t rows, std::int64_t first_row,
                              absl::Span<const float* const> inputs) {
  bool outside[kMaxValueRows] = {};
  std::int64_t first = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::int64_t width = watch_->widths_[i];
    const float* x = inputs[i] + first_row * width;
    if (reference_ != nullptr) {
      watch_->kernel_.add(x, width, rows, width, reference_->InputsFrom(first),
                          sums_.inputs.data() + first, sums_.input_squares.data() + first, outside);
    } else {
      watch_->kernel_.find_outside(x, width, rows, width, -FLT_MAX, FLT_MAX, outside);
    }
    first += width;
  }
  for (std::int64_t row = 0; row < rows; ++row) {
    if (outside[row]) CountFaults(first_row + row, inputs);
  }
}

void ThreadWatch::CountFaults(std::int64_t row, absl::Span<const float* const> inputs) {
  unsigned faults = 0;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::int64_t width = watch_->widths_[i];
    ReferenceView bounds = {};
    if (reference_ != nullptr) bounds = reference_->InputsFrom(first);
    faults |=
        watch_->kernel_.faults(inputs[i] + row * width, width, bounds.minimum, bounds.maximum);
    first += width;
  }
  sums_.out_of_range_rows += (faults & kHasOutOfRange) != 0 ? 1 : 0;
  sums_.missing_rows += (faults & kHasMissing) != 0 ? 1 : 0;
  sums_.not_finite_rows += (faults & kHasInfinity) != 0 ? 1 : 0;
}

void ThreadWatch::WatchOutputs(std::int64_t rows, const float* outputs) {
  const OutputForm& form = watch_->form_;
  if (!form.is_classifier()) {
    if (reference_ == nullptr) return;
    bool outside[kMaxValueRows] = {};  // not used
    watch_->kernel_.add(outputs, form.width, rows, form.width, reference_->Values(),
                        sums_.values.data(), sums_.value_squares.data(), outside);
    return;
  }
  const bool probabilities = form.scores == OutputScores::kProbabilities;
  if (probabilities || form.scores == OutputScores::kLogits ||
      form.scores == OutputScores::kLogProbabilities) {
    RowScores scores[kMaxValueRows];
    (probabilities ? watch_->kernel_.of_probabilities : watch_->kernel_.of_logits)(
        outputs, rows, form.width, scores);
    for (std::int64_t row = 0; row < rows; ++row) {
      Count(PredictionBy(scores[row], probabilities, outputs + row * form.width));
    }
    return;
  }
  for (std::int64_t row = 0; row < rows; ++row) {
    Count(PredictionOf(form, ValuesOf(form, outputs + row * form.width)));
  }
}

// Like PredictionOf, within rounding.
std::optional<Prediction> ThreadWatch::PredictionBy(const RowScores& scores, bool probabilities,
                                                    const float* outputs) const {
  const OutputForm& form = watch_->form_;
  // Rare: NaN, infinities, or outputs that are not probabilities.
  if (!(scores.sum > 1e-3F && scores.sum < 1e30F) || !std::isfinite(scores.weighed) ||
      !std::isfinite(scores.greatest)) {
    return PredictionOf(form, ValuesOf(form, outputs));
  }
  const double sum = scores.sum;
  const double likeliest = probabilities ? scores.greatest : 1.0;
  const double entropy = std::log(sum) - scores.weighed / sum;
  return Prediction{scores.predicted, likeliest / sum,
                    std::max(0.0, entropy * watch_->inverse_most_entropy_)};
}

void ThreadWatch::Count(const std::optional<Prediction>& prediction) {
  if (!prediction.has_value()) return;
  ++sums_.predicted_rows;
  ++sums_.predicted[static_cast<std::size_t>(prediction->predicted)];
  sums_.confidence += prediction->confidence;
  confidence_.Observe(prediction->confidence);
  entropy_.Observe(prediction->entropy);
}

}  // namespace mlp
