// Another program in a process of its own, with what it writes; and programs that end by
// themselves.

#ifndef MLP_TESTS_E2E_CHILD_PROCESS_H_
#define MLP_TESTS_E2E_CHILD_PROCESS_H_

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mlp {

using Environment = std::map<std::string, std::string>;

// A program with its arguments. `words[0]` is a path, or a name that is looked for in PATH.
struct Command {
  std::vector<std::string> words;
  Environment environment = {};     // in addition to what this process has
  std::string standard_input = {};  // a file; empty for none of its own
};

class ChildProcess final {
 public:
  // Starts the program. One that there is not gives a process that ends with 127. The process dies
  // with the thread that starts it: a test that crashes leaves nothing running.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(const Command& command);

  // Kills what still runs.
  ~ChildProcess();

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // The lines of standard output and error so far; after the end of the process, all of them.
  std::string log() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits until `ready`, which looks at the log; fails with the log where the process ends before,
  // or after `patience`.
  absl::Status WaitForLog(const std::function<bool(const std::string& log)>& ready,
                          std::chrono::seconds patience = std::chrono::seconds(120));

  // Leaves what the process writes from now on in the pipe, until its end.
  void StopReadingLog() { log_left_ = true; }

  // While it runs.
  pid_t pid() const { return process_; }

  bool Running();
  void Signal(int signal) const;

  // Waits for the end; the exit code, -signal where a signal killed it, none after `patience`. The
  // log is whole then.
  std::optional<int> WaitForExit(std::chrono::seconds patience = std::chrono::seconds(120));

  // Whether the system wrote its memory to a core file at its end, or handed it to a program.
  bool dumped_core() const { return dumped_core_; }

 private:
  explicit ChildProcess(std::string name) : name_(std::move(name)) {}

  void ReadLog(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string name_;
  pid_t process_ = -1;
  std::optional<int> exit_code_;
  bool dumped_core_ = false;
  std::thread log_reader_;
  std::atomic<bool> log_left_ = false;
  mutable std::mutex mutex_;
  std::string log_ ABSL_GUARDED_BY(mutex_);
  bool log_is_whole_ ABSL_GUARDED_BY(mutex_) = false;
};

// Runs a program to its end, which has to come by itself within two minutes.
struct FinishedRun {
  std::optional<int> exit_code;  // none where it was killed
  std::string out;               // standard output and error
};
FinishedRun RunToItsEnd(const Command& command);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_CHILD_PROCESS_H_
