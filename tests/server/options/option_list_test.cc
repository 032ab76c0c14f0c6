#include "server/options/option_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "server/options/option_table.h"
#include "tests/server/options/parsed.h"

namespace mlp {
namespace {

using Json = nlohmann::json;

Json RowOf(const Json& list, const std::string& name) {
  const auto row = std::find_if(list.begin(), list.end(),
                                [&name](const Json& one) { return one["name"] == name; });
  return row == list.end() ? Json() : *row;
}

TEST(OptionListTest, DescribesEachKindOfOptionCompletely) {
  const Parsed parsed = Parse({"--list-options"});
  EXPECT_EQ(parsed.exit_code, 0);
  EXPECT_EQ(parsed.err, "");
  const Json list = Json::parse(parsed.out);
  EXPECT_EQ(RowOf(list, "max-batch-rows"),
            Json::parse(R"({"name": "max-batch-rows", "variable": "MLP_MAX_BATCH_ROWS",
                "type": "integer", "minimum": 1, "maximum": 1048576, "or_zero": false,
                "default": 4096, "default_from_machine": false,
                "help": "Most rows of a request and of a batch"})"));
  Json row = RowOf(list, "self-baseline");
  EXPECT_EQ(row["minimum"], 300);
  EXPECT_EQ(row["or_zero"], true);
  row = RowOf(list, "saturation-epsilon");
  EXPECT_EQ(row["type"], "number");
  EXPECT_EQ(row["exclusive_minimum"], 0);
  EXPECT_EQ(row["exclusive_maximum"], 1);
  EXPECT_EQ(row["default"], 0.01);
  row = RowOf(list, "log-level");
  EXPECT_EQ(row["type"], "name");
  EXPECT_EQ(row["names"], Json({"debug", "info", "warning", "error"}));
  EXPECT_EQ(row["default"], "info");
  row = RowOf(list, "load-model");
  EXPECT_EQ(row["type"], "list");
  EXPECT_EQ(row["default"], Json::array());
  row = RowOf(list, "validate");
  EXPECT_EQ(row["type"], "flag");
  EXPECT_EQ(row["default"], false);
  EXPECT_EQ(row["variable"], Json());
  row = RowOf(list, "rpc-threads");
  EXPECT_EQ(row["default"], 1);
  EXPECT_EQ(row["default_from_machine"], true);
}

TEST(OptionListTest, HasOneOptionOnEachLine) {
  ServerOptions options;
  const std::vector<Option> table = OptionTable(options);
  const std::string list = OptionList(table);
  EXPECT_EQ(Json::parse(list).size(), table.size());
  EXPECT_EQ(static_cast<std::size_t>(std::count(list.begin(), list.end(), '\n')), table.size() + 2);
}

// Values that the command line, the environment or the file set are no defaults.
TEST(OptionListTest, ShowsDefaultsWhateverIsSet) {
  const ConfigFile file("max-streams = 7\n");
  const Parsed parsed = Parse({"--list-options", "--max-batch-rows", "7", "--config", file.path()},
                              {{"MLP_POLL_SECONDS", "7"}});
  EXPECT_EQ(parsed.out, Parse({"--list-options"}).out);
}

}  // namespace
}  // namespace mlp
