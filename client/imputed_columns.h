// Which columns of a model's rows have missing values filled in by the model.

#ifndef MLP_CLIENT_IMPUTED_COLUMNS_H_
#define MLP_CLIENT_IMPUTED_COLUMNS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "client/client.h"

namespace mlp {

// Whether the model imputes a NaN in `column` (from 0, over all inputs in order), according to the
// parameter "layers" of its configuration. False if that does not say. Thread-safe.
bool IsImputed(const ModelMetadata& model, absl::string_view layers_json, std::int64_t column);

}  // namespace mlp

#endif  // MLP_CLIENT_IMPUTED_COLUMNS_H_
