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

// As "784-512-512-10".
std::string NameOf(const Widths& widths);

// The weights of all layers, and so the multiply-adds of a row.
std::int64_t WeightsOf(const Widths& widths);

// Dense layers with normally distributed weights; `hidden` is the activation of all but the last,
// whose is `last`.
std::shared_ptr<const Network> NetworkOf(const Widths& widths, ActivationKind hidden,
                                         ActivationKind last = ActivationKind::kIdentity);

// `count` normally distributed inputs, always the same.
std::vector<float> BenchmarkInputs(std::int64_t count);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_NETWORKS_H_
