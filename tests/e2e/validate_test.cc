// mlp-server --validate, as a repository's own checks run it before publishing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/formats/native/safetensors.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ServerRun Validate(const PublishedModels& models) {
  // Addresses on which no server can listen: a validation does not listen.
  return RunServer({"--validate", "--model-repository", models.root().string(), "--grpc-address",
                    "no.such.host.invalid:1", "--http-address", "no.such.host.invalid:1"});
}

TEST(ValidateTest, AcceptsARepositoryThatCanBeServed) {
  PublishedModels models;
  models.Publish("digits", 1, "digits-relu");
  models.Publish("digits", 2, "digits-tanh");
  models.Publish("other", 7, "digits-elu");
  const ServerRun run = Validate(models);
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_THAT(run.out, HasSubstr("3 versions of 2 models can be served"));
}

TEST(ValidateTest, ReportsARefusedVersionAmongOthers) {
  PublishedModels models;
  models.Publish("digits", 1, "digits-relu");
  models.Write("digits/2/model.onnx", "no model");
  models.Publish("other", 7, "digits-elu");
  const ServerRun run = Validate(models);
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_THAT(run.out, HasSubstr("1 of 3 versions are refused: 'digits' version 2"));
  EXPECT_THAT(run.out, Not(HasSubstr("can be served")));
}

TEST(ValidateTest, FailsIfTheOnlyVersionIsRefused) {
  PublishedModels models;
  models.Write("digits/1/model.onnx", "no model");
  const ServerRun run = Validate(models);
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_THAT(run.out, HasSubstr("1 of 1 versions are refused: 'digits' version 1"));
}

TEST(ValidateTest, AppliesSettingsLikeTheServer) {
  PublishedModels models;
  models.Publish("digits", 1, "digits-relu");
  models.Write("digits/config.pbtxt", "max_batch_size: 8\nensemble_scheduling {}\n");
  const ServerRun run = Validate(models);
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_THAT(run.out, HasSubstr("ensemble_scheduling"));
}

TEST(ValidateTest, ReportsAFailingTestVector) {
  PublishedModels models;
  models.Publish("digits", 1, "digits-relu");
  const std::string pixels(64 * sizeof(float), '\0');
  const std::string probabilities(10 * sizeof(float), '\0');
  models.Write(
      "digits/1/test_vector.safetensors",
      SerializeSafetensors({{"pixels", SafetensorsType::kF32, {1, 64}, pixels},
                            {"probabilities", SafetensorsType::kF32, {1, 10}, probabilities}},
                           {}));
  const ServerRun run = Validate(models);
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_THAT(run.out, HasSubstr("test_vector.safetensors: output 'probabilities'"));
}

TEST(ValidateTest, FailsWithoutAModel) {
  const PublishedModels models;
  const ServerRun run = Validate(models);
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_THAT(run.out, HasSubstr("no model to serve"));
}

}  // namespace
}  // namespace mlp
