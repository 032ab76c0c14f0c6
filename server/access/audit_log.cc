#include "server/access/audit_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

// A space in a value would begin another word: a client's socket may have any name.
bool IsWord(const std::string& value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) {
    return absl::ascii_isgraph(c) && c != '\'';
  });
}

void AppendWord(const char* key, const std::string& value, std::string& line) {
  absl::StrAppend(&line, " ", key, "=", value.empty() ? "-" : IsWord(value) ? value : Quote(value));
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

void AuditLog::Tell(AuditRecord record) {
  {
    std::unique_lock lock(mutex_);
    // No admin call goes by unseen; they are few.
    room_.wait(lock,
               [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return records_.size() < kMostWaiting; });
    records_.push_back(std::move(record));
  }
  wake_.notify_one();
}

void AuditLog::TellRefusal(AuditRecord record) {
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

void AuditLog::Run() {
  Clock::time_point next_refusal = Clock::time_point::min();
  for (;;) {
    std::vector<AuditRecord> records;
    std::optional<AuditRecord> refusal;
    std::int64_t more = 0;
    bool stopping = false;
    {
      std::unique_lock lock(mutex_);
      const auto has_work = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
        return !records_.empty() || refusal_.has_value() || stopping_;
      };
      wake_.wait(lock, has_work);
      if (records_.empty() && !stopping_ && Clock::now() < next_refusal) {
        // Others may come until a line is due, which then counts them.
        wake_.wait_until(lock, next_refusal, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
          return !records_.empty() || stopping_;
        });
      }
      stopping = stopping_;
      records.swap(records_);
      if (refusal_ && (stopping || Clock::now() >= next_refusal)) {
        refusal.swap(refusal_);
        more = std::exchange(more_refusals_, 0);
      }
    }
    room_.notify_all();
    for (const AuditRecord& record : records) log_.info("{}", AuditLine(record));
    if (refusal) {
      next_refusal = Clock::now() + interval_;
      std::string line = AuditLine(*refusal);
      if (more > 0) absl::StrAppend(&line, "; ", more, " more were refused");
      log_.warn("{}", line);
    }
    if (stopping) return;
  }
}

}  // namespace mlp
