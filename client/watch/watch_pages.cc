#include "client/watch/watch_pages.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/text.h"
#include "client/watch/figures.h"
#include "client/watch/sparkline.h"

namespace mlp {
namespace {

using Lines = std::vector<StyledText>;

constexpr std::size_t kDriftBarColumns = 8;
constexpr double kBarTop = 2.0;  // of a ratio: drift starts at half a bar

// On the page with all models.
constexpr std::size_t kFindingsOfAModel = 2;

// About how many columns a table needs besides the chart of the hour.
constexpr std::size_t kOtherColumns = 78;

// How many columns the hour's sixty minutes get.
std::size_t HourColumns(std::size_t columns) {
  if (columns < kOtherColumns + 10) return 10;
  return std::min<std::size_t>(columns - kOtherColumns, 60);
}

std::string TimeText(absl::Time time) {
  return time == absl::InfinitePast()
             ? "-"
             : absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::LocalTimeZone());
}

std::string AgeText(absl::Duration age) {
  const std::int64_t minutes = absl::ToInt64Minutes(age);
  if (minutes < 60) return absl::StrCat(std::max<std::int64_t>(minutes, 0), " min");
  if (minutes < std::int64_t{48} * 60)
    return absl::StrCat(minutes / 60, " h ", minutes % 60, " min");
  return absl::StrCat(minutes / (std::int64_t{24} * 60), " d ", minutes / 60 % 24, " h");
}

StyledText Heading(const StatusView& status) {
  StyledText line;
  line.Add(status.server_version.empty() ? "server" : status.server_version, TextStyle::kBold);
  line.Add("  ");
  line.Add(status.ready ? "ready" : "not ready", status.ready ? TextStyle::kGood : TextStyle::kBad);
  if (status.started != absl::InfinitePast() && status.now != absl::InfinitePast()) {
    line.Add(absl::StrCat("  up ", AgeText(status.now - status.started)));
  }
  const auto drifting = std::count_if(status.models.begin(), status.models.end(),
                                      [](const ModelView& model) { return model.drift_ratio > 1; });
  line.Add(absl::StrCat("  ", FormatCount(static_cast<std::int64_t>(status.models.size())),
                        status.models.size() == 1 ? " version" : " versions"));
  if (drifting > 0) {
    line.Add(absl::StrCat(", ", FormatCount(drifting), " drifting"), TextStyle::kBad);
  }
  line.Add(absl::StrCat("  ", TimeText(status.now)), TextStyle::kFaint);
  return line;
}

StyledText StateText(const ModelView& model) {
  return {model.state, model.state == "READY" ? TextStyle::kGood : TextStyle::kBad};
}

// The server's text while a baseline is being learnt: "learning: 300 of 2,000 rows".
constexpr absl::string_view kLearning = "learning";

bool IsLearning(const ModelView& model) { return absl::StartsWith(model.baseline, kLearning); }

// Whether there is a baseline, but nothing has been judged so far.
bool HasNoWindowYet(const ModelView& model) {
  return !model.baseline.empty() && !IsLearning(model) && std::isnan(model.drift_ratio);
}

// The number before the bar, so that the text needs no colours.
StyledText DriftText(double ratio) {
  StyledText text;
  if (std::isnan(ratio)) return text.Add("-");
  const TextStyle style = DriftStyle(ratio);
  return text.Add(PadLeft(TerminalRatio(ratio), 5), style)
      .Add(" ")
      .Add(Bar(ratio, kBarTop, kDriftBarColumns), style);
}

StyledText DriftText(const ModelView& model) {
  if (HasNoWindowYet(model)) return {"no window yet", TextStyle::kFaint};
  if (IsLearning(model)) return {std::string(kLearning), TextStyle::kFaint};
  return DriftText(model.drift_ratio);
}

// Empty unless there are at least two blocks: a single block is always full, because it is the
// greatest.
std::string HourText(const MinutesView& minutes, std::size_t columns, double top = 0.0) {
  const std::string text = Sparkline(minutes, columns, top);
  const auto gaps = static_cast<std::size_t>(std::count(text.begin(), text.end(), ' '));
  return DisplayWidth(text) < gaps + 2 ? "" : text;
}

// Adds the value of the highest block.
std::string HourWithScale(const MinutesView& minutes, std::size_t columns,
                          const std::function<std::string(double)>& text) {
  const std::string hour = HourText(minutes, columns);
  if (hour.empty()) return "";
  double greatest = 0.0;
  for (const double value : minutes) greatest = std::fmax(greatest, value);
  return absl::StrCat(hour, "  up to ", text(greatest));
}

std::string PerSecondText(double per_second) {
  return absl::StrCat(TerminalRate(per_second), "/s");
}

// Adds the `most` worst findings.
void AddFindings(const ModelView& model, std::size_t most, Lines& lines) {
  const std::size_t shown = std::min(most, model.findings.size());
  for (std::size_t i = 0; i < shown; ++i) {
    lines.push_back(StyledText("  ! ", TextStyle::kBad).Add(model.findings[i]));
  }
  if (shown < model.findings.size()) {
    lines.emplace_back(absl::StrCat("    and ", model.findings.size() - shown,
                                    " more: mlp-client watch ", model.name));
  }
}

std::string VersionText(const ModelView& model) {
  return absl::StrCat(model.version, model.is_default ? "*" : " ");
}

Lines LayerLines(const ModelView& model, std::size_t columns) {
  StyledTable table({{"layer"},
                     {"drift"},
                     {"last hour"},
                     {"alarms", true},
                     {"lower tail", true},
                     {"upper tail", true},
                     {"dead", true},
                     {"one-signed", true},
                     {"gain", true}});
  const std::size_t hour = std::min<std::size_t>(HourColumns(columns), 30);
  for (const LayerView& layer : model.layers) {
    table.AddRow(
        {StyledText(layer.name, layer.drift_alarmed ? TextStyle::kBad : TextStyle::kPlain),
         DriftText(layer.drift_ratio),
         StyledText(HourText(layer.drift_minutes, hour, kBarTop), DriftStyle(layer.drift_ratio)),
         FormatCount(layer.drift_alarms), BesideReference(layer.lower_share, TerminalShare),
         BesideReference(layer.upper_share, TerminalShare),
         BesideReference(layer.dead_units, TerminalValue),
         BesideReference(layer.one_signed_units, TerminalValue),
         BesideReference(layer.gradient_gain, TerminalValue)});
  }
  return table.Lines();
}

// "title     text", if there is any text.
void AddFact(const char* title, const StyledText& text, Lines& lines) {
  if (text.width() == 0) return;
  lines.push_back(StyledText(PadRight(title, 10), TextStyle::kFaint).Add(text));
}

std::string TrafficText(const ModelView& model) {
  return absl::StrCat(TerminalRate(model.requests_per_second), " requests/s, p50 ",
                      TerminalSeconds(model.p50_seconds), ", p99 ",
                      TerminalSeconds(model.p99_seconds), ", refused ",
                      TerminalRate(model.refused_per_second), "/s, errors ",
                      FormatCount(model.errors));
}

std::string WatchedRowsText(const ModelView& model) {
  if (std::isnan(model.out_of_range_share) && std::isnan(model.missing_share) &&
      std::isnan(model.not_finite_share)) {
    return "";
  }
  return absl::StrCat(TerminalShare(model.out_of_range_share), " with a value out of range, ",
                      TerminalShare(model.missing_share), " missing, ",
                      TerminalShare(model.not_finite_share), " not finite");
}

std::string MovedInputsText(const ModelView& model) {
  return absl::StrJoin(model.moved_inputs, ", ", [](std::string* text, const auto& input) {
    absl::StrAppend(text, input.first, absl::StrFormat(" %+.2f sd", input.second));
  });
}

std::string MovedClassesText(const ModelView& model) {
  return absl::StrJoin(model.moved_classes, ", ", [](std::string* text, const auto& moved) {
    absl::StrAppend(text, moved.first, " ", BesideReference(moved.second, TerminalShare));
  });
}

std::string BaselineFact(const ModelView& model) {
  if (model.baseline.empty()) return "none: mlp-client calibrate makes one";
  return absl::StrCat(model.baseline, HasNoWindowYet(model) ? "; no window yet" : "");
}

void AddModel(const ModelView& model, std::size_t columns, Lines& lines) {
  StyledText title(model.name, TextStyle::kBold);
  title.Add(absl::StrCat(" version ", model.version, model.is_default ? ", the default" : "", "  "))
      .Add(StateText(model));
  if (model.loaded_at != absl::InfinitePast()) {
    title.Add(absl::StrCat("  loaded ", TimeText(model.loaded_at)));
  }
  lines.push_back(std::move(title));
  AddFindings(model, model.findings.size(), lines);
  AddFact("network", model.architecture, lines);
  AddFact("labels", absl::StrJoin(model.labels, ", "), lines);
  AddFact("baseline", BaselineFact(model), lines);
  if (!model.baseline_error.empty()) {
    AddFact("", StyledText("refused: ", TextStyle::kBad).Add(model.baseline_error), lines);
  }
  AddFact("traffic", TrafficText(model), lines);
  const std::size_t hour = columns < 80 ? 30 : 60;
  AddFact("requests", HourWithScale(model.request_minutes, hour, PerSecondText), lines);
  AddFact("p99", HourWithScale(model.p99_minutes, hour, TerminalSeconds), lines);
  AddFact("rows", WatchedRowsText(model), lines);
  AddFact("inputs", MovedInputsText(model), lines);
  AddFact("classes", MovedClassesText(model), lines);
  if (model.layers.empty()) return;
  lines.emplace_back();
  for (StyledText& line : LayerLines(model, columns)) lines.push_back(std::move(line));
}

}  // namespace

