#include "server/status_page/status_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"
#include "server/status_page/page_frame.h"
#include "tests/server/status_page/sample_statuses.h"

namespace mlp {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string TextOf(const Status& status, const std::string& path) {
  return StatusPage(status, {.path = path}).text;
}

std::size_t Count(absl::string_view text, absl::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != absl::string_view::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// The error in the tags of `html`. Empty if each tag is closed, in order.
std::string FaultOfTags(absl::string_view html) {
  std::vector<std::string> open;
  while (!html.empty()) {
    const std::size_t begin = html.find('<');
    if (begin == absl::string_view::npos) break;
    html.remove_prefix(begin);
    std::size_t end = 0;
    bool quoted = false;
    for (; end < html.size() && (quoted || html[end] != '>'); ++end) {
      if (html[end] == '"') quoted = !quoted;
    }
    const absl::string_view tag = html.substr(1, end - 1);
    std::size_t name_end = 0;
    while (name_end < tag.size() && (std::isalnum(static_cast<unsigned char>(tag[name_end])) != 0 ||
                                     tag[name_end] == '/' || tag[name_end] == '!')) {
      ++name_end;
    }
    const std::string name(tag.substr(0, name_end));
    html.remove_prefix(std::min(end + 1, html.size()));
    if (name == "!DOCTYPE" || name == "meta" || name == "link" || absl::EndsWith(tag, "/"))
      continue;
    if (name.empty()) return absl::StrCat("a tag without a name: ", tag);
    if (name[0] != '/') {
      open.push_back(name);
      // Their content is text up to the closing tag.
      if (name == "style" || name == "script")
        html.remove_prefix(html.find(absl::StrCat("</", name)));
    } else if (open.empty() || "/" + open.back() != name) {
      return absl::StrCat(name, " closes ", open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : absl::StrCat(open.back(), " is not closed");
}

class SamplePageTest : public ::testing::TestWithParam<SampleStatus> {};

TEST_P(SamplePageTest, IsCompleteAndBounded) {
  const HttpPage page = StatusPage(GetParam().status, {.path = GetParam().path});
  EXPECT_EQ(FaultOfTags(page.text), "");
  EXPECT_EQ(page.type, "text/html; charset=utf-8");
  EXPECT_EQ(page.policy, PagePolicy());
  EXPECT_LT(page.text.size(), std::size_t{1} << 20U);
  EXPECT_THAT(page.text, Not(AnyOf(HasSubstr(">nan"), HasSubstr("\"nan"), HasSubstr("inf\""),
                                   HasSubstr("inf%"), HasSubstr("nan%"))));
}

TEST_P(SamplePageTest, HasAJsonCounterpart) {
  const HttpPage page = StatusPage(GetParam().status, {.path = "/status.json"});
  EXPECT_EQ(page.type, "application/json");
  const nlohmann::json json = nlohmann::json::parse(page.text, nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(json.is_object());
  ASSERT_EQ(json["models"].size(), GetParam().status.models.size());
  for (std::size_t i = 0; i < json["models"].size(); ++i) {
    EXPECT_EQ(json["models"][i]["layers"].size(), GetParam().status.models[i].layers.size());
  }
}

INSTANTIATE_TEST_SUITE_P(All, SamplePageTest, ::testing::ValuesIn(SampleStatuses()),
                         [](const auto& param) {
                           std::string name = param.param.name;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

TEST(StatusPageTest, HostileTextsAreEscaped) {
  const Status status = HostileStatus();
  for (const std::string& path : {std::string("/"), "/models/" + status.models[0].name,
                                  std::string("/models/</title><script>alert(1)</script>")}) {
    for (const std::string& html :
         {TextOf(status, path), ModelHtml(status, status.models[0], "../")}) {
      EXPECT_THAT(html, Not(AnyOf(HasSubstr("<script>alert"), HasSubstr("\"'>"), HasSubstr("\xff"),
                                  HasSubstr("\u202e"))));
      EXPECT_EQ(FaultOfTags(html), "");
    }
  }
  // Endless repetition is cut.
  EXPECT_LT(ModelHtml(status, status.models[0], "../").size(), 200'000U);
}

struct PathCase {
  const char* path;
  unsigned code;
  const char* expected;
};

// Without semicolons, which separate the elements of CMake's lists of tests.
void PrintTo(const PathCase& test_case, std::ostream* out) {
  *out << test_case.path << " with " << absl::StrReplaceAll(test_case.expected, {{";", ""}});
}

class StatusPathTest : public ::testing::TestWithParam<PathCase> {};

TEST_P(StatusPathTest, LeadsToItsPage) {
  const HttpPage page = StatusPage(HealthyStatus(), {.path = GetParam().path});
  EXPECT_EQ(page.code, GetParam().code);
  EXPECT_THAT(page.text, HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    All, StatusPathTest,
    ::testing::Values(
        PathCase{"/", 200, "Nothing needs attention"},
        PathCase{"/models/digits-relu", 200, "<span class=\"version\">version 2</span>"},
        PathCase{"/models/digits-relu/versions/1", 200, "<span class=\"version\">version 1</span>"},
        PathCase{"/models/digits-relu/versions/1", 200,
                 "<a href=\"../../../models/digits-relu\">2"},
        PathCase{"/models/digits-relu", 200, "<a href=\"../models/digits-relu/versions/1\">1"},
        PathCase{"/models/digits-relu/versions/3", 404, "Model not found"},
        PathCase{"/models/digits-relu/versions/", 404, "Model not found"},
        PathCase{"/models/digits-relu/", 404, "Model not found"},
        PathCase{"/models/digits-relu/1", 404, "Model not found"},
        PathCase{"/models/", 404, "Model not found"},
        PathCase{"/models/none", 404, "<a href=\"../\">All models</a>"},
        PathCase{"/models/<b>", 404, "<code>/models/&lt;b&gt;</code>"}));

TEST(StatusPageTest, TheWorstFindingIsNextToTheModel) {
  const std::string html = TextOf(SaturatingStatus(), "/");
  EXPECT_THAT(html, AllOf(HasSubstr("1 of 4 versions needs attention"),
                          HasSubstr("hidden_1 saturates since 14:05, lower tail, 3.1 % to 41 %"),
                          HasSubstr("(2 more findings)"), HasSubstr("▲ 6.0</span>")));
}

TEST(StatusPageTest, FindingsStandBeforeAnyFigure) {
  const std::string html = TextOf(SaturatingStatus(), "/models/digits-sigmoid");
  const std::size_t finding = html.find("hidden_1 saturates since 14:05");
  ASSERT_NE(finding, std::string::npos);
  EXPECT_LT(finding, html.find("<svg class=\"spark\""));
  EXPECT_THAT(html, AllOf(HasSubstr("<b class=\"far\">41\u00a0%</b> <small>ref 3.1\u00a0%</small>"),
                          HasSubstr("▲ alarm"), HasSubstr(">3 dead</span>"), HasSubstr("pixels[7]"),
                          HasSubstr("+3.9\u00a0σ"), HasSubstr("41\u00a0% at or below −5.99")));
}

TEST(StatusPageTest, RefusalsStandWithTheirReasons) {
  EXPECT_THAT(
      TextOf(DriftingStatus(), "/"),
      AllOf(HasSubstr("queue_full 12,400, deadline 310, shape 4, 1 more"), HasSubstr("3 errors")));
}

TEST(StatusPageTest, UnknownFiguresAreDashes) {
  const std::string html = TextOf(EmptyStatus(), "/models/digits-tanh");
  EXPECT_THAT(html, HasSubstr("<span class=\"big\"><span aria-hidden=\"true\">–</span><span "
                              "class=\"sr\">unknown</span></span>"));
}

TEST(StatusPageTest, SaysWhatIsMissingAndWhatToDo) {
  EXPECT_THAT(TextOf(EmptyStatus(), "/models/digits-tanh"),
              AllOf(HasSubstr("mlp-client calibrate digits-tanh/1 --input train.npy"),
                    HasSubstr("No requests in the last hour"),
                    HasSubstr("mlp-client infer digits-tanh --input rows.csv")));
  EXPECT_THAT(TextOf(EmptyStatus(), "/models/scores"),
              AllOf(HasSubstr("The baseline was refused"), HasSubstr("expected digest 3f2a")));
  EXPECT_THAT(TextOf(StartingStatus(), "/"), HasSubstr("No models are loaded yet"));
  Status none = StartingStatus();
  none.ready = true;
  EXPECT_THAT(TextOf(none, "/"), HasSubstr("mlp-client load NAME"));
}

TEST(StatusPageTest, OneDriftingWindowIsNotReportedAsHealthy) {
  Status status = HealthyStatus();
  status.models[0].drift_ratio = 9.3;
  EXPECT_THAT(ModelHtml(status, status.models[0], "../"),
              AllOf(HasSubstr("Not certain yet: the last window drifts (ratio 9.3)."),
                    Not(HasSubstr("No problems found"))));
}

TEST(StatusPageTest, AMissingWindowIsNotReportedAsHealthy) {
  Status status = HealthyStatus();
  status.models[0].drift_ratio = kUnknown;
  EXPECT_THAT(ModelHtml(status, status.models[0], "../"),
              AllOf(HasSubstr("Nothing is judged yet: no window is full."),
                    Not(HasSubstr("No problems found"))));
}

TEST(StatusPageTest, CommandsToCopyQuoteNames) {
  Status status = EmptyStatus();
  status.models[1].name = "x; reboot";
  EXPECT_THAT(
      ModelHtml(status, status.models[1], "../"),
      AllOf(HasSubstr("mlp-client calibrate &#39;x; reboot/1&#39; --input"),
            HasSubstr("calibrate &#39;x; reboot&#39; --version 1 --input train.npy --install")));
}

TEST(StatusPageTest, SaysWhatTheFiguresMean) {
  EXPECT_THAT(TextOf(HealthyStatus(), "/models/digits-sigmoid"),
              AllOf(HasSubstr("What the figures mean"), HasSubstr("<dt>dead units</dt>")));
}

TEST(StatusPageTest, EachPictureHasItsText) {
  for (const SampleStatus& sample : SampleStatuses()) {
    const std::string html = TextOf(sample.status, sample.path);
    EXPECT_EQ(Count(html, "<svg"), Count(html, "role=\"img\" aria-label=\"") +
                                       Count(html, "\" aria-hidden=\"true\"><rect") +
                                       Count(html, "<svg class=\"axis\""))
        << sample.name;
  }
}

TEST(StatusPageTest, RefreshesUnlessAskedNotTo) {
  const Status status = HealthyStatus();
  EXPECT_THAT(
      StatusPage(status, {.path = "/"}).text,
      AllOf(HasSubstr("<script>"), HasSubstr("http-equiv=\"refresh\""), HasSubstr("?refresh=0")));
  EXPECT_THAT(StatusPage(status, {.path = "/", .refreshes = false}).text,
              Not(AnyOf(HasSubstr("<script>"), HasSubstr("http-equiv=\"refresh\""))));
}

TEST(StatusPageTest, ManyModelsOmitHealthyOnes) {
  Status status = ManyModelsStatus(2000);
  const std::string html = TextOf(status, "/");
  EXPECT_LT(html.size(), std::size_t{2} << 20U);
  EXPECT_EQ(Count(html, "<th scope=\"row\" role=\"rowheader\">"), kMaxModelRows);
  EXPECT_THAT(html, AllOf(HasSubstr("1800 more versions"), HasSubstr(">model-1995</a>"),
                          Not(HasSubstr(">model-1996</a>"))));
}

TEST(StatusPageTest, LongTablesBeginWithProblems) {
  const std::string html = TextOf(ManyModelsStatus(50), "/");
  EXPECT_THAT(html, HasSubstr("<ul class=\"urgent\"><li><a href=\"models/model-6\">model-6 1</a>: "
                              "hidden_1 saturates"));
}

TEST(StatusPageTest, ManyLayersOmitThoseNearTheirReferences) {
  const Status status = ManyLayersStatus(1022);
  const std::string html = TextOf(status, "/models/deep");
  EXPECT_LT(html.size(), std::size_t{1} << 20U);
  EXPECT_EQ(Count(html, "<article"), kMaxLayerSections);
  EXPECT_THAT(html,
              AllOf(HasSubstr("896 more layers"), HasSubstr("<h3>hidden_1000</h3>"),
                    Not(HasSubstr("<h3>hidden_999</h3>")),
                    HasSubstr("Furthest from their references: <a href=\"#layer-11\">hidden_11")));
}

TEST(StatusJsonTest, HasEveryFigureByItsName) {
  const nlohmann::json json = nlohmann::json::parse(StatusJson(SaturatingStatus()));
  EXPECT_EQ(json["now"], "2026-11-29T14:47:30Z");
  EXPECT_EQ(json["ready"], true);
  const nlohmann::json& model = json["models"][3];
  EXPECT_EQ(model["name"], "digits-sigmoid");
  EXPECT_EQ(model["findings"].size(), 3U);
  EXPECT_EQ(model["layers"][1]["lower_share"]["value"], 0.41);
  EXPECT_EQ(model["layers"][1]["drift"]["alarmed"], true);
  EXPECT_EQ(model["layers"][1]["lower_minutes"].size(), kStatusMinutes);
  EXPECT_EQ(model["moved_inputs"][0]["name"], "pixels[7]");
}

TEST(StatusJsonTest, SeriesHaveSixDigits) {
  Status status = EmptyStatus();
  StatusModel& model = status.models[0];
  const double values[] = {1.0 / 3, -12345678.9, 4.1e-7, 0.0, 1e-320, HUGE_VAL};
  std::copy(std::begin(values), std::end(values), model.p99_minutes.begin());
  const nlohmann::json json = nlohmann::json::parse(StatusJson(status));
  const nlohmann::json& minutes = json["models"][0]["p99_minutes"];
  EXPECT_EQ(minutes[0], 0.333333);
  EXPECT_EQ(minutes[1], -12345700.0);
  EXPECT_EQ(minutes[2], 4.1e-7);
  EXPECT_EQ(minutes[3], 0.0);
  EXPECT_EQ(minutes[4], 1e-320);
  EXPECT_TRUE(minutes[5].is_null());
}

TEST(StatusJsonTest, UnknownFiguresAreNull) {
  const nlohmann::json json = nlohmann::json::parse(StatusJson(EmptyStatus()));
  const nlohmann::json& model = json["models"][0];
  EXPECT_TRUE(model["loaded_at"].is_null());
  EXPECT_TRUE(model["p99_seconds"].is_null());
  EXPECT_TRUE(model["p99_minutes"][0].is_null());
}

}  // namespace
}  // namespace mlp
