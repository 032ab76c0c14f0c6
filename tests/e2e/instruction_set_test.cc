// --isa: every instruction set of this CPU can be forced, and gives the answers of the best one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/cpu/instruction_set.h"
#include "tests/e2e/evaluator_info.h"
#include "tests/e2e/held_out.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

constexpr const char* kEverySample[] = {"digits-sigmoid",    "digits-tanh",  "digits-relu",
                                        "digits-leaky-relu", "digits-prelu", "digits-elu",
                                        "digits-saturated"};
constexpr std::size_t kDigits = 10;

// Logits and probabilities of the held-out digits, by sample model.
using SampleAnswers = std::map<std::string, std::vector<std::vector<float>>>;

SampleAnswers SampleAnswersOf(const ServerProcess& server) {
  const auto stub = inference::GRPCInferenceService::NewStub(OpenChannel(server.grpc_address()));
  SampleAnswers answers;
  for (const char* model : kEverySample) {
    inference::ModelInferResponse response;
    const grpc::Status status =
        Infer(*stub, RawRequest(model, kHeldOutRows, 64, HeldOutPixels()), response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    answers[model] = {RawOutput(response, 0), RawOutput(response, 1)};
  }
  return answers;
}

// The greatest difference, relative to the greatest magnitude in its row. Values near zero are sums
// whose terms cancel, so their relative accuracy means little.
double GreatestDifference(const std::vector<float>& actual, const std::vector<float>& expected) {
  if (actual.size() != expected.size()) return std::numeric_limits<double>::infinity();
  double greatest = 0.0;
  for (std::size_t row = 0; row < actual.size(); row += kDigits) {
    double scale = 0.0;
    double difference = 0.0;
    for (std::size_t i = row; i < row + kDigits; ++i) {
      scale = std::max(scale, std::fabs(double{expected[i]}));
      difference = std::max(difference, std::fabs(double{actual[i]} - expected[i]));
    }
    greatest = std::max(greatest, difference / scale);
  }
  return greatest;
}

TEST(InstructionSetTest, GivesTheSameAnswersOnEachForcedSet) {
  const auto best = ServerProcess::StartOnSampleModels({"--evaluator-threads", "1"});
  ASSERT_TRUE(best.ok()) << best.status();
  EXPECT_EQ(ReadMetrics((*best)->http_port()).count(EvaluatorInfo(BestInstructionSet(), 1)), 1U);
  const SampleAnswers expected = SampleAnswersOf(**best);
  for (const InstructionSet forced : SupportedInstructionSets()) {
    const std::string name(NameOf(forced));
    const auto server =
        ServerProcess::StartOnSampleModels({"--isa", name, "--evaluator-threads", "1"});
    ASSERT_TRUE(server.ok()) << server.status();
    EXPECT_THAT((*server)->log(), HasSubstr(absl::StrCat("the evaluator runs on ", name, " of ")));
    EXPECT_EQ(ReadMetrics((*server)->http_port()).count(EvaluatorInfo(forced, 1)), 1U) << name;
    for (const auto& [model, outputs] : SampleAnswersOf(**server)) {
      for (std::size_t output = 0; output < outputs.size(); ++output) {
        EXPECT_LE(GreatestDifference(outputs[output], expected.at(model)[output]), 1e-6)
            << model << ", output " << output << ", on " << name;
      }
    }
  }
}

TEST(InstructionSetTest, IsReadFromTheEnvironment) {
  const InstructionSet first = SupportedInstructionSets().front();
  const auto server = ServerProcess::Start(
      {"--model-repository", SampleModels().string(), "--evaluator-threads", "1"},
      {{"MLP_ISA", std::string(NameOf(first))}});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(ReadMetrics((*server)->http_port()).count(EvaluatorInfo(first, 1)), 1U);
}

// The architectures have no set in common, so one of these two is always missing.
TEST(InstructionSetTest, EndsWithOneLineIfTheCpuLacksIt) {
  const char* other = IsSupported(InstructionSet::kNeon) ? "avx512" : "neon";
  const ServerRun run = RunServer({"--model-repository", SampleModels().string(), "--isa", other});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, absl::StrCat("mlp-server: --isa: this CPU does not have '", other,
                                  "'; it has ", NamesOf(SupportedInstructionSets()), "\n"));
}

TEST(InstructionSetTest, EndsWithOneLineForAnUnknownSet) {
  const ServerRun run =
      RunServer({"--model-repository", SampleModels().string()}, {{"MLP_ISA", "sse9"}});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out,
            absl::StrCat("mlp-server: --isa: 'sse9' is not an instruction set; expected one of ",
                         NamesOf(kEveryInstructionSet), ", of which this CPU has ",
                         NamesOf(SupportedInstructionSets()), " (from MLP_ISA)\n"));
}

}  // namespace
}  // namespace mlp
