// Stands between calls and the threads that answer them. An answer may come after its call has
// gone: when the server stops, it does not wait for work under way.

#ifndef MLP_SERVER_RPC_ANSWER_GATE_H_
#define MLP_SERVER_RPC_ANSWER_GATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "server/insight/insight.h"

namespace mlp {

// Thread-safe.
class AnswerGate final {
 public:
  AnswerGate() = default;
  ~AnswerGate() { Close(); }
  AnswerGate(const AnswerGate&) = delete;
  AnswerGate& operator=(const AnswerGate&) = delete;

  // Returns a function for the thread that answers. It passes its argument to `done`, which must
  // not wait, once, or not at all after Close. It may be called at any time, or dropped without a
  // call.
  Insight::Done Through(Insight::Done done) {
    auto passing = std::make_shared<Passing>(state_);
    {
      const std::lock_guard lock(state_->mutex);
      if (!state_->closed) state_->waiting.emplace(passing.get(), done);
      passing->refused = state_->closed;
    }
    if (passing->refused) done(Stopping());
    return [passing = std::move(passing)](absl::StatusOr<VersionBaseline> baseline) {
      passing->Answer(std::move(baseline));
    };
  }

  // Calls each waiting `done` with UNAVAILABLE, and from now on also those given to Through. Once
  // this returns, no other `done` is called.
  void Close() {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
    for (const auto& [passing, done] : std::exchange(state_->waiting, {})) done(Stopping());
  }

 private:
  static absl::Status Stopping() { return absl::UnavailableError("the server is stopping"); }

  struct State {
    std::mutex mutex;
    std::map<const void*, Insight::Done> waiting ABSL_GUARDED_BY(mutex);
    bool closed ABSL_GUARDED_BY(mutex) = false;
  };

  struct Passing {
    explicit Passing(std::shared_ptr<State> its_state) : state(std::move(its_state)) {}
    ~Passing() {
      const std::lock_guard lock(state->mutex);
      state->waiting.erase(this);
    }
    Passing(const Passing&) = delete;
    Passing& operator=(const Passing&) = delete;

    void Answer(absl::StatusOr<VersionBaseline> baseline) const {
      // Under the lock, so that Close returns after the last call.
      const std::lock_guard lock(state->mutex);
      const auto found = state->waiting.find(this);
      if (found == state->waiting.end()) return;
      const Insight::Done done = std::move(found->second);
      state->waiting.erase(found);
      done(std::move(baseline));
    }

    const std::shared_ptr<State> state;
    bool refused = false;
  };

  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_ANSWER_GATE_H_
