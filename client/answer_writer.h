// Writes a model's answer as a table, as JSON, as CSV or as a .npy or .npz file.
//
// Every function is thread-safe. `model` is what the server told of the model that answered: it has
// the names of classes.

#ifndef MLP_CLIENT_ANSWER_WRITER_H_
#define MLP_CLIENT_ANSWER_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/classification.h"
#include "client/client.h"

namespace mlp {

enum class AnswerFormat { kTable, kJson, kCsv, kNpy, kNpz, kNone };

// A line for each row: its number from 0, the class with the highest score (where the labels do not
// tell it), its true class (where `classes` is not empty), then each output's values, shortened to
// about four digits and to the first sixteen values. An output whose classes have names has a
// column for each. `answer` is FindClasses of `result`; `classes` is empty or has one for each row.
std::string AnswerTable(const InferResult& result, const ModelMetadata& model,
                        const ClassifierAnswer& answer, const TrueClasses& classes);

// {"model": ..., "version": ..., "outputs": {name: [[...], ...], ...}}, each output nested as its
// shape is, a line for each row; every number with the digits that give the same float back. NaN
// and the infinities, which JSON lacks, are null. Where classes have names there is "classes":
// {name: [...]} too.
std::string AnswerJson(const InferResult& result, const ModelMetadata& model);

// A line with the columns' names, then one for each row. A column is called as its output, with
// ":class" or ":index" behind it where the output has several. NaN is an empty field.
std::string AnswerCsv(const InferResult& result, const ModelMetadata& model);

// The answer's one output, in its own datatype; texts are <U. INVALID_ARGUMENT where it has
// several, RESOURCE_EXHAUSTED where that would be more than 4 GiB.
absl::StatusOr<std::string> AnswerNpy(const InferResult& result);

// All outputs by their names, and the names of their classes as "NAME.classes". RESOURCE_EXHAUSTED
// where that would be more than 4 GiB.
absl::StatusOr<std::string> AnswerNpz(const InferResult& result, const ModelMetadata& model);

}  // namespace mlp

#endif  // MLP_CLIENT_ANSWER_WRITER_H_
