// Reads the trace that a gRPC call belongs to.

#ifndef MLP_SERVER_RPC_TRACE_HEADER_H_
#define MLP_SERVER_RPC_TRACE_HEADER_H_

#include <grpcpp/server_context.h>

#include <iterator>
#include <new>

#include "server/memory_room.h"
#include "server/observe/trace_id.h"

namespace mlp {

// By the metadata that came with the call. None where it has no traceparent or several, which the
// specification takes for none, and where there is no memory to look: gRPC makes a map of it first.
inline TraceId TraceOf(const grpc::ServerContext& context) {
  const RefusableWork work;
  try {
    const auto& metadata = context.client_metadata();
    const auto [first, end] = metadata.equal_range(kTraceparent);
    if (first == end || std::next(first) != end) return {};
    return ParseTraceparent({first->second.data(), first->second.size()});
  } catch (const std::bad_alloc&) {
    return {};
  }
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_TRACE_HEADER_H_
