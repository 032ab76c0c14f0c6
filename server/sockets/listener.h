// Accepts connections, of TCP or of a unix: address, and hands them on.
//
// gRPC's own listener of the version we build on never accepts again once a process has run out of
// file descriptors, even when all are given back. This one then turns the next connection away, so
// that its client knows, or takes it by a descriptor that it has kept for that; and goes on.

#ifndef MLP_SERVER_SOCKETS_LISTENER_H_
#define MLP_SERVER_SOCKETS_LISTENER_H_

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

// File descriptors of the process that a listener deals with.
struct DescriptorShares {
  // Held back for connections that come when there are no others.
  std::size_t kept = 0;
  // Left free for the rest of the process, an eighth of the limit at most: a connection that would
  // take one of them is turned away.
  std::size_t left = 0;
};

class Listener final {
 public:
  // Takes `address`, host:port with an IPv6 host in brackets and port 0 for a free one: every
  // address that the host's name has, on one port, as ListenOnAll takes them; or unix: and the path
  // of a socket, with `unix_mode`. UNAVAILABLE where they cannot be had, or no descriptor.
  static absl::StatusOr<std::unique_ptr<Listener>> Listen(const std::string& address,
                                                          DescriptorShares shares = {},
                                                          int unix_mode = 0600);

  // Stops, if it has not.
  ~Listener();

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return port_; }  // 0 of a unix: address
  bool is_unix() const { return !unix_path_.empty(); }

  // What it listens on, until Stop: host:port, with commas between them, or unix: and a path.
  std::string addresses() const;

  // Begins to accept, on a thread of its own. `accepted` is called there and owns the connection's
  // descriptor, which does not block; the listening one goes with it for the record. Call it once.
  // Calls `turned_away` for each that is closed for want of a descriptor. Those that are empty are
  // not called: `give_up_one`, when a connection comes and no descriptor is left, is to close one
  // soon; `every_half_second` is called about so often.
  void Start(std::function<void(int listening, int connection)> accepted,
             std::function<void()> turned_away, std::function<void()> give_up_one = {},
             std::function<void()> every_half_second = {});

  // Accepts no more and closes the port. Thread-safe where Start and the destructor are not under
  // way.
  void Stop();

 private:
  Listener(std::vector<OwnedDescriptor> sockets, OwnedDescriptor stop_event,
           DescriptorShares shares);

  void Run();
  int PollMilliseconds() const;
  void KeepTime();
  void AcceptAll(int socket);
  void AcceptWithoutDescriptors(int socket);
  // Whether `connection` takes a descriptor that is to be left free.
  bool IsOfThoseLeft(int connection) const;
  // Takes back what was given up of the descriptors that are kept.
  void Refill();

  std::string unix_path_;  // empty for TCP
  std::vector<OwnedDescriptor> sockets_;
  int port_;
  OwnedDescriptor stop_event_;
  // Given up for a moment where there is no other, so that a connection can be taken and closed.
  OwnedDescriptor spare_;
  // Given up for connections that are served.
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
