#include "server/sockets/settings_handshake.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "server/sockets/owned_descriptor.h"
#include "tests/eventually.h"
#include "tests/http2_frame.h"
#include "tests/server/sockets/tcp_connection.h"

namespace mlp {
namespace {

using std::chrono::milliseconds;

std::string Preface() { return kPreface; }

std::string ClientsSettings() { return Frame(kSettingsFrame, 0, 0, std::string(6, '\0')); }
std::string Acknowledgement() { return Frame(kSettingsFrame, kAcknowledges, 0, ""); }

ClientSettings ReadFrom(const std::string& bytes) {
  return ReadClientSettings(bytes.data(), bytes.size());
}

TEST(ClientSettingsTest, AreAwaitedUntilTheyAreAcknowledged) {
  const std::string bytes = Preface() + ClientsSettings() +
                            Frame(kHeadersFrame, kEndHeaders, 1, "a call") +
                            Frame(kDataFrame, 0, 1, std::string(16'384, 'x')) + Acknowledgement();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_EQ(ReadFrom(bytes.substr(0, size)), ClientSettings::kAwaited) << size;
  }
  EXPECT_EQ(ReadFrom(bytes), ClientSettings::kAcknowledged);
  EXPECT_EQ(ReadFrom(bytes + "anything"), ClientSettings::kAcknowledged);
}

TEST(ClientSettingsTest, AreRefusedIfTheClientDoesNotSpeakHttp2) {
  EXPECT_EQ(ReadFrom("GET / HTTP/1.1\r\n"), ClientSettings::kRefused);
  EXPECT_EQ(ReadFrom("\x16\x03\x01"), ClientSettings::kRefused) << "TLS";
  EXPECT_EQ(ReadFrom(Preface() + std::string("\xff\xff\xff\0\0\0\0\0\0", 9)),
            ClientSettings::kRefused);
  EXPECT_EQ(ReadFrom(Preface() + Frame(kSettingsFrame, kAcknowledges, 0, "not empty")),
            ClientSettings::kRefused);
}

// gRPC would wait for the client's own settings.
TEST(ClientSettingsTest, AreRefusedIfTheClientDoesNotBeginWithItsOwn) {
  EXPECT_EQ(ReadFrom(Preface() + Acknowledgement()), ClientSettings::kRefused);
  EXPECT_EQ(ReadFrom(Preface() + Frame(kPingFrame, 0, 0, "8 bytes.") + ClientsSettings()),
            ClientSettings::kRefused);
  EXPECT_EQ(ReadFrom(Preface() + ClientsSettings() + Frame(kPingFrame, 0, 0, "8 bytes.") +
                     Acknowledgement()),
            ClientSettings::kAcknowledged);
}

TEST(ClientSettingsTest, AreNotAwaitedForever) {
  std::string calls = Preface() + ClientsSettings();
  for (int i = 0; i < SettingsHandshake::kMaxCalls; ++i)
    calls += Frame(kHeadersFrame, kEndHeaders, 1, "a call");
  EXPECT_EQ(ReadFrom(calls), ClientSettings::kAwaited);
  EXPECT_EQ(ReadFrom(calls + Frame(kHeadersFrame, kEndHeaders, 1, "a call")),
            ClientSettings::kRefused);
  std::string pings = Preface() + ClientsSettings();
  while (pings.size() < SettingsHandshake::kMaxBytes) pings += Frame(kPingFrame, 0, 0, "8 bytes.");
  EXPECT_EQ(ReadFrom(pings.substr(0, SettingsHandshake::kMaxBytes - 1)), ClientSettings::kAwaited);
  EXPECT_EQ(ReadFrom(pings.substr(0, SettingsHandshake::kMaxBytes)), ClientSettings::kRefused);
}

class SettingsHandshakeTest : public ::testing::Test {
 protected:
  // Two ends of a connection.
  static std::array<int, 2> Connect() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    return ends;
  }

  void Start(SettingsHandshake::Clock::duration patience, std::array<int, 2> ends = Connect()) {
    handshake_ = SettingsHandshake::Start({patience, /*calls=*/100, /*header_bytes=*/4096},
                                          {[this](int listening, int connection) {
                                             listening_ = listening;
                                             settled_ = OwnedDescriptor(connection);
                                             settled_count_ = 1;
                                           },
                                           [this] { ++refused_; }})
                     .value();
    client_ = OwnedDescriptor(ends[0]);
    handshake_->Begin(/*listening=*/7, ends[1]);
  }

  void Send(const std::string& bytes) const {
    ASSERT_EQ(send(client_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  static std::string ReadAll(int descriptor) {
    std::array<char, 1024> bytes{};
    const ssize_t size = recv(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT);
    return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

  OwnedDescriptor client_;
  OwnedDescriptor settled_;
  int listening_ = 0;
  std::atomic<int> settled_count_ = 0;
  std::atomic<int> refused_ = 0;
  std::unique_ptr<SettingsHandshake> handshake_;  // destroyed first: it refers to the members above
};

TEST_F(SettingsHandshakeTest, HandsOverAConnectionWithAllReceivedBytes) {
  Start(std::chrono::hours(1));
  EXPECT_EQ(ReadAll(client_.get()),
            Frame(kSettingsFrame, 0, 0, std::string("\0\x03\0\0\0\x64\0\x06\0\0\x10\0", 12)))
      << "100 calls, 4,096 bytes of headers";
  Send(Preface() + ClientsSettings());
  Send(Acknowledgement() + "a call");
  ASSERT_TRUE(Eventually([this] { return settled_count_ == 1; }));
  EXPECT_EQ(listening_, 7);
  EXPECT_EQ(ReadAll(settled_.get()), Preface() + ClientsSettings() + Acknowledgement() + "a call");
  EXPECT_EQ(refused_, 0);
}

TEST_F(SettingsHandshakeTest, LetsTheNewOwnerReadOnceItHasSentSomething) {
  Start(std::chrono::hours(1), ConnectByTcp());
  Send(Preface() + ClientsSettings() + Acknowledgement());
  ASSERT_TRUE(Eventually([this] { return settled_count_ == 1; }));
  const auto is_readable = [this] {
    pollfd event{settled_.get(), POLLIN, 0};
    return poll(&event, 1, 0) == 1;
  };
  EXPECT_FALSE(is_readable());
  ASSERT_EQ(send(settled_.get(), "settings", 8, MSG_NOSIGNAL), 8);
  EXPECT_TRUE(Eventually(is_readable));
  EXPECT_EQ(ReadAll(settled_.get()), Preface() + ClientsSettings() + Acknowledgement());
  EXPECT_EQ(refused_, 0);
}

TEST_F(SettingsHandshakeTest, BreaksAConnectionThatIsReadTooEarly) {
  Start(std::chrono::hours(1), ConnectByTcp());
  Send(Preface() + ClientsSettings() + Acknowledgement());
  ASSERT_TRUE(Eventually([this] { return settled_count_ == 1; }));
  EXPECT_NE(ReadAll(settled_.get()), "");
  EXPECT_TRUE(Eventually([this] { return refused_ == 1; }));
  // Clients retry after a GOAWAY. A busy kernel may deliver it a little later.
  const std::string go_away = Frame(kGoAwayFrame, 0, 0, std::string(8, '\0'));
  std::string received;
  EXPECT_TRUE(Eventually([&] {
    received += ReadAll(client_.get());
    return absl::EndsWith(received, go_away);
  }));
}

TEST_F(SettingsHandshakeTest, ClosesAConnectionWhoseClientTakesTooLong) {
  const std::array<int, 2> ends = Connect();
  const std::string bytes_sent = Preface() + ClientsSettings();
  // Sent before the 20 ms begin: on a busy machine, they may be over before the next line.
  ASSERT_EQ(send(ends[0], bytes_sent.data(), bytes_sent.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes_sent.size()));
  Start(milliseconds(20), ends);
  EXPECT_TRUE(Eventually([this] { return refused_ == 1; }));
  EXPECT_EQ(settled_count_, 0);
  std::array<char, 64> bytes{};
  EXPECT_TRUE(Eventually([&] { return recv(client_.get(), bytes.data(), bytes.size(), 0) == 0; }));
}

TEST_F(SettingsHandshakeTest, ClosesAConnectionWhoseClientDisconnects) {
  Start(std::chrono::hours(1));
  Send(Preface());
  client_ = OwnedDescriptor();
  EXPECT_TRUE(Eventually([this] { return refused_ == 1; }));
}

TEST_F(SettingsHandshakeTest, ClosesWaitingConnectionsAtItsEnd) {
  Start(std::chrono::hours(1));
  Send(Preface());
  handshake_.reset();
  std::array<char, 64> bytes{};
  EXPECT_TRUE(Eventually([&] { return recv(client_.get(), bytes.data(), bytes.size(), 0) == 0; }));
}

}  // namespace
}  // namespace mlp
