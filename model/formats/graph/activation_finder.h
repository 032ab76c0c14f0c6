// Recognises the activation that a formula computes.
//
// Every exporter and every author writes activations differently (GELU alone in a dozen ways), so
// this does not compare the form of the graph. It takes the part of the graph that is a function of
// one value and evaluates it in double. The points cover the function's range and all breakpoints
// that its constants can cause. It compares the values with those of each activation in the
// registry, with parameters from the formula's constants. An activation added to the registry is
// thus recognised as well.

#ifndef MLP_MODEL_FORMATS_GRAPH_ACTIVATION_FINDER_H_
#define MLP_MODEL_FORMATS_GRAPH_ACTIVATION_FINDER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "model/formats/graph/row_graph.h"

namespace mlp {

struct FoundActivation {
  Activation activation;
  RowNodeId argument = -1;
};

class ActivationFinder final {
 public:
  // The graph must outlive the finder and not change.
  explicit ActivationFinder(const RowGraph& graph) : graph_(graph) {}

  // The activation that computes `node` from the earliest possible value. Nothing if `node` is not
  // element-wise, or is no activation, or is only linear in the value. Also nothing once the finder
  // has done more work than any network needs, so that a file cannot keep it busy.
  std::optional<FoundActivation> Find(RowNodeId node);

 private:
  // A function of one value: its nodes in the order of evaluation; the last one is the result.
  struct Formula {
    RowNodeId argument = -1;
    std::vector<RowNodeId> nodes;
    bool by_unit = false;   // a constant has one value for each unit
    bool is_prelu = false;  // contains the operator PRelu
    bool exact = false;     // uses GELU's exact constants where the file has them rounded to 16
                            // bits
  };

  std::vector<RowNodeId> ArgumentsOf(RowNodeId node) const;
  Formula FormulaOf(RowNodeId node, RowNodeId argument) const;
  bool MayBeActivation(const Formula& formula) const;
  std::optional<Activation> Identify(const Formula& formula);
  std::optional<Activation> IdentifyGelu(Formula formula);
  std::optional<Activation> IdentifyPrelu(const Formula& formula);

  // The value of the formula at `x`, with the constants of unit `unit`.
  double ValueAt(const Formula& formula, double x, std::size_t unit);

  const RowGraph& graph_;
  std::int64_t evaluations_left_ = 100'000'000;
  std::vector<double> scratch_;
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_ACTIVATION_FINDER_H_
