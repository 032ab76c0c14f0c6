#include "server/served_models/model_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/server/serve_versions.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ModelCatalogTest : public ::testing::Test {
 protected:
  std::shared_ptr<const ModelTable> TableOf(std::int64_t good, std::int64_t refused) {
    std::vector<ModelVersion> versions(2);
    versions[0].name = "m";
    versions[0].version = good;
    versions[0].network = SmallNetwork();
    versions[1].name = "m";
    versions[1].version = refused;
    versions[1].status = absl::InvalidArgumentError("truncated");
    return std::make_shared<const ModelTable>(
        ServeVersions(std::move(versions), {}, arena_, metrics_));
  }

  Metrics metrics_{0.01, {}};
  tbb::task_arena arena_{1};
  ModelCatalog catalog_{metrics_};
};

TEST_F(ModelCatalogTest, GivesTheTableThatWasPublishedLast) {
  EXPECT_TRUE(catalog_.Get()->models().empty());
  catalog_.Publish(TableOf(1, 2));
  EXPECT_EQ(catalog_.Get()->Find("m", "").value()->version, "1");
  catalog_.Publish(TableOf(3, 2));
  EXPECT_EQ(catalog_.Get()->Find("m", "").value()->version, "3");
}

TEST_F(ModelCatalogTest, AViewKeepsItsTableUntilItRefreshes) {
  catalog_.Publish(TableOf(1, 2));
  CatalogView view(catalog_);
  EXPECT_TRUE(view.Refresh());
  EXPECT_FALSE(view.Refresh());
  catalog_.Publish(TableOf(3, 2));
  EXPECT_TRUE(view.table().Find("m", "1").ok());
  EXPECT_TRUE(view.Refresh());
  EXPECT_FALSE(view.table().Find("m", "1").ok());
  EXPECT_TRUE(view.table().Find("m", "3").ok());
}

TEST_F(ModelCatalogTest, ShowsTheModelsOfTheTableInTheMetrics) {
  catalog_.Publish(TableOf(1, 2));
  EXPECT_THAT(metrics_.Expose(), HasSubstr(R"(mlp_model_ready{model="m"} 0)"));
  metrics_.models().SetServing(true);
  EXPECT_THAT(metrics_.Expose(), HasSubstr(R"(mlp_model_ready{model="m"} 1)"));
  EXPECT_THAT(metrics_.Expose(), HasSubstr(R"(mlp_model_default_version{model="m"} 1)"));
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr(R"(mlp_model_version_refused{model="m",version="1"} 0)"));
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr(R"(mlp_model_version_refused{model="m",version="2"} 1)"));
  EXPECT_THAT(metrics_.Expose(), HasSubstr(R"(mlp_rows_total{model="m",version="1"} 0)"));
  EXPECT_THAT(metrics_.Expose(), Not(HasSubstr(R"(mlp_rows_total{model="m",version="2"})")));

  catalog_.Publish(TableOf(3, 4));
  const std::string page = metrics_.Expose();
  EXPECT_THAT(page, HasSubstr(R"(mlp_model_default_version{model="m"} 3)"));
  // Nobody holds version 1 any more, so none of its series is left.
  EXPECT_THAT(page, Not(HasSubstr(R"(version="1")")));
}

TEST_F(ModelCatalogTest, ShowsAddedAndRemovedModelsInTheMetrics) {
  const auto names = std::make_shared<const ModelTable::Names>();
  const ModelRecord record = {"other",         0, ModelState::kUnavailable, "no version", nullptr,
                              /*refused=*/true};
  catalog_.Publish(TableOf(1, 2));
  catalog_.Publish(catalog_.Get()->With({{"other", {{{0, record}}, {}}}}, names));
  std::string page = metrics_.Expose();
  EXPECT_THAT(page, HasSubstr(R"(mlp_model_ready{model="m"} 0)"));
  EXPECT_THAT(page, HasSubstr(R"(mlp_model_version_refused{model="other",version=""} 1)"));
  catalog_.Publish(catalog_.Get()->With({{"m", {}}}, names));
  page = metrics_.Expose();
  EXPECT_THAT(page, Not(HasSubstr(R"(model="m")")));
  EXPECT_THAT(page, HasSubstr(R"(mlp_model_version_refused{model="other",version=""} 1)"));
}

TEST_F(ModelCatalogTest, AReloadedVersionKeepsItsCounters) {
  catalog_.Publish(TableOf(1, 2));
  const std::shared_ptr<const ServedModel> before = catalog_.Get()->Find("m", "1").value();
  before->instruments.metrics->CountRequest(absl::StatusCode::kOk);
  catalog_.Publish(TableOf(1, 2));
  const std::shared_ptr<const ServedModel> after = catalog_.Get()->Find("m", "1").value();
  EXPECT_NE(before, after);
  after->instruments.metrics->CountRequest(absl::StatusCode::kOk);
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr(R"(mlp_requests_total{code="OK",model="m",version="1"} 2)"));
}

}  // namespace
}  // namespace mlp
