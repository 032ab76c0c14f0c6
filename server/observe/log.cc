#include "server/observe/log.h"

#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"

namespace mlp {
namespace {

// UTC with microseconds, as RFC 3339 has it: sorts as text and means the same on every machine.
std::string Timestamp(const spdlog::details::log_msg& message) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::FromChrono(message.time),
                          absl::UTCTimeZone());
}

std::string LevelName(const spdlog::details::log_msg& message) {
  const auto name = spdlog::level::to_string_view(message.level);
  return std::string(name.data(), name.size());
}

std::string Text(const spdlog::details::log_msg& message) {
  return std::string(message.payload.data(), message.payload.size());
}

// Keeps a message one line, and a terminal from obeying it, whatever it quotes.
std::string WithoutControls(const std::string& text) {
  std::string line;
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      absl::StrAppendFormat(&line, "\\x%02x", static_cast<unsigned char>(c));
    } else {
      line += c;
    }
  }
  return line;
}

class TextFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    const std::string text =
        Timestamp(message) + " " + LevelName(message) + " " + WithoutControls(Text(message)) + "\n";
    line.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<TextFormatter>();
  }
};

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    const nlohmann::ordered_json object = {
        {"time", Timestamp(message)}, {"level", LevelName(message)}, {"message", Text(message)}};
    // Bytes that are no UTF-8 are replaced: a log line must never throw. DEL is the one control
    // character that dump() leaves as it is; it can stand in a string only.
    const std::string text = absl::StrReplaceAll(
        object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n",
        {{"\x7f", "\\u007f"}});
    line.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }
};

}  // namespace

std::shared_ptr<spdlog::logger> MakeLogger(spdlog::level::level_enum level, LogFormat format) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("mlp-server", std::move(sink));
  logger->set_level(level);
  logger->flush_on(spdlog::level::trace);
  if (format == LogFormat::kJson) {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger->set_formatter(std::make_unique<TextFormatter>());
  }
  return logger;
}

}  // namespace mlp
