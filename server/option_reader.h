// Reads options from the command line, the environment and a file: what they may say, and where
// each comes from.

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

// Empty, or what is wrong with host:port. A host with colons is an IPv6 address and stands in
// brackets, or nobody could tell its last part from a port.
std::string CheckAddress(const std::string& address);

// Empty, or what is wrong. Written out, as the comparisons must be false for NaN.
std::string CheckEpsilon(const std::string& text);

// Takes decimal numbers only: CLI11 by itself reads 010 as 8.
CLI::Validator NumberIn(std::int64_t least, std::int64_t most);

// The same, and 0, which stands for something else.
CLI::Validator ZeroOrNumberIn(std::int64_t least, std::int64_t most);

// Turns one of `names`, in any case, into its number: CLI11 by itself takes any number for an
// enumeration.
CLI::Validator OneOf(std::vector<std::pair<std::string, int>> names);

// Turns a name into the number of the enumerator that `parse` gives for it.
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

// Adds options to `app`, which must outlive it: each is read from the environment too.
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

// The command line with what the environment adds to it. CLI11 would read the environment last,
// after the file, and so let the file win.
class Arguments final {
 public:
  Arguments(const CLI::App& app, int argc, const char* const* argv);

  // As CLI11 wants them: the last one first.
  std::vector<std::string> Reversed() const { return {words_.rbegin(), words_.rend()}; }

  // Whether the command line or the environment has `flag`.
  bool Has(const std::string& flag) const { return given_.count(flag) > 0; }

  // `message` of CLI11, which begins with the flag, with the variable where that was the place. Of
  // the file it says less, and puts ".++" behind the name of a section. In one line.
  std::string Explain(const std::string& message) const;

 private:
  std::vector<std::string> words_;
  std::set<std::string> given_;
  std::set<std::string> from_environment_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OPTION_READER_H_
