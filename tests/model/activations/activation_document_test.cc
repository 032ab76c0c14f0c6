// The activations in docs/reference/activations.md are those of the registry.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/activations/activation.h"
#include "tests/bytes_of_file.h"

namespace mlp {
namespace {

using ::testing::ElementsAreArray;
using ::testing::UnorderedElementsAreArray;

class ActivationDocumentTest : public ::testing::Test {
 protected:
  // The cells of the table's rows below the heading `title`.
  std::vector<std::vector<std::string>> Table(absl::string_view title) const {
    std::vector<std::vector<std::string>> rows;
    const std::size_t from = document_.find(std::string(title));
    const std::size_t to = document_.find("\n#", from + 1);
    for (absl::string_view line : absl::StrSplit(document_.substr(from, to - from), '\n')) {
      if (!absl::ConsumePrefix(&line, "| ") || !absl::ConsumeSuffix(&line, " |")) continue;
      rows.push_back(absl::StrSplit(line, " | "));
    }
    if (!rows.empty()) rows.erase(rows.begin());  // the heads
    return rows;
  }

  const std::string document_ = BytesOfFile(MLP_SOURCE_DIR "/docs/reference/activations.md");
};

TEST_F(ActivationDocumentTest, ListsEveryActivation) {
  std::vector<std::string> listed;
  for (const std::vector<std::string>& row : Table("\n## The list\n")) {
    for (const absl::string_view name : absl::StrSplit(row[1], absl::ByAnyChar(",; "))) {
      if (!name.empty()) listed.emplace_back(name);
    }
  }
  std::vector<std::string> known;
  for (const ActivationInfo* info : AllActivations()) known.emplace_back(info->name);
  EXPECT_THAT(listed, UnorderedElementsAreArray(known));
}

// "`alpha`: 0.01, any finite number" in the document is the parameter alpha with its default.
TEST_F(ActivationDocumentTest, GivesEveryParameterWithItsDefault) {
  std::vector<std::string> documented;
  for (const std::vector<std::string>& row : Table("\n### Parameters\n")) {
    if (row[0] == "prelu") continue;  // its alpha is trained
    const std::vector<std::string> pieces = absl::StrSplit(row[2], '`');
    for (std::size_t i = 1; i + 1 < pieces.size(); i += 2) {
      const std::vector<std::string> after =
          absl::StrSplit(pieces[i + 1], absl::ByAnyChar(":,; "), absl::SkipEmpty());
      float number = 0.0F;
      const bool has_default = !after.empty() && absl::SimpleAtof(after[0], &number);
      documented.push_back(
          absl::StrCat(row[0], " ", pieces[i], has_default ? absl::StrCat(" ", number) : ""));
    }
  }
  std::vector<std::string> known;
  for (const ActivationInfo* info : AllActivations()) {
    for (const ActivationParameter& parameter : info->parameters) {
      known.push_back(absl::StrCat(info->name, " ", parameter.name, " ", parameter.default_value));
    }
  }
  EXPECT_THAT(documented, ElementsAreArray(known));
}

}  // namespace
}  // namespace mlp
