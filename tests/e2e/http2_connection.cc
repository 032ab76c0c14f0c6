#include "tests/e2e/http2_connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "tests/e2e/loopback_socket.h"

namespace mlp {
namespace {

void AppendLiteral(const std::string& name, const std::string& value, std::string& block) {
  block.push_back('\0');  // without indexing, with a new name
  block.push_back(static_cast<char>(name.size()));
  block += name;
  block.push_back(static_cast<char>(value.size()));
  block += value;
}

}  // namespace

std::string CallHeaders(const std::string& method,
                        const std::vector<std::pair<std::string, std::string>>& more) {
  std::string block;
  AppendLiteral(":method", "POST", block);
  AppendLiteral(":scheme", "http", block);
  AppendLiteral(":path", method, block);
  AppendLiteral(":authority", "localhost", block);
  AppendLiteral("content-type", "application/grpc", block);
  AppendLiteral("te", "trailers", block);
  for (const auto& [name, value] : more) AppendLiteral(name, value, block);
  return block;
}

std::string OpenCalls(const std::string& headers, int count, std::uint32_t& next_stream) {
  std::string frames;
  for (int i = 0; i < count; ++i, next_stream += 2) {
    frames += Frame(kHeadersFrame, kEndHeaders, next_stream, headers);
  }
  return frames;
}

std::string OpenAndResetCalls(const std::string& headers, int count, std::uint32_t& next_stream) {
  const std::string cancelled("\0\0\0\x08", 4);
  std::string frames;
  for (int i = 0; i < count; ++i, next_stream += 2) {
    frames += Frame(kHeadersFrame, kEndHeaders, next_stream, headers) +
              Frame(kResetFrame, 0, next_stream, cancelled);
  }
  return frames;
}

std::string AskCalls(const std::string& headers, const std::string& message, int count,
                     std::uint32_t& next_stream) {
  const std::string framed = GrpcMessage(message);
  std::string frames;
  for (int i = 0; i < count; ++i, next_stream += 2) {
    frames += Frame(kHeadersFrame, kEndHeaders, next_stream, headers) +
              DataFrames(next_stream, framed, /*end_stream=*/true);
  }
  return frames;
}

std::string NoRoomForAnswers() {
  return Frame(kSettingsFrame, 0, 0, std::string("\0\4\0\0\0\0", 6));
}

std::string GrpcMessage(const std::string& message) {
  std::string framed(1, '\0');
  for (const int shift : {24, 16, 8, 0}) {
    framed.push_back(static_cast<char>(message.size() >> shift));
  }
  return framed + message;
}

std::string DataFrames(std::uint32_t stream, const std::string& bytes, bool end_stream) {
  constexpr std::size_t kMaxFrameBytes = 16'384;
  std::string frames;
  for (std::size_t at = 0; at < bytes.size(); at += kMaxFrameBytes) {
    const bool last = at + kMaxFrameBytes >= bytes.size();
    frames += Frame(kDataFrame, end_stream && last ? kEndStream : 0, stream,
                    bytes.substr(at, kMaxFrameBytes));
  }
  return frames;
}

Http2Connection::Http2Connection(int port, bool acknowledges) : socket_(ConnectToLoopback(port)) {
  if (socket_ < 0) return;
  Send(kPreface + Frame(kSettingsFrame, 0, 0, ""));
  if (acknowledges) Send(Frame(kSettingsFrame, kAcknowledges, 0, ""));
}

Http2Connection::~Http2Connection() { close(socket_); }

bool Http2Connection::Send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    pollfd event{socket_, POLLIN | POLLOUT, 0};
    if (poll(&event, 1, 10'000) <= 0) return false;
    if ((event.revents & POLLIN) != 0 && !DrainSocket(socket_)) return false;
    const ssize_t put =
        send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put > 0) {
      sent += static_cast<std::size_t>(put);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
      return false;
    }
  }
  return true;
}

bool Http2Connection::IsServed() {
  constexpr std::size_t kHeaderBytes = 9;
  if (!Send(Frame(kPingFrame, 0, 0, "a ping ."))) return false;
  std::string received;
  for (;;) {
    pollfd event{socket_, POLLIN, 0};
    char bytes[4096];
    const ssize_t got = poll(&event, 1, 60'000) <= 0 ? 0 : recv(socket_, bytes, sizeof(bytes), 0);
    if (got <= 0) return false;
    received.append(bytes, static_cast<std::size_t>(got));
    while (received.size() >= kHeaderBytes) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(received[i]); };
      const std::size_t size = std::size_t{byte(0)} << 16 | std::size_t{byte(1)} << 8 | byte(2);
      if (received.size() < kHeaderBytes + size) break;
      if (byte(3) == kPingFrame && (byte(4) & kAcknowledges) != 0) return true;
      received.erase(0, kHeaderBytes + size);
    }
  }
}

bool Http2Connection::IsClosedByPeer(int patience_ms) const {
  return mlp::IsClosedByPeer(socket_, patience_ms);
}

}  // namespace mlp
