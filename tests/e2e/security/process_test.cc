// What a process that holds secrets shows to others, and what it can still do itself.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/bytes_of_file.h"
#include "tests/e2e/child_process.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/security/tokens_on_disk.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

constexpr uid_t kNobody = 65534;

// How far a process of the user `id` can look into the process: through /proc, and by tracing it.
struct Looks {
  bool reads_environment = false;
  bool opens_memory = false;
  bool traces = false;
};
Looks LookInto(pid_t process, uid_t id) {
  const std::string folder = absl::StrCat("/proc/", process);
  const std::string environment = folder + "/environ";
  const std::string memory = folder + "/mem";
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && (setresgid(id, id, id) != 0 || setresuid(id, id, id) != 0)) _exit(64);
    int found = 0;
    if (open(environment.c_str(), O_RDONLY) >= 0) found |= 1;
    if (open(memory.c_str(), O_RDONLY) >= 0) found |= 2;
    if (ptrace(PTRACE_ATTACH, process, nullptr, nullptr) == 0) {
      waitpid(process, nullptr, __WALL);
      ptrace(PTRACE_DETACH, process, nullptr, nullptr);
      found |= 4;
    }
    _exit(found);
  }
  int status = 0;
  waitpid(child, &status, 0);
  const int found = WIFEXITED(status) ? WEXITSTATUS(status) : 64;
  EXPECT_LT(found, 64);
  return {(found & 1) != 0, (found & 2) != 0, (found & 4) != 0};
}

class ProcessTest : public ::testing::Test {
 protected:
  ProcessTest() { files_.Write("tokens", TokenLine("asker", "infer", "*", "infer-token")); }

  std::vector<std::string> SecretOptions() const {
    std::vector<std::string> options = files_.ServerOptions();
    options.insert(options.end(), {"--tokens-file", files_.Path("tokens")});
    return options;
  }

  // Starts a server through `wrapper`, a program that runs another one. The log shows its ports.
  std::unique_ptr<ChildProcess> Start(std::vector<std::string> wrapper,
                                      std::vector<std::string> options) {
    options.insert(options.end(),
                   {"--model-repository", SampleModels().string(), "--grpc-address", "127.0.0.1:0",
                    "--http-address", "127.0.0.1:0", "--rpc-threads", "2"});
    for (const std::string& word : ServerCommand(options).words) wrapper.push_back(word);
    auto child = ChildProcess::Start({wrapper});
    EXPECT_TRUE(child.ok()) << child.status();
    const absl::Status ready = (*child)->WaitForLog(
        [](const std::string& log) { return absl::StrContains(log, "; ready "); });
    EXPECT_TRUE(ready.ok()) << ready;
    return *std::move(child);
  }

  static int PortBehind(const std::string& text, const std::string& log) {
    int port = 0;
    const std::size_t found = log.find(", port ", log.find(text)) + 7;
    EXPECT_TRUE(absl::SimpleAtoi(
        log.substr(found, log.find_first_not_of("0123456789", found) - found), &port));
    return port;
  }

  // Makes the other user the owner of the files, as a server's user is.
  void GiveAway() const {
    for (const char* name : {"", "tokens", "server.key", "server.pem"}) {
      ASSERT_EQ(chown(files_.Path(name).c_str(), kNobody, kNobody), 0) << name;
    }
  }

  TlsFilesOnDisk files_;
};

TEST_F(ProcessTest, WithSecretsIsHiddenFromOthersButNotFromItself) {
  std::vector<std::string> as_user;
  uid_t user = geteuid();
  if (user == 0) {
    if (access("/usr/bin/setpriv", X_OK) != 0) GTEST_SKIP() << "there is no setpriv";
    user = kNobody;
    const std::string id = std::to_string(user);
    as_user = {"/usr/bin/setpriv", "--reuid", id, "--regid", id, "--clear-groups"};
    GiveAway();
  }
  if (user == 0) GTEST_SKIP() << "there is no other user";
  const auto open = Start(as_user, {});
  const Looks into_open = LookInto(open->pid(), user);
  EXPECT_TRUE(into_open.reads_environment) << "the test sees nothing";

  const auto server = Start(as_user, SecretOptions());
  const Looks into_server = LookInto(server->pid(), user);
  EXPECT_FALSE(into_server.reads_environment);
  EXPECT_FALSE(into_server.opens_memory);
  EXPECT_FALSE(into_server.traces);

  // gRPC still reads the certificates under /proc/self, also new ones, and metrics are still read
  // there.
  const std::string address = absl::StrCat("127.0.0.1:", PortBehind("gRPC on ", server->log()));
  const int http = PortBehind("HTTP on ", server->log());
  const auto ask = [&](const MadeCertificate& root) {
    return AskWith(OpenSecureChannel(address, root), "digits-tanh", {Bearer("infer-token")});
  };
  EXPECT_TRUE(ask(files_.root).ok()) << ask(files_.root).error_message();
  const MadeCertificate new_root =
      MadeCertificate::SelfSigned({.common_name = "new root", .is_authority = true});
  const MadeCertificate next = new_root.Issue({});
  files_.Write("server.key", next.key_pem());
  files_.Write("server.pem", next.pem());
  if (geteuid() == 0) GiveAway();
  EXPECT_TRUE(Eventually([&] { return ask(new_root).ok(); })) << server->log();
  Samples samples = ReadMetrics(http);
  for (const char* name : {"process_open_fds", "process_resident_memory_bytes",
                           "process_start_time_seconds", "process_virtual_memory_bytes"}) {
    EXPECT_GT(samples[name], 1.0) << name;
  }
}

