#include "benchmarks/service/swaps.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "benchmarks/bar_list.h"
#include "benchmarks/service/bar_sides.h"
#include "benchmarks/service/round.h"
#include "benchmarks/service/server_under_test.h"
#include "client/bench/load_generator.h"
#include "client/client.h"
#include "model/formats/native/writer.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kInFlightAtPeak = 64;
constexpr std::chrono::seconds kPeakTime(3);

// The memory that an allocator keeps varies by this much.
constexpr double kMaxGrowthMegabytes = 4.0;

// A repository with one model, of which one version is served at a time.
class Versions final {
 public:
  absl::Status WriteFirst() {
    std::error_code error;
    std::filesystem::create_directories(folder_.path() / kMiddleModel, error);
    if (error) return absl::InternalError(absl::StrCat("cannot make a folder: ", error.message()));
    return WriteNativeFolder(*NetworkOfModel(kMiddleModel), Folder(number_));
  }

  // Replaces the current version by the next.
  absl::Status Advance() {
    std::error_code error;
    const std::filesystem::path prepared = folder_.path() / "prepared";
    std::filesystem::copy(Folder(number_), prepared, error);
    if (!error) std::filesystem::rename(prepared, Folder(number_ + 1), error);
    if (!error) std::filesystem::remove_all(Folder(number_), error);
    if (error) return absl::InternalError(absl::StrCat("cannot publish: ", error.message()));
    ++number_;
    return absl::OkStatus();
  }

  std::string repository() const { return folder_.path().string(); }

 private:
  std::filesystem::path Folder(int number) const {
    return folder_.path() / kMiddleModel / absl::StrCat(number);
  }

  TemporaryFolder folder_;
  int number_ = 1;
};

// The median of each tenth of the samples.
std::vector<double> Tenths(const std::vector<double>& resident) {
  constexpr std::ptrdiff_t kParts = 10;
  std::vector<double> tenths;
  for (std::ptrdiff_t part = 0; part < kParts; ++part) {
    const auto begin = resident.begin() + part * std::ssize(resident) / kParts;
    const auto end = resident.begin() + (part + 1) * std::ssize(resident) / kParts;
    if (begin < end) tenths.push_back(Median({begin, end}));
  }
  return tenths;
}

struct Swapped {
  absl::Status status;
  int swaps = 0;
  std::vector<double> resident;  // after each swap, MB
};

// Stops at the first failed swap and returns its error.
Swapped Swap(const SwapsOptions& options, const Client& client, const ServerUnderTest& server,
             Versions& versions) {
  Swapped swapped;
  const Clock::time_point start = Clock::now();
  for (; swapped.swaps < options.swaps; ++swapped.swaps) {
    const std::chrono::duration<double> due(options.seconds * swapped.swaps / options.swaps);
    std::this_thread::sleep_until(start + std::chrono::duration_cast<Clock::duration>(due));
    swapped.status = versions.Advance();
    swapped.status.Update(client.LoadModel(kMiddleModel));
    if (!swapped.status.ok()) return swapped;
    swapped.resident.push_back(static_cast<double>(server.ResidentBytes().value_or(0)) / 1e6);
  }
  return swapped;
}

}  // namespace

absl::StatusOr<bool> MeasureSwaps(const SwapsOptions& options) {
  Versions versions;
  if (absl::Status status = versions.WriteFirst(); !status.ok()) return status;
  const absl::StatusOr<std::unique_ptr<ServerUnderTest>> server = ServerUnderTest::Start(
      options.server, versions.repository(),
      {"--model-control", "explicit", "--load-model", kMiddleModel, "--admission", "fixed"});
  if (!server.ok()) return server.status();
  const absl::StatusOr<Client> client = Client::Create((*server)->grpc_address());
  if (!client.ok()) return client.status();
  const absl::StatusOr<ModelMetadata> model = client->Metadata(kMiddleModel);
  if (!model.ok()) return model.status();
  LoadOptions load;
  load.address = (*server)->grpc_address();
  load.check_tolerance = 0.0F;
  const auto generator = LoadGenerator::Create(*model, load);
  if (!generator.ok()) return generator.status();

  LoadStop stop;
  const double peak = (*generator)->Run({kInFlightAtPeak, 0.0}, {kPeakTime}, stop).Rate();
  Swapped swapped;
  std::thread swapper([&] {
    swapped = Swap(options, *client, **server, versions);
    stop.sending = true;
  });
  constexpr std::chrono::hours kUntilStopped(24);
  const LoadResult result = (*generator)->Run({0, peak / 2}, {kUntilStopped}, stop);
  swapper.join();
  if (!swapped.status.ok()) return swapped.status;

  std::cout << "# " << swapped.swaps << " swaps in " << options.seconds << " s, " << result.sent
            << " requests at " << static_cast<std::int64_t>(peak / 2) << " a second\n";
  const std::vector<double> tenths = Tenths(swapped.resident);
  std::cout << "# resident MB, by tenths: " << absl::StrJoin(tenths, " ") << "\n";
  if (!result.first_error.empty()) std::cout << "# " << result.first_error << "\n";
  BarList bars;
  bars.AtMost("failed or wrong answers during the swaps",
              static_cast<double>(result.ErrorCount() + result.wrong), 0.0);
  // Growth within the first tenth does not count: buffers are created as they are needed.
  bars.AtMost("growth of the resident memory, MB",
              tenths.back() - tenths[std::min<std::size_t>(1, tenths.size() - 1)],
              kMaxGrowthMegabytes);
  return bars.all_reached();
}

}  // namespace mlp
