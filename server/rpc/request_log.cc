#include "server/rpc/request_log.h"

#include <algorithm>
#include <new>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

// Limits on what a client sends: a line has 4,000 bytes in all.
constexpr std::size_t kMaxIdBytes = 128;
constexpr std::size_t kMaxErrorBytes = 512;

// A value, in quotes and escaped if it could be taken for several words. The cut may split a
// character, which the escaping can handle.
std::string WordOf(absl::string_view text, std::size_t most_bytes) {
  const absl::string_view cut = text.substr(0, most_bytes);
  const bool is_plain = !cut.empty() && std::all_of(cut.begin(), cut.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::string_view("._:/+-").find(c) != absl::string_view::npos;
  });
  if (is_plain) return std::string(cut);
  // An apostrophe is safe between quotes.
  return absl::StrCat("\"", absl::StrReplaceAll(absl::Utf8SafeCEscape(cut), {{"\\'", "'"}}), "\"");
}

std::string Milliseconds(RequestRecord::Duration duration) {
  return absl::StrFormat("%.3f", std::chrono::duration<double, std::milli>(duration).count());
}

// The shares of saturated activations in the last full window of the model, layer by layer.
void AppendLayerShares(const ServedModel& model, std::string& line) {
  const ActivitySummary summary = model.instruments.activity->Read(ActivityTotals::Clock::now());
  for (std::size_t i = 0; i < summary.layers.size(); ++i) {
    const Layer& layer = model.network->layers()[i];
    const std::optional<LayerFigures>& window = summary.layers[i].window;
    if (!layer.has_activity() || !window) continue;
    absl::StrAppendFormat(&line, " %s_lower=%.4f %s_upper=%.4f", layer.name, window->lower_share,
                          layer.name, window->upper_share);
  }
}

}  // namespace

std::string RequestLine(const RequestRecord& record, std::int64_t left_out) {
  std::string line = record.status.ok() ? "slow request:" : "failed request:";
  if (record.model != nullptr) {
    absl::StrAppend(&line, " model=", WordOf(record.model->name, kMaxIdBytes),
                    " version=", record.model->version);
  }
  if (record.rows > 0) absl::StrAppend(&line, " rows=", record.rows);
  absl::StrAppend(&line, " code=", absl::StatusCodeToString(record.status.code()),
                  " total_ms=", Milliseconds(record.total));
  if (record.batch_rows > 0) {
    absl::StrAppend(&line, " queue_ms=", Milliseconds(record.queue),
                    " compute_ms=", Milliseconds(record.compute),
                    " batch_rows=", record.batch_rows);
  }
  if (record.trace.IsSet()) absl::StrAppend(&line, " trace_id=", ToHex(record.trace));
  if (!record.id.empty()) absl::StrAppend(&line, " request_id=", WordOf(record.id, kMaxIdBytes));
  if (!record.status.ok()) {
    absl::StrAppend(&line, " error=", WordOf(record.status.message(), kMaxErrorBytes));
  }
  if (left_out > 0) absl::StrAppend(&line, " left_out=", left_out);
  // Last: if there are many layers, the log cuts the rest.
  if (record.model != nullptr) AppendLayerShares(*record.model, line);
  return line;
}

RequestLog::RequestLog(spdlog::logger& log, const LogLevels& levels, std::chrono::milliseconds slow,
                       Clock::duration interval)
    : log_(log), levels_(levels), slow_(slow), interval_(interval) {
  if (slow.count() > 0) thread_ = std::thread([this] { Run(); });
}

RequestLog::~RequestLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

RequestLog::Kind RequestLog::KindOf(absl::StatusCode code) {
  const bool is_clients = code == absl::StatusCode::kInvalidArgument ||
                          code == absl::StatusCode::kNotFound ||
                          code == absl::StatusCode::kCancelled;
  return is_clients ? kClients : kOurs;
}

bool RequestLog::Wants(Clock::duration total, absl::StatusCode code) {
  if (slow_.count() == 0 || (code == absl::StatusCode::kOk && total < slow_)) return false;
  const Kind kind = KindOf(code);
  if (!levels_.Shows(kind == kClients ? spdlog::level::info : spdlog::level::warn)) return false;
  Limit& limit = limits_[kind];
  const Clock::time_point now = Clock::now();
  Clock::rep next = limit.next.load(std::memory_order_relaxed);
  if (now.time_since_epoch().count() >= next &&
      limit.next.compare_exchange_strong(next, (now + interval_).time_since_epoch().count(),
                                         std::memory_order_relaxed)) {
    return true;
  }
  limit.left_out.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void RequestLog::Write(RequestRecord record) {
  const Kind kind = KindOf(record.status.code());
  const std::lock_guard lock(mutex_);
  if (waiting_[kind].has_value()) {
    // Standard error has not taken the previous line yet.
    limits_[kind].left_out.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  waiting_[kind] = std::move(record);
  wake_.notify_one();
}

void RequestLog::Run() {
  for (bool stopping = false; !stopping;) {
    std::array<std::optional<RequestRecord>, kKinds> records;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
        return stopping_ || waiting_[kOurs] || waiting_[kClients];
      });
      std::swap(records, waiting_);
      stopping = stopping_;
    }
    for (const std::optional<RequestRecord>& record : records) {
      if (record) WriteLine(*record);
    }
  }
}

void RequestLog::WriteLine(const RequestRecord& record) {
  const Kind kind = KindOf(record.status.code());
  try {
    const std::int64_t left_out = limits_[kind].left_out.exchange(0, std::memory_order_relaxed);
    log_.log(kind == kClients ? spdlog::level::info : spdlog::level::warn, "{}",
             RequestLine(record, left_out));
  } catch (const std::bad_alloc&) {
    // The line is dropped: serving is more important.
  }
}

}  // namespace mlp
