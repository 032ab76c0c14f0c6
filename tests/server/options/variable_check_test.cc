#include "server/options/variable_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::set<std::string>& KnownVariables() {
  static const std::set<std::string> variables = {"MLP_MAX_BATCH_ROWS", "MLP_MODEL",
                                                  "MLP_DRAIN_SECONDS"};
  return variables;
}

std::string Check(const std::vector<std::string>& variables) {
  std::vector<const char*> environment;
  for (const std::string& variable : variables) environment.push_back(variable.c_str());
  environment.push_back(nullptr);
  return CheckVariables(environment.data(), KnownVariables());
}

TEST(VariableCheckTest, AcceptsOptionsAndVariablesNotMeantForTheServer) {
  EXPECT_EQ(Check({}), "");
  EXPECT_EQ(
      Check({"HOME=/root", "MLP_MODEL=m.onnx", "MLP_DRAIN_SECONDS=", "XMLP_MODLE=1",
             "MLPSERVE_MODLE=1", "mlp_modle=1", "MLP_ADDRESS=127.0.0.1:8001", "MLP_CLIENT_TLS=1",
             "MLP_CLIENT_TLS_CA=ca.pem", "MLP_CLIENT_TLS_CERT=a.pem", "MLP_CLIENT_TLS_KEY=a.key",
             "MLP_CLIENT_TLS_SERVER_NAME=a", "MLP_CLIENT_TOKEN_FILE=token"}),
      "");
  EXPECT_NE(Check({"MLP_CLIENT_TOKEN=secret"}), "") << "a token is in no variable";
  EXPECT_EQ(Check({"MLP_MODLE="}), "") << "empty is as not set";
}

TEST(VariableCheckTest, NamesAMistypedVariableAndTheNearestOne) {
  const std::string wrong = Check({"HOME=/root", "MLP_MODEL=m.onnx", "MLP_MAX_BATCH_ROW=1"});
  EXPECT_THAT(wrong, HasSubstr("MLP_MAX_BATCH_ROW:"));
  EXPECT_THAT(wrong, HasSubstr("did you mean MLP_MAX_BATCH_ROWS?"));
  EXPECT_THAT(Check({"MLP_MODLE=m.onnx"}), HasSubstr("did you mean MLP_MODEL?"));
  EXPECT_THAT(Check({"MLP_DRAIN_SECOND=1"}), HasSubstr("did you mean MLP_DRAIN_SECONDS?"));
  EXPECT_THAT(Check({"MLP_=1"}), HasSubstr("MLP_:"));
  EXPECT_THAT(Check({"MLP_HIGHEST_TEMPERATURE=1"}), Not(HasSubstr("did you mean")));
}

TEST(VariableCheckTest, AcceptsVariablesThatKubernetesSetsForServicesNamedMlp) {
  EXPECT_EQ(Check({"MLP_SERVICE_HOST=10.0.0.1", "MLP_SERVICE_PORT=8001",
                   "MLP_SERVICE_PORT_GRPC=8001", "MLP_PORT=tcp://10.0.0.1:8001",
                   "MLP_PORT_8001_TCP=tcp://10.0.0.1:8001", "MLP_PORT_8001_TCP_PROTO=tcp",
                   "MLP_PORT_8001_TCP_PORT=8001", "MLP_PORT_8001_TCP_ADDR=10.0.0.1",
                   "MLP_SERVER_SERVICE_HOST=10.0.0.1", "MLP_SERVER_PORT_53_UDP_ADDR=10.0.0.1",
                   "MLP_SERVER_NAME=/client/mlp-server", "MLP_SERVER_ENV_PATH=/bin"}),
            "");
}

TEST(VariableCheckTest, RefusesVariablesThatOnlyLookLikeAService) {
  for (const char* variable : {"MLP_PORT=8001", "MLP_GRPC_PORT=8001", "MLP_PORT_8001=8001",
                               "MLP_PORT_GRPC_TCP=1", "MLP_SERVICE=1"}) {
    EXPECT_NE(Check({variable}), "") << variable;
  }
}

}  // namespace
}  // namespace mlp
