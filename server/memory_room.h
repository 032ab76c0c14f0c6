// Keeps a failed allocation from ending the server.
//
// A load or a request that finds no memory is refused: its allocations throw bad_alloc, which its
// caller catches. Three things keep that from going wrong:
// - Some memory is kept in reserve and let go where an allocation fails, so that destructors that
//   allocate, and the answer that says what happened, have some.
// - Other allocations with operator new, those of gRPC above all, are tried once more with it:
//   nobody would catch what they throw.
// - What takes much asks HasMemoryRoom before, and leaves some to those that cannot fail: malloc of
//   gRPC aborts the process, and protobuf's maps are broken by an exception.
// - Where the kernel ends a process that holds too much, as in a container, no allocation fails. So
//   what takes much is also refused beyond a bound of what the process holds (BoundMemory).

#ifndef MLP_SERVER_MEMORY_ROOM_H_
#define MLP_SERVER_MEMORY_ROOM_H_

#include <cstdint>
#include <limits>

namespace mlp {

// Keeps the reserve from now until the end of the process, where the system has as much. Call it
// once, at the start: it sets the process's new handler.
void KeepMemoryReserve();

// While it lives, a failed allocation of its thread throws bad_alloc, which somebody catches. They
// nest. Belongs to one thread.
class RefusableWork final {
 public:
  RefusableWork();
  ~RefusableWork();
  RefusableWork(const RefusableWork&) = delete;
  RefusableWork& operator=(const RefusableWork&) = delete;

 private:
  const bool before_;
};

// Bounds what the process is to hold, in bytes, from now on; 0 for no bound. Call it at the start.
void BoundMemory(std::int64_t bytes);

// Whether the process can have `bytes` of address space, and what serving others needs beside.
// Always true of fewer than kUnasked bytes, for which the reserve is there. It keeps nothing:
// another thread may take the memory. Takes the reserve again where it was let go. Thread-safe; two
// system calls.
inline constexpr std::int64_t kUnasked = std::int64_t{256} << 10;
bool HasAddressSpace(std::int64_t bytes);

// The same, and whether they are within the bound beside what the process holds now. Thread-safe;
// three system calls.
bool HasMemoryRoom(std::int64_t bytes);

// What one load may take of the bound beside what the process holds now: an eighth of the bound, or
// 256 MiB, stays free for requests. Negative where they have it already; kNoMemoryBound without a
// bound. Thread-safe; a system call.
inline constexpr std::int64_t kNoMemoryBound = std::numeric_limits<std::int64_t>::max();
std::int64_t MemoryLeftForLoad();

}  // namespace mlp

#endif  // MLP_SERVER_MEMORY_ROOM_H_
