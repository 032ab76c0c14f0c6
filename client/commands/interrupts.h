// Ctrl-C as something to ask for instead of the process's end.

#ifndef MLP_CLIENT_COMMANDS_INTERRUPTS_H_
#define MLP_CLIENT_COMMANDS_INTERRUPTS_H_

#include <csignal>
#include <initializer_list>

namespace mlp {

// While it lives, SIGINT, SIGTERM and the signals that it is told do nothing to this thread and to
// those that it starts but wait to be taken. Make it before any other thread. Not thread-safe.
class Interrupts final {
 public:
  Interrupts(std::initializer_list<int> more = {});

  // As it was before; what has not been taken is forgotten.
  ~Interrupts();

  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Whether one has come since the last call. Does not wait.
  bool Take();

 private:
  sigset_t watched_;
  sigset_t before_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_INTERRUPTS_H_
