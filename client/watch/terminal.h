// Full-screen control of a terminal: a screen to redraw, and keys.

#ifndef MLP_CLIENT_WATCH_TERMINAL_H_
#define MLP_CLIENT_WATCH_TERMINAL_H_

#include <termios.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/watch/styled_text.h"

namespace mlp {

enum class Key { kQuit, kUp, kDown, kPageUp, kPageDown, kOther };

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// While this object lives, the terminal shows a separate screen without a cursor and delivers each
// key immediately. The destructor restores the terminal. Not thread-safe.
class Terminal final {
 public:
  // Uses the terminal on standard output. Reads keys from standard input if that is a terminal too.
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // FAILED_PRECONDITION, with the reason, if standard output is not a terminal, or if it does not
  // support the escape sequences: TERM is not set, or is "dumb".
  static absl::Status Check();

  // The current size; it may have changed.
  static TerminalSize Size();

  // Shows `lines` from `first` on, as many as fit, with `footer` below them.
  void Draw(const std::vector<StyledText>& lines, std::size_t first, const StyledText& footer,
            bool colours);

  // The next key, or nullopt after `patience`; kQuit if the terminal has gone.
  std::optional<Key> ReadKey(std::chrono::milliseconds patience);

 private:
  bool has_keys_ = false;
  termios old_attributes_{};
};

}  // namespace mlp

#endif  // MLP_CLIENT_WATCH_TERMINAL_H_
