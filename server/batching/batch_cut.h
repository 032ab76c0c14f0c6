// The requests that are taken out of a queue to be evaluated together.

#ifndef MLP_SERVER_BATCHING_BATCH_CUT_H_
#define MLP_SERVER_BATCHING_BATCH_CUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "server/batching/rejection_reason.h"

namespace mlp {

// Rows of one request, in a batch.
template <typename Request>
struct BatchPiece {
  Request* request = nullptr;
  std::int64_t first_row = 0;  // of the request
  std::int64_t rows = 0;

  // The request, if these are its last rows. Otherwise the queue still owns it.
  std::unique_ptr<Request> owned;

  bool whole() const { return rows == request->rows(); }
  bool last() const { return first_row + rows == request->rows(); }
};

// What one cut takes out of a queue.
template <typename Request>
struct BatchCut {
  std::vector<BatchPiece<Request>> pieces;
  std::int64_t rows = 0;
  std::int64_t work = 0;  // sum of QueuedRequest::work_per_row over all rows

  struct Refusal {
    std::unique_ptr<Request> request;
    RejectionReason reason = RejectionReason::kCancelled;
  };
  std::vector<Refusal> refused;

  // Reserves room for `requests` entries in both, so that no allocation fails half way.
  void Reserve(std::size_t requests) {
    pieces.reserve(requests);
    refused.reserve(requests);
  }

  void Clear() {
    pieces.clear();
    refused.clear();
    rows = 0;
    work = 0;
  }
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_BATCH_CUT_H_
