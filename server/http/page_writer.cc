#include "server/http/page_writer.h"

#include <algorithm>
#include <exception>
#include <new>

namespace mlp {

PageWriter::PageWriter(std::function<HttpPage(const PageTarget&)> write, int most,
                       std::function<void(MHD_Connection*)> resume)
    : write_(std::move(write)), most_(most), resume_(std::move(resume)) {
  waiting_.reserve(static_cast<std::size_t>(most));
  thread_ = std::thread([this] { Run(); });
}

std::unique_ptr<PageRequest> PageWriter::NewRequest(MHD_Connection* connection, PageTarget target) {
  if (requests_.fetch_add(1) >= most_) {
    requests_.fetch_sub(1);
    return nullptr;
  }
  std::unique_ptr<PageRequest> request(new (std::nothrow)
                                           PageRequest(connection, std::move(target), requests_));
  if (request == nullptr) requests_.fetch_sub(1);
  return request;
}

void PageWriter::Ask(PageRequest& request) {
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

void PageWriter::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const HttpPage> PageWriter::Write(const PageTarget& target) const {
  try {
    return std::make_shared<const HttpPage>(write_(target));
  } catch (const std::exception&) {
    return nullptr;  // e.g. out of memory: clients get 503
  }
}

void PageWriter::Run() {
  std::vector<PageRequest*> asked;
  // The two vectors are swapped, so neither ever grows.
  asked.reserve(static_cast<std::size_t>(most_));
  for (;;) {
    bool stopping = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(
          lock, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopping_ || !waiting_.empty(); });
      asked.swap(waiting_);
      stopping = stopping_;
    }
    // A request may be destroyed as soon as its connection is resumed. So before any connection is
    // resumed, all requests for the first one's page are moved to the front.
    for (auto first = asked.begin(); first != asked.end();) {
      const auto end =
          std::partition(first, asked.end(), [&, like = *first](const PageRequest* request) {
            return request->target_ == like->target_;
          });
      const std::shared_ptr<const HttpPage> page = stopping ? nullptr : Write((*first)->target_);
      for (; first != end; ++first) {
        (*first)->page = page;
        resume_((*first)->connection_);
      }
    }
    asked.clear();
    if (stopping) return;
  }
}

}  // namespace mlp
