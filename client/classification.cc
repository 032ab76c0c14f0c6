#include "client/classification.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <unordered_set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/npy.h"

namespace mlp {
namespace {

constexpr std::size_t kMaxShownClasses = 8;

bool IsScores(const Tensor& tensor) {
  return tensor.integers.empty() && tensor.strings.empty() &&
         (absl::StartsWith(tensor.datatype, "FP") || tensor.datatype == "BF16");
}

// Whether the tensor has one element per row.
bool IsLabels(const Tensor& tensor) {
  if (IsScores(tensor)) return false;
  return std::all_of(tensor.shape.begin() + 1, tensor.shape.end(),
                     [](std::int64_t length) { return length == 1; });
}

const Tensor* FindScores(const InferResult& result, const ModelMetadata& model) {
  const auto named = [&](absl::string_view name) -> const Tensor* {
    for (const Tensor& output : result.outputs) {
      if (output.name == name && IsScores(output)) return &output;
    }
    return nullptr;
  };
  // The usual names from exporters; the last is skl2onnx's.
  for (const absl::string_view name : {"probabilities", "output_probability"}) {
    if (const Tensor* const scores = named(name)) return scores;
  }
  for (const Tensor& output : result.outputs) {
    if (IsScores(output) && !ClassNamesOf(model, output.name).empty()) return &output;
  }
  return named("logits");
}

std::string LabelOf(const Tensor& labels, std::int64_t row) {
  const auto index = static_cast<std::size_t>(row);
  return labels.strings.empty() ? absl::StrCat(labels.integers[index]) : labels.strings[index];
}

// The first row whose true class is not in `names`, or the number of rows.
std::int64_t FirstUnknownClass(const std::vector<std::string>& names, const TrueClasses& classes) {
  const std::unordered_set<std::string> known(names.begin(), names.end());
  std::int64_t row = 0;
  while (row < classes.size() && known.count(classes.NameOf(row)) > 0) ++row;
  return row;
}

bool AreAmong(const std::vector<std::string>& names, const TrueClasses& classes) {
  return !names.empty() && FirstUnknownClass(names, classes) == classes.size();
}

template <typename Answer>
std::int64_t CountEqual(const TrueClasses& classes, const Answer& answer) {
  std::int64_t right = 0;
  for (std::int64_t row = 0; row < classes.size(); ++row) {
    if (answer(row) == classes.NameOf(row)) ++right;
  }
  return right;
}

std::int64_t WidthOf(const Tensor& tensor) {
  std::int64_t width = 1;
  for (const std::int64_t length : absl::MakeSpan(tensor.shape).subspan(1)) width *= length;
  return width;
}

std::string ListOf(const std::vector<std::string>& names) {
  const absl::Span<const std::string> shown = absl::MakeSpan(names).subspan(0, kMaxShownClasses);
  return absl::StrCat("'", absl::StrJoin(shown, "', '"), "'",
                      shown.size() < names.size()
                          ? absl::StrCat(" and ", names.size() - shown.size(), " more")
                          : "");
}

absl::Status NoClass(const TrueClasses& classes, std::int64_t row, const std::string& expected) {
  const std::string name = classes.NameOf(row);
  return absl::InvalidArgumentError(
      absl::StrCat("label ", classes.strings.empty() ? name : absl::StrCat("'", name, "'"),
                   " of row ", row, "; ", expected));
}

// Treats the true classes as indices of scores.
absl::StatusOr<std::int64_t> CountRightIndices(const ClassifierAnswer& answer,
                                               const TrueClasses& classes) {
  const std::int64_t width = WidthOf(*answer.scores);
  std::int64_t right = 0;
  for (std::int64_t row = 0; row < classes.size(); ++row) {
    const std::int64_t label = classes.integers[static_cast<std::size_t>(row)];
    if (label < 0 || label >= width) {
      return NoClass(
          classes, row,
          absl::StrCat("output '", answer.scores->name, "' has classes 0 to ", width - 1));
    }
    if (ArgMax(RowOf(*answer.scores, row)) == label) ++right;
  }
  return right;
}

}  // namespace

std::string ClassifierAnswer::BestClass(std::int64_t row) const {
  const auto best = static_cast<std::size_t>(ArgMax(RowOf(*scores, row)));
  return best < score_names.size() ? score_names[best] : absl::StrCat(best);
}

bool ClassifierAnswer::ScoresTellMore() const {
  if (scores == nullptr || decides_each) return false;
  return labels == nullptr || (!score_names.empty() && score_names != label_names);
}

ClassifierAnswer FindClasses(const InferResult& result, const ModelMetadata& model) {
  ClassifierAnswer answer;
  answer.scores = FindScores(result, model);
  if (answer.scores != nullptr) answer.score_names = ClassNamesOf(model, answer.scores->name);
  for (const Tensor& output : result.outputs) {
    answer.decides_each |= !IsScores(output) && answer.scores != nullptr && !IsLabels(output) &&
                           output.strings.empty() && output.shape == answer.scores->shape;
  }
  const auto labels = std::find_if(result.outputs.begin(), result.outputs.end(), IsLabels);
  if (labels != result.outputs.end()) {
    answer.labels = &*labels;
    answer.label_names = ClassNamesOf(model, labels->name);
  }
  return answer;
}

std::vector<std::string> ClassNamesOf(const ModelMetadata& model, absl::string_view name) {
  for (const TensorMetadata& output : model.outputs) {
    if (output.name == name) return output.class_names;
  }
  return {};
}

std::int64_t TrueClasses::size() const {
  return static_cast<std::int64_t>(integers.size() + strings.size());
}

std::string TrueClasses::NameOf(std::int64_t row) const {
  const auto index = static_cast<std::size_t>(row);
  return strings.empty() ? absl::StrCat(integers[index]) : strings[index];
}

absl::StatusOr<TrueClasses> ReadTrueClasses(absl::string_view npy) {
  TrueClasses classes;
  if (HoldsStrings(npy)) {
    absl::StatusOr<NpyArray<std::string>> strings = ReadNpyStrings(npy);
    if (!strings.ok()) return strings.status();
    classes.strings = std::move(strings->values);
    return classes;
  }
  absl::StatusOr<NpyArray<std::int64_t>> integers = ReadNpyIntegers(npy);
  if (!integers.ok()) return integers.status();
  classes.integers = std::move(integers->values);
  return classes;
}

absl::Span<const float> RowOf(const Tensor& tensor, std::int64_t row) {
  const std::size_t width = tensor.values.size() / static_cast<std::size_t>(tensor.shape[0]);
  return absl::MakeConstSpan(tensor.values).subspan(static_cast<std::size_t>(row) * width, width);
}

std::int64_t ArgMax(absl::Span<const float> scores) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < scores.size(); ++i) {
    if (scores[i] > scores[best] || (std::isnan(scores[best]) && !std::isnan(scores[i]))) best = i;
  }
  return static_cast<std::int64_t>(best);
}

