// The layers of model.json.

#ifndef MLP_MODEL_FORMATS_NATIVE_LAYER_DOCUMENT_H_
#define MLP_MODEL_FORMATS_NATIVE_LAYER_DOCUMENT_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/formats/io/json_object.h"
#include "model/formats/native/document.h"

namespace mlp {

// Reads an element of "layers" at `pointer`. The errors are those of ParseNativeDocument.
absl::StatusOr<NativeLayer> ReadNativeLayer(const nlohmann::json& value,
                                            const std::string& pointer);

// The name at `key`, if given.
absl::StatusOr<std::optional<std::string>> OptionalString(JsonObject& object,
                                                          absl::string_view key);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_LAYER_DOCUMENT_H_
