#include "server/sockets/settings_handshake.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "server/sockets/socket_traffic.h"

namespace mlp {
namespace {

// RFC 9113, sections 3.4, 4.1, 6.2 and 6.5.
constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kFrameHeader = 9;
constexpr std::size_t kLongestFrame = 16'384;
constexpr std::uint8_t kHeaders = 1;
constexpr std::uint8_t kSettings = 4;
constexpr std::uint8_t kGoAway = 7;
constexpr std::uint8_t kAcknowledges = 1;
constexpr std::uint16_t kMaxConcurrentStreams = 3;
constexpr std::uint16_t kMaxHeaderListSize = 6;

// The most looks at what a client has sent, each from the beginning. A client's first bytes arrive
// in a few pieces.
constexpr int kMaxLooks = 64;

constexpr int kMaxEvents = 64;

std::uint8_t ByteAt(const char* bytes) { return static_cast<std::uint8_t>(*bytes); }

// How often connections that were handed on are checked.
constexpr int kLookMilliseconds = 1;

// Sets how many bytes must be unread before the connection shows as readable.
void SetLeastReadable(int connection, int bytes) {
  setsockopt(connection, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof(bytes));
}

void AddBigEndian(std::uint32_t number, int bytes, std::string& to) {
  for (int byte = bytes - 1; byte >= 0; --byte)
    to += static_cast<char>(number >> (8 * byte) & 0xff);
}

// A frame that concerns the whole connection.
std::string ConnectionFrame(std::uint8_t type, const std::string& payload) {
  std::string frame;
  AddBigEndian(static_cast<std::uint32_t>(payload.size()), 3, frame);
  frame += static_cast<char>(type);
  frame += std::string(kFrameHeader - frame.size(), '\0');
  return frame + payload;
}

std::string SettingsFrame(const SettingsHandshake::Options& options) {
  std::string entries;
  // Without a limit, a client could open more calls than gRPC accepts, which ends the connection.
  const std::uint32_t most = SettingsHandshake::kMaxCalls;
  AddBigEndian(kMaxConcurrentStreams, 2, entries);
  AddBigEndian(options.calls > 0 ? std::min(options.calls, most) : most, 4, entries);
  if (options.header_bytes > 0) {
    AddBigEndian(kMaxHeaderListSize, 2, entries);
    AddBigEndian(options.header_bytes, 4, entries);
  }
  return ConnectionFrame(kSettings, entries);
}

// Makes a well-meaning client retry on another connection: no call on this one counts as begun (RFC
// 9113, section 6.8). The frames sent before are whole, because gRPC has written next to nothing.
void SendGoAway(int connection) {
  const std::string go_away = ConnectionFrame(kGoAway, std::string(8, '\0'));
  send(connection, go_away.data(), go_away.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown(connection, SHUT_RDWR);
}

// Twice what a client may send before its connection is handed on. The kernel makes room for that
// much unread data, and still adapts the size afterwards.
constexpr int kRoom = 2 * SettingsHandshake::kMaxBytes;

// More than the kernel accepts. It clamps this to its own limit, so the connection shows as
// readable only when all that room is full.
constexpr int kNotReadable = 1 << 30;

}  // namespace

ClientSettings ReadClientSettings(const char* bytes, std::size_t size) {
  const std::size_t of_preface = std::min(size, kPreface.size());
  if (kPreface.substr(0, of_preface) != std::string_view(bytes, of_preface)) {
    return ClientSettings::kRefused;
  }
  int calls = 0;
  for (std::size_t at = kPreface.size(); at + kFrameHeader <= size;) {
    const char* const frame = bytes + at;
    const std::size_t length =
        std::size_t{ByteAt(frame)} << 16 | std::size_t{ByteAt(frame + 1)} << 8 | ByteAt(frame + 2);
    const std::uint8_t type = ByteAt(frame + 3);
    const bool acknowledges = type == kSettings && (ByteAt(frame + 4) & kAcknowledges) != 0;
    // A client's own settings come first (RFC 9113, section 3.4). gRPC waits for them.
    const bool is_first = at == kPreface.size();
    if (is_first && (type != kSettings || acknowledges)) return ClientSettings::kRefused;
    if (acknowledges) {
      return length == 0 ? ClientSettings::kAcknowledged : ClientSettings::kRefused;
    }
    if (type == kHeaders) ++calls;
    if (length > kLongestFrame || calls > SettingsHandshake::kMaxCalls) {
      return ClientSettings::kRefused;
    }
    at += kFrameHeader + length;
  }
  return size < SettingsHandshake::kMaxBytes ? ClientSettings::kAwaited : ClientSettings::kRefused;
}

absl::StatusOr<std::unique_ptr<SettingsHandshake>> SettingsHandshake::Start(const Options& options,
                                                                            Handlers handlers) {
  OwnedDescriptor events(epoll_create1(EPOLL_CLOEXEC));
  OwnedDescriptor wake_event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.fd = wake_event.get();
  if (events.get() < 0 || wake_event.get() < 0 ||
      epoll_ctl(events.get(), EPOLL_CTL_ADD, wake_event.get(), &event) != 0) {
    return absl::UnavailableError("no file descriptor is left for new connections");
  }
  return std::unique_ptr<SettingsHandshake>(new SettingsHandshake(
      options, std::move(handlers), std::move(events), std::move(wake_event)));
}

SettingsHandshake::SettingsHandshake(const Options& options, Handlers handlers,
                                     OwnedDescriptor events, OwnedDescriptor wake_event)
    : patience_(options.patience),
      settings_(SettingsFrame(options)),
      handlers_(std::move(handlers)),
      events_(std::move(events)),
      wake_event_(std::move(wake_event)),
      bytes_(kMaxBytes),
      thread_([this] { Run(); }) {}

SettingsHandshake::~SettingsHandshake() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
}

void SettingsHandshake::Wake() const {
  const std::uint64_t one = 1;
  // Cannot fail: the counter is far from full.
  [[maybe_unused]] const ssize_t written = write(wake_event_.get(), &one, sizeof(one));
}

void SettingsHandshake::Begin(int listening, int connection) {
  std::list<Waiting> begun;
  try {
    // First, because this may throw.
    begun.push_back({listening, OwnedDescriptor(connection), Clock::now()});
    SetLeastReadable(connection, kRoom);
    SetLeastReadable(connection, 1);
    if (send(connection, settings_.data(), settings_.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(settings_.size()) &&
        Await(begun)) {
      return;
    }
  } catch (const std::bad_alloc&) {
    // Refused, like any connection that the server has no room for.
  }
  handlers_.refused();
}

bool SettingsHandshake::Await(std::list<Waiting>& begun) {
  const int connection = begun.front().connection.get();
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
  event.data.fd = connection;
  const std::lock_guard lock(mutex_);
  by_descriptor_[connection] = begun.begin();
  if (epoll_ctl(events_.get(), EPOLL_CTL_ADD, connection, &event) != 0) {
    by_descriptor_.erase(connection);
    return false;
  }
  waiting_.splice(waiting_.end(), begun);
  // While no connection waits, the thread sleeps without a timeout.
  if (waiting_.size() == 1) Wake();
  return true;
}

void SettingsHandshake::Run() {
  std::array<epoll_event, kMaxEvents> events{};
  for (;;) {
    const int count = epoll_wait(events_.get(), events.data(), kMaxEvents, PollMilliseconds());
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd == wake_event_.get()) continue;
      const bool is_over = (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
      CheckConnection(events[i].data.fd, is_over);
    }
    MakeReadable();
    RefuseOld();
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
  }
}

void SettingsHandshake::CheckConnection(int connection, bool is_over) {
  ssize_t size = 0;
  do {
    size = recv(connection, bytes_.data(), bytes_.size(), MSG_PEEK | MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  ClientSettings settings = ClientSettings::kRefused;
  if (size > 0) settings = ReadClientSettings(bytes_.data(), static_cast<std::size_t>(size));
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) settings = ClientSettings::kAwaited;

  std::list<Waiting> done;
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_descriptor_.find(connection);
    if (found == by_descriptor_.end()) return;
    Waiting& waiting = *found->second;
    if ((is_over || ++waiting.looks > kMaxLooks) && settings == ClientSettings::kAwaited) {
      settings = ClientSettings::kRefused;
    }
    if (settings == ClientSettings::kAwaited) return;
    done.splice(done.end(), waiting_, found->second);
    by_descriptor_.erase(found);
  }
  epoll_ctl(events_.get(), EPOLL_CTL_DEL, connection, nullptr);
  if (settings == ClientSettings::kRefused) return handlers_.refused();
  HandOn(done.front().listening, std::move(done.front().connection));
}

void SettingsHandshake::HandOn(int listening, OwnedDescriptor connection) {
  OwnedDescriptor another(fcntl(connection.get(), F_DUPFD_CLOEXEC, 0));  // NOLINT: a C interface
  if (another.get() < 0) return handlers_.refused();
  try {
    handed_on_.push_back({std::move(another), Clock::now()});
  } catch (const std::bad_alloc&) {
    return handlers_.refused();
  }
  SetLeastReadable(connection.get(), kNotReadable);
  handlers_.settled(listening, connection.Release());
  MakeReadable();
}

void SettingsHandshake::MakeReadable() {
  const Clock::time_point now = Clock::now();
  const auto is_done = [&](const HandedOn& handed_on) {
    const int connection = handed_on.connection.get();
    const std::optional<SocketTraffic> traffic = SocketTrafficOf(connection);
    if (traffic && traffic->sent <= settings_.size() && traffic->read == 0) {
      if (now - handed_on.since < patience_) return false;
    } else if (!traffic || traffic->read == 0) {
      SetLeastReadable(connection, 1);
      return true;
    }
    // It was read too early, or its owner has sent nothing in time.
    SendGoAway(connection);
    handlers_.refused();
    return true;
  };
  handed_on_.erase(std::remove_if(handed_on_.begin(), handed_on_.end(), is_done), handed_on_.end());
}

void SettingsHandshake::RefuseOld() {
  std::list<Waiting> old;
  {
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = Clock::now();
    while (!waiting_.empty() && now - waiting_.front().since >= patience_) {
      by_descriptor_.erase(waiting_.front().connection.get());
      old.splice(old.end(), waiting_, waiting_.begin());
    }
  }
  // `old` closes the connections, which removes them from epoll.
  for (std::size_t i = 0; i < old.size(); ++i) handlers_.refused();
}

int SettingsHandshake::PollMilliseconds() const {
  if (!handed_on_.empty()) return kLookMilliseconds;
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return -1;
  const auto left = waiting_.front().since + patience_ - Clock::now();
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, 60'000));
}

}  // namespace mlp
