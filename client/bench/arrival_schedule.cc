#include "client/bench/arrival_schedule.h"

namespace mlp {

ArrivalSchedule::ArrivalSchedule(double rate, std::uint64_t seed)
    : random_(seed), gap_seconds_(rate) {
  Pop();
}

void ArrivalSchedule::Pop() {
  // Summed in seconds, so that rounding to nanoseconds does not accumulate.
  seconds_ += gap_seconds_(random_);
  next_ = std::chrono::nanoseconds(static_cast<std::int64_t>(seconds_ * 1e9));
}

}  // namespace mlp
