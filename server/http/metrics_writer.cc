#include "server/http/metrics_writer.h"

#include <exception>
#include <new>
#include <utility>

namespace mlp {

MetricsWriter::MetricsWriter(std::function<std::string()> write, int most,
                             std::function<void(MHD_Connection*)> resume)
    : write_(std::move(write)), most_(most), resume_(std::move(resume)) {
  waiting_.reserve(static_cast<std::size_t>(most));
  thread_ = std::thread([this] { Run(); });
}

std::unique_ptr<MetricsRequest> MetricsWriter::NewRequest(MHD_Connection* connection) {
  if (requests_.fetch_add(1) >= most_) {
    requests_.fetch_sub(1);
    return nullptr;
  }
  std::unique_ptr<MetricsRequest> request(new (std::nothrow) MetricsRequest(connection, requests_));
  if (request == nullptr) requests_.fetch_sub(1);
  return request;
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
  resume_(request.connection_);
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
  std::vector<MetricsRequest*> asked;
  // The two vectors change places: neither ever grows.
  asked.reserve(static_cast<std::size_t>(most_));
  for (;;) {
    asked.clear();
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
    } catch (const std::exception&) {
      // Too little memory, for instance: clients get 503.
    }
    for (MetricsRequest* const request : asked) {
      request->text = text;
      resume_(request->connection_);
    }
    if (stopping) return;
  }
}

}  // namespace mlp
