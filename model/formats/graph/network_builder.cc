#include "model/formats/graph/network_builder.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_patterns.h"
#include "model/formats/graph/row_plan.h"
#include "model/quote.h"

namespace mlp {
namespace {

using Sources = std::vector<Source>;

// A value of more parts than this gets one layer that joins them, for all layers that read it.
constexpr std::size_t kMaxSources = 64;

class NetworkBuilder {
 public:
  NetworkBuilder(RowGraph graph, std::vector<RowPlan> plans)
      : graph_(std::move(graph)), plans_(std::move(plans)), made_(plans_.size()) {}

  absl::StatusOr<Network> Build(std::vector<RowGraphOutput> outputs) && {
    for (RowNodeId id = 0; id < static_cast<RowNodeId>(plans_.size()); ++id) {
      if (!PlanOf(id).needed || PlanOf(id).folded) continue;
      Sources sources = Make(id);
      if (sources.size() > kMaxSources) sources = {Together(sources)};
      made_[static_cast<std::size_t>(id)] = std::move(sources);
      // Network::Create checks this too, but only after the layers have filled the memory.
      if (units_ > Network::kMaxUnits) {
        return absl::UnimplementedError(
            absl::StrCat(graph_.At(id).text, ": the network has more than ", Network::kMaxUnits,
                         " units; at most ", Network::kMaxUnits, " are supported"));
      }
      if (layers_.size() > static_cast<std::size_t>(Network::kMaxLayers)) {
        return absl::UnimplementedError(
            absl::StrCat(graph_.At(id).text, ": the network has more than ", Network::kMaxLayers,
                         " layers; at most ", Network::kMaxLayers, " are supported"));
      }
    }
    std::vector<NetworkOutput> network_outputs;
    for (RowGraphOutput& output : outputs) {
      const Source whole = WholeLayer(MadeOf(output.node));
      output.output.layer = whole.layer;
      output.output.tap = whole.tap;
      network_outputs.push_back(std::move(output.output));
    }
    return Network::Create(std::move(graph_.inputs), std::move(layers_), std::move(network_outputs),
                           std::move(graph_.vocabulary));
  }

 private:
  const RowPlan& PlanOf(RowNodeId id) const { return plans_[static_cast<std::size_t>(id)]; }
  const Sources& MadeOf(RowNodeId id) const { return made_[static_cast<std::size_t>(id)]; }

  Sources Make(RowNodeId id) {
    const RowPlan& plan = PlanOf(id);
    switch (plan.form) {
      case RowForm::kActivation:
        return Activate(MadeOf(plan.sources[0]), plan.activation);
      case RowForm::kAffine:
        return MakeAffine(id);
      case RowForm::kCombined:
        return Combine(plan.combination, plan.sources);
      case RowForm::kFunction:
        return MakeFunction(graph_.At(id));
      case RowForm::kAsItIs:
        return MakeAsItIs(id);
    }
    return {};
  }

  // A constant of one value is repeated to the function's width.
  Sources MakeFunction(const RowNode& node) {
    Layer layer;
    layer.operation = node.detail;
    Sources sources;
    for (const RowNodeId operand : node.operands) {
      sources.push_back(graph_.IsConstant(operand) ? ConstantOperand(operand, node.width)
                                                   : Together(MadeOf(operand)));
    }
    layer.units = node.width;
    layer.inputs = layer.units * static_cast<std::int64_t>(sources.size());
    return AddLayer(std::move(layer), sources);
  }

  // One layer for each constant and width, shared by all functions that read it.
  Source ConstantOperand(RowNodeId constant, std::int64_t width) {
    const auto [place, added] = constants_.try_emplace(std::pair(constant, width));
    if (added) place->second = MakeConstant(graph_.At(constant).values, width).front();
    return place->second;
  }

  Sources MakeConstant(const std::vector<double>& values, std::int64_t width) {
    Constant constant;
    for (std::int64_t unit = 0; unit < width; ++unit) {
      const std::size_t index = values.size() == 1 ? 0 : static_cast<std::size_t>(unit);
      constant.values.push_back(static_cast<float>(values[index]));
    }
    Layer layer;
    layer.operation = std::move(constant);
    layer.units = width;
    return AddLayer(std::move(layer), {});
  }

  Sources MakeOperation(RowNode& node) {
    Layer layer;
    layer.operation = std::move(node.detail);
    layer.units = node.width;
    if (auto* imputation = std::get_if<Imputation>(&layer.operation);
        imputation != nullptr && imputation->values.size() == 1) {
      const float value = imputation->values.front();
      imputation->values.assign(static_cast<std::size_t>(node.width), value);
    }
    Sources sources;
    if (InfoOf(layer.combination()).sources == SourceRule::kSideBySide) {
      sources = MadeOf(node.operands[0]);
    } else {
      for (const RowNodeId operand : node.operands) sources.push_back(Together(MadeOf(operand)));
    }
    for (const Source& source : sources) layer.inputs += source.width;
    return AddLayer(std::move(layer), sources);
  }

