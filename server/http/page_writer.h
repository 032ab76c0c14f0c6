// Writes the metrics and the status pages on a separate thread. Each page is written once for all
// requests that wait for it.

#ifndef MLP_SERVER_HTTP_PAGE_WRITER_H_
#define MLP_SERVER_HTTP_PAGE_WRITER_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/http/http_page.h"

struct MHD_Connection;

namespace mlp {

// One request for a page, from its arrival until its answer has been sent.
class PageRequest final {
 public:
  PageRequest(MHD_Connection* connection, PageTarget target, std::atomic<int>& requests)
      : connection_(connection), target_(std::move(target)), requests_(requests) {}
  ~PageRequest() { requests_.fetch_sub(1); }
  PageRequest(const PageRequest&) = delete;
  PageRequest& operator=(const PageRequest&) = delete;

  // Set before the connection is resumed; null if the page could not be written.
  std::shared_ptr<const HttpPage> page;

 private:
  friend class PageWriter;
  MHD_Connection* const connection_;
  const PageTarget target_;
  std::atomic<int>& requests_;
};

// Thread-safe.
class PageWriter final {
 public:
  // Calls `write` on the writer's thread, then `resume` with a request's connection once its page
  // is ready. At most `most` requests at a time. Throws std::system_error if no thread can be
  // created.
  PageWriter(std::function<HttpPage(const PageTarget&)> write, int most,
             std::function<void(MHD_Connection*)> resume);
  ~PageWriter() { Stop(); }
  PageWriter(const PageWriter&) = delete;
  PageWriter& operator=(const PageWriter&) = delete;

  // Null if there are already `most` requests, or no memory. The writer must outlive the request.
  std::unique_ptr<PageRequest> NewRequest(MHD_Connection* connection, PageTarget target);

  // Queues `request`, whose connection must be suspended. Once the page is written, the connection
  // is resumed; the request must live until then. Allocates nothing.
  void Ask(PageRequest& request) ABSL_LOCKS_EXCLUDED(mutex_);

  // Resumes all connections. Later requests are resumed immediately.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  // Null if the page cannot be written.
  std::shared_ptr<const HttpPage> Write(const PageTarget& target) const;

  const std::function<HttpPage(const PageTarget&)> write_;
  const int most_;
  const std::function<void(MHD_Connection*)> resume_;
  std::atomic<int> requests_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<PageRequest*> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_PAGE_WRITER_H_
