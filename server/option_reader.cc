#include "server/option_reader.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "server/decimal.h"

namespace mlp {
namespace {

bool IsSourceFlag(absl::string_view flag) { return flag == kRepositoryFlag || flag == kModelFlag; }

// An argument may contain line breaks; an error message is one line.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); }, ' ');
  return text;
}

CLI::Validator NumberValidator(std::int64_t least, std::int64_t most, bool or_zero) {
  const auto normalise = [=](std::string& text) -> std::string {
    std::int64_t number = 0;
    const bool is_number = IsDecimal(text) && absl::SimpleAtoi(text, &number);
    if (!is_number || ((number < least || number > most) && !(or_zero && number == 0))) {
      return absl::StrCat("'", text, "' is not in range; expected ", or_zero ? "0, or " : "",
                          "a whole number from ", least, " to ", most);
    }
    text = absl::StrCat(number);
    return "";
  };
  return {normalise, absl::StrCat(or_zero ? "0 or " : "", "[", least, " - ", most, "]"), "number"};
}

}  // namespace

std::string CheckAddress(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const absl::string_view text = address;
  const absl::string_view host = text.substr(0, colon == std::string::npos ? 0 : colon);
  const absl::string_view port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  int number = -1;
  if (host.empty() || (absl::StrContains(host, ':') && !bracketed) || !IsDecimal(port) ||
      !absl::SimpleAtoi(port, &number) || number > 65535) {
    return absl::StrCat("'", address, "' is no address; expected host:port, as in 0.0.0.0:8001");
  }
  return "";
}

std::string CheckEpsilon(const std::string& text) {
  double value = 0.0;
  if (!absl::SimpleAtod(text, &value) || !(value > 0.0 && value < 1.0)) {
    return absl::StrCat("'", text, "' is no epsilon; expected a number between 0 and 1");
  }
  return "";
}

CLI::Validator NumberIn(std::int64_t least, std::int64_t most) {
  return NumberValidator(least, most, /*or_zero=*/false);
}

CLI::Validator ZeroOrNumberIn(std::int64_t least, std::int64_t most) {
  return NumberValidator(least, most, /*or_zero=*/true);
}

CLI::Validator OneOf(std::vector<std::pair<std::string, int>> names) {
  const auto to_number = [names = std::move(names)](std::string& text) -> std::string {
    const std::string lower = absl::AsciiStrToLower(text);
    std::string known;
    for (const auto& [name, number] : names) {
      if (lower == name) {
        text = absl::StrCat(number);
        return "";
      }
      absl::StrAppend(&known, known.empty() ? "" : ", ", name);
    }
    return absl::StrCat("'", text, "' is unknown; expected one of ", known);
  };
  return {to_number, "", "name"};
}

std::string VariableOf(absl::string_view flag) {
  std::string variable = absl::StrCat("MLP_", flag.substr(2));
  std::transform(variable.begin(), variable.end(), variable.begin(),
                 [](char c) { return c == '-' ? '_' : absl::ascii_toupper(c); });
  return variable;
}

std::set<std::string> VariablesOf(const CLI::App& app) {
  std::set<std::string> variables;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_envname().empty()) variables.insert(option->get_envname());
  }
  return variables;
}

Arguments::Arguments(const CLI::App& app, int argc, const char* const* argv)
    : words_(argv + std::min(argc, 1), argv + argc) {
  for (const std::string& word : words_) {
    if (absl::StartsWith(word, "--")) given_.insert(word.substr(0, word.find('=')));
  }
  const bool source_given = given_.count(kRepositoryFlag) + given_.count(kModelFlag) > 0;
  for (const CLI::Option* option : app.get_options()) {
    const std::string flag = option->get_name();
    // Nothing changes the environment while it is read.
    const char* value = std::getenv(VariableOf(flag).c_str());  // NOLINT(concurrency-mt-unsafe)
    // An empty variable counts as not set, so that a variable set by a container image can be
    // undone.
    if (option->get_envname().empty() || value == nullptr || *value == '\0') continue;
    // The two sources exclude each other, so one on the command line overrides both.
    if (given_.count(flag) > 0 || (IsSourceFlag(flag) && source_given)) continue;
    words_.insert(words_.begin(), absl::StrCat(flag, "=", value));
    from_environment_.insert(flag);
  }
  given_.insert(from_environment_.begin(), from_environment_.end());
}

std::string Arguments::Explain(const std::string& message) const {
  absl::string_view name = message;
  if (absl::ConsumePrefix(&name, "INI was not able to parse ")) {
    absl::ConsumeSuffix(&name, ".++");
    return OneLine(
        absl::StrCat("--config: '", name, "' is unknown; expected the name of an option"));
  }
  const std::string flag = message.substr(0, message.find(':'));
  if (from_environment_.count(flag) == 0) return OneLine(message);
  return OneLine(absl::StrCat(message, " (from ", VariableOf(flag), ")"));
}

}  // namespace mlp
