// Writes the metrics on a thread of its own, once for all that wait for them.

#ifndef MLP_SERVER_HTTP_METRICS_WRITER_H_
#define MLP_SERVER_HTTP_METRICS_WRITER_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"

struct MHD_Connection;

namespace mlp {

// One request for the metrics, from its arrival until its answer has been sent.
class MetricsRequest final {
 public:
  MetricsRequest(MHD_Connection* connection, std::atomic<int>& requests)
      : connection_(connection), requests_(requests) {}
  ~MetricsRequest() { requests_.fetch_sub(1); }
  MetricsRequest(const MetricsRequest&) = delete;
  MetricsRequest& operator=(const MetricsRequest&) = delete;

  // Set before the connection is resumed; null where there are none any more.
  std::shared_ptr<const std::string> text;

 private:
  friend class MetricsWriter;
  MHD_Connection* const connection_;
  std::atomic<int>& requests_;
};

// Thread-safe.
class MetricsWriter final {
 public:
  // `write` is called on the writer's thread, as is `resume` with a request's connection once its
  // text is there. At most `most` requests at once. Throws std::system_error where no thread can be
  // had.
  MetricsWriter(std::function<std::string()> write, int most,
                std::function<void(MHD_Connection*)> resume);
  ~MetricsWriter() { Stop(); }
  MetricsWriter(const MetricsWriter&) = delete;
  MetricsWriter& operator=(const MetricsWriter&) = delete;

  // Null where there are as many as may be, or no memory. The writer must outlive the request.
  std::unique_ptr<MetricsRequest> NewRequest(MHD_Connection* connection);

  // Has the metrics written for `request`, whose connection is suspended, and resumes that. The
  // request must last until then. Allocates nothing.
  void Ask(MetricsRequest& request) ABSL_LOCKS_EXCLUDED(mutex_);

  // Resumes all connections, those of later requests at once.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  const std::function<std::string()> write_;
  const int most_;
  const std::function<void(MHD_Connection*)> resume_;
  std::atomic<int> requests_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<MetricsRequest*> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_METRICS_WRITER_H_