absl::StatusOr<std::int64_t> CountRight(const ClassifierAnswer& answer,
                                        const TrueClasses& classes) {
  const Tensor* const output = answer.labels != nullptr ? answer.labels : answer.scores;
  if (output == nullptr) {
    return absl::InvalidArgumentError("the answer has no output of labels or scores to compare");
  }
  if (const std::int64_t rows = output->shape[0]; classes.size() != rows) {
    return absl::InvalidArgumentError(
        absl::StrCat(classes.size(), " labels for ", rows, " rows; expected one for each row"));
  }
  if (answer.labels != nullptr) {
    // Without class names, the answers are all that is known about the labels.
    const bool comparable = answer.label_names.empty()
                                ? classes.strings.empty() == answer.labels->strings.empty()
                                : AreAmong(answer.label_names, classes);
    if (comparable) {
      return CountEqual(classes, [&](std::int64_t row) { return LabelOf(*answer.labels, row); });
    }
  }
  if (answer.scores != nullptr) {
    if (AreAmong(answer.score_names, classes)) {
      return CountEqual(classes, [&](std::int64_t row) { return answer.BestClass(row); });
    }
    if (classes.strings.empty()) return CountRightIndices(answer, classes);
  }
  const bool by_labels = !answer.label_names.empty();
  const std::vector<std::string>& names = by_labels ? answer.label_names : answer.score_names;
  if (names.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the labels are ", classes.strings.empty() ? "integers" : "texts",
                     ", and output '", output->name, "' has ",
                     answer.labels != nullptr
                         ? (classes.strings.empty() ? "texts" : "integers")
                         : absl::StrCat("classes 0 to ", WidthOf(*output) - 1, " without names")));
  }
  return NoClass(classes, FirstUnknownClass(names, classes),
                 absl::StrCat("output '", (by_labels ? answer.labels : answer.scores)->name,
                              "' has the classes ", ListOf(names)));
}

std::int64_t TrueIndex(const ClassifierAnswer& answer, const TrueClasses& classes,
                       std::int64_t row) {
  const std::vector<std::string>* names = &answer.score_names;
  if (!AreAmong(*names, classes)) names = &answer.label_names;
  if (AreAmong(*names, classes)) {
    return std::find(names->begin(), names->end(), classes.NameOf(row)) - names->begin();
  }
  return classes.strings.empty() ? classes.integers[static_cast<std::size_t>(row)] : -1;
}

std::string FormatAccuracy(std::int64_t right, std::int64_t rows) {
  if (rows == 0) return "accuracy 0/0";
  return absl::StrFormat("accuracy %d/%d = %.1f %%", right, rows,
                         100.0 * static_cast<double>(right) / static_cast<double>(rows));
}

}  // namespace mlp
