// Handlers of the insight calls.

#ifndef MLP_SERVER_INSIGHT_CALLS_H_
#define MLP_SERVER_INSIGHT_CALLS_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/insight/insight.h"
#include "server/insight/status.h"
#include "server/rpc/insight_handlers.h"

namespace mlp {

// `insight` must outlive every use of the handlers.
InsightHandlers HandlersOf(Insight& insight);

// /status.json for the versions of `model`, or of all models if `model` is empty. NOT_FOUND for an
// unknown model. Thread-safe.
absl::StatusOr<std::string> StatusJsonOf(Status status, const std::string& model);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_CALLS_H_
