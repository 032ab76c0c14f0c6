// Reads a classifier's answer: the class of each row, and how often it is right.
//
// Every function is thread-safe.

#ifndef MLP_CLIENT_CLASSIFICATION_H_
#define MLP_CLIENT_CLASSIFICATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/client.h"

namespace mlp {

// What an answer says about classes. Points into the answer.
struct ClassifierAnswer {
  // The output with the classes' scores, or null: "probabilities", otherwise one with named
  // classes, otherwise "logits".
  const Tensor* scores = nullptr;

  // The output with each row's label, or null: the first of integers or texts with one element per
  // row.
  const Tensor* labels = nullptr;

  // The class names of each; empty if the server does not give any.
  std::vector<std::string> score_names;
  std::vector<std::string> label_names;

  // The name of the class with the highest score in `row`, or its index if it has no name.
  // REQUIRES: scores is not null.
  std::string BestClass(std::int64_t row) const;

  // Whether the answer decides on each class separately, as with several labels per row. Then a row
  // has no single class.
  bool decides_each = false;

  // Whether BestClass tells more than the labels.
  bool ScoresTellMore() const;
};

ClassifierAnswer FindClasses(const InferResult& result, const ModelMetadata& model);

// The class names of output `name`; empty if `model` has no such output.
std::vector<std::string> ClassNamesOf(const ModelMetadata& model, absl::string_view name);

// The true classes of rows, one per row, in one of the two forms.
struct TrueClasses {
  std::vector<std::int64_t> integers;
  std::vector<std::string> strings;

  bool empty() const { return integers.empty() && strings.empty(); }
  std::int64_t size() const;

  // As text. REQUIRES: 0 <= row < size().
  std::string NameOf(std::int64_t row) const;
};

// Reads a .npy file of integers or texts. Errors are those of ReadNpyIntegers and ReadNpyStrings.
absl::StatusOr<TrueClasses> ReadTrueClasses(absl::string_view npy);

// The values of one row of `tensor`, which has rows. `row` is in [0, tensor.shape[0]).
absl::Span<const float> RowOf(const Tensor& tensor, std::int64_t row);

// The index of the largest value, or of the first of several. A NaN is never the largest; 0 if all
// are NaN. `scores` must not be empty.
std::int64_t ArgMax(absl::Span<const float> scores);

// The number of rows whose answer is their true class. The true classes may be labels of the label
// output, names of the scored classes, or indices of the scored classes; all must be of one kind.
// INVALID_ARGUMENT if their number differs from the rows', or if one is not a class.
absl::StatusOr<std::int64_t> CountRight(const ClassifierAnswer& answer, const TrueClasses& classes);

// The index of the true class of `row` among the scores, or -1.
std::int64_t TrueIndex(const ClassifierAnswer& answer, const TrueClasses& classes,
                       std::int64_t row);

// "accuracy 350/360 = 97.2 %", or "accuracy 0/0".
std::string FormatAccuracy(std::int64_t right, std::int64_t rows);

}  // namespace mlp

#endif  // MLP_CLIENT_CLASSIFICATION_H_
