#include "server/options/option_parser.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace mlp {
namespace {

// An argument may contain line breaks; an error message is one line.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); }, ' ');
  return text;
}

// CLI11's own message names neither the option nor what is expected.
std::string CheckFlag(const std::string& text) {
  try {
    CLI::detail::to_flag_value(text);
    return "";
  } catch (const std::exception&) {
    return absl::StrCat("'", text, "' is unknown; expected true or false");
  }
}

CLI::Option* AddTo(CLI::App& app, const Option& row) {
  const std::string flag = row.Flag();
  if (bool* const* is_given = std::get_if<bool*>(&row.value.target)) {
    return app.add_flag(flag, **is_given, row.help)->check(CheckFlag, "");
  }
  if (std::vector<std::string>* const* texts =
          std::get_if<std::vector<std::string>*>(&row.value.target)) {
    return app.add_option(flag, **texts, row.help)->delimiter(',');
  }
  const auto take = [flag,
                     set = std::get<TextCheck>(row.value.target)](const CLI::results_t& texts) {
    if (const std::string wrong = set(texts.front()); !wrong.empty()) {
      throw CLI::ValidationError(flag, wrong);
    }
    return true;
  };
  return app.add_option(flag, take, row.help);
}

}  // namespace

OptionParser::OptionParser(CLI::App& app, const std::vector<Option>& table,
                           const std::string& config_option)
    : app_(app) {
  for (const Option& row : table) {
    CLI::Option* const option =
        AddTo(app, row)->envname(row.Variable())->configurable(!row.command_line_only);
    if (row.value.type == OptionType::kFlag) continue;
    option->type_name(row.value.placeholder)->default_str(row.value.default_text);
  }
  // A file names no further file.
  config_ = app.get_option(absl::StrCat("--", config_option))->configurable(false);
  app.allow_config_extras(CLI::config_extras_mode::error);
}

void OptionParser::Parse(int argc, const char* const* argv) {
  app_.parse(argc, argv);
  if (config_->empty()) return;
  const std::string path = config_->results().front();
  std::ifstream file(path);
  std::error_code error;
  if (!file.is_open() || std::filesystem::is_directory(path, error)) {
    throw std::invalid_argument(absl::StrCat(config_->get_name(), ": '", path,
                                             "' cannot be read; expected a file with options"));
  }
  // CLI11 takes from a stream only what is not set yet. With its own set_config(), it would read
  // the file before the environment (App::_process), and the file would win.
  app_.parse_from_stream(file);
}

OptionOrigin OptionParser::OriginOf(const CLI::Option& option) const {
  const std::vector<CLI::Option*>& given = app_.parse_order();
  if (std::find(given.begin(), given.end(), &option) != given.end()) {
    return OptionOrigin::kCommandLine;
  }
  // Nothing changes the environment while it is read.
  const char* variable =
      std::getenv(option.get_envname().c_str());  // NOLINT(concurrency-mt-unsafe)
  if (variable != nullptr && *variable != '\0') return OptionOrigin::kEnvironment;
  return option.empty() ? OptionOrigin::kDefault : OptionOrigin::kFile;
}

OptionOrigin OptionParser::OriginOf(const std::string& name) const {
  return OriginOf(*app_.get_option(absl::StrCat("--", name)));
}

std::string OptionParser::Explain(const std::string& message) const {
  absl::string_view name = message;
  if (absl::ConsumePrefix(&name, "INI was not able to parse ")) {
    absl::ConsumeSuffix(&name, ".++");
    return OneLine(
        absl::StrCat("--config: '", name, "' is unknown; expected the name of an option"));
  }
  const std::string flag = message.substr(0, message.find_first_of(": "));
  const CLI::Option* option =
      absl::StartsWith(flag, "--") ? app_.get_option_no_throw(flag) : nullptr;
  const OptionOrigin origin = option == nullptr ? OptionOrigin::kDefault : OriginOf(*option);
  if (origin == OptionOrigin::kEnvironment) {
    return OneLine(absl::StrCat(message, " (from ", option->get_envname(), ")"));
  }
  if (origin == OptionOrigin::kFile) {
    return OneLine(absl::StrCat(message, " (from ", config_->results().front(), ")"));
  }
  return OneLine(message);
}

}  // namespace mlp
