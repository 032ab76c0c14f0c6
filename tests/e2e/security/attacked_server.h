// A server that is attacked over TLS, and what it holds meanwhile.

#ifndef MLP_TESTS_E2E_SECURITY_ATTACKED_SERVER_H_
#define MLP_TESTS_E2E_SECURITY_ATTACKED_SERVER_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/process_times.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {

class AttackedServerTest : public ::testing::Test {
 protected:
  void StartServer(std::vector<std::string> options, const std::vector<std::string>& more = {}) {
    options.insert(options.end(), more.begin(), more.end());
    auto server = ServerProcess::StartOnSampleModels(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    // What the first calls allocate for good does not count as growth.
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(AskWith(Open(), "digits-tanh").ok());
    descriptors_before_ = OpenDescriptors();
    resident_before_ = Resident();
  }

  // A channel with a valid client certificate.
  std::shared_ptr<grpc::Channel> Open() const {
    return OpenSecureChannel(server_->grpc_address(), files_.root, &files_.client);
  }

  int port() const { return server_->grpc_port(); }

  int OpenDescriptors() const { return mlp::OpenDescriptors(server_->pid()); }
  double Metric(const std::string& name) const { return ReadMetrics(server_->http_port())[name]; }
  double FailuresFor(const std::string& reason) const {
    return Metric(absl::StrCat("mlp_tls_handshakes_failed_total{reason=\"", reason, "\"}"));
  }
  double Resident() const { return Metric("process_resident_memory_bytes"); }
  double CpuTime() const { return CpuSeconds(server_->pid()); }
  double GrownMebibytes() const { return (Resident() - resident_before_) / (1 << 20); }

  // Checks that nothing of the attack stays.
  void ExpectNothingKept(double mebibytes) const {
    EXPECT_TRUE(Eventually([&] { return OpenDescriptors() <= descriptors_before_ + 2; }))
        << OpenDescriptors() << " descriptors, " << descriptors_before_ << " before";
    // A sanitizer itself keeps memory.
    if (!ServerProcess::IsOfAnotherBuild()) {
      EXPECT_LT(GrownMebibytes(), mebibytes);
    }
    EXPECT_TRUE(AskWith(Open(), "digits-tanh").ok());
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
  int descriptors_before_ = 0;
  double resident_before_ = 0;
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_ATTACKED_SERVER_H_
