// What a server tells of a model's layers, in the parameter "layers" of its configuration.

#ifndef MLP_CLIENT_LAYER_DESCRIPTION_H_
#define MLP_CLIENT_LAYER_DESCRIPTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// The values that the units of a layer have: the same twice where all have one.
struct UnitRange {
  double smallest = 0.0;
  double largest = 0.0;
};

struct LayerDescription {
  std::string name;
  std::int64_t inputs = 0;
  std::int64_t units = 0;
  std::string activation;
  std::vector<std::pair<std::string, UnitRange>> activation_parameters;  // by name
  std::optional<UnitRange> lower_tail;  // the tail is z <= this; absent where there is none
  std::optional<UnitRange> upper_tail;  // the tail is z >= this
  std::int64_t parameters = 0;
};

// Reads a JSON array with an object for each layer, in the order of evaluation:
//   {"name": "hidden_1", "inputs": 64, "units": 64, "activation": "elu",
//    "activation_parameters": {"alpha": 1.0}, "lower_tail": -4.605, "parameters": 4160}
// The parameters of the activation and the tails may be absent or null, a number, or
// [smallest, largest]. Other members are passed over. INTERNAL ("malformed answer") names the layer
// and the member. Thread-safe.
absl::StatusOr<std::vector<LayerDescription>> ParseLayerDescriptions(absl::string_view json_text);

}  // namespace mlp

#endif  // MLP_CLIENT_LAYER_DESCRIPTION_H_
