// How many threads evaluate: as many as there are usable CPUs, or the number given by
// --evaluator-threads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "model/cpu/instruction_set.h"
#include "tests/e2e/evaluator_info.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/one_cpu.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ThreadsTest, AreAsManyAsTheCpusOfTheAffinityMask) {
  const OneCpu one_cpu;
  if (!one_cpu.set()) GTEST_SKIP() << "this system lets no thread restrict itself";
  const auto server = ServerProcess::Start({"--model-repository", SampleModels().string()},
                                           {{"MLP_EVALUATOR_THREADS", ""}});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(ReadMetrics((*server)->http_port()).count(EvaluatorInfo(BestInstructionSet(), 1)), 1U);
  EXPECT_THAT((*server)->log(), HasSubstr(", 1 thread\n"));
}

// Large batches are split over all threads. oneTBB would warn if it had no more threads than CPUs.
TEST(ThreadsTest, AreAsManyAsRequestedEvenBeyondTheCpus) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment.
  if (std::getenv("MLP_EVALUATOR_THREADS") != nullptr) {
    GTEST_SKIP() << "the environment sets the threads, as for ThreadSanitizer, which cannot see "
                    "what oneTBB does";
  }
  const auto server = ServerProcess::StartOnSampleModels({"--evaluator-threads", "7"});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(ReadMetrics((*server)->http_port()).count(EvaluatorInfo(BestInstructionSet(), 7)), 1U);
  const auto stub =
      inference::GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
  inference::ModelInferResponse response;
  const grpc::Status status = Infer(*stub, DigitsRequest("digits-tanh", 4096), response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT((*server)->log(), Not(HasSubstr("Warning")));
}

}  // namespace
}  // namespace mlp
