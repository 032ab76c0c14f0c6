// Counts a request that is not answered with a result.

#ifndef MLP_SERVER_RPC_REFUSAL_COUNTS_H_
#define MLP_SERVER_RPC_REFUSAL_COUNTS_H_

#include <chrono>

#include "absl/status/status.h"
#include "server/batching/rejection_reason.h"
#include "server/observe/metrics.h"
#include "server/served_models/served_model.h"

namespace mlp {

// Counts it for `model`, which is null if the request names none. `time` is how long it took.
// Thread-safe.
inline void CountRefusal(Metrics& metrics, const ServedModel* model, RejectionReason reason,
                         absl::StatusCode code, std::chrono::steady_clock::duration time) {
  if (model == nullptr) return metrics.CountRefusalWithoutModel(reason, code);
  model->instruments.metrics->CountRefusal(reason, code);
  model->instruments.statistics->AddFailure(time);
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_REFUSAL_COUNTS_H_
