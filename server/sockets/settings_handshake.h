// Holds a new HTTP/2 connection back until its client has acknowledged the server's settings.
//
// gRPC 1.51 applies its limit of calls at once on a connection from the moment that the client
// acknowledges its settings (RFC 9113, section 6.5.3): a client that never does opens as many as it
// likes, 12 KB each. So first settings are sent before gRPC has the connection, and what
// comes is looked at, but left in the socket, until they are acknowledged. gRPC takes that for the
// acknowledgement of its own settings, if it has sent them before it reads: until then SO_RCVLOWAT
// keeps it from seeing that there is something to read. It may read all the same, where a client
// fills the socket, or where it takes an event of a connection before, whose place this one has,
// for one of this (some 1 in 50,000 where many come and go). Such a connection is ended with
// GOAWAY, upon which clients ask again: a call that gRPC had begun is then evaluated twice.

#ifndef MLP_SERVER_SOCKETS_SETTINGS_HANDSHAKE_H_
#define MLP_SERVER_SOCKETS_SETTINGS_HANDSHAKE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "server/sockets/owned_descriptor.h"

namespace mlp {

class SettingsHandshake final {
 public:
  using Clock = std::chrono::steady_clock;

  // What a client may do before it acknowledges: more than clients do that do not wait for the
  // settings, which fill HTTP/2's first window and ask for a few calls.
  static constexpr int kMostCalls = 128;
  static constexpr int kMostBytes = 144 << 10;

  // Called on a thread of the handshake.
  struct Handlers {
    // Owns the descriptor of a connection whose client has acknowledged; what it has sent is
    // unread, and not seen to be there before this side has sent something.
    std::function<void(int listening, int connection)> settled;
    // A connection was closed: no HTTP/2, too much before the acknowledgement, or none in time.
    std::function<void()> refused;
  };

  struct Options {
    Clock::duration patience;  // for a client to acknowledge
    // What clients are told at first; 0 for no limit. Of calls at once, kMostCalls at most.
    std::uint32_t calls = 0;
    std::uint32_t header_bytes = 0;
  };

  // UNAVAILABLE where no descriptor is left for it.
  static absl::StatusOr<std::unique_ptr<SettingsHandshake>> Start(const Options& options,
                                                                  Handlers handlers);

  // Closes what has not settled. Nobody may begin any more.
  ~SettingsHandshake();

  SettingsHandshake(const SettingsHandshake&) = delete;
  SettingsHandshake& operator=(const SettingsHandshake&) = delete;

  // Takes over `connection`, which does not block; `listening` goes with it for the record.
  // Thread-safe.
  void Begin(int listening, int connection) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Waiting {
    int listening;
    OwnedDescriptor connection;
    Clock::time_point since;
    int looks = 0;
  };

  // One that was handed on, whose new owner has not sent anything.
  struct HandedOn {
    OwnedDescriptor connection;  // another descriptor of it
    Clock::time_point since;
  };

  SettingsHandshake(const Options& options, Handlers handlers, OwnedDescriptor events,
                    OwnedDescriptor wake_event);

  // Waits for what the one connection in `begun` sends, which it takes over; false where that
  // cannot be. Throws bad_alloc, and has changed nothing then.
  bool Await(std::list<Waiting>& begun) ABSL_LOCKS_EXCLUDED(mutex_);
  void Run();
  void Wake() const;
  // For what `connection` has sent since the last look; `is_over`: it sends no more.
  void LookAt(int connection, bool is_over) ABSL_LOCKS_EXCLUDED(mutex_);
  void HandOn(int listening, OwnedDescriptor connection);
  // Lets those be read whose owners have sent something.
  void LetBeRead();
  void RefuseOld() ABSL_LOCKS_EXCLUDED(mutex_);
  int PollMilliseconds() const ABSL_LOCKS_EXCLUDED(mutex_);

  const Clock::duration patience_;
  const std::string settings_;  // a frame
  const Handlers handlers_;
  const OwnedDescriptor events_;  // of epoll
  const OwnedDescriptor wake_event_;
  std::vector<char> bytes_;          // for the thread
  std::vector<HandedOn> handed_on_;  // for the thread
  mutable std::mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::list<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);  // the oldest first
  absl::flat_hash_map<int, std::list<Waiting>::iterator> by_descriptor_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

// Whether a client that has sent `bytes` so far has acknowledged settings, or has to go: for what
// is no HTTP/2, or too much before the acknowledgement. Thread-safe.
enum class ClientSettings { kAwaited, kAcknowledged, kRefused };
ClientSettings ReadClientSettings(const char* bytes, std::size_t size);

}  // namespace mlp

#endif  // MLP_SERVER_SOCKETS_SETTINGS_HANDSHAKE_H_