  Sources MakeAsItIs(RowNodeId id) {
    RowNode& node = graph_.At(id);
    switch (node.operation) {
      case RowOperation::kInput:
        return {Source::OfInput(node.first, node.width)};
      case RowOperation::kConstant:
        return MakeConstant(node.values, node.width);
      case RowOperation::kRowFunction:
        return Activate(MadeOf(node.operands[0]), {node.row_function});
      case RowOperation::kSlice:
        return Sliced(MadeOf(node.operands[0]), node.first, node.width);
      case RowOperation::kConcat: {
        Sources all;
        for (const RowNodeId operand : node.operands) {
          all.insert(all.end(), MadeOf(operand).begin(), MadeOf(operand).end());
        }
        return all;
      }
      case RowOperation::kOperation:
        return node.As<Dense>() != nullptr ? MakeDense(node, ScaleAndShift{}) : MakeOperation(node);
    }
    return {};
  }

  Sources MakeDense(RowNode& node, const ScaleAndShift& behind) {
    Layer layer;
    layer.units = node.width;
    layer.operation = std::move(node.detail);
    layer.inputs = static_cast<std::int64_t>(layer.dense().weights.size()) / layer.units;
    std::vector<double> bias(static_cast<std::size_t>(layer.units));
    RowNodeId operand = node.operands[0];
    if (PlanOf(operand).folded) {
      FoldBefore(PlanOf(operand).affine, layer, bias);
      operand = PlanOf(operand).sources[0];
    }
    FoldBehind(behind, layer, bias);
    layer.dense().bias.assign(bias.begin(), bias.end());
    return AddLayer(std::move(layer), MadeOf(operand));
  }

  Sources MakeAffine(RowNodeId id) {
    const RowPlan& plan = PlanOf(id);
    const RowNodeId source = plan.sources[0];
    if (PlanOf(source).folded) return MakeDense(graph_.At(source), plan.affine);
    return AddLayer(LayerOf(plan.affine, graph_.At(id).width), MadeOf(source));
  }

  Sources Combine(Combination combination, const std::vector<RowNodeId>& parts) {
    Layer layer;
    layer.operation = InfoOf(combination).operation();
    Sources sources;
    for (const RowNodeId part : parts) sources.push_back(Together(MadeOf(part)));
    layer.units = sources.front().width;
    layer.inputs = layer.units * static_cast<std::int64_t>(sources.size());
    return AddLayer(std::move(layer), sources);
  }

  // Adds the activation to the layer that computes its argument, unless that layer already has one.
  Sources Activate(const Sources& argument, const Activation& activation) {
    Source whole = argument.front();
    const bool part = argument.size() == 1 && !whole.is_input() &&
                      whole.tap == Tap::kPreActivation && IsWhole(whole) &&
                      !activated_[static_cast<std::size_t>(whole.layer)];
    if (!part) whole = AddLayer(Joining(), argument).front();
    layers_[static_cast<std::size_t>(whole.layer)].activation = activation;
    activated_[static_cast<std::size_t>(whole.layer)] = true;
    whole.tap = Tap::kActivation;
    return {whole};
  }

  static Layer Joining() {
    Layer layer;
    layer.operation = Concatenation();
    return layer;
  }

  bool IsWhole(const Source& source) const {
    return !source.is_input() &&
           source.width == layers_[static_cast<std::size_t>(source.layer)].units;
  }

  // One source with the values of all `sources` side by side.
  Source Together(const Sources& sources) {
    if (sources.size() == 1) return sources.front();
    return AddLayer(Joining(), sources).front();
  }

  Source WholeLayer(const Sources& sources) {
    if (sources.size() == 1 && IsWhole(sources.front())) return sources.front();
    return AddLayer(Joining(), sources).front();
  }

  static Sources Sliced(const Sources& sources, std::int64_t first, std::int64_t width) {
    Sources part;
    for (Source source : sources) {
      const std::int64_t skipped = std::min(first, source.width);
      first -= skipped;
      source.first += skipped;
      source.width = std::min(source.width - skipped, width);
      width -= source.width;
      if (source.width > 0) part.push_back(source);
    }
    return part;
  }

  // Unset widths become the total width of the sources.
  Sources AddLayer(Layer layer, const Sources& sources) {
    if (layer.units == 0) {
      for (const Source& source : sources) layer.units += source.width;
    }
    if (layer.inputs == 0 && !sources.empty()) layer.inputs = layer.units;
    layer.sources = sources;
    units_ += layer.units;
    const std::int64_t units = layer.units;
    layers_.push_back(std::move(layer));
    activated_.push_back(false);
    return {
        Source::OfLayer(static_cast<std::int64_t>(layers_.size()) - 1, Tap::kPreActivation, units)};
  }

  RowGraph graph_;
  std::vector<RowPlan> plans_;
  std::vector<Sources> made_;                                       // for each node made so far
  std::map<std::pair<RowNodeId, std::int64_t>, Source> constants_;  // by constant and width
  std::vector<Layer> layers_;
  std::vector<bool> activated_;  // for each layer
  std::int64_t units_ = 0;
};

}  // namespace

absl::StatusOr<Network> BuildNetwork(RowGraph graph, std::vector<RowGraphOutput> outputs) {
  JoinRowPatterns(graph);
  absl::StatusOr<std::vector<RowPlan>> plans = PlanRows(graph, outputs);
  if (!plans.ok()) return plans.status();
  return NetworkBuilder(std::move(graph), *std::move(plans)).Build(std::move(outputs));
}

}  // namespace mlp
