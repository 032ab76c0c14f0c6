// Writes pages on a thread of its own, each once for all that wait for it: the metrics, and those
// that show how the server is.

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

  // Set before the connection is resumed; null where the page could not be written.
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
  // `write` is called on the writer's thread, as is `resume` with a request's connection once its
  // page is there. At most `most` requests at once. Throws std::system_error where no thread can be
  // had.
  PageWriter(std::function<HttpPage(const PageTarget&)> write, int most,
             std::function<void(MHD_Connection*)> resume);
  ~PageWriter() { Stop(); }
  PageWriter(const PageWriter&) = delete;
  PageWriter& operator=(const PageWriter&) = delete;

  // Null where there are as many as may be, or no memory. The writer must outlive the request.
  std::unique_ptr<PageRequest> NewRequest(MHD_Connection* connection, PageTarget target);

  // Has the page written for `request`, whose connection is suspended, and resumes that. The
  // request must last until then. Allocates nothing.
  void Ask(PageRequest& request) ABSL_LOCKS_EXCLUDED(mutex_);

  // Resumes all connections, those of later requests at once.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  // Null where it cannot be written.
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