TEST_F(ProcessTest, WithSecretsLeavesNoCoreFile) {
  const TemporaryFolder folder;
  const std::string script =
      "ulimit -c unlimited && cd '" + folder.path().string() + "' && exec \"$@\"";
  const std::vector<std::string> in_folder = {"/bin/sh", "-c", script, "sh"};
  const auto leaves_core = [&](const std::vector<std::string>& options, int signal) {
    const auto server = Start(in_folder, options);
    server->Signal(signal);
    EXPECT_EQ(server->WaitForExit(), -signal);
    const bool has_file = !std::filesystem::is_empty(folder.path());
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
      std::filesystem::remove_all(file);
    }
    return server->dumped_core() || has_file;
  };
  if (!leaves_core({}, SIGSEGV)) {
    GTEST_SKIP() << "this system writes no core files: "
                 << BytesOfFile("/proc/sys/kernel/core_pattern");
  }
  for (const int signal : {SIGSEGV, SIGABRT, SIGQUIT}) {
    EXPECT_FALSE(leaves_core(SecretOptions(), signal)) << signal;
  }
  EXPECT_FALSE(
      leaves_core({"--tokens-file", files_.Path("tokens"), "--allow-plaintext-tokens"}, SIGSEGV));
}

TEST_F(ProcessTest, GainsNoPrivileges) {
  if (absl::StrContains(BytesOfFile("/proc/self/status"), "NoNewPrivs:\t1")) {
    GTEST_SKIP() << "the test itself gains none";
  }
  const auto server = Start({"/usr/bin/env"}, {});
  EXPECT_TRUE(absl::StrContains(BytesOfFile(absl::StrCat("/proc/", server->pid(), "/status")),
                                "NoNewPrivs:\t1"));
}

// A key that is not handed to gRPC is wiped after its check.
TEST_F(ProcessTest, KeepsNothingOfAKeyThatItRefuses) {
  if (geteuid() != 0) GTEST_SKIP() << "only root reads another process' memory";
  const auto server = Start({"/usr/bin/env"}, files_.MutualOptions());
  const MadeCertificate next = files_.root.Issue({.key = KeyKind::kRsa2048});
  // First, so that no look at the files finds a new key with all that belongs to it.
  files_.Write("clients.pem", "no authority");
  files_.Write("server.key", next.key_pem());
  files_.Write("server.pem", next.pem());
  EXPECT_TRUE(Eventually(
      [&] { return absl::StrContains(server->log(), "the new TLS files are refused"); }));
  const std::string pem = next.key_pem();
  const std::string piece = pem.substr(pem.size() / 2, 100);
  const std::string folder = absl::StrCat("/proc/", server->pid(), "/");
  std::ifstream memory(folder + "mem", std::ios::binary);
  std::istringstream maps(BytesOfFile(folder + "maps"));
  std::size_t looked_at = 0;
  for (std::string line; std::getline(maps, line);) {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    char dash = 0;
    std::string rights;
    std::istringstream(line) >> std::hex >> begin >> dash >> end >> rights;
    if (!absl::StartsWith(rights, "rw") || end - begin > (std::uint64_t{1} << 28)) continue;
    std::string content(end - begin, '\0');
    memory.clear();
    memory.seekg(static_cast<std::streamoff>(begin));
    memory.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(memory.gcount()));
    looked_at += content.size();
    EXPECT_FALSE(absl::StrContains(content, piece)) << line;
  }
  EXPECT_GT(looked_at, std::size_t{1} << 20);
}

}  // namespace
}  // namespace mlp
