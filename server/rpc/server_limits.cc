#include "server/rpc/server_limits.h"

#include <grpcpp/resource_quota.h>

#include <algorithm>
#include <cstddef>
#include <limits>

namespace mlp {
namespace {

// Room for everything in a request except its values: names, id, parameters.
constexpr std::int64_t kMessageSlackBytes = std::int64_t{64} << 10;

// The most bytes that one element of a request takes. Integers that are sent typed have variable
// length, and negative ones take ten bytes. Strings longer than a line use the room of others.
std::int64_t MostBytesOf(Datatype datatype) {
  constexpr std::int64_t kStringBytes = 256;
  if (datatype == Datatype::kBytes) return kStringBytes;
  return IsFloatingPoint(datatype) ? static_cast<std::int64_t>(SizeOf(datatype)) : 10;
}

// The size of the largest request that some model takes.
std::int64_t LargestRequest(const ModelTable& models) {
  std::int64_t most = 0;
  for (const auto& [name, model] : models.models()) {
    for (const auto& [number, record] : model.versions) {
      if (record.served == nullptr) continue;
      std::int64_t row_bytes = 0;
      for (const TensorSpec& input : record.served->network->inputs()) {
        row_bytes += input.width() * MostBytesOf(input.datatype);
      }
      most = std::max(most, record.served->max_batch_rows * row_bytes);
    }
  }
  return most + kMessageSlackBytes;
}

void SetIfGiven(grpc::ServerBuilder& builder, const char* argument, int value) {
  if (value > 0) builder.AddChannelArgument(argument, value);
}

}  // namespace

std::int64_t MessageBytes(const ConnectionLimits& limits, const ModelTable& models) {
  const std::int64_t bytes = limits.message_bytes > 0
                                 ? limits.message_bytes
                                 : std::max(LargestRequest(models), limits.least_message_bytes);
  return std::min<std::int64_t>(bytes, std::numeric_limits<std::int32_t>::max());
}

void SetLimits(const ConnectionLimits& limits, grpc::ServerBuilder& builder) {
  if (limits.memory_bytes > 0) {
    grpc::ResourceQuota quota("mlpserve");
    quota.Resize(static_cast<std::size_t>(limits.memory_bytes));
    builder.SetResourceQuota(quota);
  }
  SetIfGiven(builder, GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams);
  SetIfGiven(builder, GRPC_ARG_MAX_METADATA_SIZE, limits.metadata_bytes);
  SetIfGiven(builder, GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, limits.handshake_ms);
  SetIfGiven(builder, GRPC_ARG_MAX_CONNECTION_IDLE_MS, limits.idle_seconds * 1000);
  SetIfGiven(builder, GRPC_ARG_MAX_CONNECTION_AGE_MS, limits.age_seconds * 1000);
  SetIfGiven(builder, GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, limits.age_grace_seconds * 1000);
  SetIfGiven(builder, GRPC_ARG_KEEPALIVE_TIME_MS, limits.keepalive_seconds * 1000);
  SetIfGiven(builder, GRPC_ARG_KEEPALIVE_TIMEOUT_MS, limits.keepalive_timeout_seconds * 1000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // gRPC must not change its settings later: the client's acknowledgements are one ahead of them,
  // because it has already acknowledged some of ours (SettingsHandshake). gRPC still makes room for
  // a message as it arrives.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  SetIfGiven(builder, GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
             limits.least_ping_interval_seconds * 1000);
  // Off, because the size is checked only after inflation: a short message could fill the memory.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
}

}  // namespace mlp
