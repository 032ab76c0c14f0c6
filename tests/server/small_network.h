// A network small enough to compute in one's head.

#ifndef MLP_TESTS_SERVER_SMALL_NETWORK_H_
#define MLP_TESTS_SERVER_SMALL_NETWORK_H_

#include <utility>
#include <vector>

#include "model/network.h"

namespace mlp {

// Two inputs "x"; a hidden layer of two units whose z are the inputs themselves; an output layer of
// one unit, z = h_1 + 2 h_2 + 0.5, with the outputs "sum" (z) and "answer" (its activation).
inline Network SmallNetwork(ActivationKind hidden = ActivationKind::kRelu,
                            ActivationKind output = ActivationKind::kIdentity) {
  Layer first;
  first.inputs = first.units = 2;
  first.dense().weights = {1, 0, 0, 1};
  first.dense().bias = {0, 0};
  first.activation.kind = hidden;
  Layer second;
  second.inputs = 2;
  second.units = 1;
  second.dense().weights = {1, 2};
  second.dense().bias = {0.5F};
  second.activation.kind = output;
  auto network = Network::Create(
      {"x", {2}}, {std::move(first), std::move(second)},
      {{{"sum", {1}}, 1, Tap::kPreActivation}, {{"answer", {1}}, 1, Tap::kActivation}});
  return std::move(network).value();
}

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_SMALL_NETWORK_H_
