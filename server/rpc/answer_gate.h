// Stands between calls and those who answer them on another thread, and may do so after the calls
// have gone: work that is under way when the server ends is not waited for.

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

  // What to give to whoever answers: it calls `done`, which must not wait, with what it is called
  // with, once, or not at all after Close. It may be called at any time, and be given up without.
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

  // Calls each `done` that waits with UNAVAILABLE, those of Through from now on too. No other is
  // called once it returns.
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
      const auto its = state->waiting.find(this);
      if (its == state->waiting.end()) return;
      const Insight::Done done = std::move(its->second);
      state->waiting.erase(its);
      done(std::move(baseline));
    }

    const std::shared_ptr<State> state;
    bool refused = false;
  };

  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_ANSWER_GATE_H_
