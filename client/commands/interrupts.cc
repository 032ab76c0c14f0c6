#include "client/commands/interrupts.h"

#include <ctime>

namespace mlp {

Interrupts::Interrupts(std::initializer_list<int> more) {
  sigemptyset(&watched_);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&watched_, signal);
  for (const int signal : more) sigaddset(&watched_, signal);
  pthread_sigmask(SIG_BLOCK, &watched_, &old_mask_);
}

Interrupts::~Interrupts() {
  while (Take()) {
  }
  pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
}

bool Interrupts::Take() {
  const timespec no_time{};
  return sigtimedwait(&watched_, nullptr, &no_time) > 0;
}

}  // namespace mlp
