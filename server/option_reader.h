// Reads options from the command line, the environment and a file: checks their values and records
// where each comes from.

#ifndef MLP_SERVER_OPTION_READER_H_
#define MLP_SERVER_OPTION_READER_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {

inline constexpr char kRepositoryFlag[] = "--model-repository";
inline constexpr char kModelFlag[] = "--model";

// Returns what is wrong with host:port, or an empty string. An IPv6 host must be in brackets;
// otherwise its last part could be taken for the port.
std::string CheckAddress(const std::string& address);

// Returns what is wrong, or an empty string. NaN is wrong too: the comparisons are written to be
// false for it.
std::string CheckEpsilon(const std::string& text);

// Accepts decimal numbers only; CLI11 alone reads 010 as 8.
CLI::Validator NumberIn(std::int64_t least, std::int64_t most);

// The same, and 0, which has a special meaning.
CLI::Validator ZeroOrNumberIn(std::int64_t least, std::int64_t most);

// Turns one of `names`, in upper or lower case, into its number. CLI11 alone accepts any number for
// an enumeration.
CLI::Validator OneOf(std::vector<std::pair<std::string, int>> names);

// Turns a name into the number of the enumerator that `parse` returns for it.
template <typename Parse>
CLI::Validator NumberOf(const Parse& parse) {
  const auto to_number = [parse](std::string& text) -> std::string {
    const auto parsed = parse(text);
    if (!parsed.ok()) return std::string(parsed.status().message());
    text = absl::StrCat(static_cast<int>(*parsed));
    return "";
  };
  return {to_number, "", "name"};
}

// MLP_MAX_BATCH_ROWS for --max-batch-rows.
std::string VariableOf(absl::string_view flag);

// The variables that `app` reads.
std::set<std::string> VariablesOf(const CLI::App& app);

// Adds options to `app`, each also read from the environment. `app` must outlive this.
class OptionReader final {
 public:
  explicit OptionReader(CLI::App& app) : app_(app) {}

  template <typename Value>
  CLI::Option* Add(const std::string& name, Value& value, const std::string& help) {
    return app_.add_option("--" + name, value, help)
        ->envname(VariableOf("--" + name))
        ->capture_default_str();
  }

 private:
  CLI::App& app_;
};

// The command line, completed from the environment. CLI11 alone reads the environment last, after
// the file, so the file would win.
class Arguments final {
 public:
  Arguments(const CLI::App& app, int argc, const char* const* argv);

  // In CLI11's order: the last one first.
  std::vector<std::string> Reversed() const { return {words_.rbegin(), words_.rend()}; }

  // Whether the command line or the environment has `flag`.
  bool Has(const std::string& flag) const { return given_.count(flag) > 0; }

  // CLI11's `message`, on one line. A message begins with its flag; if the value came from the
  // environment, the variable is added. A message about an unknown name in the file is replaced:
  // CLI11 says little and appends ".++" to the name of a section.
  std::string Explain(const std::string& message) const;

 private:
  std::vector<std::string> words_;
  std::set<std::string> given_;
  std::set<std::string> from_environment_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OPTION_READER_H_
