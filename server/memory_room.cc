#include "server/memory_room.h"

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <new>

namespace mlp {
namespace {

constexpr std::size_t kReserveBytes = std::size_t{32} << 20;

// What gRPC and the threads that serve may allocate beside a load or a large request.
constexpr std::size_t kServingBytes = std::size_t{16} << 20;

void* Map(std::size_t bytes) {
  void* const mapped =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return mapped == MAP_FAILED ? nullptr : mapped;
}

// The new handler of the process gets no object to work on.
struct Reserve {
  std::atomic<bool> wanted = false;
  std::atomic<void*> held = nullptr;  // never written to, so that it takes address space alone
};
Reserve reserve;
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
  // Returning has operator new try again.
  if (is_refusable || !let_go) throw std::bad_alloc();
}

}  // namespace

void KeepMemoryReserve() {
  reserve.wanted = true;
  TakeReserve();
  std::set_new_handler(OnFailedAllocation);
}

RefusableWork::RefusableWork() : before_(is_refusable) { is_refusable = true; }

RefusableWork::~RefusableWork() { is_refusable = before_; }

bool HasMemoryRoom(std::int64_t bytes) {
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
