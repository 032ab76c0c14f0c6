#include "server/access/audit_log.h"

#include <algorithm>
#include <new>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

// Quotes are needed because a space in a value would begin another word: a client's socket may have
// any name.
bool IsWord(const std::string& value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) {
    return absl::ascii_isgraph(c) && c != '\'';
  });
}

void AppendWord(const char* key, const std::string& value, std::string& line) {
  absl::StrAppend(&line, " ", key, "=", value.empty() ? "-" : IsWord(value) ? value : Quote(value));
}

// Whether such records could fill the log: those of unknown callers, and those of a client that
// keeps trying.
bool IsBounded(const AuditRecord& record) {
  return !record.is_of_known_caller || !record.result.ok();
}

}  // namespace

std::string AuditLine(const AuditRecord& record) {
  std::string line = "audit";
  AppendWord("who", record.who, line);
  AppendWord("from", record.from, line);
  AppendWord("call", record.call, line);
  if (!record.model.empty()) absl::StrAppend(&line, " model=", Quote(record.model));
  AppendWord("result", absl::StatusCodeToString(record.result.code()), line);
  if (!record.result.ok()) absl::StrAppend(&line, ": ", record.result.message());
  return line;
}

AuditLog::AuditLog(spdlog::logger& log, Clock::duration interval)
    : log_(log), interval_(interval), thread_([this] { Run(); }) {}

AuditLog::~AuditLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void AuditLog::Record(AuditRecord record) {
  const bool is_bounded = IsBounded(record);
  {
    const std::lock_guard lock(mutex_);
    if (is_bounded && bounded_ >= kMaxBounded) {
      // No need to wake the thread: it already waits for the end of an interval that has such
      // lines.
      ++more_bounded_;
      left_out_by_rate_.fetch_add(1);
      return;
    }
    if (records_.size() >= kMaxWaiting) {
      left_out_.fetch_add(1);
      return;
    }
    records_.push_back(std::move(record));
    if (is_bounded) ++bounded_;
  }
  wake_.notify_one();
}

void AuditLog::RecordRefusal(AuditRecord record) {
  {
    const std::lock_guard lock(mutex_);
    if (refusal_) {
      ++more_refusals_;
      return;
    }
    refusal_ = std::move(record);
  }
  wake_.notify_one();
}

void AuditLog::Take(Work& work) {
  std::unique_lock lock(mutex_);
  const auto is_urgent = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return !records_.empty() || stopping_;
  };
  const auto is_counted = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return refusal_.has_value() || more_bounded_ > 0 || bounded_ > 0;
  };
  wake_.wait(lock, [&] { return is_urgent() || is_counted(); });
  // More refusals may arrive until the next interval, whose line then counts them.
  if (Clock::now() < next_) wake_.wait_until(lock, next_, is_urgent);
  work.stopping = stopping_;
  // Swapped, so that both vectors keep their capacity and neither side allocates again.
  work.records.clear();
  work.records.swap(records_);
  work.refusal.reset();
  work.more_refusals = work.more_bounded = 0;
  const Clock::time_point now = Clock::now();
  if (now < next_ && !stopping_) return;
  next_ = now + interval_;
  // What is written now counts towards the interval that begins.
  bounded_ = std::count_if(work.records.begin(), work.records.end(), IsBounded);
  work.refusal.swap(refusal_);
  work.more_refusals = std::exchange(more_refusals_, 0);
  work.more_bounded = std::exchange(more_bounded_, 0);
}

// If there is no memory for a line, it is dropped: serving is more important.
void AuditLog::WriteLine(spdlog::level::level_enum level, const AuditRecord& record,
                         std::int64_t more_refusals) {
  try {
    std::string line = AuditLine(record);
    if (more_refusals > 0) absl::StrAppend(&line, "; ", more_refusals, " more were refused");
    log_.log(level, "{}", line);
  } catch (const std::bad_alloc&) {
    if (level == spdlog::level::info) left_out_.fetch_add(1);
  }
}

void AuditLog::Write(const Work& work) {
  for (const AuditRecord& record : work.records) WriteLine(spdlog::level::info, record);
  if (work.refusal) WriteLine(spdlog::level::warn, *work.refusal, work.more_refusals);
  if (work.more_bounded == 0) return;
  try {
    log_.warn("audit: {} more admin calls failed or came from unknown callers", work.more_bounded);
  } catch (const std::bad_alloc&) {
    // The metric counts them.
  }
}

void AuditLog::Run() {
  for (Work work; !work.stopping;) {
    Take(work);
    Write(work);
  }
}

}  // namespace mlp
