// The roofline picture: how fast each network is evaluated for each number of rows, and the limits
// given by the machine's multiply-adders and by reading the weights.

#ifndef MLP_BENCHMARKS_EVALUATOR_ROOFLINE_H_
#define MLP_BENCHMARKS_EVALUATOR_ROOFLINE_H_

#include <nlohmann/json.hpp>
#include <string>

namespace mlp {

// An SVG of `report`, in the form that evaluator_benchmark --json writes: the cases of its first
// activation, with a colour for each network.
std::string RooflineSvg(const nlohmann::ordered_json& report);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_ROOFLINE_H_
