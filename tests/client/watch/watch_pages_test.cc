#include "client/watch/watch_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/client/watch/status_text.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string TextOfPage(const std::vector<StyledText>& lines, bool colours = false) {
  std::string text;
  for (const StyledText& line : lines) text += line.ToString(0, colours) + "\n";
  return text;
}

StatusView StatusOfTest() { return ReadStatus(kStatusText).value(); }

TEST(ServerPageTest, ShowsEachModelOnALineWithItsProblemsBelow) {
  const std::string page = TextOfPage(ServerPage(StatusOfTest(), 120));
  EXPECT_THAT(page, HasSubstr("mlp-server 1.2.0  ready  up 3 h 12 min  2 versions, 1 drifting"));
  EXPECT_THAT(page, HasSubstr("model  version  state  requests/s     p50     p99  drift"));
  EXPECT_THAT(page, HasSubstr("calm        3*  READY       1,204  410 us  1.9 ms  -"));
  EXPECT_THAT(page, HasSubstr(" ▃▅█"));
  EXPECT_THAT(page, HasSubstr("torn        1   READY        2.00       -       -   6.03 ████████"));
  EXPECT_THAT(page, HasSubstr("\n  ! hidden_1 drifts since 14:02\n  ! classes moved\n"
                              "    and 1 more: mlp-client watch torn\n"));
}

TEST(ServerPageTest, DistinguishesABaselineWithoutWindowsFromNone) {
  StatusView status = StatusOfTest();
  ModelView& model = status.models[1];
  model.drift_ratio = kNotKnown;
  EXPECT_THAT(TextOfPage(ServerPage(status, 120)), HasSubstr("-       -  no window yet"));
  EXPECT_THAT(TextOfPage(ModelPage(status, 120)),
              HasSubstr("baseline  calibrated 2026-11-29, 1,437 rows; no window yet\n"));
  model.baseline = "learning: 300 of 2,000 rows";
  EXPECT_THAT(TextOfPage(ServerPage(status, 120)), HasSubstr("-       -  learning"));
  EXPECT_THAT(TextOfPage(ModelPage(status, 120)),
              HasSubstr("baseline  learning: 300 of 2,000 rows\n"));
}

// A single block would always be full, whatever its value.
TEST(ServerPageTest, DrawsTheHourFromTheSecondBlockOn) {
  StatusView status = StatusOfTest();
  status.models[0].request_minutes.assign(60, kNotKnown);
  for (const std::size_t minute : {58U, 59U}) {  // one column of 21
    status.models[0].request_minutes[minute] = 4;
  }
  status.models[1].request_minutes = status.models[1].drift_minutes = {kNotKnown, kNotKnown};
  status.models[1].drift_ratio = kNotKnown;  // this ratio would be drawn as a bar
  for (const char* block : {"▁", "▃", "▅", "█"}) {
    EXPECT_THAT(TextOfPage(ServerPage(status, 120)), Not(HasSubstr(block)));
  }
}

TEST(ServerPageTest, ReportsThatThereAreNoModelsYet) {
  const std::string page = TextOfPage(ServerPage(StatusView(), 120));
  EXPECT_THAT(page, HasSubstr("server  not ready  0 versions"));
  EXPECT_THAT(page, HasSubstr("no models yet"));
}

TEST(ModelPageTest, ShowsEveryLayerNextToItsReference) {
  const std::string page = TextOfPage(ModelPage(StatusOfTest(), 120));
  EXPECT_THAT(page, HasSubstr("calm version 3, the default  READY  loaded "));
  EXPECT_THAT(page, HasSubstr("labels    stable\n"));
  EXPECT_THAT(page, HasSubstr("baseline  none: mlp-client calibrate makes one\n"));
  EXPECT_THAT(page, HasSubstr("torn version 1  READY\n  ! hidden_1 drifts since 14:02\n"
                              "  ! classes moved\n  ! 3 units are dead\n"));
  EXPECT_THAT(page, HasSubstr("requests   ▃▅█  up to 4.00/s\np99        ▅█▅  up to 2 ms\n"));
  EXPECT_THAT(page, HasSubstr("traffic   2.00 requests/s, p50 -, p99 -, refused 0.50/s, errors 2"));
  EXPECT_THAT(page, HasSubstr("rows      0.1 % with a value out of range, 0 % missing, 0 % not"));
  EXPECT_THAT(page, HasSubstr("inputs    pixels[7] -3.20 sd\n"));
  EXPECT_THAT(page, HasSubstr("classes   three 30 % (10 %)\n"));
  EXPECT_THAT(page, HasSubstr("inputs     0.57 ██▎"));
  EXPECT_THAT(page, HasSubstr("41 % (3.1 %)  0.2 % (0.1 %)  3 (0)     64 (64)  0.08 (0.14)"));
}

TEST(ModelPageTest, SaysWhyABaselineWasRefused) {
  StatusView status = StatusOfTest();
  status.models[0].baseline_error = "it is of another model";
  EXPECT_THAT(TextOfPage(ModelPage(status, 120)), HasSubstr("refused: it is of another model\n"));
}

// Names and sentences come from model files, so their text is not trusted.
TEST(WatchPagesTest, EscapeControlSequencesInTexts) {
  StatusView status = StatusOfTest();
  const std::string hostile = "\x1b]0;owned\x07\n\u202E\xff";
  status.server_version = hostile;
  for (ModelView& model : status.models) {
    model.name = model.version = model.state = model.architecture = hostile;
    model.baseline = model.baseline_error = hostile;
    model.labels = model.findings = {hostile};
    model.moved_inputs = {{hostile, 1.0}};
    model.moved_classes = {{hostile, {}}};
    for (LayerView& layer : model.layers) layer.name = layer.activation = hostile;
  }
  for (const bool server : {true, false}) {
    const std::vector<StyledText> lines = server ? ServerPage(status, 80) : ModelPage(status, 80);
    EXPECT_THAT(TextOfPage(lines), HasSubstr("\\x1b]0;owned\\x07\\n\\u202e\\xff"));
    for (const StyledText& line : lines) {
      EXPECT_THAT(line.ToString(0, false), Not(HasSubstr("\x1b")));
      EXPECT_THAT(line.ToString(0, true), Not(HasSubstr("\x1b]")));
      EXPECT_THAT(line.ToString(0, true), Not(HasSubstr("\n")));
    }
  }
}

TEST(WatchPagesTest, FitIntoAnyWidth) {
  for (const std::size_t columns : {1U, 20U, 79U, 80U, 200U}) {
    for (const auto& lines :
         {ServerPage(StatusOfTest(), columns), ModelPage(StatusOfTest(), columns)}) {
      for (const StyledText& line : lines) {
        EXPECT_LE(StyledText(line.ToString(columns, false)).width(), columns);
      }
    }
  }
}

}  // namespace
}  // namespace mlp
