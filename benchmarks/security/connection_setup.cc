#include "benchmarks/security/connection_setup.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "benchmarks/service/round.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/security/tls_connection.h"
#include "tests/http2_frame.h"

namespace mlp {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kPing[] = "a ping .";

std::string GreetingAndPing() {
  return Http2Greeting() + Frame(kSettingsFrame, kAcknowledges, 0, "") +
         Frame(kPingFrame, 0, 0, kPing);
}

// Whether `receive` brings the answer to the ping before it returns an empty text at the end.
template <typename Receive>
bool AwaitsPing(const Receive& receive) {
  const std::string answer = Frame(kPingFrame, kAcknowledges, 0, kPing);
  std::string received;
  while (received.find(answer) == std::string::npos) {
    const std::string more = receive();
    if (more.empty()) return false;
    received += more;
  }
  return true;
}

bool SetUpPlaintext(int port) {
  const int socket = ConnectToLoopback(port);
  if (socket < 0) return false;
  const std::string bytes = GreetingAndPing();
  const bool done = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
                        static_cast<ssize_t>(bytes.size()) &&
                    AwaitsPing([socket] {
                      pollfd event{socket, POLLIN, 0};
                      char part[4096];
                      const ssize_t got =
                          poll(&event, 1, 10'000) <= 0 ? 0 : recv(socket, part, sizeof(part), 0);
                      return std::string(part, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
                    });
  close(socket);
  return done;
}

bool SetUpTls(const TlsClient& client, int port) {
  TlsConnection connection(client, port);
  return connection.ShakeHands() && connection.Send(GreetingAndPing()) &&
         AwaitsPing([&connection] { return connection.Receive(); });
}

struct OfOneThread {
  std::vector<double> microseconds;
  std::int64_t failed = 0;
};

OfOneThread SetUpUntil(Clock::time_point end, int port, const SetupLoad& load) {
  OfOneThread own;
  const TlsClient client({"TLS 1.3", TLS1_3_VERSION}, load.certificate);
  for (Clock::time_point begin = Clock::now(); begin < end;) {
    const bool done = load.tls ? SetUpTls(client, port) : SetUpPlaintext(port);
    const Clock::time_point now = Clock::now();
    if (done) {
      own.microseconds.push_back(std::chrono::duration<double, std::micro>(now - begin).count());
    } else {
      ++own.failed;
    }
    begin = now;
  }
  return own;
}

}  // namespace

SetupRound MeasureSetup(const ServerUnderTest& server, const SetupLoad& load) {
  const std::string& address = server.grpc_address();
  const int port = std::atoi(address.substr(address.rfind(':') + 1).c_str());
  const absl::Duration cpu_before = server.CpuTime().value_or(absl::ZeroDuration());
  const Clock::time_point begin = Clock::now();
  const Clock::time_point end = begin + std::chrono::duration_cast<Clock::duration>(
                                            std::chrono::duration<double>(load.seconds));
  std::vector<OfOneThread> all(static_cast<std::size_t>(load.threads));
  std::vector<std::thread> threads;
  for (OfOneThread& own : all) {
    threads.emplace_back([&own, end, port, &load] { own = SetUpUntil(end, port, load); });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const absl::Duration cpu_after = server.CpuTime().value_or(absl::ZeroDuration());

  SetupRound round;
  std::vector<double> microseconds;
  for (const OfOneThread& own : all) {
    microseconds.insert(microseconds.end(), own.microseconds.begin(), own.microseconds.end());
    round.failed += own.failed;
  }
  round.connections = static_cast<std::int64_t>(microseconds.size());
  const double count = std::max(1.0, static_cast<double>(round.connections));
  round.per_second = static_cast<double>(round.connections) / seconds;
  round.median_microseconds = Median(std::move(microseconds));
  round.server_cpu_microseconds = absl::ToDoubleMicroseconds(cpu_after - cpu_before) / count;
  return round;
}

}  // namespace mlp
