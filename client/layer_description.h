// A server's description of a model's layers, from the parameter "layers" of its configuration.

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

// The range of a value over a layer's units; smallest and largest are equal if all units agree.
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
  std::optional<UnitRange> lower_tail;  // the tail is z <= this; absent if there is none
  std::optional<UnitRange> upper_tail;  // the tail is z >= this
  std::int64_t parameters = 0;
};

// Reads a JSON array with one object per layer, in the order of evaluation:
//   {"name": "hidden_1", "inputs": 64, "units": 64, "activation": "elu",
//    "activation_parameters": {"alpha": 1.0}, "lower_tail": -4.605, "parameters": 4160}
// The activation's parameters and the tails may be absent, null, a number, or [smallest, largest].
// Other members are ignored. INTERNAL ("malformed answer") names the layer and member. Thread-safe.
absl::StatusOr<std::vector<LayerDescription>> ParseLayerDescriptions(absl::string_view json_text);

}  // namespace mlp

#endif  // MLP_CLIENT_LAYER_DESCRIPTION_H_
