#include "server/repository/version_policy.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace mlp {
namespace {

using ::testing::HasSubstr;

inference::ModelConfig ConfigOf(const char* text) {
  inference::ModelConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return config;
}

struct PolicyCase {
  const char* text;
  std::vector<std::int64_t> chosen;  // chosen from 1, 2, 5 and 10
};

void PrintTo(const PolicyCase& policy, std::ostream* out) { *out << policy.text; }

class VersionPolicyTest : public ::testing::TestWithParam<PolicyCase> {};

TEST_P(VersionPolicyTest, ChoosesVersions) {
  const inference::ModelConfig config = ConfigOf(GetParam().text);
  ASSERT_TRUE(CheckVersionPolicy(config).ok());
  EXPECT_EQ(ChooseVersions(config, {10, 1, 5, 2}), GetParam().chosen);
}

INSTANTIATE_TEST_SUITE_P(
    All, VersionPolicyTest,
    ::testing::Values(PolicyCase{"", {1, 2, 5, 10}}, PolicyCase{"version_policy {}", {1, 2, 5, 10}},
                      PolicyCase{"version_policy { all {} }", {1, 2, 5, 10}},
                      PolicyCase{"version_policy { latest { num_versions: 1 } }", {10}},
                      PolicyCase{"version_policy { latest { num_versions: 2 } }", {5, 10}},
                      PolicyCase{"version_policy { latest { num_versions: 4000000000 } }",
                                 {1, 2, 5, 10}},
                      PolicyCase{"version_policy { specific { versions: [5, 2, 2] } }", {2, 5}},
                      PolicyCase{"version_policy { specific { versions: 7 } }", {7}}));

struct WrongPolicy {
  const char* text;
  const char* message;
};

void PrintTo(const WrongPolicy& policy, std::ostream* out) { *out << policy.text; }

class WrongVersionPolicyTest : public ::testing::TestWithParam<WrongPolicy> {};

TEST_P(WrongVersionPolicyTest, IsRefused) {
  const absl::Status status = CheckVersionPolicy(ConfigOf(GetParam().text));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(All, WrongVersionPolicyTest,
                         ::testing::Values(WrongPolicy{"version_policy { latest {} }",
                                                       "num_versions is 0; expected 1 or more"},
                                           WrongPolicy{"version_policy { specific {} }",
                                                       "names 0 versions; expected 1 to 1024"},
                                           WrongPolicy{
                                               "version_policy { specific { versions: [1, -1] } }",
                                               "versions has -1; expected positive integers"}));

}  // namespace
}  // namespace mlp
