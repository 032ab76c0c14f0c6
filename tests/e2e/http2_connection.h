// A connection that speaks HTTP/2 frame by frame, as no client library would.

#ifndef MLP_TESTS_E2E_HTTP2_CONNECTION_H_
#define MLP_TESTS_E2E_HTTP2_CONNECTION_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/http2_frame.h"

namespace mlp {

// Methods, as they appear in the path of a call.
inline constexpr char kModelInferPath[] = "/inference.GRPCInferenceService/ModelInfer";
inline constexpr char kModelStreamInferPath[] = "/inference.GRPCInferenceService/ModelStreamInfer";
inline constexpr char kServerLivePath[] = "/inference.GRPCInferenceService/ServerLive";
inline constexpr char kReflectionPath[] =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
inline constexpr char kHealthWatchPath[] = "/grpc.health.v1.Health/Watch";

// The header block of a gRPC call of `method`, with `more` headers, each as a literal (RFC 7541,
// section 6.2.2). Names and values must be shorter than 127 bytes.
std::string CallHeaders(const std::string& method,
                        const std::vector<std::pair<std::string, std::string>>& more = {});

// The frames that open `count` calls with these headers, on the streams starting at `next_stream`.
// Moves `next_stream` behind them.
std::string OpenCalls(const std::string& headers, int count, std::uint32_t& next_stream);

// The same, but each call is reset immediately (CVE-2023-44487).
std::string OpenAndResetCalls(const std::string& headers, int count, std::uint32_t& next_stream);

// The same, but each call sends its whole `message`.
std::string AskCalls(const std::string& headers, const std::string& message, int count,
                     std::uint32_t& next_stream);

// Client settings that leave no room for answers: SETTINGS_INITIAL_WINDOW_SIZE 0 (RFC 9113, section
// 6.5.2).
std::string NoRoomForAnswers();

// A message as framed in a call's data: a byte that says it is not compressed, its size, and its
// bytes.
std::string GrpcMessage(const std::string& message);

// `bytes` in data frames of at most 16 KiB. A connection may send 64 KiB in total before the other
// side gives more room.
std::string DataFrames(std::uint32_t stream, const std::string& bytes, bool end_stream);

class Http2Connection final {
 public:
  // Connects to 127.0.0.1 and sends the preface with empty settings. If `acknowledges`, also
  // acknowledges the server's settings. Received data is ignored.
  explicit Http2Connection(int port, bool acknowledges = true);
  ~Http2Connection();
  Http2Connection(const Http2Connection&) = delete;
  Http2Connection& operator=(const Http2Connection&) = delete;

  // False if the other side has closed the connection, or accepts nothing for ten seconds. Reads
  // and discards received data.
  bool Send(const std::string& bytes);

  // Whether the other side answers a ping within a minute, which means that gRPC has the
  // connection. Data sent earlier may make the server close it
  // (server/sockets/settings_handshake.h).
  bool IsServed();

  // Answers nothing, like a peer that has vanished. Returns whether the other side closes the
  // connection.
  bool IsClosedByPeer(int patience_ms) const;

 private:
  int socket_;
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_HTTP2_CONNECTION_H_
