#include "server/observe/trace_id.h"

#include <cstddef>
#include <optional>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kParentAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kTraceparentLength = 55;

// Reads at most 16 digits. nullopt if one is not a lower-case hexadecimal digit.
std::optional<std::uint64_t> LowerHex(absl::string_view digits) {
  std::uint64_t number = 0;
  for (const char digit : digits) {
    unsigned value = 0;
    if (digit >= '0' && digit <= '9') {
      value = static_cast<unsigned>(digit - '0');
    } else if (digit >= 'a' && digit <= 'f') {
      value = static_cast<unsigned>(digit - 'a') + 10;
    } else {
      return std::nullopt;
    }
    number = number << 4 | value;
  }
  return number;
}

}  // namespace

std::string ToHex(const TraceId& trace) {
  return absl::StrCat(absl::Hex(trace.high, absl::kZeroPad16),
                      absl::Hex(trace.low, absl::kZeroPad16));
}

TraceId ParseTraceparent(absl::string_view value) {
  if (value.size() < kTraceparentLength) return {};
  if (value[kTraceAt - 1] != '-' || value[kParentAt - 1] != '-' || value[kFlagsAt - 1] != '-') {
    return {};
  }
  const std::optional<std::uint64_t> version = LowerHex(value.substr(0, 2));
  const std::optional<std::uint64_t> high = LowerHex(value.substr(kTraceAt, 16));
  const std::optional<std::uint64_t> low = LowerHex(value.substr(kTraceAt + 16, 16));
  const std::optional<std::uint64_t> parent = LowerHex(value.substr(kParentAt, 16));
  if (!version || !high || !low || !parent || !LowerHex(value.substr(kFlagsAt, 2))) return {};
  if (*version == 0xff || *parent == 0) return {};
  const bool goes_on = value.size() > kTraceparentLength;
  if (goes_on && (*version == 0 || value[kTraceparentLength] != '-')) return {};
  return {*high, *low};
}

}  // namespace mlp
