#include "benchmarks/service/server_under_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/client.h"
#include "tests/e2e/http_get.h"

namespace mlp {
namespace {

constexpr absl::Duration kPatienceForStart = absl::Seconds(60);
constexpr absl::Duration kPatienceForEnd = absl::Seconds(15);
constexpr absl::Duration kBetweenLooks = absl::Microseconds(500);

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

class TcpSocket final {
 public:
  TcpSocket() : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~TcpSocket() { close(descriptor_); }
  TcpSocket(const TcpSocket&) = delete;
  TcpSocket& operator=(const TcpSocket&) = delete;

  // Binds to a free port; returns 0 if there is none.
  int BindToFreePort() {
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof(address);
    if (bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      return 0;
    }
    return ntohs(address.sin_port);
  }

  bool Connect(int port) {
    const sockaddr_in address = Loopback(port);
    return connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }

 private:
  int descriptor_;
};

pid_t StartProcess(std::vector<std::string> words) {
  // Prepared before the fork: between fork and exec, a process with threads must not allocate.
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t process = fork();
  if (process == 0) {
    // Ends the server however this program ends.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  return process;
}

double SumOf(const Samples& samples, const std::string& prefix) {
  double sum = 0.0;
  for (const auto& [name, value] : samples) {
    if (absl::StartsWith(name, prefix)) sum += value;
  }
  return sum;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerUnderTest>> ServerUnderTest::Start(
    const std::string& program, const std::string& repository,
    const std::vector<std::string>& more_arguments, const ClientCredentials& credentials) {
  std::unique_ptr<ServerUnderTest> server(new ServerUnderTest);
  int grpc_port = 0;
  {
    // Holds both ports until both are known, so that they differ.
    TcpSocket grpc;
    TcpSocket http;
    grpc_port = grpc.BindToFreePort();
    server->http_port_ = http.BindToFreePort();
  }
  server->grpc_address_ = absl::StrCat("127.0.0.1:", grpc_port);
  std::vector<std::string> words = {program,
                                    "--model-repository",
                                    repository,
                                    "--grpc-address",
                                    server->grpc_address_,
                                    "--http-address",
                                    absl::StrCat("127.0.0.1:", server->http_port_),
                                    "--log-level",
                                    "error"};
  words.insert(words.end(), more_arguments.begin(), more_arguments.end());

  const absl::Time start = absl::Now();
  if (absl::Status status = server->StartListening(std::move(words), grpc_port); !status.ok()) {
    return status;
  }
  const absl::StatusOr<Client> client =
      Client::Create(server->grpc_address_, {.credentials = credentials});
  if (!client.ok()) return client.status();
  while (true) {
    const absl::StatusOr<ServingStatus> health = client->CheckHealth();
    if (health.ok() && *health == ServingStatus::kServing) break;
    if (!server->Running() || absl::Now() - start > kPatienceForStart) {
      return absl::UnavailableError(
          absl::StrCat(program, " did not get ready: ", health.status().message()));
    }
    absl::SleepFor(kBetweenLooks);
  }
  server->start_to_ready_ = absl::Now() - start;
  return server;
}

absl::StatusOr<std::unique_ptr<ServerUnderTest>> ServerUnderTest::StartPeer(
    const std::string& program, const std::vector<std::string>& arguments) {
  std::unique_ptr<ServerUnderTest> server(new ServerUnderTest);
  const int port = TcpSocket().BindToFreePort();
  server->grpc_address_ = absl::StrCat("127.0.0.1:", port);
  std::vector<std::string> words = {program, "--address", server->grpc_address_};
  words.insert(words.end(), arguments.begin(), arguments.end());
  if (absl::Status status = server->StartListening(std::move(words), port); !status.ok()) {
    return status;
  }
  return server;
}

absl::Status ServerUnderTest::StartListening(std::vector<std::string> words, int grpc_port) {
  const std::string program = words.front();
  const absl::Time start = absl::Now();
  process_ = StartProcess(std::move(words));
  if (process_ < 0) return absl::InternalError("cannot start a process");
  // gRPC's client would wait a second between attempts while nothing listens yet.
  while (!TcpSocket().Connect(grpc_port)) {
    if (!Running()) return absl::UnavailableError(absl::StrCat(program, " ended immediately"));
    if (absl::Now() - start > kPatienceForStart) {
      return absl::DeadlineExceededError(absl::StrCat(program, " does not listen"));
    }
    absl::SleepFor(kBetweenLooks);
  }
  return absl::OkStatus();
}

std::unique_ptr<ServerUnderTest> ServerUnderTest::Attach(const std::string& grpc_address,
                                                         int http_port) {
  std::unique_ptr<ServerUnderTest> server(new ServerUnderTest);
  server->grpc_address_ = grpc_address;
  server->http_port_ = http_port;
  return server;
}

ServerUnderTest::~ServerUnderTest() {
  if (!Running()) return;
  kill(process_, SIGTERM);
  const absl::Time start = absl::Now();
  while (Running()) {
    if (absl::Now() - start > kPatienceForEnd) kill(process_, SIGKILL);
    absl::SleepFor(kBetweenLooks);
  }
}

bool ServerUnderTest::Running() {
  if (process_ > 0 && waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
  return process_ > 0;
}

std::optional<absl::Duration> ServerUnderTest::CpuTime() const {
  if (process_ > 0) {
    clockid_t clock = 0;
    timespec time{};
    if (clock_getcpuclockid(process_, &clock) != 0 || clock_gettime(clock, &time) != 0) {
      return std::nullopt;
    }
    return absl::DurationFromTimespec(time);
  }
  if (http_port_ == 0) return std::nullopt;
  const Samples samples = ReadMetrics(http_port_);
  const auto found = samples.find("process_cpu_seconds_total");
  if (found == samples.end()) return std::nullopt;
  return absl::Seconds(found->second);
}

std::optional<std::int64_t> ServerUnderTest::ResidentBytes() const {
  if (process_ <= 0) return std::nullopt;
  std::ifstream file(absl::StrCat("/proc/", process_, "/statm"));
  std::int64_t total_pages = 0;
  std::int64_t resident_pages = 0;
  if (!(file >> total_pages >> resident_pages)) return std::nullopt;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

std::optional<BatchRows> ServerUnderTest::ReadBatchRows(const std::string& model) const {
  if (http_port_ == 0) return std::nullopt;
  const Samples samples = ReadMetrics(http_port_);
  const std::string labels = absl::StrCat("{model=\"", model, "\",");
  const BatchRows rows = {SumOf(samples, "mlp_batch_rows_count" + labels),
                          SumOf(samples, "mlp_batch_rows_sum" + labels)};
  if (rows.batches == 0) return std::nullopt;
  return rows;
}

}  // namespace mlp
