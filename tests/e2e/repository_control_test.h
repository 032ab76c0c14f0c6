// A server whose models are loaded and unloaded by request.

#ifndef MLP_TESTS_E2E_REPOSITORY_CONTROL_TEST_H_
#define MLP_TESTS_E2E_REPOSITORY_CONTROL_TEST_H_

#include <string>

#include "tests/e2e/http_get.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_process.h"

namespace mlp {

class RepositoryControlTest : public RepositoryServerTest {
 protected:
  std::string MetricsPage() { return HttpGet(server_->http_port(), "/metrics").body; }
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_REPOSITORY_CONTROL_TEST_H_
