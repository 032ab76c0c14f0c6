// Reads a tensor's `data` in JSON into the bytes of a raw tensor.

#ifndef MLP_SERVER_REST_JSON_VALUES_H_
#define MLP_SERVER_REST_JSON_VALUES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/datatype.h"
#include "server/rest/json_parser.h"

namespace mlp {

// The input that the values are for.
struct ValuesTarget {
  absl::string_view name;  // of the input
  Datatype datatype;
  absl::Span<const std::int64_t> shape;  // one or more dimensions, none negative
};

// Appends the values, row by row, to `raw`, which must be empty. `data` is flat, or nested like the
// shape. An FP32 or FP64 is the value nearest to the text; an FP16 or BF16 is the value nearest to
// that FP32. null becomes NaN. INVALID_ARGUMENT if the count or the nesting does not fit the shape,
// or if a value has another type or is out of the datatype's range.
absl::Status ReadJsonValues(simdjson::ondemand::array data, const ValuesTarget& target,
                            std::string& raw);

}  // namespace mlp

#endif  // MLP_SERVER_REST_JSON_VALUES_H_
