// Serves all kinds of clients for a while, swaps a model under them and attacks the server. Then
// accounts for every request: sent = answered + refused, on both sides; all values right; memory
// and descriptors flat.
//
//   soak --seconds 3600 [--server PROGRAM] [--csv FILE]
//
// Prints a line a minute and the account at the end. Exits with 1 if it does not add up.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "proto/open_inference.grpc.pb.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/server_process.h"
#include "tests/e2e/soak/soak_account.h"
#include "tests/e2e/soak/soak_attacks.h"
#include "tests/e2e/soak/soak_clients.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

struct Sample {
  double second = 0;
  double resident_bytes = 0;
  double descriptors = 0;
};

// The model's answer to the rows of the soak, before there is any load.
std::string AnswerOf(const std::string& address, const std::string& model) {
  const auto stub = inference::GRPCInferenceService::NewStub(OpenChannel(address));
  inference::ModelInferRequest request = DigitsRequest("digits-tanh", kSoakRows);
  request.set_model_name(model);
  inference::ModelInferResponse response;
  const grpc::Status status = Infer(*stub, request, response);
  if (!status.ok()) throw std::runtime_error(model + ": " + status.error_message());
  return response.raw_output_contents(0);
}

// Loads the model again and again, each time with the weights of the other sample.
class Swapper {
 public:
  Swapper(std::string address, std::filesystem::path folder)
      : stub_(inference::GRPCInferenceService::NewStub(OpenChannel(address))),
        folder_(std::move(folder)) {}

