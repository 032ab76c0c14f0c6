// mlp-client in a separate terminal.

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
  // Runs `program` with `arguments` in a terminal of 100 columns and 30 rows. `environment` is
  // added to this process's environment.
  PseudoTerminal(const std::string& program, const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment);

  // Kills the program if it is still running.
  ~PseudoTerminal();
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  // Types `keys`, as from the keyboard.
  void Type(const std::string& keys) const;
  void Signal(int signal) const;  // sends it to the program
  void Resize(unsigned short columns, unsigned short rows) const;

  // Reads the program's output until it contains `text`, counting from the last call of Forget.
  // False if that does not happen.
  bool WaitFor(const std::string& text);
  void Forget() { output_.clear(); }
  const std::string& output() const { return output_; }

  // The program's exit code once it has ended; -signal if a signal killed it.
  std::optional<int> WaitForExit();

  // Whether typed text is echoed and comes line by line, as before the program started.
  bool IsAsBefore() const;

 private:
  // Reads until `done`, or for longer than any program takes.
  bool ReadUntil(const std::function<bool()>& done);

  int terminal_ = -1;
  int its_end_ = -1;  // stays open, which keeps the terminal alive
  pid_t process_ = -1;
  std::string output_;
};

}  // namespace mlp

#endif  // MLP_TESTS_CLIENT_COMMANDS_PSEUDO_TERMINAL_H_
