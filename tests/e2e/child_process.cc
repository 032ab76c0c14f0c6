#include "tests/e2e/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

using Clock = std::chrono::steady_clock;

// Starts the program with its standard output and error in a pipe, whose other end is put into
// `descriptor`.
pid_t StartProcess(const Command& command, int& descriptor) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return -1;
  // Everything is laid out before the fork: between fork and exec a process with threads may not
  // allocate.
  std::vector<std::string> words = command.words;
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> variables;
  for (const auto& [name, value] : command.environment)
    variables.push_back(absl::StrCat(name, "=", value));
  std::vector<char*> envp;
  for (char** inherited = environ; *inherited != nullptr; ++inherited) envp.push_back(*inherited);
  for (std::string& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);
  const char* const input =
      command.standard_input.empty() ? nullptr : command.standard_input.c_str();

  const pid_t parent = getpid();
  const pid_t process = fork();
  if (process == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);  // it ended before it was to be waited for
    if (input != nullptr) {
      const int file = open(input, O_RDONLY | O_CLOEXEC);
      if (file < 0) _exit(127);
      dup2(file, STDIN_FILENO);
    }
    dup2(pipe_ends[1], STDOUT_FILENO);
    dup2(pipe_ends[1], STDERR_FILENO);
    execvpe(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  descriptor = pipe_ends[0];
  return process;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(const Command& command) {
  std::unique_ptr<ChildProcess> child(new ChildProcess(command.words.front()));
  int descriptor = -1;
  child->process_ = StartProcess(command, descriptor);
  if (child->process_ < 0) return absl::InternalError("cannot start a process");
  child->log_reader_ = std::thread([raw = child.get(), descriptor] { raw->ReadLog(descriptor); });
  return child;
}

ChildProcess::~ChildProcess() {
  if (process_ > 0 && Running()) {
    Signal(SIGKILL);
    WaitForExit();
  }
  if (log_reader_.joinable()) log_reader_.join();
}

std::string ChildProcess::log() const {
  const std::lock_guard lock(mutex_);
  // A read may end within a line.
  return log_is_whole_ ? log_ : log_.substr(0, log_.rfind('\n') + 1);
}

absl::Status ChildProcess::WaitForLog(const std::function<bool(const std::string&)>& ready,
                                      std::chrono::seconds patience) {
  const Clock::time_point deadline = Clock::now() + patience;
  while (!ready(log())) {
    if (!Running()) {
      return absl::InternalError(absl::StrCat(name_, " ended with ", *exit_code_,
                                              exit_code_ == 127 ? " (is it installed?)" : "", ":\n",
                                              log()));
    }
    if (Clock::now() > deadline) {
      return absl::InternalError(absl::StrCat(name_, " did not get ready:\n", log()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return absl::OkStatus();
}

void ChildProcess::ReadLog(int descriptor) {
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = read(descriptor, buffer.data(), buffer.size())) > 0;) {
    {
      const std::lock_guard lock(mutex_);
      log_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    log_left_.wait(true);
  }
  close(descriptor);
  const std::lock_guard lock(mutex_);
  log_is_whole_ = true;
}

bool ChildProcess::Running() { return !WaitForExit(std::chrono::seconds(0)).has_value(); }

void ChildProcess::Signal(int signal) const { kill(process_, signal); }

std::optional<int> ChildProcess::WaitForExit(std::chrono::seconds patience) {
  const Clock::time_point deadline = Clock::now() + patience;
  while (!exit_code_.has_value()) {
    int status = 0;
    if (waitpid(process_, &status, WNOHANG) == process_) {
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
      dumped_core_ = WIFSIGNALED(status) && WCOREDUMP(status);
      log_left_ = false;
      log_left_.notify_all();
      log_reader_.join();  // the log ends with the process
    } else if (Clock::now() >= deadline) {
      break;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  return exit_code_;
}

FinishedRun RunToItsEnd(const Command& command) {
  FinishedRun run;
  int descriptor = -1;
  const pid_t process = StartProcess(command, descriptor);
  if (process < 0) return run;
  // A program that goes on instead of ending is killed, and gives no exit code.
  std::thread killer([process, &run] {
    for (int i = 0; i < 24'000; ++i) {
      int status = 0;
      if (waitpid(process, &status, WNOHANG) == process) {
        if (WIFEXITED(status)) run.exit_code = WEXITSTATUS(status);
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    kill(process, SIGKILL);
    waitpid(process, nullptr, 0);
  });
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = read(descriptor, buffer.data(), buffer.size())) > 0;) {
    run.out.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(descriptor);
  killer.join();
  return run;
}

}  // namespace mlp
