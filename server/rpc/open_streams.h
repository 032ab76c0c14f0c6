// Bounds the streams of one kind that are open at the same time: over all connections and threads,
// and for each connection. Each stream holds memory while it lasts, even if nothing is asked on it.

#ifndef MLP_SERVER_RPC_OPEN_STREAMS_H_
#define MLP_SERVER_RPC_OPEN_STREAMS_H_

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/batching/connection_shares.h"

namespace mlp {

class OpenStreams;

// One open stream, counted until this is destroyed. Movable.
class OpenStream final {
 public:
  OpenStream(OpenStream&& other) noexcept
      : streams_(std::exchange(other.streams_, nullptr)),
        connection_(std::move(other.connection_)) {}
  OpenStream& operator=(OpenStream&&) = delete;
  inline ~OpenStream();

 private:
  friend class OpenStreams;

  OpenStream(OpenStreams& streams, std::string connection)
      : streams_(&streams), connection_(std::move(connection)) {}

  OpenStreams* streams_;
  std::string connection_;
};

// Thread-safe. Must outlive the streams.
class OpenStreams final {
 public:
  // `most`: over all connections, each of which has its share; 0 for no limit. Each connection may
  // always have one, so that the last client is served too.
  explicit OpenStreams(std::int64_t most) : most_(most), shares_(most, 1) {}

  // Returns nullopt if the stream is one too many for its connection and must be refused.
  std::optional<OpenStream> Enter(std::string connection) ABSL_LOCKS_EXCLUDED(mutex_) {
    if (most_ > 0) {
      const std::lock_guard lock(mutex_);
      if (!shares_.Take(connection, 1)) return std::nullopt;
    }
    return OpenStream(*this, std::move(connection));
  }

  // The error for a refused stream, of those called `what`.
  absl::Status Refusal(absl::string_view what) const {
    return absl::ResourceExhaustedError(absl::StrCat(
        "too many ", what, " are open on this connection; the limit is ", most_,
        " over all connections, and on one connection a quarter of what the others leave"));
  }

 private:
  friend class OpenStream;

  void Leave(const std::string& connection) ABSL_LOCKS_EXCLUDED(mutex_) {
    if (most_ == 0) return;
    const std::lock_guard lock(mutex_);
    shares_.GiveBack(connection, 1);
  }

  const std::int64_t most_;
  std::mutex mutex_;
  ConnectionShares shares_ ABSL_GUARDED_BY(mutex_);
};

inline OpenStream::~OpenStream() {
  if (streams_ != nullptr) streams_->Leave(connection_);
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_OPEN_STREAMS_H_
