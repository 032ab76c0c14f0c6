#include "server/http/metrics_writer.h"

#include <microhttpd.h>

#include <new>
#include <utility>

namespace mlp {

MetricsWriter::MetricsWriter(std::function<std::string()> write, int most)
    : write_(std::move(write)), most_(most), thread_([this] { Run(); }) {}

std::unique_ptr<MetricsRequest> MetricsWriter::NewRequest(MHD_Connection* connection) {
  if (requests_.fetch_add(1) >= most_) {
    requests_.fetch_sub(1);
    return nullptr;
  }
  return std::make_unique<MetricsRequest>(connection, requests_);
}

void MetricsWriter::Ask(MetricsRequest& request) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      waiting_.push_back(&request);
      wake_.notify_one();
      return;
    }
  }
  MHD_resume_connection(request.connection_);
}

void MetricsWriter::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void MetricsWriter::Run() {
  for (;;) {
    std::vector<MetricsRequest*> asked;
    bool stopping = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(
          lock, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopping_ || !waiting_.empty(); });
      asked.swap(waiting_);
      stopping = stopping_;
    }
    std::shared_ptr<const std::string> text;
    try {
      if (!stopping) text = std::make_shared<const std::string>(write_());
    } catch (const std::bad_alloc&) {
      // Who asks is told that there are none now.
    }
    for (MetricsRequest* const request : asked) {
      request->text = text;
      MHD_resume_connection(request->connection_);
    }
    if (stopping) return;
  }
}

}  // namespace mlp
