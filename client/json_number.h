// Numbers in JSON, which has neither infinity nor NaN.

#ifndef MLP_CLIENT_JSON_NUMBER_H_
#define MLP_CLIENT_JSON_NUMBER_H_

#include <cmath>
#include <nlohmann/json.hpp>

namespace mlp {

// `number`, or null if it is not finite. Thread-safe.
inline nlohmann::ordered_json NumberOrNull(double number) {
  if (std::isfinite(number)) return number;
  return nullptr;
}

}  // namespace mlp

#endif  // MLP_CLIENT_JSON_NUMBER_H_
