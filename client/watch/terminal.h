// A terminal that a program has for itself: a screen that is drawn anew, and keys.

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

// While it lives, the terminal shows a screen of its own, without a cursor, and gives each key at
// once. It is as it was when this goes. Not thread-safe.
class Terminal final {
 public:
  // The terminal of standard output. Keys come from standard input, where that is one too.
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // FAILED_PRECONDITION, saying why, where standard output is no terminal or one that does not know
  // the sequences: TERM is not set, or "dumb".
  static absl::Status Check();

  // What it is now; it may have been resized.
  static TerminalSize Size();

  // Shows `lines` from `first` on, as many as there is room for, and `footer` below them.
  void Draw(const std::vector<StyledText>& lines, std::size_t first, const StyledText& footer,
            bool colours);

  // The next key, waiting for at most `patience`; kQuit once the terminal has gone.
  std::optional<Key> ReadKey(std::chrono::milliseconds patience);

 private:
  bool has_keys_ = false;
  termios before_{};
};

}  // namespace mlp

#endif  // MLP_CLIENT_WATCH_TERMINAL_H_
