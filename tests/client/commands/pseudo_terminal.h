// mlp-client in a terminal of its own.

#ifndef MLP_TESTS_CLIENT_COMMANDS_PSEUDO_TERMINAL_H_
#define MLP_TESTS_CLIENT_COMMANDS_PSEUDO_TERMINAL_H_

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mlp {

// Not thread-safe.
class PseudoTerminal final {
 public:
  // Runs `program` with `arguments` in a terminal of 100 columns and 30 rows, and with
  // `environment` beside what this process has.
  PseudoTerminal(const std::string& program, const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment);

  // Kills what still runs.
  ~PseudoTerminal();
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  // As from the keyboard.
  void Type(const std::string& keys) const;
  void Signal(int signal) const;  // to the program
  void Resize(unsigned short columns, unsigned short rows) const;

  // Reads what the program writes until `text`, from the last call of Forget on, holds it; false
  // where that does not come.
  bool WaitFor(const std::string& text);
  void Forget() { output_.clear(); }
  const std::string& output() const { return output_; }

  // What the program ended with, once it has; -signal where one killed it.
  std::optional<int> WaitForExit();

  // Whether what is typed is shown and comes line by line, as before the program began.
  bool IsAsBefore() const;

 private:
  // Until `done`, or for a time that no program takes.
  bool ReadUntil(const std::function<bool()>& done);

  int terminal_ = -1;
  int its_end_ = -1;  // kept open, so that the terminal stays
  pid_t process_ = -1;
  std::string output_;
};

}  // namespace mlp

#endif  // MLP_TESTS_CLIENT_COMMANDS_PSEUDO_TERMINAL_H_
