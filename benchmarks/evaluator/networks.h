// The networks that the benchmarks measure.

#ifndef MLP_BENCHMARKS_EVALUATOR_NETWORKS_H_
#define MLP_BENCHMARKS_EVALUATOR_NETWORKS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/network.h"

namespace mlp {

// The inputs of a network and the units of each of its layers.
using Widths = std::vector<std::int64_t>;

Widths SmallNetwork();
Widths MiddleNetwork();
Widths DeepNetwork();
Widths WideNetwork();

// All four.
std::vector<Widths> BenchmarkNetworks();

// For example "784-512-512-10".
std::string NameOf(const Widths& widths);

// The number of weights of all layers, which is also the number of multiply-adds for a row.
std::int64_t WeightsOf(const Widths& widths);

// Dense layers with normally distributed weights. `hidden` is the activation of all layers but the
// last, which has `last`.
std::shared_ptr<const Network> NetworkOf(const Widths& widths, ActivationKind hidden,
                                         ActivationKind last = ActivationKind::kIdentity);

// `count` normally distributed inputs, the same on every call.
std::vector<float> BenchmarkInputs(std::int64_t count);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_NETWORKS_H_
