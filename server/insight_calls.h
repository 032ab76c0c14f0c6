// What the calls of insight are answered with.

#ifndef MLP_SERVER_INSIGHT_CALLS_H_
#define MLP_SERVER_INSIGHT_CALLS_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/insight/insight.h"
#include "server/insight/status.h"
#include "server/rpc/insight_handlers.h"

namespace mlp {

// `insight` must outlive what uses them.
InsightHandlers HandlersOf(Insight& insight);

// The text of /status.json of the versions of `model` or, where that is empty, of all models.
// NOT_FOUND for an unknown model. Thread-safe.
absl::StatusOr<std::string> StatusJsonOf(Status status, const std::string& model);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_CALLS_H_
