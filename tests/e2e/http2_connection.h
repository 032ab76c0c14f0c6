// A connection that speaks HTTP/2 frame by frame, as no client library would.

#ifndef MLP_TESTS_E2E_HTTP2_CONNECTION_H_
#define MLP_TESTS_E2E_HTTP2_CONNECTION_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/http2_frame.h"

namespace mlp {

// Methods, as a call's path has them.
inline constexpr char kModelInfer[] = "/inference.GRPCInferenceService/ModelInfer";
inline constexpr char kModelStreamInfer[] = "/inference.GRPCInferenceService/ModelStreamInfer";
inline constexpr char kServerLive[] = "/inference.GRPCInferenceService/ServerLive";
inline constexpr char kReflection[] =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
inline constexpr char kHealthWatch[] = "/grpc.health.v1.Health/Watch";

// The header block of a gRPC call of `method`, with `more` headers, each as a literal (RFC 7541,
// section 6.2.2). Names and values of less than 127 bytes.
std::string CallHeaders(const std::string& method,
                        const std::vector<std::pair<std::string, std::string>>& more = {});

// The frames that open `count` calls with these headers, on the streams from `next_stream` on,
// which moves behind them.
std::string OpenCalls(const std::string& headers, int count, std::uint32_t& next_stream);

// The same, each call reset at once (CVE-2023-44487).
std::string OpenAndResetCalls(const std::string& headers, int count, std::uint32_t& next_stream);

// The same, each call with its whole `message`.
std::string AskCalls(const std::string& headers, const std::string& message, int count,
                     std::uint32_t& next_stream);

// Settings of a client that leaves no room for answers: SETTINGS_INITIAL_WINDOW_SIZE 0 (RFC 9113,
// section 6.5.2).
std::string NoRoomForAnswers();

// A message as it stands in a call's data: a byte that says it is not compressed, and its size.
std::string GrpcMessage(const std::string& message);

// `bytes` in frames of data of at most 16 KiB. A connection may send 64 KiB in all before the other
// side gives more room.
std::string DataFrames(std::uint32_t stream, const std::string& bytes, bool end_stream);

class Http2Connection final {
 public:
  // Connects to 127.0.0.1 and sends the preface with empty settings and, where it `acknowledges`
  // them, the acknowledgement of the server's; what comes is passed over.
  explicit Http2Connection(int port, bool acknowledges = true);
  ~Http2Connection();
  Http2Connection(const Http2Connection&) = delete;
  Http2Connection& operator=(const Http2Connection&) = delete;

  // False where the other side has closed the connection, or takes nothing for ten seconds. Reads,
  // and forgets, what has come.
  bool Send(const std::string& bytes);

  // Whether the other side answers a ping within ten seconds: gRPC has the connection then. What is
  // sent before may make the server end it (server/sockets/settings_handshake.h).
  bool IsServed();

  // Answers nothing, as a peer that has vanished; whether the other side closes the connection.
  bool IsClosedByPeer(int patience_ms) const;

 private:
  int socket_;
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_HTTP2_CONNECTION_H_
