// 200 new connections a second for ten seconds, from one address, while clients from another
// address make calls.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/security/attacked_server.h"
#include "tests/e2e/security/bystanders.h"
#include "tests/e2e/security/tls_connection.h"

namespace mlp {
namespace {

using ::testing::IsEmpty;
using FloodClock = std::chrono::steady_clock;

constexpr int kAttackers = 4;
constexpr int kPerSecond = 200;
constexpr int kFloodConnections = 10 * kPerSecond;
constexpr int kMaxPerAddress = 64;

// What attackers do with a connection.
enum class Attack {
  kFullHandshakes,  // and then they leave
  kHellos,          // they leave once the server has computed its answer
  kSilentHellos,    // they send no more, and stay
  kGarbage,
};

struct FloodCase {
  const char* name;
  Attack attack;
};

std::ostream& operator<<(std::ostream& out, const FloodCase& test_case) {
  return out << test_case.name;
}

class HandshakeFloodTest : public AttackedServerTest,
                           public ::testing::WithParamInterface<FloodCase> {
 protected:
  // Attacks by attacker number `which`, one after another, each at its scheduled time.
  void Flood(int which) {
    // With the old version, sessions without tickets would stay in a cache of the server.
    const TlsClient client(kTlsVersions[which % 2]);
    if (which % 2 == 0) SSL_CTX_set_options(client.get(), SSL_OP_NO_TICKET);
    std::deque<std::unique_ptr<TlsConnection>> kept;
    const FloodClock::time_point begin = FloodClock::now();
    for (int i = which; i < kFloodConnections; i += kAttackers) {
      std::this_thread::sleep_until(begin + i * std::chrono::microseconds(1'000'000 / kPerSecond));
      auto connection = std::make_unique<TlsConnection>(client, port(), nullptr, /*from=*/2);
      if (!Attacks(*connection)) ++refused_;
      if (GetParam().attack != Attack::kSilentHellos) continue;
      kept.push_back(std::move(connection));
      if (kept.size() > kMaxPerAddress) kept.pop_front();
    }
    seconds_ = std::chrono::duration<double>(FloodClock::now() - begin).count();
  }

  // Makes the attack on one connection; whether the server went along as far as it should.
  static bool Attacks(TlsConnection& connection) {
    switch (GetParam().attack) {
      case Attack::kFullHandshakes:
        return connection.ShakeHands();
      case Attack::kHellos:
        return connection.SendRaw(connection.ClientHello()) && ReadsSomething(connection);
      case Attack::kSilentHellos:
        return connection.SendRaw(connection.ClientHello());
      case Attack::kGarbage:
        break;
    }
    std::string garbage(512, '\0');
    for (std::size_t i = 0; i < garbage.size(); ++i) {
      garbage[i] = static_cast<char>(i * 0x9E3779B9U >> 7);
    }
    return connection.SendRaw(garbage);
  }

  static bool ReadsSomething(const TlsConnection& connection) {
    char byte = 0;
    return recv(connection.socket(), &byte, 1, 0) == 1;
  }

  std::atomic<int> refused_ = 0;
  std::atomic<double> seconds_ = 0;
};

TEST_P(HandshakeFloodTest, BlocksNoOtherClientAndLeaksNothing) {
  StartServer(files_.ServerOptions(),
              {"--max-connections-per-address", std::to_string(kMaxPerAddress)});
  const auto open = [this] { return Open(); };
  Bystanders before(open);
  std::this_thread::sleep_for(std::chrono::seconds(3));
  before.Stop();

  Bystanders during(open);
  const double cpu_before = CpuTime();
  std::vector<std::thread> attackers;
  for (int i = 0; i < kAttackers; ++i) attackers.emplace_back([this, i] { Flood(i); });
  std::atomic<bool> over = false;
  int most_descriptors = 0;
  std::thread watch([&] {
    while (!over) {
      most_descriptors = std::max(most_descriptors, OpenDescriptors());
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  for (std::thread& attacker : attackers) attacker.join();
  const double cpu_seconds = CpuTime() - cpu_before;
  over = true;
  watch.join();
  during.Stop();

  EXPECT_THAT(before.Failures(), IsEmpty());
  EXPECT_THAT(during.Failures(), IsEmpty());
  EXPECT_GT(during.answered(), 10U);
  // In addition to the descriptors of the attacking address: those of the bystanders, of the page
  // being read, and of connections that gRPC has not finished closing.
  EXPECT_LE(most_descriptors, descriptors_before_ + kMaxPerAddress + 16);
  const double refused = Metric("mlp_refused_connections_total{reason=\"address\"}");
  if (GetParam().attack == Attack::kSilentHellos) {
    EXPECT_GT(refused, 0);
  } else if (GetParam().attack != Attack::kGarbage) {
    EXPECT_EQ(refused_ - refused, 0);
  }
  ExpectNothingKept(/*mebibytes=*/30);
  std::cout << GetParam().name << ": " << kFloodConnections << " connections in " << seconds_
            << " s, of which " << refused << " refused; p50 and p99 of others "
            << before.LatencyMs(0.5) << " and " << before.LatencyMs(0.99) << " ms before, "
            << during.LatencyMs(0.5) << " and " << during.LatencyMs(0.99) << " ms meanwhile, of "
            << during.answered() << " calls; server's CPU " << cpu_seconds << " s; descriptors "
            << descriptors_before_ << ", at most " << most_descriptors << "; memory grew by "
            << GrownMebibytes() << " MiB\n";
}

INSTANTIATE_TEST_SUITE_P(Floods, HandshakeFloodTest,
                         ::testing::Values(FloodCase{"full handshakes", Attack::kFullHandshakes},
                                           FloodCase{"ClientHello, and gone", Attack::kHellos},
                                           FloodCase{"ClientHello, and silence",
                                                     Attack::kSilentHellos},
                                           FloodCase{"garbage", Attack::kGarbage}));

}  // namespace
}  // namespace mlp
