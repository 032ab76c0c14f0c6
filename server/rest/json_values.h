// Reads the `data` of a tensor in JSON into the bytes that a raw tensor has.

#ifndef MLP_SERVER_REST_JSON_VALUES_H_
#define MLP_SERVER_REST_JSON_VALUES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/datatype.h"
#include "server/rest/json_parser.h"

namespace mlp {

// What the values are for.
struct ValuesTarget {
  absl::string_view name;  // of the input
  Datatype datatype;
  absl::Span<const std::int64_t> shape;  // of one dimension or more, none of them negative
};

// Appends the values to `raw`, which is empty: flat or nested as the shape is, row by row. FP32 and
// FP64 are the nearest to what is written, FP16 and BF16 to the nearest FP32; null is NaN.
// INVALID_ARGUMENT for another count or nesting than the shape's, for values of another type and
// those beyond the datatype's range.
absl::Status ReadJsonValues(simdjson::ondemand::array data, const ValuesTarget& target,
                            std::string& raw);

}  // namespace mlp

#endif  // MLP_SERVER_REST_JSON_VALUES_H_
