// What a running server writes to its log.

#ifndef MLP_TESTS_E2E_SERVER_LOG_H_
#define MLP_TESTS_E2E_SERVER_LOG_H_

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {

// Waits until the log contains `text`. Another thread writes lines, after the events they report.
inline ::testing::AssertionResult Logs(const ServerProcess& server, absl::string_view text) {
  if (Eventually([&] { return absl::StrContains(server.log(), text); })) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << "'" << text << "' is not in the log:\n" << server.log();
}

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SERVER_LOG_H_
