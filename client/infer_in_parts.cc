#include "client/infer_in_parts.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// Whether `part` continues `whole`: the same outputs with the same values in a row.
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
  if (rows_per_request == 0 || rows <= rows_per_request || count % rows != 0) {
    return client.Infer(model, rows, values, outputs, texts);
  }
  const std::int64_t width = count / rows;
  ModelMetadata asked = model;
  InferResult whole;
  for (std::int64_t first = 0; first < rows; first += rows_per_request) {
    const std::int64_t part_rows = std::min(rows_per_request, rows - first);
    absl::StatusOr<InferResult> part =
        client.Infer(asked, part_rows, values.subspan(first * width, part_rows * width), outputs,
                     texts.empty() ? texts : texts.subspan(first * width, part_rows * width));
    if (!part.ok()) return part.status();
    if (first == 0) {
      whole = *std::move(part);
      asked.requested_version = whole.version;
      continue;
    }
    if (!Continues(whole, *part)) {
      return absl::InternalError(
          absl::StrCat("malformed answer: the outputs from row ", first,
                       " on differ in name or shape from those of the rows before"));
    }
    for (std::size_t i = 0; i < whole.outputs.size(); ++i) {
      const Tensor& tail = part->outputs[i];
      whole.outputs[i].shape[0] += tail.shape[0];
      whole.outputs[i].values.insert(whole.outputs[i].values.end(), tail.values.begin(),
                                     tail.values.end());
      whole.outputs[i].texts.insert(whole.outputs[i].texts.end(), tail.texts.begin(),
                                    tail.texts.end());
    }
  }
  return whole;
}

}  // namespace mlp
