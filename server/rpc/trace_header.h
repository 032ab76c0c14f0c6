// Reads the trace that a gRPC call belongs to.

#ifndef MLP_SERVER_RPC_TRACE_HEADER_H_
#define MLP_SERVER_RPC_TRACE_HEADER_H_

#include <grpcpp/server_context.h>

#include <iterator>
#include <new>

#include "server/memory_room.h"
#include "server/observe/trace_id.h"

namespace mlp {

// From the call's metadata. None if it has no traceparent, or several, which the specification
// treats as none. None also if there is no memory to look, because gRPC first builds a map of the
// metadata.
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
