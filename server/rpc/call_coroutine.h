// The form of every call: a coroutine that accepts it, reads its request, waits for the answer,
// sends that and sees the call end, in consecutive lines. It runs on the thread that acts for its
// completion queue, and only there, so nothing here is thread-safe.

#ifndef MLP_SERVER_RPC_CALL_COROUTINE_H_
#define MLP_SERVER_RPC_CALL_COROUTINE_H_

#include <coroutine>
#include <exception>
#include <utility>

namespace mlp {

// What a function that serves calls returns: a frame that has not begun. CallFrames starts it, and
// owns it then.
class CallCoroutine final {
 public:
  // A place in the list of the frames that have not ended.
  struct Link {
    Link* before = this;
    Link* after = this;
  };

  struct promise_type : Link {  // NOLINT(readability-identifier-naming): the language's name
    ~promise_type() {
      before->after = after;
      after->before = before;
    }
    CallCoroutine get_return_object() noexcept {
      return CallCoroutine(Handle::from_promise(*this));
    }
    // Chosen by the language where this function is: without memory for a frame there is none.
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

// The coroutines that have begun and have not ended. One that ends goes by itself; those that wait
// when this goes are destroyed, with all that stands in their frames: nothing that they wait for
// may come then.
class CallFrames final {
 public:
  CallFrames() = default;
  ~CallFrames() {
    while (list_.after != &list_) {
      auto& promise = static_cast<CallCoroutine::promise_type&>(*list_.after);
      CallCoroutine::Handle::from_promise(promise).destroy();
    }
  }
  CallFrames(const CallFrames&) = delete;
  CallFrames& operator=(const CallFrames&) = delete;

  // Runs the coroutine until it waits. False, and nothing has run, where there was no memory for
  // its frame.
  bool Start(CallCoroutine coroutine) {
    const CallCoroutine::Handle frame = std::exchange(coroutine.frame_, nullptr);
    if (!frame) return false;
    CallCoroutine::Link& link = frame.promise();
    link.before = list_.before;
    link.after = &list_;
    list_.before->after = &link;
    list_.before = &link;
    frame.resume();
    return true;
  }

 private:
  CallCoroutine::Link list_;
};

// What one coroutine waits on: `co_await wakeup.Until(condition)` goes on once the condition holds.
// Whoever changes what such a condition looks at calls Notify.
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

  // Lets the coroutine go on if it waits and its condition holds. What the coroutine owns, this
  // among it, may be gone when this returns.
  void Notify() {
    if (frame_ && holds_(waiting_)) std::exchange(frame_, nullptr).resume();
  }

 private:
  std::coroutine_handle<> frame_;
  void* waiting_ = nullptr;  // the Waiting in that frame
  bool (*holds_)(void*) = nullptr;
};

// What a completion queue hands back when an operation has ended: the operation is begun with
// Begin() for its tag, and `co_await tag` waits for its end and gives gRPC's `ok`. It must live
// until then.
class CompletionTag final {
 public:
  // Its end notifies `wakeup`.
  explicit CompletionTag(Wakeup& wakeup) : wakeup_(wakeup) {}
  CompletionTag(const CompletionTag&) = delete;
  CompletionTag& operator=(const CompletionTag&) = delete;

  // For an operation that begins now. Only the loop's thread may call it; another thread has a tag
  // that was not completed before put into the queue as it is.
  CompletionTag* Begin() {
    done_ = false;
    pending_ = true;
    return this;
  }

  // Whether an operation that was begun has not ended, and whether one has since Begin.
  bool pending() const { return pending_; }
  bool done() const { return done_; }
  // Whether it took place, as gRPC defines for each. Once it is done.
  bool ok() const { return ok_; }

  // For the loop. What the coroutine owns, the tag among it, may be gone when this returns.
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
