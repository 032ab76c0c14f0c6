// Holds the table of docs/reference/options.md to the options.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/decimal.h"
#include "server/options/default_options.h"
#include "server/options/option_table.h"

namespace mlp {
namespace {

struct DocumentedOption {
  std::string variable;
  std::string default_text;
};

// In backticks, or not.
std::string Plain(absl::string_view cell) {
  cell = absl::StripAsciiWhitespace(cell);
  if (cell.size() < 2 || cell.front() != '`' || cell.back() != '`') return std::string(cell);
  return std::string(cell.substr(1, cell.size() - 2));
}

// The rows of the table by their flag: | `--flag` | `VARIABLE` | default | meaning |
std::map<std::string, DocumentedOption> DocumentedOptions() {
  std::map<std::string, DocumentedOption> options;
  std::ifstream page(MLP_SOURCE_DIR "/docs/reference/options.md");
  for (std::string line; std::getline(page, line);) {
    if (!absl::StartsWith(line, "| `--")) continue;
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (cells.size() < 6) continue;
    const bool is_new =
        options.emplace(Plain(cells[1]), DocumentedOption{Plain(cells[2]), Plain(cells[3])}).second;
    EXPECT_TRUE(is_new) << cells[1] << " is there twice";
  }
  return options;
}

// What the table is to say of a default.
std::string DocumentedDefaultOf(const OptionValue& value) {
  if (value.type == OptionType::kFlag) return value.default_text == "true" ? "on" : "off";
  return value.default_text;
}

TEST(DocumentedOptionsTest, AreThoseOfTheServer) {
  std::map<std::string, DocumentedOption> documented = DocumentedOptions();
  // These print and exit.
  EXPECT_EQ(documented.erase("--help`, `--version`, `--list-options"), 1U);
  ServerOptions options = DefaultOptions({});
  for (const Option& option : OptionTable(options)) {
    const auto row = documented.find(option.Flag());
    if (row == documented.end()) {
      ADD_FAILURE() << option.Flag() << " is not in docs/reference/options.md";
      continue;
    }
    EXPECT_EQ(row->second.variable, option.Variable()) << option.Flag();
    const std::string& shown = row->second.default_text;
    if (option.value.default_from_machine) {
      EXPECT_FALSE(shown.empty() || IsDecimal(shown)) << option.Flag() << " depends on the machine";
    } else {
      EXPECT_EQ(shown, DocumentedDefaultOf(option.value)) << option.Flag();
    }
    documented.erase(row);
  }
  for (const auto& [flag, row] : documented) {
    ADD_FAILURE() << flag << " of docs/reference/options.md is no option";
  }
}

}  // namespace
}  // namespace mlp
