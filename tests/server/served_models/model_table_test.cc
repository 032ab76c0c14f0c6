#include "server/served_models/model_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/serve_versions.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

ModelVersion Good(std::string name, std::int64_t version) {
  ModelVersion good;
  good.name = std::move(name);
  good.version = version;
  good.network = SmallNetwork();
  return good;
}

ModelVersion Refused(std::string name, std::int64_t version, const char* reason) {
  ModelVersion refused;
  refused.name = std::move(name);
  refused.version = version;
  refused.status = absl::InvalidArgumentError(reason);
  return refused;
}

class ModelTableTest : public ::testing::Test {
 protected:
  Metrics metrics_{0.01, {}};
  tbb::task_arena arena_{1};
  const ModelTable models_{
      ServeVersions(
          {Refused("broken", 1, "no model"), Refused("empty", 0, "no version"), Good("many", 2),
           Good("many", 9), Good("many", 10), Refused("many", 11, "truncated"), Good("one", 1)},
          {.max_batch_rows = 64}, arena_, metrics_),
      {{"many", {{"stable", 9}, {"next", 11}, {"gone", 5}}}}};
};

TEST(ModelTableWeightsTest, AreStoredAsTheModelSaysOrElseAsTheTableDoes) {
  Metrics metrics{0.01, {}};
  tbb::task_arena arena{1};
  ModelVersion its_own = Good("own", 1);
  its_own.settings.weights = WeightStorage::kInt8;
  const ModelTable models(ServeVersions({its_own, Good("plain", 1)},
                                        {.weights = WeightStorage::kBfloat16}, arena, metrics));
  EXPECT_EQ(models.Find("own", "").value()->evaluator->weight_storage(), WeightStorage::kInt8);
  EXPECT_EQ(models.Find("plain", "").value()->evaluator->weight_storage(),
            WeightStorage::kBfloat16);
}

struct FindCase {
  const char* name;
  const char* version;
  const char* found;  // the version found
};

void PrintTo(const FindCase& find, std::ostream* out) { *out << find.name << "/" << find.version; }

class FindTest : public ModelTableTest, public ::testing::WithParamInterface<FindCase> {};

TEST_P(FindTest, ReturnsTheNamedVersionOrTheNewestServedOne) {
  const auto [name, version, found] = GetParam();
  const auto model = models_.Find(name, version);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ((*model)->name, name);
  EXPECT_EQ((*model)->version, found);
  EXPECT_EQ((*model)->max_batch_rows, 64);
}

INSTANTIATE_TEST_SUITE_P(All, FindTest,
                         ::testing::Values(FindCase{"one", "", "1"}, FindCase{"one", "1", "1"},
                                           FindCase{"one", "001", "1"}, FindCase{"many", "2", "2"},
                                           FindCase{"many", "9", "9"}, FindCase{"many", "", "10"},
                                           FindCase{"many", "stable", "9"}));

struct MissCase {
  const char* name;
  const char* version;
  absl::StatusCode code;
  const char* message_part;
};

void PrintTo(const MissCase& miss, std::ostream* out) {
  *out << '\'' << miss.name << "' '" << miss.version << '\'';
}

class MissTest : public ModelTableTest, public ::testing::WithParamInterface<MissCase> {};

TEST_P(MissTest, ReportsWhatIsWrong) {
  const auto [name, version, code, message_part] = GetParam();
  const auto model = models_.Find(name, version);
  EXPECT_EQ(model.status().code(), code) << model.status();
  EXPECT_THAT(model.status().message(), HasSubstr(message_part));
  EXPECT_THAT(model.status().message(), Not(HasSubstr("\n")));
}

constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kUnavailable = absl::StatusCode::kUnavailable;

INSTANTIATE_TEST_SUITE_P(
    All, MissTest,
    ::testing::Values(MissCase{"", "", kInvalid, "name is empty"},
                      MissCase{"", "1", kInvalid, "name is empty"},
                      MissCase{"two", "", kNotFound, "model 'two' is unknown"},
                      MissCase{"two", "1abc", kNotFound, "model 'two' is unknown"},
                      MissCase{"line\nbreak", "", kNotFound, "line\\nbreak"},
                      MissCase{"One", "", kNotFound, "model 'One'"},
                      MissCase{"one", "2", kNotFound, "version '2' of model 'one' is unknown"},
                      MissCase{"one", "0", kNotFound, "version '0'"},
                      MissCase{"empty", "0", kNotFound, "version '0'"},
                      MissCase{"one", "18446744073709551617", kNotFound, "1844674407370955"},
                      MissCase{"one", "1abc", kInvalid, "version '1abc' of model 'one'"},
                      MissCase{"one", "-1", kInvalid, "version '-1'"},
                      MissCase{"one", "+1", kInvalid, "version '+1'"},
                      MissCase{"one", " 1", kInvalid, "version ' 1'"},
                      MissCase{"one", "1.0", kInvalid, "version '1.0'"},
                      MissCase{"one", "latest", kInvalid, "expected decimal digits or a label"},
                      MissCase{"one", "stable", kInvalid,
                               "is neither a number nor a label of the model"},
                      MissCase{"many", "next", kUnavailable, "is not ready: truncated"},
                      MissCase{"many", "gone", kNotFound, "version 'gone'"},
                      MissCase{"broken", "", kUnavailable, "'broken' is not ready: no model"},
                      MissCase{"broken", "1", kUnavailable, "is not ready: no model"},
                      MissCase{"empty", "", kUnavailable, "'empty' is not ready: no version"},
                      MissCase{"many", "11", kUnavailable, "is not ready: truncated"}));

