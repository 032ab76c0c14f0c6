// The form of every call: a coroutine that accepts it, reads its request, waits for the answer,
// sends it and sees the call end, in consecutive lines. It runs only on the thread that acts for
// its completion queue, so nothing here is thread-safe.

#ifndef MLP_SERVER_RPC_CALL_COROUTINE_H_
#define MLP_SERVER_RPC_CALL_COROUTINE_H_

#include <cassert>
#include <coroutine>
#include <exception>
#include <new>
#include <utility>

#include "server/linked_list.h"

namespace mlp {

// Returned by a function that serves calls: a frame that has not begun. CallFrames starts it, and
// owns it from then on.
class CallCoroutine final {
 public:
  // NOLINTNEXTLINE(readability-identifier-naming): the language's name
  struct promise_type : LinkedList<promise_type>::Entry {
    CallCoroutine get_return_object() noexcept {
      return CallCoroutine(Handle::from_promise(*this));
    }
    // The language calls this if there is no memory for a frame.
    static CallCoroutine get_return_object_on_allocation_failure() noexcept {
      return CallCoroutine(nullptr);
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };

  CallCoroutine(CallCoroutine&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  CallCoroutine& operator=(CallCoroutine&&) = delete;
  ~CallCoroutine() {
    if (frame_) frame_.destroy();
  }

 private:
  friend class CallFrames;
  using Handle = std::coroutine_handle<promise_type>;

  explicit CallCoroutine(Handle frame) noexcept : frame_(frame) {}

  Handle frame_;
};

// The coroutines that have begun and not ended. One that ends removes itself. Those that still wait
// when this is destroyed are destroyed with everything in their frames; none of their tags may be
// completed afterwards.
class CallFrames final {
 public:
  CallFrames() = default;
  ~CallFrames() {
    while (!frames_.empty()) {
      CallCoroutine::Handle::from_promise(frames_.front()).destroy();
    }
  }
  CallFrames(const CallFrames&) = delete;
  CallFrames& operator=(const CallFrames&) = delete;

  // Runs the coroutine until it waits. Returns false, and runs nothing, if there was no memory for
  // its frame.
  [[nodiscard]] bool Start(CallCoroutine coroutine) {
    const CallCoroutine::Handle frame = std::exchange(coroutine.frame_, nullptr);
    if (!frame) return false;
    frames_.Add(frame.promise());
    frame.resume();
    return true;
  }

  // The same when the server starts. Throws bad_alloc instead.
  void StartFirst(CallCoroutine coroutine) {
    if (!Start(std::move(coroutine))) throw std::bad_alloc();
  }

 private:
  LinkedList<CallCoroutine::promise_type> frames_;
};

// What a single coroutine waits on: `co_await wakeup.Until(condition)` continues once the condition
// holds. Code that changes anything in such a condition calls Notify.
class Wakeup final {
 public:
  Wakeup() = default;
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  template <typename Condition>
  class Waiting final {
   public:
    Waiting(Wakeup& wakeup, Condition condition) : wakeup_(wakeup), condition_(condition) {}
    bool await_ready() { return condition_(); }
    void await_suspend(std::coroutine_handle<> frame) {
      assert(!wakeup_.frame_);
      wakeup_.frame_ = frame;
      wakeup_.waiting_ = this;
      wakeup_.holds_ = [](void* waiting) { return static_cast<Waiting*>(waiting)->condition_(); };
    }
    void await_resume() {}

   private:
    Wakeup& wakeup_;
    Condition condition_;
  };

  template <typename Condition>
  Waiting<Condition> Until(Condition condition) {
    return Waiting<Condition>(*this, condition);
  }

  // Resumes the coroutine if it waits and its condition holds. When this returns, everything that
  // the coroutine owns may be gone, including this.
  void Notify() {
    if (frame_ && holds_(waiting_)) std::exchange(frame_, nullptr).resume();
  }

 private:
  std::coroutine_handle<> frame_;
  void* waiting_ = nullptr;  // the Waiting in that frame
  bool (*holds_)(void*) = nullptr;
};

// What a completion queue returns when an operation has ended. The operation is started with
// Begin() as its tag; `co_await tag` waits for its end and gives gRPC's `ok`. The tag must live
// until then.
class CompletionTag final {
 public:
  // Notifies `wakeup` when the operation ends.
  explicit CompletionTag(Wakeup& wakeup) : wakeup_(wakeup) {}
  CompletionTag(const CompletionTag&) = delete;
  CompletionTag& operator=(const CompletionTag&) = delete;

  // For an operation that begins now. Only the loop's thread may call it. Another thread passes the
  // tag itself to the queue; the tag must not have been completed before.
  CompletionTag* Begin() {
    done_ = false;
    pending_ = true;
    return this;
  }

  // Whether an operation has begun and not ended, and whether one has ended since Begin.
  bool pending() const { return pending_; }
  bool done() const { return done_; }
  // Whether the operation took place, as gRPC defines that for each. Valid once done().
  bool ok() const { return ok_; }

  // For the loop. When this returns, everything that the coroutine owns may be gone, including the
  // tag.
  void Complete(bool ok) {
    pending_ = false;
    done_ = true;
    ok_ = ok;
    wakeup_.Notify();
  }

  auto operator co_await() {
    struct Ended {
      bool await_ready() { return until.await_ready(); }
      void await_suspend(std::coroutine_handle<> frame) { until.await_suspend(frame); }
      bool await_resume() const { return tag.ok(); }
      CompletionTag& tag;
      Wakeup::Waiting<IsDone> until;
    };
    return Ended{*this, wakeup_.Until(IsDone{this})};
  }

 private:
  struct IsDone {
    bool operator()() const { return tag->done(); }
    const CompletionTag* tag;
  };

  Wakeup& wakeup_;
  bool pending_ = false;
  bool done_ = false;
  bool ok_ = false;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_CALL_COROUTINE_H_
