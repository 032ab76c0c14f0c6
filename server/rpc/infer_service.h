// The Open Inference Protocol's service as this server takes it from gRPC: all calls through
// completion queues, and those with tensors as their bytes, so that a request can be refused before
// it is decoded.

#ifndef MLP_SERVER_RPC_INFER_SERVICE_H_
#define MLP_SERVER_RPC_INFER_SERVICE_H_

#include <algorithm>
#include <chrono>

#include "proto/open_inference.grpc.pb.h"

namespace mlp {

using InferService = inference::GRPCInferenceService::WithRawMethod_ModelInfer<
    inference::GRPCInferenceService::WithRawMethod_ModelStreamInfer<
        inference::GRPCInferenceService::AsyncService>>;

// A call's deadline, which gRPC tells by the machine's clock, as a steady time.
inline std::chrono::steady_clock::time_point SteadyTime(
    std::chrono::system_clock::time_point deadline, std::chrono::steady_clock::time_point now) {
  if (deadline == std::chrono::system_clock::time_point::max()) {
    return std::chrono::steady_clock::time_point::max();
  }
  // A client may send a deadline that is further away than a time can be.
  const auto left = std::min<std::chrono::system_clock::duration>(
      deadline - std::chrono::system_clock::now(), std::chrono::hours(24 * 365));
  return now + std::chrono::duration_cast<std::chrono::steady_clock::duration>(left);
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_SERVICE_H_
