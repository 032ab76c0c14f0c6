// A baseline for people to read.

#ifndef MLP_CLIENT_BASELINE_TEXT_H_
#define MLP_CLIENT_BASELINE_TEXT_H_

#include <string>

#include "client/client.h"

namespace mlp {

// What it was made of, then a table: for each layer the components that are judged, the level that
// their statistic is judged by, and the reference values. Thread-safe.
std::string BaselineText(const BaselineFile& baseline);

}  // namespace mlp

#endif  // MLP_CLIENT_BASELINE_TEXT_H_
