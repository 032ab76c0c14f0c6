// Runs the steps of a load that may throw, because memory or something that a library needs runs
// out: that is the model's failure, and must not be the server's.

#ifndef MLP_SERVER_SERVED_MODELS_WITHOUT_EXCEPTIONS_H_
#define MLP_SERVER_SERVED_MODELS_WITHOUT_EXCEPTIONS_H_

#include <exception>
#include <new>

#include "absl/status/status.h"
#include "server/memory_room.h"

namespace mlp {

// Calls `load`, which returns a status. RESOURCE_EXHAUSTED if there is too little memory.
template <typename Load>
absl::Status WithoutExceptions(const Load& load) {
  constexpr char kTooLittle[] = "there is not enough memory to load it";
  // Leaves some memory to others.
  if (!HasMemoryRoom(kUnasked)) return absl::ResourceExhaustedError(kTooLittle);
  try {
    const RefusableWork work;
    return load();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(kTooLittle);
  } catch (const std::exception&) {
    return absl::InternalError("it could not be loaded because of an internal error");
  }
}

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_WITHOUT_EXCEPTIONS_H_
