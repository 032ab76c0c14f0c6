#include "server/observe/log.h"

#include <poll.h>
#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace mlp {
namespace {

// UTC with microseconds, as in RFC 3339: sorts as text and means the same on every machine.
std::string Timestamp(const spdlog::details::log_msg& message) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::FromChrono(message.time),
                          absl::UTCTimeZone());
}

std::string LevelName(const spdlog::details::log_msg& message) {
  const auto name = spdlog::level::to_string_view(message.level);
  return std::string(name.data(), name.size());
}

// The name of the loggers whose lines no level hides.
constexpr char kAllLevels[] = "all levels";

// A writable pipe takes PIPE_BUF bytes without blocking, 4,096 here.
constexpr std::size_t kLongestLine = 4'000;

// The bytes of a message that can fit in a line, where each takes at least one byte. Invalid UTF-8
// is replaced: logging must never throw.
std::string Text(const spdlog::details::log_msg& message) {
  const std::string bytes(message.payload.data(), std::min(message.payload.size(), kLongestLine));
  const std::string quoted = nlohmann::json(bytes).dump(-1, ' ', /*ensure_ascii=*/false,
                                                        nlohmann::json::error_handler_t::replace);
  return nlohmann::json::parse(quoted).get<std::string>();
}

// The length of the character of `text`, which is UTF-8, that begins at `at`.
std::size_t CharacterBytes(const std::string& text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0xC0) return 1;
  if (first < 0xE0) return 2;
  return first < 0xF0 ? 3 : 4;
}

// The code of the character that begins at `at`, if it is a control character.
std::optional<unsigned> ControlAt(const std::string& text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x20 || first == 0x7F) return first;
  // U+0080 to U+009F: some terminals treat U+009B as the start of a command, like ESC [.
  if (first != 0xC2) return std::nullopt;
  const auto second = static_cast<unsigned char>(text[at + 1]);
  return second < 0xA0 ? std::optional<unsigned>(second) : std::nullopt;
}

// How to write a control character: `begin`, then its code in the given number of hex digits.
struct Escape {
  const char* begin;
  absl::PadSpec digits;
};
constexpr Escape kTextEscape = {"\\x", absl::kZeroPad2};
constexpr Escape kJsonEscape = {"\\u", absl::kZeroPad4};

// The first `most` bytes at most of a UTF-8 message, with control characters escaped: it stays one
// line, and no terminal obeys anything in it.
std::string WithoutControls(const std::string& text, const Escape& escape, std::size_t most) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    std::string next = text.substr(at, CharacterBytes(text, at));
    if (const std::optional<unsigned> control = ControlAt(text, at)) {
      next = absl::StrCat(escape.begin, absl::Hex(*control, escape.digits));
    }
    at += CharacterBytes(text, at);
    if (line.size() + next.size() > most) break;
    line += next;
  }
  return line;
}

// The first `most` bytes at most of a JSON-escaped string. `escaped` is UTF-8.
std::string CutBetweenCharacters(std::string escaped, std::size_t most) {
  std::size_t end = 0;
  while (end < escaped.size()) {
    std::size_t length = CharacterBytes(escaped, end);
    if (escaped[end] == '\\') length = escaped[end + 1] == 'u' ? 6 : 2;
    if (end + length > most) break;
    end += length;
  }
  escaped.resize(end);
  return escaped;
}

class TextFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    std::string text = Timestamp(message) + " " + LevelName(message) + " ";
    text += WithoutControls(Text(message), kTextEscape, kLongestLine - 1 - text.size()) + "\n";
    line.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<TextFormatter>();
  }
};

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    const std::string begin = R"({"time":")" + Timestamp(message) + R"(","level":")" +
                              LevelName(message) + R"(","message":")";
    constexpr absl::string_view kEnd = "\"}\n";
    // dump() does not escape control characters from DEL on.
    const std::string quoted = WithoutControls(nlohmann::json(Text(message)).dump(), kJsonEscape,
                                               std::numeric_limits<std::size_t>::max());
    const std::string text =
        absl::StrCat(begin,
                     CutBetweenCharacters(quoted.substr(1, quoted.size() - 2),
                                          kLongestLine - begin.size() - kEnd.size()),
                     kEnd);
    line.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }
};

// Writes to standard error only while that accepts data.
class UnblockedSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  UnblockedSink(const LogLevels& levels, std::atomic<std::int64_t>& dropped)
      : levels_(levels), dropped_(dropped) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (message.logger_name != kAllLevels && !levels_.Shows(message.level)) return;
    // Give a slow reader a moment, but only once.
    if (!IsWritable(stuck_ ? 0 : kPatienceMilliseconds)) {
      stuck_ = true;
      return Drop();
    }
    stuck_ = false;
    if (unreported_ > 0) {
      spdlog::details::log_msg report = message;
      const std::string text = absl::StrCat(
          unreported_, " log lines were dropped because standard error did not accept them");
      report.payload = text;
      report.level = spdlog::level::warn;
      if (!Write(report)) return Drop();
      unreported_ = 0;
      if (!IsWritable(0)) return sink_it_(message);
    }
    if (!Write(message)) Drop();
  }

  void flush_() override {}

 private:
  static constexpr int kPatienceMilliseconds = 100;

  static bool IsWritable(int patience_ms) {
    pollfd event{STDERR_FILENO, POLLOUT, 0};
    return poll(&event, 1, patience_ms) > 0;
  }

  // Whether the whole line was written: a pipe may have lost its reader, or a disk may be full.
  bool Write(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
    return written == static_cast<ssize_t>(line.size());
  }

  void Drop() {
    dropped_.fetch_add(1);
    ++unreported_;
  }

  const LogLevels& levels_;
  std::atomic<std::int64_t>& dropped_;
  bool stuck_ = false;
  std::int64_t unreported_ = 0;
};

}  // namespace

std::shared_ptr<spdlog::logger> MakeLogger(const LogLevels& levels, LogFormat format,
                                           std::atomic<std::int64_t>& dropped) {
  auto sink = std::make_shared<UnblockedSink>(levels, dropped);
  auto logger = std::make_shared<spdlog::logger>("mlp-server", std::move(sink));
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  SetLogFormat(*logger, format);
  return logger;
}

std::shared_ptr<spdlog::logger> LoggerOfAllLevels(const spdlog::logger& logger) {
  auto all =
      std::make_shared<spdlog::logger>(kAllLevels, logger.sinks().begin(), logger.sinks().end());
  all->set_level(spdlog::level::trace);
  return all;
}

void SetLogFormat(spdlog::logger& logger, LogFormat format) {
  if (format == LogFormat::kJson) {
    logger.set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger.set_formatter(std::make_unique<TextFormatter>());
  }
}

}  // namespace mlp
