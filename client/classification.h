// Reads a classifier's answer: which class each row is, and how often that is right.
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

// What an answer says of classes. Points into the answer.
struct ClassifierAnswer {
  // The output that scores the classes, or null: "probabilities", else one whose classes have
  // names, else "logits".
  const Tensor* scores = nullptr;

  // The output that gives each row's label, or null: the first of integers or texts with one for
  // each row.
  const Tensor* labels = nullptr;

  // The names of the classes of each; none where the server does not tell.
  std::vector<std::string> score_names;
  std::vector<std::string> label_names;

  // The name of the class of `row` that has the highest score, or its index where it has none.
  // REQUIRES: scores is not null.
  std::string BestClass(std::int64_t row) const;

  // Whether the answer decides on each class by itself, as for several labels a row: then none of
  // them is the class of the row.
  bool decides_each = false;

  // Whether BestClass says something that the labels do not.
  bool ScoresTellMore() const;
};

ClassifierAnswer FindClasses(const InferResult& result, const ModelMetadata& model);

// The names of the classes of output `name`; none where `model` has no such output.
std::vector<std::string> ClassNamesOf(const ModelMetadata& model, absl::string_view name);

// The classes that rows truly have, one for each, in one of the two forms.
struct TrueClasses {
  std::vector<std::int64_t> integers;
  std::vector<std::string> strings;

  bool empty() const { return integers.empty() && strings.empty(); }
  std::int64_t size() const;

  // As a text; REQUIRES: 0 <= row < size().
  std::string NameOf(std::int64_t row) const;
};

// Reads a .npy file of integers or texts. Errors as ReadNpyIntegers and ReadNpyStrings.
absl::StatusOr<TrueClasses> ReadTrueClasses(absl::string_view npy);

// The values of one row of `tensor`, which has rows. `row` is in [0, tensor.shape[0]).
absl::Span<const float> RowOf(const Tensor& tensor, std::int64_t row);

// The index of the largest value, of the first where several are; a NaN is never the largest. 0 if
// all are NaN. `scores` is not empty.
std::int64_t ArgMax(absl::Span<const float> scores);

// How many rows have their true class as their answer. The true classes are labels of the output
// of labels, or names of the classes that are scored, or else their indices, whichever they all
// are. INVALID_ARGUMENT if they and the rows differ in number, or one of them is no class.
absl::StatusOr<std::int64_t> CountRight(const ClassifierAnswer& answer, const TrueClasses& classes);

// The index that the true class of `row` has among the scores, or -1.
std::int64_t TrueIndex(const ClassifierAnswer& answer, const TrueClasses& classes,
                       std::int64_t row);

// "accuracy 350/360 = 97.2 %", or "accuracy 0/0".
std::string FormatAccuracy(std::int64_t right, std::int64_t rows);

}  // namespace mlp

#endif  // MLP_CLIENT_CLASSIFICATION_H_
