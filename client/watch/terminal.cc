#include "client/watch/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

// Switches to the alternate screen, hides the cursor, and cuts long lines instead of wrapping.
constexpr absl::string_view kEnterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
constexpr absl::string_view kLeaveScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr absl::string_view kHome = "\x1b[H";
constexpr absl::string_view kClearRestOfLine = "\x1b[K\r\n";
constexpr absl::string_view kClearBelow = "\x1b[K\x1b[J";

// Ignores a terminal that has gone: reading keys detects that.
void WriteAll(absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Decodes the bytes of one key, or of several that arrived together.
Key KeyOf(absl::string_view bytes) {
  if (bytes == "q" || bytes == "Q" || bytes == "\x03" || bytes == "\x04") return Key::kQuit;
  if (bytes == "k" || bytes == "\x1b[A" || bytes == "\x1bOA") return Key::kUp;
  if (bytes == "j" || bytes == "\x1b[B" || bytes == "\x1bOB") return Key::kDown;
  if (bytes == "\x1b[5~") return Key::kPageUp;
  if (bytes == " " || bytes == "\x1b[6~") return Key::kPageDown;
  // Keys pressed together must not hide the one that quits.
  const bool is_text = bytes.find('\x1b') == absl::string_view::npos;
  return is_text && bytes.find('q') != absl::string_view::npos ? Key::kQuit : Key::kOther;
}

}  // namespace

Terminal::Terminal() {
  has_keys_ = isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &old_attributes_) == 0;
  if (has_keys_) {
    termios raw = old_attributes_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    // Disable suspending: a stopped program would leave the terminal in this state.
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  WriteAll(kEnterScreen);
}

Terminal::~Terminal() {
  WriteAll(kLeaveScreen);
  if (has_keys_) tcsetattr(STDIN_FILENO, TCSANOW, &old_attributes_);
}

absl::Status Terminal::Check() {
  if (isatty(STDOUT_FILENO) == 0) {
    return absl::FailedPreconditionError("standard output is not a terminal");
  }
  const char* const term = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  if (term == nullptr || *term == '\0') return absl::FailedPreconditionError("TERM is not set");
  if (absl::string_view(term) == "dumb") {
    return absl::FailedPreconditionError("TERM is 'dumb': the terminal has no screen to draw on");
  }
  return absl::OkStatus();
}

TerminalSize Terminal::Size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {size.ws_col, size.ws_row};
}

void Terminal::Draw(const std::vector<StyledText>& lines, std::size_t first,
                    const StyledText& footer, bool colours) {
  const TerminalSize size = Size();
  const std::size_t room = size.rows - 1;  // the last row is for the footer
  std::string text(kHome);
  for (std::size_t row = 0; row < room; ++row) {
    if (first + row < lines.size()) {
      absl::StrAppend(&text, lines[first + row].ToString(size.columns, colours));
    }
    absl::StrAppend(&text, kClearRestOfLine);
  }
  absl::StrAppend(&text, footer.ToString(size.columns, colours), kClearBelow);
  WriteAll(text);
}

std::optional<Key> Terminal::ReadKey(std::chrono::milliseconds patience) {
  pollfd keys{STDIN_FILENO, POLLIN, 0};
  // poll ignores a negative descriptor and just waits.
  if (!has_keys_) keys.fd = -1;
  if (poll(&keys, 1, static_cast<int>(patience.count())) <= 0) return std::nullopt;
  std::array<char, 64> bytes{};
  const ssize_t count = read(STDIN_FILENO, bytes.data(), bytes.size());
  if (count < 0 && errno == EINTR) return std::nullopt;
  if (count <= 0) return Key::kQuit;
  return KeyOf(absl::string_view(bytes.data(), static_cast<std::size_t>(count)));
}

}  // namespace mlp
