#include "client/commands/interrupts.h"

#include <ctime>

namespace mlp {

Interrupts::Interrupts() {
  sigemptyset(&watched_);
  sigaddset(&watched_, SIGINT);
  sigaddset(&watched_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &watched_, &before_);
}

Interrupts::~Interrupts() {
  while (Take()) {
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interrupts::Take() {
  const timespec no_time{};
  return sigtimedwait(&watched_, nullptr, &no_time) > 0;
}

}  // namespace mlp
