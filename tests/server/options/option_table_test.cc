#include "server/options/option_table.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/server/options/parsed.h"

namespace mlp {
namespace {

std::vector<std::string> DefaultsOf(ServerOptions options) {
  std::vector<std::string> defaults;
  for (const Option& option : OptionTable(options)) {
    defaults.push_back(option.value.default_text);
  }
  return defaults;
}

std::vector<Option> DefaultTable() {
  static ServerOptions options = DefaultOptions({.cpus = 3});
  return OptionTable(options);
}

// A value that is not the default, in the form in which the table shows it.
std::string OtherValueOf(const Option& option) {
  const OptionValue& value = option.value;
  switch (value.type) {
    case OptionType::kFlag:
      return value.default_text == "true" ? "false" : "true";
    case OptionType::kInteger:
      return absl::StrCat(value.range->maximum);
    case OptionType::kNumber:
      return "0.25";
    case OptionType::kName:
      return value.names.front() == value.default_text ? value.names.back() : value.names.front();
    default:
      if (absl::EndsWith(option.name, "address")) return "127.0.0.1:9";
      return absl::EndsWith(option.name, "socket-mode") ? "0640" : "other";
  }
}

TEST(OptionTableTest, EveryOptionHasANameAVariableAndHelp) {
  std::set<std::string> names;
  for (const Option& option : DefaultTable()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name << " is there twice";
    EXPECT_GE(option.help.size(), 12) << option.name;
    EXPECT_EQ(option.Variable().empty(), option.name == "validate") << option.name;
  }
  EXPECT_GT(names.size(), 50);
}

// Tells an option that sets the member of another one.
TEST(OptionTableTest, EveryOptionSetsAMemberOfItsOwn) {
  ServerOptions options = DefaultOptions({.cpus = 3});
  const std::vector<Option> table = OptionTable(options);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Option& option = table[i];
    if (option.name == "isa") continue;  // its other values are not on every CPU
    std::vector<std::string> expected = DefaultsOf(options);
    const std::string other = OtherValueOf(option);
    ASSERT_NE(other, expected[i]) << option.name;
    if (const auto* set = std::get_if<TextCheck>(&option.value.target)) {
      EXPECT_EQ((*set)(other), "") << option.name;
    } else if (bool* const* flag = std::get_if<bool*>(&option.value.target)) {
      **flag = other == "true";
    } else {
      std::get<std::vector<std::string>*>(option.value.target)->push_back(other);
    }
    expected[i] = other;
    EXPECT_EQ(DefaultsOf(options), expected) << option.name;
  }
}

// Options that need another one beside them are left out.
bool StandsAlone(const Option& option) {
  static const std::set<std::string> needy = {"config",
                                              "http-tls",
                                              "http-needs-observe",
                                              "http-tls-cert",
                                              "http-tls-key",
                                              "isa",
                                              "validate",
                                              "load-model",
                                              "allow-rpc-model-files",
                                              "tls-cert",
                                              "tls-key",
                                              "tls-crl",
                                              "tokens-file",
                                              "tls-client-ca",
                                              "tls-client-auth",
                                              "unix-socket-mode",
                                              "admin-socket-mode",
                                              "health-needs-observe",
                                              "allow-plaintext-tokens",
                                              "model",
                                              "drain-seconds",
                                              "shutdown-delay-ms"};
  return needy.count(option.name) == 0;
}

TEST(OptionTableTest, EveryOptionIsReadFromEveryPlace) {
  const std::vector<Option> table = DefaultTable();
  int tried = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Option& option = table[i];
    if (!StandsAlone(option)) continue;
    ++tried;
    const std::string other = OtherValueOf(option);
    const ConfigFile file(absl::StrCat(option.name, " = \"", other, "\"\n"));
    const std::string model = "--model-repository=models";
    const bool is_model = option.name == kRepositoryOption;
    for (const Parsed& parsed :
         {Parse({absl::StrCat(option.Flag(), "=", other), is_model ? "--validate" : model}),
          Parse({is_model ? "--validate" : model}, {{option.Variable(), other}}),
          Parse({"--config", file.path(), is_model ? "--validate" : model})}) {
      ASSERT_TRUE(parsed.options.has_value()) << option.name << ": " << parsed.err;
      EXPECT_EQ(DefaultsOf(*parsed.options)[i], other) << option.name;
    }
  }
  EXPECT_GT(tried, 40);
}

TEST(OptionTableTest, MarksTheDefaultsThatDependOnTheMachine) {
  const std::vector<Option> table = DefaultTable();
  const std::vector<std::string> small = DefaultsOf(DefaultOptions({2, 256 << 20, 512}));
  const std::vector<std::string> large =
      DefaultsOf(DefaultOptions({64, std::int64_t{64} << 30, 1'000'000}));
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].name == "isa") continue;  // the instruction set is of the CPU at hand
    EXPECT_EQ(small[i] != large[i], table[i].value.default_from_machine) << table[i].name;
  }
}

}  // namespace
}  // namespace mlp
