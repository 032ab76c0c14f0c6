#include "server/rest/rest_body.h"

#include <new>

#include "server/memory_room.h"

namespace mlp {
namespace {

// A body larger than this asks for memory as it grows.
constexpr std::int64_t kBodyWithoutMemoryCheck = std::int64_t{64} << 10;

}  // namespace

RestBody::Result RestBody::Append(absl::string_view bytes) {
  const auto more = static_cast<std::int64_t>(bytes.size());
  const std::int64_t size = static_cast<std::int64_t>(bytes_.size()) + more;
  if (size > most_bytes_) return Result::kTooLong;
  counted_bytes_ += more;
  const std::int64_t of_all = bytes_of_all_.fetch_add(more) + more;
  // `bytes_` grows by doubling.
  const bool grows = bytes_.capacity() < bytes_.size() + bytes.size();
  if ((most_bytes_of_all_ > 0 && of_all > most_bytes_of_all_ && of_all > counted_bytes_) ||
      (grows && size > kBodyWithoutMemoryCheck && !HasMemoryRoom(2 * size))) {
    return Result::kTooLittleMemory;
  }
  try {
    bytes_.append(bytes.data(), bytes.size());
  } catch (const std::bad_alloc&) {
    return Result::kTooLittleMemory;
  }
  return Result::kTaken;
}

void RestBody::Drop() {
  bytes_of_all_.fetch_sub(counted_bytes_);
  counted_bytes_ = 0;
  std::string().swap(bytes_);
}

}  // namespace mlp