  void Swap() {
    const char* sample = swaps_ % 2 == 0 ? "digits-relu" : "digits-tanh";
    // As in docs/use/repository.md: written under another name, then renamed into place.
    const std::filesystem::path file = folder_ / "1" / "model.onnx";
    const std::filesystem::path beside = folder_ / "1" / ".model.onnx";
    std::filesystem::copy_file(SampleModels() / sample / "1" / "model.onnx", beside,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::rename(beside, file);
    const grpc::Status status = LoadModel(*stub_, folder_.filename().string());
    if (!status.ok()) error_ = status.error_message();
    ++swaps_;
  }

  int swaps() const { return swaps_; }
  const std::string& error() const { return error_; }

 private:
  const std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
  const std::filesystem::path folder_;
  int swaps_ = 0;
  std::string error_;
};

void Tell(const SoakKind& kind) {
  std::cout << "  " << kind.name << ": sent " << kind.tally.sent();
  for (const auto& [code, count] : kind.tally.codes()) {
    std::cout << ", code " << static_cast<int>(code) << " " << count;
  }
  std::cout << "\n";
}

// After the load and the attacks, none of their descriptors is left.
void CheckDescriptors(double before, int http_port, Findings& findings) {
  double after = 0;
  const bool gone = Eventually([&] {
    after = ReadMetrics(http_port)["process_open_fds"];
    return after > 0 && after <= before + 8;
  });
  findings.Expect(gone, absl::StrCat("open descriptors went from ", before, " to ", after));
}

// The least resident memory of the samples from `begin` to `end`.
double LeastResident(const std::vector<Sample>& samples, std::size_t begin, std::size_t end) {
  double least = samples[begin].resident_bytes;
  for (std::size_t i = begin; i < end; ++i) least = std::min(least, samples[i].resident_bytes);
  return least;
}

// A burst's memory is given back. A sample's peak therefore depends on the bursts it meets, between
// 50 and 100 MiB. Memory that is never given back raises the minimum between bursts.
void CheckFlat(const std::vector<Sample>& samples, Findings& findings) {
  if (samples.size() < 10) return;
  // After a fifth of the time, all buffers have reached their size.
  const std::size_t middle = samples.size() * 3 / 5;
  const double early = LeastResident(samples, samples.size() / 5, middle);
  const double late = LeastResident(samples, middle, samples.size());
  constexpr double kSlack = 4.0 * 1024 * 1024;
  findings.Expect(late <= early * 1.1 + kSlack,
                  absl::StrCat("resident memory went from at least ", early, " bytes to ", late));
}

int Soak(double duration, const std::string& csv) {
  const TemporaryFolder folder;
  for (const char* model : {"steady", "torn"}) {
    AddSampleModel(folder.path(), "digits-tanh", model);
  }
  AddSampleModel(folder.path(), "digits-tanh", "swapped");
  AddSampleModel(folder.path(), "digits-relu", "other");
  for (const char* model : {"attacked", "visitor"}) {
    AddSampleModel(folder.path(), "digits-tanh", model);
  }
  auto started =
      ServerProcess::Start({"--model-repository", folder.path().string(), "--model-control",
                            "explicit", "--load-model", "*", "--admission", "adaptive"});
  if (!started.ok()) throw std::runtime_error(std::string(started.status().message()));
  ServerProcess& server = **started;

  RightAnswers right;
  for (const char* model : {"steady", "torn", "swapped"}) {
    right[model].push_back(AnswerOf(server.grpc_address(), model));
  }
  right["swapped"].push_back(AnswerOf(server.grpc_address(), "other"));

  const double descriptors = ReadMetrics(server.http_port()).at("process_open_fds");
  std::atomic<bool> end = false;
  const SoakContext context{server.grpc_address(), right, end};
  std::vector<std::unique_ptr<SoakKind>> kinds;
  std::vector<std::thread> threads;
  const auto add = [&](const char* name, const char* model,
                       const std::function<void(SoakTally&)>& run) {
    kinds.push_back(std::make_unique<SoakKind>());
    kinds.back()->name = name;
    kinds.back()->model = model;
    threads.emplace_back([run, kind = kinds.back().get()] { run(kind->tally); });
  };
  add("unary", "steady", [&](SoakTally& t) { RunUnaryClient(context, "steady", 1, t); });
  add("unary too", "steady", [&](SoakTally& t) { RunUnaryClient(context, "steady", 2, t); });
  add("swapped", "swapped", [&](SoakTally& t) { RunUnaryClient(context, "swapped", 3, t); });
  add("streams", "steady", [&](SoakTally& t) { RunStreamClient(context, "steady", 4, t); });
  add("swapped streams", "swapped",
      [&](SoakTally& t) { RunStreamClient(context, "swapped", 5, t); });
  add("wrong", "steady", [&](SoakTally& t) { RunWrongClient(context, "steady", t); });
  add("impatient", "torn", [&](SoakTally& t) { RunImpatientClient(context, "torn", 6, t); });
  add("bursts", "torn", [&](SoakTally& t) { RunBurstClient(context, "torn", t); });

  const AttackedServer attacked{server.grpc_address(), server.grpc_port(), server.http_port(),
                                "attacked", "visitor"};
  AttackTally attacks;
  threads.emplace_back([&] { RunAttacks(attacked, end, attacks); });

  Swapper swapper(server.grpc_address(), folder.path() / "swapped");
  std::vector<Sample> samples;
  const Clock::time_point begin = Clock::now();
  Clock::time_point last_log = begin;
  while (std::chrono::duration<double>(Clock::now() - begin).count() < duration &&
         server.Running()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    swapper.Swap();
    const Samples metrics = ReadMetrics(server.http_port());
    if (metrics.empty()) continue;
    samples.push_back({std::chrono::duration<double>(Clock::now() - begin).count(),
                       metrics.at("process_resident_memory_bytes"),
                       metrics.at("process_open_fds")});
    if (Clock::now() - last_log > seconds(60)) {
      last_log = Clock::now();
      std::cout << static_cast<int>(samples.back().second) << " s: resident "
                << samples.back().resident_bytes / (1 << 20) << " MiB, descriptors "
                << samples.back().descriptors << ", swaps " << swapper.swaps() << std::endl;
    }
  }
  end = true;
  for (std::thread& thread : threads) thread.join();

  Findings findings;
  findings.Expect(server.Running(), "the server has ended: " + server.log());
  // The server learns of a cancelled call a moment later than its client.
  Samples metrics;
  Findings account;
  Eventually([&] {
    metrics = ReadMetrics(server.http_port());
    account = Findings();
    CheckAccount(kinds, attacks, metrics, account);
    return account.lines().empty();
  });
  for (const std::string& line : account.lines()) findings.Expect(false, line);
  for (const auto& kind : kinds) Tell(*kind);
  std::cout << "  swaps " << swapper.swaps() << "; the server counted "
            << Sum(metrics, "mlp_requests_total") << " requests and refused "
            << Sum(metrics, "mlp_rejected_total") << "\n";
  std::cout << "  rounds of attacks " << attacks.rounds << ", with " << attacks.least_requests
            << " to " << attacks.most_requests << " requests; slowest answer of /live "
            << attacks.slowest_live_seconds << " s\n";
  CheckFlat(samples, findings);
  CheckDescriptors(descriptors, server.http_port(), findings);
  findings.Expect(swapper.error().empty(), "a swap failed: " + swapper.error());
  if (!csv.empty()) {
    std::ofstream file(csv);
    file << "second,resident_bytes,open_descriptors\n";
    for (const Sample& sample : samples) {
      file << sample.second << "," << sample.resident_bytes << "," << sample.descriptors << "\n";
    }
  }
  server.Signal(SIGTERM);
  findings.Expect(server.WaitForExit() == 0, "the server did not end with 0");
  for (const std::string& line : findings.lines()) std::cout << "WRONG " << line << "\n";
  std::cout << (findings.lines().empty() ? "the account adds up\n"
                                         : "the account does not add up\n");
  return findings.lines().empty() ? 0 : 1;
}

}  // namespace
}  // namespace mlp

int main(int argc, char** argv) {
  double seconds = 60;
  std::string csv;
  CLI::App app("Serves all kinds of clients for a while and accounts for every request.", "soak");
  app.add_option("--seconds", seconds, "How long")->check(CLI::Range(1.0, 100'000.0));
  app.add_option("--csv", csv, "A file for memory and descriptors over time");
  try {
    app.parse(argc, argv);
    return mlp::Soak(seconds, csv);
  } catch (const CLI::Error& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::cerr << "soak: " << error.what() << "\n";
    return 1;
  }
}
