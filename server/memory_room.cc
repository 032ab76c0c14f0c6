#include "server/memory_room.h"

#include <execinfo.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace mlp {
namespace {

constexpr std::size_t kReserveBytes = std::size_t{32} << 20;

// What gRPC and the serving threads may allocate during a load or a large request.
constexpr std::size_t kServingBytes = std::size_t{16} << 20;

void* Map(std::size_t bytes) {
  void* const mapped =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return mapped == MAP_FAILED ? nullptr : mapped;
}

// Global, because a new handler gets no argument.
struct Reserve {
  std::atomic<bool> wanted = false;
  std::atomic<void*> held = nullptr;  // never written, so it takes only address space
};
Reserve reserve;

struct Bound {
  std::atomic<std::int64_t> bytes = 0;  // 0 for none
  std::atomic<int> statistics = -1;     // /proc/self/statm, open for the process's whole life
};
Bound bound;
thread_local bool is_refusable = false;

bool LetGoOfReserve() {
  void* const held = reserve.held.exchange(nullptr);
  if (held != nullptr) munmap(held, kReserveBytes);
  return held != nullptr;
}

void TakeReserve() {
  void* const taken = Map(kReserveBytes);
  void* none = nullptr;
  if (taken != nullptr && !reserve.held.compare_exchange_strong(none, taken)) {
    munmap(taken, kReserveBytes);  // another thread was faster
  }
}

void OnFailedAllocation() {
  const bool let_go = LetGoOfReserve();
  // If this returns, operator new tries again.
  if (is_refusable || !let_go) throw std::bad_alloc();
}

// If an exception passes through a function of the C library, such as pthread_once, the C library
// loads libgcc_s. That takes memory; if there is none, the process aborts. The first backtrace
// loads it for good.
void LoadUnwinder() {
  void* frame = nullptr;
  backtrace(&frame, 1);
}

// The resident memory that belongs to no file, in bytes: the kernel cannot reclaim it. 0 if
// unknown.
std::int64_t HeldBytes() {
  char text[128] = {};
  const ssize_t length = pread(bound.statistics, text, sizeof(text) - 1, /*offset=*/0);
  if (length <= 0) return 0;
  char* next = text;
  std::strtoll(next, &next, 10);  // skips the address space
  const std::int64_t resident = std::strtoll(next, &next, 10);
  const std::int64_t of_files = std::strtoll(next, &next, 10);
  return (resident - of_files) * sysconf(_SC_PAGESIZE);
}

// What is left of the bound if `kept` bytes stay free.
std::int64_t LeftOfBound(std::int64_t kept) {
  const std::int64_t bytes = bound.bytes;
  return bytes > 0 ? bytes - HeldBytes() - kept : kNoMemoryBound;
}

}  // namespace

void KeepMemoryReserve() {
  LoadUnwinder();
  reserve.wanted = true;
  TakeReserve();
  std::set_new_handler(OnFailedAllocation);
}

RefusableWork::RefusableWork() : was_refusable_(is_refusable) { is_refusable = true; }

RefusableWork::~RefusableWork() { is_refusable = was_refusable_; }

void BoundMemory(std::int64_t bytes) {
  if (bound.statistics < 0) bound.statistics = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  bound.bytes = bytes;
}

std::int64_t MemoryLeftForLoad() {
  constexpr std::int64_t kMaxKept = std::int64_t{256} << 20;
  return LeftOfBound(std::min(bound.bytes / 8, kMaxKept));
}

bool HasMemoryRoom(std::int64_t bytes) {
  if (bytes < kUnasked) return true;
  return bytes <= LeftOfBound(kServingBytes) && HasAddressSpace(bytes);
}

bool HasAddressSpace(std::int64_t bytes) {
  if (bytes < kUnasked) return true;
  const bool takes_reserve = reserve.wanted && reserve.held == nullptr;
  const std::size_t size =
      static_cast<std::size_t>(bytes) + kServingBytes + (takes_reserve ? kReserveBytes : 0);
  void* const room = Map(size);
  if (room == nullptr) return false;
  munmap(room, size);
  if (takes_reserve) TakeReserve();
  return true;
}

}  // namespace mlp
