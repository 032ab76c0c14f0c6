// Counts the objects of one request over HTTP.

#ifndef MLP_SERVER_REST_OBJECT_COUNT_H_
#define MLP_SERVER_REST_OBJECT_COUNT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/rpc/request_wire.h"

namespace mlp {

// Counts inputs, outputs and parameters together. Each takes far more memory as a message than its
// few bytes of JSON.
class ObjectCount final {
 public:
  // Counts one more. INVALID_ARGUMENT if there are more than kMaxRequestObjects.
  absl::Status Add() {
    if (++objects_ <= kMaxRequestObjects) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("the request has more than ", kMaxRequestObjects,
                                                   " inputs, outputs and parameters"));
  }

 private:
  std::int64_t objects_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_OBJECT_COUNT_H_
