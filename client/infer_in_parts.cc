#include "client/infer_in_parts.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

template <typename Element>
void Append(const std::vector<Element>& tail, std::vector<Element>& whole) {
  whole.insert(whole.end(), tail.begin(), tail.end());
}

// Whether `part` continues `whole`: it has the same outputs with rows of the same shape.
bool Continues(const InferResult& whole, const InferResult& part) {
  return std::equal(whole.outputs.begin(), whole.outputs.end(), part.outputs.begin(),
                    part.outputs.end(), [](const Tensor& a, const Tensor& b) {
                      return a.name == b.name && a.datatype == b.datatype &&
                             std::equal(a.shape.begin() + 1, a.shape.end(), b.shape.begin() + 1,
                                        b.shape.end());
                    });
}

}  // namespace

absl::StatusOr<InferResult> InferInParts(const Client& client, const ModelMetadata& model,
                                         std::int64_t rows, absl::Span<const float> values,
                                         const std::vector<std::string>& outputs,
                                         std::int64_t rows_per_request,
                                         absl::Span<const std::string> texts) {
  if (rows_per_request < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("rows per request is ", rows_per_request, "; expected 0 or more"));
  }
  const auto count = static_cast<std::int64_t>(values.size());
  const auto text_count = static_cast<std::int64_t>(texts.size());
  if (rows_per_request == 0 || rows <= rows_per_request || rows <= 0 || count % rows != 0 ||
      text_count % rows != 0) {
    return client.Infer(model, rows, values, outputs, texts);
  }
  const std::int64_t width = count / rows;
  const std::int64_t text_width = text_count / rows;
  ModelMetadata asked = model;
  InferResult whole;
  for (std::int64_t first = 0; first < rows; first += rows_per_request) {
    const std::int64_t part_rows = std::min(rows_per_request, rows - first);
    absl::StatusOr<InferResult> part =
        client.Infer(asked, part_rows, values.subspan(first * width, part_rows * width), outputs,
                     texts.subspan(first * text_width, part_rows * text_width));
    if (!part.ok()) return part.status();
    if (first == 0) {
      whole = *std::move(part);
      asked.requested_version = whole.version;
      continue;
    }
    if (!Continues(whole, *part)) {
      return absl::InternalError(
          absl::StrCat("malformed answer: the outputs from row ", first,
                       " on differ in name, datatype or shape from those of the rows before"));
    }
    for (std::size_t i = 0; i < whole.outputs.size(); ++i) {
      const Tensor& tail = part->outputs[i];
      whole.outputs[i].shape[0] += tail.shape[0];
      Append(tail.values, whole.outputs[i].values);
      Append(tail.integers, whole.outputs[i].integers);
      Append(tail.strings, whole.outputs[i].strings);
    }
  }
  return whole;
}

}  // namespace mlp
