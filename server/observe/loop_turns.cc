#include "server/observe/loop_turns.h"

#include "server/observe/model_metrics.h"

namespace mlp {

LoopTurns::OfOneLoop::OfOneLoop(LoopTurns& all)
    : all_(all), counts_(ModelMetrics::DurationBounds()) {
  const std::lock_guard lock(all_.mutex_);
  all_.loops_.Add(*this);
}

LoopTurns::OfOneLoop::~OfOneLoop() {
  const std::lock_guard lock(all_.mutex_);
  all_.loops_.Remove(*this);
  Add();
}

void LoopTurns::OfOneLoop::Add() {
  const std::lock_guard lock(mutex_);
  counts_.MoveTo(all_.histogram_);
}

LoopTurns::LoopTurns(prometheus::Registry& registry)
    : histogram_(prometheus::BuildHistogram()
                     .Name("mlp_loop_turn_duration_seconds")
                     .Help("Duration of a turn of a serving loop: take the requests that have "
                           "arrived, evaluate them and answer. The loop takes no new requests "
                           "during a turn.")
                     .Register(registry)
                     .Add({}, ModelMetrics::DurationBounds())) {}

void LoopTurns::AddUp() {
  const std::lock_guard lock(mutex_);
  loops_.ForEach([](OfOneLoop& loop) { loop.Add(); });
}

}  // namespace mlp
