// The metrics of a small network, and the lines of their page.

#ifndef MLP_TESTS_SERVER_OBSERVE_METRICS_TEST_H_
#define MLP_TESTS_SERVER_OBSERVE_METRICS_TEST_H_

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "model/evaluator/evaluator.h"
#include "server/observe/metrics.h"
#include "tests/server/small_network.h"

namespace mlp {

class MetricsTest : public ::testing::Test {
 protected:
  static constexpr char kHidden[] = R"({model="m",version="3",layer="hidden_1",activation="relu"})";

  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    std::istringstream page(metrics_.Expose());
    for (std::string line; std::getline(page, line);) lines.push_back(line);
    return lines;
  }

  // The lines of samples, without those about the process.
  std::vector<std::string> SampleLines() const {
    std::vector<std::string> samples;
    for (const std::string& line : Lines()) {
      if (line.rfind('#', 0) != 0 && line.rfind("process_", 0) != 0) samples.push_back(line);
    }
    return samples;
  }

  // The activity an evaluator counts on `rows` rows if both hidden units gave 2 with the slope 1.
  static NetworkActivity Activity(const Network& network, std::int64_t rows) {
    NetworkActivity activity = MakeNetworkActivity(network);
    for (LayerActivity& layer : activity) layer.rows = rows;
    LayerActivity& hidden = activity.front();
    hidden.unit_values.assign(2, 2.0 * static_cast<double>(rows));
    hidden.sum_of_squares = 8.0 * static_cast<double>(rows);
    hidden.unit_slopes.assign(2, static_cast<double>(rows));
    hidden.unit_lower_tail = {rows, 1};
    return activity;
  }

  // A request of one row that was answered.
  void AskOnce(const ModelInstruments& instruments) const {
    instruments.metrics->CountRequest(absl::StatusCode::kOk);
    instruments.activity->Add(1, Activity(evaluator_.network(), 1), ActivityTotals::Clock::now());
  }

  // The names of the samples with the label model="m".
  std::set<std::string> NamesOfTheModel() const {
    std::set<std::string> names;
    for (const std::string& sample : SampleLines()) {
      if (!absl::StrContains(sample, R"(model="m")")) continue;
      names.insert(sample.substr(0, sample.find('{')));
    }
    return names;
  }

  // The samples of mlp_rejected_total that contain `part`.
  std::vector<std::string> RejectedSamples(const std::string& part) const {
    std::vector<std::string> samples;
    for (const std::string& sample : SampleLines()) {
      if (absl::StartsWith(sample, "mlp_rejected_total{") && absl::StrContains(sample, part)) {
        samples.push_back(sample);
      }
    }
    return samples;
  }

  Metrics metrics_{0.01, ActivityWindow{.rows = 1'000}};
  tbb::task_arena arena_{2};
  const Evaluator evaluator_{SmallNetwork(), 0.01, arena_, SupportedInstructionSets().front()};
};

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_OBSERVE_METRICS_TEST_H_
