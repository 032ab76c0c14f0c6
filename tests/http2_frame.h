// Frames of HTTP/2 as bytes.

#ifndef MLP_TESTS_HTTP2_FRAME_H_
#define MLP_TESTS_HTTP2_FRAME_H_

#include <cstdint>
#include <string>

namespace mlp {

// What a client sends first (RFC 9113, section 3.4).
inline constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Frame types and flags of RFC 9113, section 6.
inline constexpr std::uint8_t kDataFrame = 0;
inline constexpr std::uint8_t kHeadersFrame = 1;
inline constexpr std::uint8_t kPriorityFrame = 2;
inline constexpr std::uint8_t kResetFrame = 3;
inline constexpr std::uint8_t kSettingsFrame = 4;
inline constexpr std::uint8_t kPingFrame = 6;
inline constexpr std::uint8_t kGoAwayFrame = 7;
inline constexpr std::uint8_t kEndStream = 1;
inline constexpr std::uint8_t kAcknowledges = 1;
inline constexpr std::uint8_t kEndHeaders = 4;

// A frame's bytes.
inline std::string Frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                         const std::string& payload) {
  const auto size = static_cast<std::uint32_t>(payload.size());
  std::string frame;
  for (const int shift : {16, 8, 0}) frame.push_back(static_cast<char>(size >> shift));
  frame.push_back(static_cast<char>(type));
  frame.push_back(static_cast<char>(flags));
  for (const int shift : {24, 16, 8, 0}) frame.push_back(static_cast<char>(stream >> shift));
  return frame + payload;
}

}  // namespace mlp

#endif  // MLP_TESTS_HTTP2_FRAME_H_
