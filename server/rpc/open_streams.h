// Bounds the ModelStreamInfer calls that are open at once, over all connections and threads: each
// holds memory while it lasts, also where nothing is asked on it.

#ifndef MLP_SERVER_RPC_OPEN_STREAMS_H_
#define MLP_SERVER_RPC_OPEN_STREAMS_H_

#include <atomic>

namespace mlp {

// Thread-safe.
class OpenStreams final {
 public:
  // 0 for any number.
  explicit OpenStreams(int most) : most_(most) {}

  // Counts a stream until it Leaves; false where it is one too many, which is to be refused.
  bool Enter() { return open_.fetch_add(1, std::memory_order_relaxed) < most_ || most_ == 0; }
  void Leave() { open_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  const int most_;
  std::atomic<int> open_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_OPEN_STREAMS_H_
