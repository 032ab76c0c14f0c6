#include "server/observe/open_metrics.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr absl::string_view kTotal = "_total";

// The shortest decimal that reads back as the same number, with a point or an exponent.
std::string CanonicalNumber(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general)
          .ptr;
  std::string text(buffer.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void AppendEscaped(absl::string_view text, std::string& page) {
  for (const char c : text) {
    if (c == '\n') {
      page += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') page.push_back('\\');
    page.push_back(c);
  }
}

void AppendLabel(absl::string_view name, absl::string_view value, std::string& page) {
  absl::StrAppend(&page, page.back() == '{' ? "" : ",", name, "=\"");
  AppendEscaped(value, page);
  page.push_back('"');
}

// A label that one sample has in addition to its metric's labels.
struct ExtraLabel {
  absl::string_view name;
  double number;
};

class FamilyWriter final {
 public:
  FamilyWriter(const MetricFamily& family, std::string& page) : family_(family), page_(page) {}

  void Write(const std::vector<BucketExemplars>* exemplars) {
    WriteHead();
    for (std::size_t i = 0; i < family_.metric.size(); ++i) {
      const bool has_exemplars = exemplars != nullptr && i < exemplars->size();
      WriteMetric(family_.metric[i], has_exemplars ? &(*exemplars)[i] : nullptr);
    }
  }

 private:
  bool IsNamedTotal() const { return absl::EndsWith(family_.name, kTotal); }

  absl::string_view TypeName() const {
    switch (family_.type) {
      case MetricType::Counter:
        return IsNamedTotal() ? "counter" : "unknown";
      case MetricType::Gauge:
        return "gauge";
      case MetricType::Summary:
        return "summary";
      case MetricType::Histogram:
        return "histogram";
      default:
        return "unknown";
    }
  }

  void WriteHead() {
    absl::string_view name = family_.name;
    if (family_.type == MetricType::Counter && IsNamedTotal()) name.remove_suffix(kTotal.size());
    absl::StrAppend(&page_, "# HELP ", name, " ");
    AppendEscaped(family_.help, page_);
    absl::StrAppend(&page_, "\n# TYPE ", name, " ", TypeName(), "\n");
  }

  // Writes a sample without its exemplar and newline.
  void WriteSample(absl::string_view suffix, const ClientMetric& metric, absl::string_view value,
                   std::optional<ExtraLabel> extra = std::nullopt) {
    absl::StrAppend(&page_, family_.name, suffix);
    if (!metric.label.empty() || extra) {
      page_.push_back('{');
      for (const ClientMetric::Label& label : metric.label) {
        AppendLabel(label.name, label.value, page_);
      }
      if (extra) AppendLabel(extra->name, CanonicalNumber(extra->number), page_);
      page_.push_back('}');
    }
    absl::StrAppend(&page_, " ", value);
    if (metric.timestamp_ms != 0) AppendTime(metric.timestamp_ms);
  }

  void WriteLine(absl::string_view suffix, const ClientMetric& metric, absl::string_view value,
                 std::optional<ExtraLabel> extra = std::nullopt) {
    WriteSample(suffix, metric, value, extra);
    page_.push_back('\n');
  }

  // Writes the time in seconds.
  void AppendTime(std::int64_t milliseconds) {
    absl::StrAppendFormat(&page_, " %d.%03d", milliseconds / 1000, milliseconds % 1000);
  }

  void WriteMetric(const ClientMetric& metric, const BucketExemplars* exemplars) {
    switch (family_.type) {
      case MetricType::Counter:
        return WriteLine("", metric, CanonicalNumber(metric.counter.value));
      case MetricType::Gauge:
        return WriteLine("", metric, CanonicalNumber(metric.gauge.value));
      case MetricType::Summary:
        return WriteSummary(metric);
      case MetricType::Histogram:
        return WriteHistogram(metric, exemplars);
      default:
        return WriteLine("", metric, CanonicalNumber(metric.untyped.value));
    }
  }

  void WriteSummary(const ClientMetric& metric) {
    for (const ClientMetric::Quantile& quantile : metric.summary.quantile) {
      WriteLine("", metric, CanonicalNumber(quantile.value),
                ExtraLabel{"quantile", quantile.quantile});
    }
    WriteLine("_count", metric, absl::StrCat(metric.summary.sample_count));
    WriteLine("_sum", metric, CanonicalNumber(metric.summary.sample_sum));
  }

  void WriteHistogram(const ClientMetric& metric, const BucketExemplars* exemplars) {
    const std::vector<ClientMetric::Bucket>& buckets = metric.histogram.bucket;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      WriteSample("_bucket", metric, absl::StrCat(buckets[i].cumulative_count),
                  ExtraLabel{"le", buckets[i].upper_bound});
      if (exemplars != nullptr && i < exemplars->size()) AppendExemplar((*exemplars)[i]);
      page_.push_back('\n');
    }
    WriteLine("_count", metric, absl::StrCat(metric.histogram.sample_count));
    WriteLine("_sum", metric, CanonicalNumber(metric.histogram.sample_sum));
  }

  // The label has 40 characters; the limit is 128.
  void AppendExemplar(const Exemplar& exemplar) {
    if (!exemplar.trace.IsSet()) return;
    absl::StrAppend(&page_, " # {trace_id=\"", ToHex(exemplar.trace), "\"} ",
                    CanonicalNumber(exemplar.value));
    AppendTime(
        std::chrono::duration_cast<std::chrono::milliseconds>(exemplar.time.time_since_epoch())
            .count());
  }

  const MetricFamily& family_;
  std::string& page_;
};

}  // namespace

std::string WriteOpenMetrics(const std::vector<MetricFamily>& families,
                             const FamilyExemplars& exemplars) {
  std::string page;
  for (const MetricFamily& family : families) {
    const auto found = exemplars.find(family.name);
    FamilyWriter(family, page).Write(found == exemplars.end() ? nullptr : &found->second);
  }
  page += "# EOF\n";
  return page;
}

}  // namespace mlp
