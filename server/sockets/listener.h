// Accepts connections over TCP or on a unix: socket, and passes them on.
//
// The listener of the gRPC version that we use never accepts again once the process has run out of
// file descriptors, even when all are given back. This one goes on: it accepts the next connection
// with a descriptor kept for that purpose, or turns the connection away so that its client knows.

#ifndef MLP_SERVER_SOCKETS_LISTENER_H_
#define MLP_SERVER_SOCKETS_LISTENER_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "server/sockets/owned_descriptor.h"

namespace mlp {

// File descriptors that a listener keeps or leaves free.
struct DescriptorShares {
  // Held back for connections that arrive when no other descriptor is left.
  std::size_t kept = 0;
  // Left free for the rest of the process, at most an eighth of the limit. A connection that would
  // take one of them is turned away.
  std::size_t left = 0;
};

class Listener final {
 public:
  // Listens on `address`: host:port, with an IPv6 host in brackets and port 0 for a free port; or
  // unix: and the path of a socket, created with `unix_mode`. A host name stands for all its
  // addresses, on one port (ListenOnAll). UNAVAILABLE if it cannot listen on them, or if no
  // descriptor is left.
  static absl::StatusOr<std::unique_ptr<Listener>> Listen(const std::string& address,
                                                          DescriptorShares shares = {},
                                                          int unix_mode = 0600);

  // Calls Stop.
  ~Listener();

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return port_; }  // 0 for a unix: address
  bool is_unix() const { return !unix_path_.empty(); }

  // What it listens on, until Stop: host:port, separated by commas, or unix: and a path.
  std::string addresses() const;

  // Begins to accept on a separate thread, which calls the functions below. `accepted` takes
  // ownership of the connection's descriptor, which is non-blocking; it also gets the listening
  // descriptor. `turned_away` is called for each connection that is closed for lack of a
  // descriptor. `give_up_one` is called when a connection arrives and no descriptor is left, and
  // should close a connection soon. `every_half_second` is called about that often. The last two
  // may be empty. Call Start once.
  void Start(std::function<void(int listening, int connection)> accepted,
             std::function<void()> turned_away, std::function<void()> give_up_one = {},
             std::function<void()> every_half_second = {});

  // Accepts no more and closes the port. Thread-safe, except while Start or the destructor runs.
  void Stop();

 private:
  Listener(std::vector<OwnedDescriptor> sockets, OwnedDescriptor stop_event,
           DescriptorShares shares);

  void Run();
  int PollMilliseconds() const;
  void KeepTime();
  void AcceptAll(int socket);
  void AcceptWithoutDescriptors(int socket);
  // Whether `connection` has a descriptor that must be left free.
  bool TakesReservedDescriptor(int connection) const;
  // Reopens the descriptors that were given up.
  void Refill();

  // Removes the name of the unix: socket, unless another file has it by now.
  void RemoveName() const;

  std::string unix_path_;  // empty for TCP
  dev_t unix_device_ = 0;  // of the socket's name
  ino_t unix_inode_ = 0;
  std::vector<OwnedDescriptor> sockets_;
  int port_;
  OwnedDescriptor stop_event_;
  // Given up for a moment when no other is left, so that a connection can be accepted and closed.
  OwnedDescriptor spare_;
  // Given up for connections that are then served.
  const DescriptorShares shares_;
  std::vector<OwnedDescriptor> kept_;
  std::function<void(int, int)> accepted_;
  std::function<void()> turned_away_;
  std::function<void()> give_up_one_;
  std::function<void()> every_half_second_;
  std::chrono::steady_clock::time_point last_time_;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_SOCKETS_LISTENER_H_
