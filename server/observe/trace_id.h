// The trace that a request belongs to, from the `traceparent` header of W3C's Trace Context
// (https://www.w3.org/TR/trace-context/#traceparent-header).

#ifndef MLP_SERVER_OBSERVE_TRACE_ID_H_
#define MLP_SERVER_OBSERVE_TRACE_ID_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// The name of the HTTP header (case-insensitive) and of the gRPC metadata.
inline constexpr char kTraceparent[] = "traceparent";

// 128 bits. All zeros means no trace: the specification forbids that id.
struct TraceId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool IsSet() const { return (high | low) != 0; }
  friend bool operator==(const TraceId&, const TraceId&) = default;
};

// 32 hexadecimal digits in lower case.
std::string ToHex(const TraceId& trace);

// The trace named by a `traceparent` value. A value that is not exactly in the specified form names
// none, as the specification requires: version 00 has 55 characters, a later version may continue
// after a dash, digits are lower case, and neither id is all zeros.
TraceId ParseTraceparent(absl::string_view value);

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_TRACE_ID_H_
