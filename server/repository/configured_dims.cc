#include "server/repository/configured_dims.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {

bool AreDimsOf(const std::vector<std::int64_t>& shape, const ConfiguredDims& configured) {
  const std::vector<std::int64_t>& dims = configured.dims;
  if (dims == shape) return true;
  if (dims.size() != shape.size() + 1) return false;
  const bool is_batch = dims.front() == -1 || (configured.max_batch_size == 0 && dims.front() >= 1);
  return is_batch && std::equal(shape.begin(), shape.end(), dims.begin() + 1);
}

std::string DimsDiffer(const std::vector<std::int64_t>& shape, const ConfiguredDims& configured) {
  const std::string differ =
      absl::StrCat("has dims ", ShapeText(configured.dims), "; the model has ", ShapeText(shape));
  if (configured.max_batch_size > 0) {
    return absl::StrCat(differ, ", without the batch, as max_batch_size is ",
                        configured.max_batch_size);
  }
  std::vector<std::int64_t> with_batch = {-1};
  with_batch.insert(with_batch.end(), shape.begin(), shape.end());
  return absl::StrCat(differ, ", or ", ShapeText(with_batch), " with the batch");
}

}  // namespace mlp
