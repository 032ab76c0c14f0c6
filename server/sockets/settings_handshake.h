// Holds a new HTTP/2 connection back until its client has acknowledged the server's settings.
//
// gRPC 1.51 enforces its limit on concurrent calls only after the client has acknowledged its
// settings (RFC 9113, section 6.5.3). A client that never does so opens as many calls as it likes,
// 12 KB each. So this class sends first settings before gRPC gets the connection. Until they are
// acknowledged, it peeks at what arrives and leaves it in the socket.
//
// gRPC takes this acknowledgement for that of its own settings, if it sends them before it reads.
// Until it has sent them, SO_RCVLOWAT hides from it that there is something to read. gRPC may still
// read too early: if a client fills the socket, or if gRPC takes an event of an earlier connection
// in the same place for one of this connection (about 1 in 50,000 when many come and go). Such a
// connection is ended with GOAWAY, and clients retry: a call that gRPC had begun is then evaluated
// twice.

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

  // What a client may send before it acknowledges. Clients that do not wait for the settings send
  // less: they fill HTTP/2's first window and begin a few calls.
  static constexpr int kMaxCalls = 128;
  static constexpr int kMaxBytes = 144 << 10;

  // Called on the handshake's thread, or by Begin.
  struct Handlers {
    // Takes ownership of a connection whose client has acknowledged. What the client has sent is
    // unread, and does not show as readable before this side has sent something.
    std::function<void(int listening, int connection)> settled;
    // A connection was closed: it was not HTTP/2, sent too much before the acknowledgement, did not
    // acknowledge in time, or there was no memory or descriptor for it.
    std::function<void()> refused;
  };

  struct Options {
    Clock::duration patience;  // for a client to acknowledge
    // The limits in the first settings; 0 for none. `calls` is kMaxCalls at most, and if it is 0.
    std::uint32_t calls = 0;
    std::uint32_t header_bytes = 0;
  };

  // UNAVAILABLE if no file descriptor is left.
  static absl::StatusOr<std::unique_ptr<SettingsHandshake>> Start(const Options& options,
                                                                  Handlers handlers);

  // Closes what has not settled. Begin must not be called any more.
  ~SettingsHandshake();

  SettingsHandshake(const SettingsHandshake&) = delete;
  SettingsHandshake& operator=(const SettingsHandshake&) = delete;

  // Takes ownership of `connection`, which must be non-blocking. `listening` is passed on with it.
  // Thread-safe.
  void Begin(int listening, int connection) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Waiting {
    int listening;
    OwnedDescriptor connection;
    Clock::time_point since;
    int looks = 0;
  };

  // A connection that was handed on and whose new owner has not sent anything yet.
  struct HandedOn {
    OwnedDescriptor connection;  // a duplicate of its descriptor
    Clock::time_point since;
  };

  SettingsHandshake(const Options& options, Handlers handlers, OwnedDescriptor events,
                    OwnedDescriptor wake_event);

  // Takes over the one connection in `begun` and watches what it sends; false if it cannot. If this
  // throws bad_alloc, it has changed nothing.
  bool Await(std::list<Waiting>& begun) ABSL_LOCKS_EXCLUDED(mutex_);
  void Run();
  void Wake() const;
  // Judges what `connection` has sent so far. `is_over`: it will send no more.
  void CheckConnection(int connection, bool is_over) ABSL_LOCKS_EXCLUDED(mutex_);
  void HandOn(int listening, OwnedDescriptor connection);
  // Makes connections readable whose new owners have sent something.
  void MakeReadable();
  void RefuseOld() ABSL_LOCKS_EXCLUDED(mutex_);
  int PollMilliseconds() const ABSL_LOCKS_EXCLUDED(mutex_);

  const Clock::duration patience_;
  const std::string settings_;  // a frame
  const Handlers handlers_;
  const OwnedDescriptor events_;  // of epoll
  const OwnedDescriptor wake_event_;
  std::vector<char> bytes_;          // used by the thread only
  std::vector<HandedOn> handed_on_;  // used by the thread only
  mutable std::mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::list<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);  // the oldest first
  absl::flat_hash_map<int, std::list<Waiting>::iterator> by_descriptor_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

// Whether a client that has sent `bytes` so far has acknowledged settings, or is refused: because
// this is not HTTP/2, or is too much before the acknowledgement. Thread-safe.
enum class ClientSettings { kAwaited, kAcknowledged, kRefused };
ClientSettings ReadClientSettings(const char* bytes, std::size_t size);

}  // namespace mlp

#endif  // MLP_SERVER_SOCKETS_SETTINGS_HANDSHAKE_H_
