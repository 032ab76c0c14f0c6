// The roofline picture: how fast each network is evaluated for each number of rows, below what the
// machine's multiply-adders and the reading of the weights allow.

#ifndef MLP_BENCHMARKS_EVALUATOR_ROOFLINE_H_
#define MLP_BENCHMARKS_EVALUATOR_ROOFLINE_H_

#include <nlohmann/json.hpp>
#include <string>

namespace mlp {

// An SVG of `report`, which is as evaluator_benchmark writes it with --json: the cases of its first
// activation, a colour for each network.
std::string RooflineSvg(const nlohmann::ordered_json& report);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_ROOFLINE_H_
