#include "server/part_options.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace mlp {
namespace {

// The smallest limit on a request's size if models may be loaded after the start. 4,096 rows of
// MNIST's 784 values fit. Requests that carry a model's files need more.
constexpr std::int64_t kMinMessageBytes = std::int64_t{16} << 20;
constexpr std::int64_t kMinMessageBytesWithFiles = std::int64_t{64} << 20;

}  // namespace

ModelManagerOptions ManagerOptions(const ServerOptions& options, const StopSignals& signals) {
  return {options.model_repository,
          options.model,
          options.model_control,
          std::chrono::seconds(options.poll_seconds),
          options.load_models,
          {options.saturation_epsilon, options.max_batch_rows, options.instruction_set,
           options.weights, options.max_answer_bytes, options.external_data_hard_links},
          [&signals] { return signals.Pending(); }};
}

GrpcServerOptions RpcOptions(const ServerOptions& options) {
  GrpcServerOptions rpc{options.grpc_address,
                        options.rpc_threads,
                        options.limits,
                        options.admission,
                        options.answer_timeout_seconds,
                        options.allow_rpc_model_files,
                        options.security.unix_socket_mode.value_or(kSocketMode),
                        options.security.admin_address,
                        options.security.admin_socket_mode.value_or(kSocketMode)};
  if (options.model_control != ModelControl::kNone) {
    rpc.limits.least_message_bytes =
        options.allow_rpc_model_files ? kMinMessageBytesWithFiles : kMinMessageBytes;
  }
  return rpc;
}

int RestThreads(const ServerOptions& options) {
  constexpr int kMaxRestThreads = 4;
  return options.rest_address.empty() ? 0 : std::min(options.rpc_threads, kMaxRestThreads);
}

RestServerOptions RestOptions(const ServerOptions& options, const GrpcServer& grpc) {
  return {options.rest_address,
          RestThreads(options),
          {grpc.message_bytes(), options.limits.memory_bytes},
          options.limits,
          options.answer_timeout_seconds,
          options.allow_rpc_model_files};
}

}  // namespace mlp
