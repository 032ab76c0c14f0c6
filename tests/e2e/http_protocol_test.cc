// Well-formed and malformed requests of HTTP clients, and the addresses that HTTP is served at.

#include <gtest/gtest.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

constexpr char kGetLive[] = "GET /live HTTP/1.1\r\nHost: x\r\n\r\n";

int CountOf(const std::string& part, const std::string& text) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// A connection that sends exactly the test's bytes.
class RawHttp final {
 public:
  explicit RawHttp(int socket) : socket_(socket) {
    const timeval patience{30, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  ~RawHttp() { close(socket_); }
  RawHttp(const RawHttp&) = delete;
  RawHttp& operator=(const RawHttp&) = delete;

  bool connected() const { return socket_ >= 0; }

  // Sends until the other side accepts no more.
  void Send(const std::string& bytes) const {
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t now = send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) return;
      sent += static_cast<std::size_t>(now);
    }
  }

  // Reads until the other side closes the connection.
  std::string Read() const {
    std::string all;
    std::array<char, 4096> buffer;
    for (;;) {
      const ssize_t got = recv(socket_, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      all.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  int socket_;
};

class HttpProtocolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::StartOnSampleModels();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  RawHttp Connect() const { return RawHttp(ConnectToLoopback(server_->http_port())); }

  std::unique_ptr<ServerProcess> server_;
};

// A client that has its answer no longer occupies a place.
TEST_F(HttpProtocolTest, AConnectionIsClosedAfterItsAnswer) {
  const RawHttp client = Connect();
  client.Send(absl::StrCat(kGetLive, kGetLive));
  const std::string answers = client.Read();
  EXPECT_EQ(CountOf("HTTP/1.1 200 OK", answers), 1) << answers;
  EXPECT_TRUE(absl::StrContains(answers, "\r\n\r\nlive\n")) << answers;
}

TEST_F(HttpProtocolTest, HeadHasNoBody) {
  const RawHttp client = Connect();
  client.Send("HEAD /live HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.Read();
  EXPECT_EQ(CountOf("HTTP/1.1 200 OK", answer), 1) << answer;
  EXPECT_TRUE(absl::EndsWith(answer, "\r\n\r\n")) << answer;
}

struct BadHttp {
  const char* name;
  std::string bytes;
  const char* status;  // empty if it may be closed without an answer
};

void PrintTo(const BadHttp& request, std::ostream* out) { *out << request.name; }

class BadHttpTest : public HttpProtocolTest, public ::testing::WithParamInterface<BadHttp> {};

TEST_P(BadHttpTest, IsRefusedAndTheConnectionClosed) {
  const RawHttp client = Connect();
  client.Send(GetParam().bytes);
  const std::string answer = client.Read();
  EXPECT_TRUE(absl::StrContains(answer, GetParam().status)) << answer;
  EXPECT_FALSE(absl::StrContains(answer, " 200 ")) << answer;
  EXPECT_EQ(HttpGet(server_->http_port(), "/live").code, 200);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadHttpTest,
    ::testing::Values(
        BadHttp{"RequestLineOf100KB",
                absl::StrCat("GET /", std::string(100'000, 'a'), " HTTP/1.1\r\nHost: x\r\n\r\n"),
                ""},
        BadHttp{"HeaderOf1MB", absl::StrCat("GET /live HTTP/1.1\r\nX: ", std::string(1 << 20, 'x')),
                ""},
        BadHttp{"HeadersWithoutEnd",
                [] {
                  std::string headers = "GET /live HTTP/1.1\r\nHost: x\r\n";
                  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&headers, "X-", i, ": x\r\n");
                  return headers;
                }(),
                ""},
        BadHttp{"PostOf1GB",
                absl::StrCat("POST /live HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n",
                             std::string(100'000, 'x')),
                ""},
        BadHttp{"UnknownMethod", "BREW /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "405"},
        BadHttp{"PostWithABody",
                "POST /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                "5\r\n\r\nhello",
                "405"}),
    [](const auto& tested) { return tested.param.name; });

// A connection to `host`, over IPv6 or IPv4; -1 if there is none.
int ConnectTo(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return -1;
  int connected = -1;
  for (const addrinfo* info = found; info != nullptr && connected < 0; info = info->ai_next) {
    connected = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connected, info->ai_addr, info->ai_addrlen) == 0) break;
    close(connected);
    connected = -1;
  }
  freeaddrinfo(found);
  return connected;
}

bool HasIpv6() {
  const int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool has =
      probe >= 0 && bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  if (probe >= 0) close(probe);
  return has;
}

struct AddressCase {
  const char* address;
  const char* host;  // the host a client connects to
  bool ipv6;
};

void PrintTo(const AddressCase& tested, std::ostream* out) {
  *out << tested.address << " from " << tested.host;
}

class HttpAddressTest : public ::testing::TestWithParam<AddressCase> {};

TEST_P(HttpAddressTest, IsReachable) {
  if (GetParam().ipv6 && !HasIpv6()) GTEST_SKIP() << "this machine has no IPv6";
  const auto server = ServerProcess::StartOnSampleModels({"--http-address", GetParam().address});
  ASSERT_TRUE(server.ok()) << server.status();
  const RawHttp client(ConnectTo(GetParam().host, (*server)->http_port()));
  ASSERT_TRUE(client.connected());
  client.Send(kGetLive);
  EXPECT_TRUE(absl::StrContains(client.Read(), "200 OK"));
}

INSTANTIATE_TEST_SUITE_P(All, HttpAddressTest,
                         ::testing::Values(AddressCase{"[::1]:0", "::1", true},
                                           AddressCase{"[::]:0", "::1", true},
                                           AddressCase{"[::]:0", "127.0.0.1", true},
                                           AddressCase{"localhost:0", "localhost", false},
                                           AddressCase{"0.0.0.0:0", "127.0.0.1", false}));

}  // namespace
}  // namespace mlp
