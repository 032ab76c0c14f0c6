// Accepts TCP connections and hands them on.
//
// gRPC's own listener of the version we build on never accepts again once a process has run out of
// file descriptors, even when all are given back. This one then turns the next connection away, so
// that its client knows, and goes on.

#ifndef MLP_SERVER_RPC_LISTENER_H_
#define MLP_SERVER_RPC_LISTENER_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"

namespace mlp {

// A file descriptor that is closed with its owner; -1 for none.
class OwnedDescriptor final {
 public:
  explicit OwnedDescriptor(int descriptor = -1) : descriptor_(descriptor) {}
  ~OwnedDescriptor();
  OwnedDescriptor(OwnedDescriptor&& other) noexcept : descriptor_(other.Release()) {}
  OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept;
  OwnedDescriptor(const OwnedDescriptor&) = delete;
  OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;

  int get() const { return descriptor_; }
  int Release();

 private:
  int descriptor_;
};

class Listener final {
 public:
  // Takes `address`, host:port with an IPv6 host in brackets and port 0 for a free one. UNAVAILABLE
  // where it cannot be had.
  static absl::StatusOr<std::unique_ptr<Listener>> Listen(const std::string& address);

  // Stops, if it has not.
  ~Listener();

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return port_; }

  // Begins to accept, on a thread of its own. `accepted` is called there and owns the connection's
  // descriptor, which does not block; the listening one goes with it for the record. Call it once.
  // Calls `turned_away` for each that is closed for want of a descriptor.
  void Start(std::function<void(int listening, int connection)> accepted,
             std::function<void()> turned_away);

  // Accepts no more and closes the port. Thread-safe where Start and the destructor are not under
  // way.
  void Stop();

 private:
  Listener(OwnedDescriptor socket, int port);

  void Run() const;
  void AcceptAll() const;
  void TurnAwayForWantOfDescriptors() const;

  OwnedDescriptor socket_;
  int port_;
  OwnedDescriptor stop_event_;
  // Given up for a moment where there is no other, so that a connection can be taken and closed.
  mutable OwnedDescriptor spare_;
  std::function<void(int, int)> accepted_;
  std::function<void()> turned_away_;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_LISTENER_H_