TEST_F(ModelTableTest, ListsServedAndRefusedModels) {
  std::vector<std::string> names;
  for (const auto& [name, model] : models_.models()) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("broken", "empty", "many", "one"));
  ASSERT_NE(models_.VersionsOf("many"), nullptr);
  EXPECT_EQ(models_.VersionsOf("many")->size(), 4U);
  EXPECT_EQ(models_.VersionsOf("many")->at(11).reason, "truncated");
  EXPECT_EQ(models_.VersionsOf("nobody"), nullptr);
}

TEST_F(ModelTableTest, AChangeLeavesTheOriginalTableUnchanged) {
  const auto names = std::make_shared<const ModelTable::Names>();
  ModelTable::Model later = {*models_.VersionsOf("many"), {{"stable", 10}}};
  later.versions.erase(11);
  const auto table = models_.With({{"many", later}, {"broken", {}}}, names);
  EXPECT_EQ(table->Find("many", "stable").value()->version, "10");
  EXPECT_EQ(table->Find("many", "11").status().code(), kNotFound);
  EXPECT_EQ(table->VersionsOf("broken"), nullptr);
  EXPECT_EQ(table->models().size(), 3U);
  EXPECT_THAT(table->ChangedSince(models_), UnorderedElementsAre("broken", "many"));

  EXPECT_EQ(models_.Find("many", "stable").value()->version, "9");
  EXPECT_NE(models_.VersionsOf("broken"), nullptr);
  EXPECT_EQ(models_.models().size(), 4U);
}

TEST_F(ModelTableTest, TheDefaultAnswersWithoutAVersion) {
  EXPECT_EQ(models_.Find("one", "").value()->version, "1");
  ModelTable::Model given_up = {*models_.VersionsOf("one"), {}};
  given_up.versions.at(1).served = nullptr;
  given_up.versions.at(1).reason = "unloaded";
  const auto names = std::make_shared<const ModelTable::Names>();
  const auto table = models_.With({{"one", given_up}}, names);
  EXPECT_EQ(table->Find("one", "").status().code(), kUnavailable);
  ModelTable::Model older = {*models_.VersionsOf("many"), {}, 9};
  EXPECT_EQ(table->With({{"many", older}}, names)->Find("many", "").value()->version, "9");
  older.default_version = 0;
  older.labels = {{"default", 11}};
  const auto none = table->With({{"many", older}}, names);
  EXPECT_EQ(std::string(none->Find("many", "").status().message()),
            "model 'many' is not ready: the label 'default' names version 11: truncated");
}

TEST_F(ModelTableTest, ListsLoadableModelsNextToItsOwn) {
  const auto names =
      std::make_shared<const ModelTable::Names>(ModelTable::Names{"many", "other", "zero"});
  EXPECT_THAT(models_.not_loaded(), IsEmpty());
  EXPECT_THAT(models_.With({}, names)->not_loaded(), ElementsAre("other", "zero"));
  EXPECT_THAT(models_.With({{"many", {}}}, names)->not_loaded(),
              ElementsAre("many", "other", "zero"));
}

TEST(ManyModelsTableTest, AChangeSharesEveryOtherModel) {
  constexpr int kModels = 3000;
  std::vector<ModelRecord> records;
  for (int i = 0; i < kModels; ++i) {
    records.push_back({absl::StrCat("m", i), 1, ModelState::kUnavailable, "refused", nullptr});
  }
  const ModelTable before(records);
  EXPECT_EQ(before.models().size(), static_cast<std::size_t>(kModels));
  const auto names = std::make_shared<const ModelTable::Names>();
  const ModelRecord changed = {"m7", 2, ModelState::kUnavailable, "refused", nullptr};
  const ModelRecord added = {"new", 1, ModelState::kUnavailable, "refused", nullptr};
  const auto table =
      before.With({{"m7", {{{2, changed}}, {}}}, {"new", {{{1, added}}, {}}}}, names);
  EXPECT_THAT(table->ChangedSince(before), UnorderedElementsAre("m7", "new"));
  for (const ModelRecord& record : records) {
    const bool shared = table->VersionsOf(record.name) == before.VersionsOf(record.name);
    EXPECT_EQ(shared, record.name != "m7") << record.name;
  }
  EXPECT_EQ(table->VersionsOf("m7")->count(1), 0U);
  EXPECT_NE(table->VersionsOf("new"), nullptr);
}

}  // namespace
}  // namespace mlp
