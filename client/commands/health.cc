#include "client/commands/health.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/client.h"
#include "client/commands/number_range.h"

namespace mlp {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kHealthExamples[] = R"(Prints "serving" or "not serving".
Exit codes: 0 serving, 1 not serving, 2 unreachable, unknown or any other error.

Examples:
  mlp-client health                      # the whole server
  mlp-client health digits-relu          # one model
  mlp-client health --wait 30            # until it serves, at most 30 s
  HEALTHCHECK CMD ["mlp-client", "health", "--timeout", "2"]    # in a Dockerfile

--address and --timeout (mlp-client --help) also work here.)";

constexpr std::chrono::milliseconds kPollInterval(100);

// Limits each request while waiting, so that the wait ends nearly in time.
constexpr double kLongestPollSeconds = 1.0;

// Whether a server that is starting may answer like this.
bool IsRetryable(const absl::StatusOr<ServingStatus>& status) {
  return status.ok() || absl::IsUnavailable(status.status()) ||
         absl::IsDeadlineExceeded(status.status()) || absl::IsNotFound(status.status());
}

// Uses a new connection for each request. On a shared connection, a call fails immediately if the
// last connection attempt failed, so a server that starts after the first request would be found up
// to ten seconds late.
absl::StatusOr<ServingStatus> AskHealth(const ConnectionOptions& connection,
                                        const std::string& service) {
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  return client->CheckHealth(service);
}

}  // namespace

CLI::App* AddHealthCommand(CLI::App& app, HealthOptions& options) {
  CLI::App* command =
      app.add_subcommand("health", "Check whether the server or a model is serving");
  command->add_option("SERVICE", options.service, "A model's name [the whole server]")
      ->option_text(" ");
  command->add_option("--wait", options.wait_seconds, "Seconds to wait until it is serving")
      ->check(NumberIn(0.0, 1e9))
      ->option_text("SECONDS");
  command->footer(kHealthExamples);
  return command;
}

absl::StatusOr<int> RunHealth(const HealthOptions& options, const ConnectionOptions& connection,
                              Streams streams) {
  ConnectionOptions poll = connection;
  if (options.wait_seconds > 0) {
    poll.timeout_seconds = std::min(poll.timeout_seconds, kLongestPollSeconds);
  }
  const auto end = Clock::now() + std::chrono::duration<double>(options.wait_seconds);
  absl::StatusOr<ServingStatus> status = AskHealth(poll, options.service);
  while (IsRetryable(status) && !(status.ok() && *status == ServingStatus::kServing) &&
         Clock::now() + kPollInterval < end) {
    std::this_thread::sleep_for(kPollInterval);
    status = AskHealth(poll, options.service);
  }
  if (!status.ok()) return status.status();
  const bool serving = *status == ServingStatus::kServing;
  streams.out << (serving ? "serving\n" : "not serving\n");
  return serving ? kExitDone : kExitNotServing;
}

}  // namespace mlp
