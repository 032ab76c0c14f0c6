// Turns Ctrl-C into an event to poll, instead of ending the process.

#ifndef MLP_CLIENT_COMMANDS_INTERRUPTS_H_
#define MLP_CLIENT_COMMANDS_INTERRUPTS_H_

#include <csignal>
#include <initializer_list>

namespace mlp {

// While this object lives, SIGINT, SIGTERM and the given signals do not act on this thread or the
// threads it starts; they stay pending until taken. Construct it before any other thread starts.
// Not thread-safe.
class Interrupts final {
 public:
  Interrupts(std::initializer_list<int> more = {});

  // Discards pending signals and restores the signal mask.
  ~Interrupts();

  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Whether a signal has arrived since the last call. Does not wait.
  bool Take();

 private:
  sigset_t watched_;
  sigset_t old_mask_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_INTERRUPTS_H_
