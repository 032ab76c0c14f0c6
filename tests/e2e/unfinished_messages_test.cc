// Calls that send all of their message except the last byte. gRPC keeps what has arrived, and the
// server does not know of it. Memory must stay bounded, and other clients must be served.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http2_connection.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

constexpr std::int64_t kMessageBytes = 500'000;
constexpr int kCalls = 300;

std::uint32_t BigEndian(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint32_t number = 0;
  for (std::size_t i = at; i < at + size; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

// A connection that sends within the windows of HTTP/2 and reads the outcome of its calls.
class UnfinishedCalls final {
 public:
  explicit UnfinishedCalls(int port) : socket_(ConnectToLoopback(port)) {
    Put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettingsFrame, 0, 0, ""));
  }
  ~UnfinishedCalls() { close(socket_); }
  UnfinishedCalls(const UnfinishedCalls&) = delete;
  UnfinishedCalls& operator=(const UnfinishedCalls&) = delete;

  // Opens a call and sends all of its message except the last byte. False if the server gives no
  // room for it or has closed the connection.
  bool Open() {
    const std::uint32_t stream = next_;
    next_ += 2;
    std::int64_t& window = windows_.emplace(stream, first_window_).first->second;
    if (!Put(Frame(kHeadersFrame, kEndHeaders, stream, CallHeaders(kModelInferPath)))) return false;
    std::string message = GrpcMessage(std::string(kMessageBytes, 'x'));
    message.pop_back();
    for (std::size_t at = 0; at < message.size() && ended_.count(stream) == 0;) {
      constexpr std::int64_t kMaxFrameBytes = 16'384;
      const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
      while (std::min(window, window_) <= 0 && ended_.count(stream) == 0) {
        if (std::chrono::steady_clock::now() > end || !Read(/*patience_ms=*/20)) return false;
      }
      const auto size = static_cast<std::size_t>(
          std::clamp(std::min(window, window_), std::int64_t{0}, kMaxFrameBytes));
      const std::string part = message.substr(at, size);
      if (!Put(Frame(kDataFrame, 0, stream, part))) return false;
      at += part.size();
      window -= static_cast<std::int64_t>(part.size());
      window_ -= static_cast<std::int64_t>(part.size());
    }
    return Read(/*patience_ms=*/0);
  }

  // The number of calls that have ended as far as the client knows. If the connection is closed,
  // all of them.
  std::int64_t Ended() {
    return Read(/*patience_ms=*/0) ? static_cast<std::int64_t>(ended_.size()) : next_ / 2;
  }

 private:
  // False if the other side has closed the connection, or accepts nothing for ten seconds.
  bool Put(const std::string& bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
      pollfd event{socket_, POLLOUT, 0};
      if (poll(&event, 1, 10'000) <= 0) return false;
      const ssize_t put =
          send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (put < 0 && errno != EAGAIN) return false;
      sent += static_cast<std::size_t>(std::max<ssize_t>(put, 0));
    }
    return true;
  }

  // Reads received data, waiting at most `patience_ms` for it. False if the connection is closed.
  bool Read(int patience_ms) {
    pollfd event{socket_, POLLIN, 0};
    while (poll(&event, 1, patience_ms) > 0) {
      char buffer[16'384];
      const ssize_t got = recv(socket_, buffer, sizeof(buffer), MSG_DONTWAIT);
      if (got <= 0) return got < 0 && errno == EAGAIN;
      come_.append(buffer, static_cast<std::size_t>(got));
      if (!TakeFrames()) return false;
      patience_ms = 0;
    }
    return true;
  }

  bool TakeFrames() {
    constexpr std::size_t kHeaderBytes = 9;
    while (come_.size() >= kHeaderBytes) {
      const std::size_t size = kHeaderBytes + BigEndian(come_, 0, 3);
      if (come_.size() < size) break;
      const auto type = static_cast<std::uint8_t>(come_[3]);
      const auto flags = static_cast<std::uint8_t>(come_[4]);
      const std::uint32_t stream = BigEndian(come_, 5, 4);
      const std::string payload = come_.substr(kHeaderBytes, size - kHeaderBytes);
      come_.erase(0, size);
      if (!Take(type, flags, stream, payload)) return false;
    }
    return true;
  }

  bool Take(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
            const std::string& payload) {
    constexpr std::uint8_t kWindowUpdateFrame = 8;
    constexpr std::uint8_t kAcknowledged = 1;
    if (type == kSettingsFrame && (flags & kAcknowledged) == 0) {
      TakeSettings(payload);
      return Put(Frame(kSettingsFrame, kAcknowledged, 0, ""));
    }
    if (type == kPingFrame && (flags & kAcknowledged) == 0) {
      return Put(Frame(kPingFrame, kAcknowledged, 0, payload));
    }
    if (type == kWindowUpdateFrame) {
      (stream == 0 ? window_ : windows_[stream]) += BigEndian(payload, 0, 4);
    }
    if (type == kResetFrame || (type == kHeadersFrame && (flags & kEndStream) != 0)) {
      ended_.insert(stream);
    }
    return true;
  }

  void TakeSettings(const std::string& payload) {
    constexpr std::uint32_t kInitialWindowSize = 4;
    for (std::size_t at = 0; at + 6 <= payload.size(); at += 6) {
      if (BigEndian(payload, at, 2) != kInitialWindowSize) continue;
      const std::int64_t size = BigEndian(payload, at + 2, 4);
      for (auto& [stream, window] : windows_) window += size - first_window_;
      first_window_ = size;
    }
  }

  const int socket_;
  std::string come_;
  std::uint32_t next_ = 1;
  std::int64_t first_window_ = 65'535;  // for a stream
  std::int64_t window_ = 65'535;        // for the connection
  std::map<std::uint32_t, std::int64_t> windows_;
  std::set<std::uint32_t> ended_;
};

TEST(UnfinishedMessagesTest, StayWithinGrpcsMemoryLimitWhileOthersAreServed) {
  constexpr std::int64_t kGrpcBytes = std::int64_t{16} << 20;
  const auto server = ServerProcess::StartOnSampleModels(
      {"--max-message-bytes", "4194304", "--max-grpc-memory-bytes", absl::StrCat(kGrpcBytes)});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub =
      inference::GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
  int repeated = 0;
  // If gRPC is short of memory, it closes connections without calls and ends any call. A client
  // whose request is hit by that retries, with pauses: gRPC itself waits before it connects again,
  // and calls fail meanwhile.
  const auto expect_serving = [&] {
    grpc::Status status;
    Eventually([&] {
      inference::ModelInferResponse response;
      status = Infer(*stub, DigitsRequest("digits-tanh"), response);
      const bool is_hit = status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                          status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
      if (is_hit) ++repeated;
      return !is_hit;
    });
    EXPECT_TRUE(status.ok()) << status.error_code() << " " << status.error_message();
  };
  const auto resident = [&] {
    return ReadMetrics((*server)->http_port()).at("process_resident_memory_bytes");
  };
  expect_serving();
  const double before = resident();
  double most = before;

  std::vector<std::unique_ptr<UnfinishedCalls>> connections;
  std::int64_t opened = 0;
  // Three connections. If gRPC is short of memory, it may close one that has no call yet; then
  // there are more.
  while (opened < kCalls && connections.size() < 30) {
    UnfinishedCalls& calls =
        *connections.emplace_back(std::make_unique<UnfinishedCalls>((*server)->grpc_port()));
    for (int call = 0; call < kCalls / 3 && opened < kCalls; ++call, ++opened) {
      if (!calls.Open()) break;
      if (call % 10 != 0) continue;
      expect_serving();
      most = std::max(most, resident());
    }
  }
  // gRPC ends calls until the rest fits, and informs their clients.
  std::int64_t ended = 0;
  EXPECT_TRUE(Eventually([&] {
    ended = 0;
    for (const auto& calls : connections) ended += calls->Ended();
    return (opened - ended) * kMessageBytes <= 2 * kGrpcBytes;
  })) << opened
      << " opened, " << ended << " ended";
  expect_serving();
  most = std::max(most, resident());
  RecordProperty("repeated", std::to_string(repeated));
  RecordProperty("opened", std::to_string(opened));
  RecordProperty("ended", std::to_string(ended));
  RecordProperty("grown_by", std::to_string(most - before));
  EXPECT_EQ(opened, kCalls);
  EXPECT_GT(ended, 0);
  // Sanitizers need memory themselves. If nothing were ended, these messages would take 150 MB.
  if (!ServerProcess::IsOfAnotherBuild()) {
    EXPECT_LT(most - before, 4.0 * static_cast<double>(kGrpcBytes));
  }
  connections.clear();
  expect_serving();
}

}  // namespace
}  // namespace mlp