std::vector<StyledText> ServerPage(const StatusView& status, std::size_t columns) {
  StyledTable table({{"model"},
                     {"version", true},
                     {"state"},
                     {"requests/s", true},
                     {"p50", true},
                     {"p99", true},
                     {"drift"},
                     {"requests, last hour"},
                     {"drift, last hour"}});
  const std::size_t hour = std::max<std::size_t>(HourColumns(columns) / 2, 10);
  for (const ModelView& model : status.models) {
    table.AddRow(
        {model.name, VersionText(model), StateText(model), TerminalRate(model.requests_per_second),
         TerminalSeconds(model.p50_seconds), TerminalSeconds(model.p99_seconds), DriftText(model),
         HourText(model.request_minutes, hour),
         StyledText(HourText(model.drift_minutes, hour, kBarTop), DriftStyle(model.drift_ratio))});
  }
  Lines lines = {Heading(status), StyledText()};
  Lines rows = table.Lines();
  lines.push_back(std::move(rows.front()));
  for (std::size_t i = 0; i < status.models.size(); ++i) {
    lines.push_back(std::move(rows[i + 1]));
    AddFindings(status.models[i], kFindingsOfAModel, lines);
  }
  if (status.models.empty()) lines.emplace_back("no models yet");
  return lines;
}

std::vector<StyledText> ModelPage(const StatusView& status, std::size_t columns) {
  Lines lines = {Heading(status)};
  for (const ModelView& model : status.models) {
    lines.emplace_back();
    AddModel(model, columns, lines);
  }
  return lines;
}

}  // namespace mlp
