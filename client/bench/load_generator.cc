#include "client/bench/load_generator.h"

#include <algorithm>
#include <ctime>
#include <limits>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/bench/load_loop.h"
#include "client/bench/wire.h"
#include "client/channel.h"
#include "client/server_address.h"
#include "proto/open_inference.grpc.pb.h"

namespace mlp {
namespace {

using inference::GRPCInferenceService;
using inference::ModelInferRequest;

constexpr auto kPatienceAlone = std::chrono::seconds(10);
constexpr auto kBetweenWatches = std::chrono::milliseconds(100);

// The delay before all threads start together, so that the last one is ready by then.
constexpr auto kTimeToBegin = std::chrono::milliseconds(2);

std::chrono::nanoseconds OwnCpuTime() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Part number `index` of `parts` of `whole`, split as evenly as integers allow.
template <typename Count>
Count PartOf(Count whole, int index, int parts) {
  return whole / parts + (index < whole % parts ? 1 : 0);
}

absl::Status CheckOptions(const LoadOptions& options) {
  if (options.request_options.rows < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a request has ", options.request_options.rows, " rows; expected at least 1"));
  }
  if (options.threads < 1 || options.connections < options.threads) {
    return absl::InvalidArgumentError(absl::StrCat(options.connections, " connections for ",
                                                   options.threads,
                                                   " threads; expected at least one for each"));
  }
  if (options.stream && options.deadline.count() > 0) {
    return absl::InvalidArgumentError(
        "--deadline applies to a whole stream, not to each request; omit --deadline or --stream");
  }
  if (absl::Status status = CheckServerAddress(options.address); !status.ok()) return status;
  return CheckClientCredentials(options.address, options.credentials);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LoadGenerator>> LoadGenerator::Create(const ModelMetadata& model,
                                                                     const LoadOptions& options) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  absl::StatusOr<std::vector<ModelInferRequest>> requests =
      MakeRequests(model, options.request_options);
  if (!requests.ok()) return requests.status();
  std::unique_ptr<LoadGenerator> generator(new LoadGenerator(options));
  for (int i = 0; i < options.connections; ++i) {
    generator->channels_.push_back(OpenClientChannel(options.address, options.credentials.tls,
                                                     std::numeric_limits<std::int32_t>::max(),
                                                     ChannelSharing::kOwnConnection));
  }
  if (absl::Status status = generator->SendEachAlone(*requests); !status.ok()) return status;
  for (ModelInferRequest& request : *requests) {
    if (options.timeout_microseconds > 0) {
      (*request.mutable_parameters())["timeout"].set_int64_param(options.timeout_microseconds);
    }
    generator->messages_.push_back(Serialize(request));
    request.Clear();  // free it, so that not all are in memory twice
  }
  return generator;
}

absl::Status LoadGenerator::SendEachAlone(const std::vector<ModelInferRequest>& requests) {
  if (options_.check_tolerance.has_value()) check_.emplace(*options_.check_tolerance);
  const std::size_t asked =
      check_.has_value() ? std::max(channels_.size(), requests.size()) : channels_.size();
  for (std::size_t i = 0; i < asked; ++i) {
    const auto stub = GRPCInferenceService::NewStub(channels_[i % channels_.size()]);
    grpc::ClientContext context;
    AddTokenTo(options_.credentials.token, context);
    context.set_deadline(std::chrono::system_clock::now() + kPatienceAlone);
    inference::ModelInferResponse response;
    const grpc::Status status =
        stub->ModelInfer(&context, requests[i % requests.size()], &response);
    if (!status.ok()) {
      // The two enumerations have the same numbers.
      return {static_cast<absl::StatusCode>(status.error_code()),
              absl::StrCat("single request before the load: ", status.error_message())};
    }
    if (!check_.has_value() || i >= requests.size()) continue;
    if (response.raw_output_contents().empty()) {
      return absl::UnimplementedError("the model's answer has no raw_output_contents to compare");
    }
    check_->AddExpected(response.SerializeAsString());
  }
  return absl::OkStatus();
}

LoadResult LoadGenerator::Run(const LoadTarget& target, const LoadEnd& end, const LoadStop& stop,
                              const Watch& watch) {
  const std::chrono::nanoseconds cpu_before = OwnCpuTime();
  // A thread without requests to send would only wait.
  int threads = options_.threads;
  if (!target.open()) threads = std::min(threads, target.concurrency);
  if (end.requests > 0) {
    threads = static_cast<int>(std::min<std::int64_t>(threads, end.requests));
  }
  std::vector<LoadProgress> progress(static_cast<std::size_t>(threads));
  std::vector<LoadResult> parts(static_cast<std::size_t>(threads));
  std::atomic<int> running = threads;
  std::vector<std::thread> loops;
  loops.reserve(parts.size());
  const LoadClock::time_point start = LoadClock::now() + kTimeToBegin;
  for (int i = 0; i < threads; ++i) {
    LoadShare share;
    share.target = {PartOf(target.concurrency, i, threads), target.rate / threads};
    share.end = {end.duration, PartOf(end.requests, i, threads)};
    share.start = start;
    share.seed = options_.request_options.seed + static_cast<std::uint64_t>(i);
    share.most_in_flight = PartOf(kMaxInFlight, i, threads);
    share.first_message = messages_.size() * static_cast<std::size_t>(i) / parts.size();
    share.stream = options_.stream;
    share.deadline = options_.deadline;
    share.token = options_.credentials.token;
    for (std::size_t channel = static_cast<std::size_t>(i); channel < channels_.size();
         channel += parts.size()) {
      share.channels.push_back(channels_[channel]);
    }
    share.messages = messages_;
    share.check = check_.has_value() ? &*check_ : nullptr;
    loops.emplace_back([share = std::move(share), &stop, &progress, &parts, &running, i] {
      const auto index = static_cast<std::size_t>(i);
      parts[index] = RunLoadLoop(share, stop, progress[index]);
      running.fetch_sub(1);
    });
  }
  while (watch && running.load() > 0) {
    std::this_thread::sleep_for(kBetweenWatches);
    Counts counts;
    for (const LoadProgress& part : progress) {
      counts.answered += part.answered.load(std::memory_order_relaxed);
      counts.errors += part.errors.load(std::memory_order_relaxed);
    }
    watch(counts);
  }
  for (std::thread& loop : loops) loop.join();
  LoadResult result;
  for (const LoadResult& part : parts) result.Merge(part);
  result.own_cpu_time = OwnCpuTime() - cpu_before;
  return result;
}

}  // namespace mlp
