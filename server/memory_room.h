// Keeps a failed allocation from ending the server.
//
// A load or a request that finds no memory is refused: its allocations throw bad_alloc, which its
// caller catches. Four measures make this safe:
// - A reserve of memory is released when an allocation fails. Destructors that allocate, and the
//   answer that reports the failure, use it.
// - Other allocations with operator new, above all gRPC's, are retried once with the reserve,
//   because nobody would catch what they throw.
// - Work that needs much memory calls HasMemoryRoom first. That leaves some for allocations that
//   must not fail: if malloc fails, gRPC aborts the process, and an exception breaks protobuf's
//   maps.
// - In a container, the kernel kills a process that holds too much, before any allocation fails. So
//   work that needs much memory is also refused beyond a bound on what the process holds
//   (BoundMemory).

#ifndef MLP_SERVER_MEMORY_ROOM_H_
#define MLP_SERVER_MEMORY_ROOM_H_

#include <cstdint>
#include <limits>

namespace mlp {

// Keeps the reserve from now until the end of the process, if the system has that much. Call it
// once, at the start: it sets the process's new handler.
void KeepMemoryReserve();

// While an object lives, a failed allocation on its thread throws bad_alloc, which the caller must
// catch. Objects may be nested. Belongs to one thread.
class RefusableWork final {
 public:
  RefusableWork();
  ~RefusableWork();
  RefusableWork(const RefusableWork&) = delete;
  RefusableWork& operator=(const RefusableWork&) = delete;

 private:
  const bool was_refusable_;
};

// Bounds the memory that the process may hold, in bytes; 0 for no bound. Call it at the start.
void BoundMemory(std::int64_t bytes);

// Whether `bytes` of address space are available in addition to what serving other requests needs.
// Always true below kUnasked bytes, which the reserve covers. Allocates nothing: another thread may
// take the memory first. Takes the reserve again if it was released. Thread-safe; two system calls.
inline constexpr std::int64_t kUnasked = std::int64_t{256} << 10;
bool HasAddressSpace(std::int64_t bytes);

// The same, and whether `bytes` and what the process holds now are together within the bound.
// Thread-safe; three system calls.
bool HasMemoryRoom(std::int64_t bytes);

// How much one load may take: the bound minus what the process holds now, and minus what stays free
// for requests, an eighth of the bound but at most 256 MiB. Negative if the process already holds
// too much; kNoMemoryBound without a bound. Thread-safe; a system call.
inline constexpr std::int64_t kNoMemoryBound = std::numeric_limits<std::int64_t>::max();
std::int64_t MemoryLeftForLoad();

}  // namespace mlp

#endif  // MLP_SERVER_MEMORY_ROOM_H_
