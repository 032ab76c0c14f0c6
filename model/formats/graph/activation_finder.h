// Tells which activation a formula is.
//
// Every exporter spells activations in a way of its own (GELU alone in a dozen), and so does every
// person. This does not look at the spelling: it takes the part of the graph that is a function of
// one value, evaluates it in double at points that cover its range and every border that its
// constants can draw, and compares with each activation of the registry, with parameters from the
// formula's own constants. An activation that is added to the registry is thereby found as well.

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

  // The activation that `node` is of the value farthest in front of it. None where it is no
  // element-wise node, none of the activations, or only a line or the value itself; and none once
  // the finder has looked at more than any network asks for, so that a file cannot keep it busy.
  std::optional<FoundActivation> Find(RowNodeId node);

 private:
  // A function of one value: nodes in the order of evaluation, the last one being its result.
  struct Formula {
    RowNodeId argument = -1;
    std::vector<RowNodeId> nodes;
    bool by_unit = false;   // has a constant with a value for each unit
    bool is_prelu = false;  // is written as PRelu
    bool exact = false;     // with GELU's own constants where the file's are these in 16 bits
  };

  std::vector<RowNodeId> ArgumentsOf(RowNodeId node) const;
  Formula FormulaOf(RowNodeId node, RowNodeId argument) const;
  bool MayBeActivation(const Formula& formula) const;
  std::optional<Activation> Identify(const Formula& formula);
  std::optional<Activation> IdentifyGelu(Formula formula);
  std::optional<Activation> IdentifyPrelu(const Formula& formula);

  // The formula at `x`, with the constants of unit `unit`.
  double ValueAt(const Formula& formula, double x, std::size_t unit);

  const RowGraph& graph_;
  std::int64_t evaluations_left_ = 100'000'000;
  std::vector<double> scratch_;
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_ACTIVATION_FINDER_H_
