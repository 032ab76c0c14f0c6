// The Open Inference Protocol's service as this server takes it from gRPC: all calls come through
// completion queues and as bytes, so that a request can be refused before it is decoded.

#ifndef MLP_SERVER_RPC_INFER_SERVICE_H_
#define MLP_SERVER_RPC_INFER_SERVICE_H_

#include <grpc/support/time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "proto/open_inference.grpc.pb.h"

namespace mlp {

namespace internal {

using Protocol = inference::GRPCInferenceService;
using RawInference = Protocol::WithRawMethod_ModelInfer<
    Protocol::WithRawMethod_ModelStreamInfer<Protocol::AsyncService>>;
using RawServerQuestions = Protocol::WithRawMethod_ServerLive<
    Protocol::WithRawMethod_ServerReady<Protocol::WithRawMethod_ServerMetadata<RawInference>>>;
using RawModelQuestions = Protocol::WithRawMethod_ModelReady<
    Protocol::WithRawMethod_ModelMetadata<Protocol::WithRawMethod_ModelConfig<
        Protocol::WithRawMethod_ModelStatistics<RawServerQuestions>>>>;
using RawRepository =
    Protocol::WithRawMethod_RepositoryIndex<Protocol::WithRawMethod_RepositoryModelLoad<
        Protocol::WithRawMethod_RepositoryModelUnload<RawModelQuestions>>>;
using RawLog = Protocol::WithRawMethod_LogSettings<RawRepository>;

}  // namespace internal

using InferService = internal::RawLog;

// A call's deadline as a steady time. `deadline` is ServerContext::raw_deadline: a client may send
// a deadline that is further away than a std::chrono time can express, and ServerContext::deadline
// then overflows. A deadline more than a year away counts as a year away; without a deadline, the
// result is time_point::max().
inline std::chrono::steady_clock::time_point SteadyTime(gpr_timespec deadline,
                                                        std::chrono::steady_clock::time_point now) {
  constexpr std::int64_t kYear = std::int64_t{365} * 24 * 3600;
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0) {
    return std::chrono::steady_clock::time_point::max();
  }
  // These two saturate.
  const gpr_timespec left = gpr_time_sub(gpr_convert_clock_type(deadline, GPR_CLOCK_MONOTONIC),
                                         gpr_now(GPR_CLOCK_MONOTONIC));
  const std::chrono::nanoseconds rest(left.tv_nsec);
  return now + std::chrono::seconds(std::clamp<std::int64_t>(left.tv_sec, -kYear, kYear)) + rest;
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_SERVICE_H_
