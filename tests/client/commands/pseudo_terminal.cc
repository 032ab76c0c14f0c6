#include "tests/client/commands/pseudo_terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>

namespace mlp {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

PseudoTerminal::PseudoTerminal(const std::string& program,
                               const std::vector<std::string>& arguments,
                               const std::vector<std::string>& environment) {
  terminal_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  grantpt(terminal_);
  unlockpt(terminal_);
  const std::string name = ptsname(terminal_);  // NOLINT(concurrency-mt-unsafe)
  its_end_ = open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  Resize(100, 30);

  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  // A process in a new session gets the first terminal that it opens.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, name.c_str(), O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO);
  if (posix_spawn(&process_, program.c_str(), &actions, &attributes, Pointers(words).data(),
                  Pointers(variables).data()) != 0) {
    process_ = -1;
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
}

PseudoTerminal::~PseudoTerminal() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  close(its_end_);
  close(terminal_);
}

void PseudoTerminal::Type(const std::string& keys) const {
  [[maybe_unused]] const ssize_t written = write(terminal_, keys.data(), keys.size());
}

void PseudoTerminal::Signal(int signal) const { kill(process_, signal); }

void PseudoTerminal::Resize(unsigned short columns, unsigned short rows) const {
  const winsize size{rows, columns, 0, 0};
  ioctl(terminal_, TIOCSWINSZ, &size);
}

bool PseudoTerminal::ReadUntil(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    pollfd ready{terminal_, POLLIN, 0};
    if (poll(&ready, 1, 20) <= 0) continue;
    std::array<char, 4096> bytes{};
    const ssize_t count = read(terminal_, bytes.data(), bytes.size());
    if (count > 0) output_.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return true;
}

bool PseudoTerminal::WaitFor(const std::string& text) {
  return ReadUntil([&] { return output_.find(text) != std::string::npos; });
}

std::optional<int> PseudoTerminal::WaitForExit() {
  int status = 0;
  if (!ReadUntil([&] { return waitpid(process_, &status, WNOHANG) == process_; })) {
    return std::nullopt;
  }
  process_ = -1;
  // The last output of the program.
  pollfd ready{terminal_, POLLIN, 0};
  while (poll(&ready, 1, 0) > 0) {
    std::array<char, 4096> bytes{};
    const ssize_t count = read(terminal_, bytes.data(), bytes.size());
    if (count <= 0) break;
    output_.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool PseudoTerminal::IsAsBefore() const {
  termios now{};
  return tcgetattr(its_end_, &now) == 0 && (now.c_lflag & ICANON) != 0 && (now.c_lflag & ECHO) != 0;
}

}  // namespace mlp
