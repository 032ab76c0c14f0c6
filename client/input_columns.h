// Where a model's inputs stand among the columns of its rows: side by side, in the metadata's
// order.

#ifndef MLP_CLIENT_INPUT_COLUMNS_H_
#define MLP_CLIENT_INPUT_COLUMNS_H_

#include <cstdint>
#include <optional>

#include "client/client.h"
#include "client/text_columns.h"

namespace mlp {

// Whether its elements are texts: its datatype is BYTES.
inline bool TakesTexts(const TensorMetadata& input) { return input.datatype == "BYTES"; }

// The elements of one row of `input`; nothing where any number goes. Thread-safe.
std::optional<std::int64_t> WidthOf(const TensorMetadata& input);

// The columns of the inputs of texts. A single input has all columns, however many there are; of
// several, those behind one of any width are not known and left out. Thread-safe.
TextColumns TextColumnsOf(const ModelMetadata& model);

}  // namespace mlp

#endif  // MLP_CLIENT_INPUT_COLUMNS_H_
