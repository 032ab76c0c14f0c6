// A logger that lets a test read its lines.

#ifndef MLP_TESTS_SERVER_LOG_LINES_H_
#define MLP_TESTS_SERVER_LOG_LINES_H_

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <sstream>
#include <string>

namespace mlp {

// Its lines are "level text". Read the text only while no thread writes.
class LogLines final {
 public:
  LogLines() {
    logger_.set_level(spdlog::level::trace);
    logger_.set_pattern("%l %v");
  }

  spdlog::logger& logger() { return logger_; }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  spdlog::logger logger_{"test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)};
};

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_LOG_LINES_H_
