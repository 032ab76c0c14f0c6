// Writes a model's answer as a table, JSON, CSV, or a .npy or .npz file.
//
// Every function is thread-safe. `model` is the metadata of the model that answered. It has the
// names of the classes.

#ifndef MLP_CLIENT_ANSWER_WRITER_H_
#define MLP_CLIENT_ANSWER_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/classification.h"
#include "client/client.h"

namespace mlp {

enum class AnswerFormat { kTable, kJson, kCsv, kNpy, kNpz, kNone };

// One line per row: its number from 0, the class with the highest score (unless the labels give
// it), its true class (if `classes` is not empty), then the values of each output, shortened to
// about four digits and to the first sixteen values. An output with named classes has one column
// per class. `answer` is FindClasses of `result`; `classes` is empty or has one entry per row.
std::string AnswerTable(const InferResult& result, const ModelMetadata& model,
                        const ClassifierAnswer& answer, const TrueClasses& classes);

// {"model": ..., "version": ..., "outputs": {name: [[...], ...], ...}}. Each output is nested like
// its shape, one line per row. Every number has the digits that read back as the same float. NaN
// and the infinities, which JSON lacks, are null. If classes have names, there is also "classes":
// {name: [...]}.
std::string AnswerJson(const InferResult& result, const ModelMetadata& model);

// A header line, then one line per row. A column is named after its output, followed by ":class" or
// ":index" if the output has several columns. NaN is an empty field.
std::string AnswerCsv(const InferResult& result, const ModelMetadata& model);

// The answer's only output, in its own datatype; texts are <U. INVALID_ARGUMENT if there are
// several outputs, RESOURCE_EXHAUSTED if the file would exceed 4 GiB.
absl::StatusOr<std::string> AnswerNpy(const InferResult& result);

// All outputs by name, and the names of their classes as "NAME.classes". RESOURCE_EXHAUSTED if the
// file would exceed 4 GiB.
absl::StatusOr<std::string> AnswerNpz(const InferResult& result, const ModelMetadata& model);

}  // namespace mlp

#endif  // MLP_CLIENT_ANSWER_WRITER_H_
