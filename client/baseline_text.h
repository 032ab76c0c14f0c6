// Formats a baseline for people.

#ifndef MLP_CLIENT_BASELINE_TEXT_H_
#define MLP_CLIENT_BASELINE_TEXT_H_

#include <string>

#include "client/client.h"

namespace mlp {

// What the baseline was made from, then a table with one row per layer: the number of judged
// components, the level of their statistic, and the reference values. Thread-safe.
std::string BaselineText(const BaselineFile& baseline);

}  // namespace mlp

#endif  // MLP_CLIENT_BASELINE_TEXT_H_
