// The trace that a request belongs to, as its client tells by the header `traceparent` of W3C's
// Trace Context (https://www.w3.org/TR/trace-context/#traceparent-header).

#ifndef MLP_SERVER_OBSERVE_TRACE_ID_H_
#define MLP_SERVER_OBSERVE_TRACE_ID_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// The header's name in HTTP, which ignores case, and in gRPC's metadata.
inline constexpr char kTraceparent[] = "traceparent";

// 128 bits. The one without a bit stands for no trace: the specification forbids it.
struct TraceId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool IsSet() const { return (high | low) != 0; }
  friend bool operator==(const TraceId&, const TraceId&) = default;
};

// 32 hexadecimal digits in lower case.
std::string HexOf(const TraceId& trace);

// The trace that the value of a `traceparent` names. Anything that has not exactly the form of the
// specification names none, as it demands: version 00 has 55 characters, a later version may go on
// behind a dash, digits are in lower case, and neither id is all zeros.
TraceId ParseTraceparent(absl::string_view value);

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_TRACE_ID_H_
