// The position of a model's inputs in the columns of its rows: one after the other, in the
// metadata's order.

#ifndef MLP_CLIENT_INPUT_COLUMNS_H_
#define MLP_CLIENT_INPUT_COLUMNS_H_

#include <cstdint>
#include <optional>

#include "client/client.h"
#include "client/text_columns.h"

namespace mlp {

// Whether the input's elements are texts: its datatype is BYTES.
inline bool TakesTexts(const TensorMetadata& input) { return input.datatype == "BYTES"; }

// The elements in one row of `input`; nullopt if any number is allowed. Thread-safe.
std::optional<std::int64_t> WidthOf(const TensorMetadata& input);

// The columns of the text inputs. A single input has all columns, whatever their number. With
// several inputs, those after one of any width have unknown positions and are left out.
// Thread-safe.
TextColumns TextColumnsOf(const ModelMetadata& model);

}  // namespace mlp

#endif  // MLP_CLIENT_INPUT_COLUMNS_H_
