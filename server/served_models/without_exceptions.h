// Work of a load that may run out of memory or of what a library needs: that is the model's
// failure, and must not be the server's.

#ifndef MLP_SERVER_SERVED_MODELS_WITHOUT_EXCEPTIONS_H_
#define MLP_SERVER_SERVED_MODELS_WITHOUT_EXCEPTIONS_H_

#include <exception>
#include <new>

#include "absl/status/status.h"
#include "server/memory_room.h"

namespace mlp {

// Calls `load`, which gives a status; RESOURCE_EXHAUSTED where there is too little memory.
template <typename Load>
absl::Status WithoutExceptions(const Load& load) {
  constexpr char kTooLittle[] = "there is not enough memory to load it";
  // Others need some meanwhile.
  if (!HasMemoryRoom(kUnasked)) return absl::ResourceExhaustedError(kTooLittle);
  try {
    const RefusableWork work;
    return load();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(kTooLittle);
  } catch (const std::exception&) {
    return absl::InternalError("it could not be loaded for a reason of the server's own");
  }
}

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_WITHOUT_EXCEPTIONS_H_
