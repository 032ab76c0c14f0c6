#include "client/commands/describe_file.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/memory_text.h"
#include "client/table.h"
#include "client/text.h"
#include "model/dead_units.h"
#include "model/evaluator/evaluator.h"
#include "model/formats/model_file.h"

namespace mlp {
namespace {

using nlohmann::ordered_json;

// What the server takes by default too.
constexpr double kSaturationEpsilon = 0.01;

// The least and the greatest of what the units of a layer have.
struct Extent {
  double least = 0.0;
  double greatest = 0.0;
};

Extent ExtentOf(const std::vector<double>& values) {
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  return {*least, *greatest};
}

std::string ExtentText(const Extent& extent) {
  return extent.least == extent.greatest
             ? absl::StrFormat("%.4g", extent.least)
             : absl::StrFormat("%.4g .. %.4g", extent.least, extent.greatest);
}

// What the table and the JSON say of one layer.
struct LayerRow {
  std::string name;
  std::string combination;
  std::int64_t inputs = 0;
  std::int64_t units = 0;
  std::string activation;
  std::vector<std::pair<std::string, Extent>> parameters_of_activation;
  Extent lower;  // NaN where there is no tail
  Extent upper;
  std::int64_t parameters = 0;
  std::int64_t bytes = 0;
  std::int64_t dead = 0;
  bool has_activity = false;
};

LayerRow RowOf(const Layer& layer, std::int64_t dead) {
  const ActivationInfo& info = InfoOf(layer.activation.kind);
  LayerRow row;
  row.name = layer.name;
  row.combination = std::string(NameOf(layer.combination));
  row.inputs = layer.inputs;
  row.units = layer.units;
  row.activation = std::string(info.name);
  const Activation& activation = layer.activation;
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const double value = activation.parameters[i];
    row.parameters_of_activation.push_back({std::string(info.parameters[i].name), {value, value}});
  }
  if (!activation.unit_alpha.empty()) {
    row.parameters_of_activation.emplace_back(
        "alpha", ExtentOf({activation.unit_alpha.begin(), activation.unit_alpha.end()}));
  }
  row.lower = row.upper = {std::nan(""), std::nan("")};
  row.has_activity = layer.has_activity();
  if (row.has_activity) {
    std::vector<double> lower;
    std::vector<double> upper;
    const bool alike = activation.unit_alpha.size() <= 1;
    for (std::int64_t unit = 0; unit < (alike ? 1 : layer.units); ++unit) {
      const Tails tails = info.tails(ParametersOfUnit(activation, unit), kSaturationEpsilon);
      if (!std::isnan(tails.lower)) lower.push_back(tails.lower);
      if (!std::isnan(tails.upper)) upper.push_back(tails.upper);
    }
    if (!lower.empty()) row.lower = ExtentOf(lower);
    if (!upper.empty()) row.upper = ExtentOf(upper);
  }
  row.parameters = layer.parameter_count();
  row.bytes = row.parameters * static_cast<std::int64_t>(sizeof(float));
  row.dead = dead;
  return row;
}

std::vector<LayerRow> RowsOf(const Network& network) {
  const std::vector<std::int64_t> dead = CountDeadUnits(network, kSaturationEpsilon);
  std::vector<LayerRow> rows;
  for (const Layer& layer : network.layers()) rows.push_back(RowOf(layer, dead[rows.size()]));
  return rows;
}

// With the combination in front where that is not the usual one.
std::string ActivationText(const LayerRow& row) {
  std::string text = row.combination == "dense"
                         ? row.activation
                         : absl::StrCat(row.combination, ", ", row.activation);
  for (const auto& [name, extent] : row.parameters_of_activation) {
    absl::StrAppend(&text, ", ", name, " ", ExtentText(extent));
  }
  return text;
}

std::string TailText(absl::string_view relation, const Extent& extent) {
  return std::isnan(extent.least) ? "-" : absl::StrCat("z ", relation, " ", ExtentText(extent));
}

std::string DeadText(const LayerRow& row) {
  if (!row.has_activity) return "-";
  return absl::StrFormat("%.3g %%",
                         100.0 * static_cast<double>(row.dead) / static_cast<double>(row.units));
}

std::vector<std::int64_t> WithBatch(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> batched = {-1};
  batched.insert(batched.end(), shape.begin(), shape.end());
  return batched;
}

// The evaluator of a network, for what it tells of its memory. One thread shares a batch.
class Evaluation final {
 public:
  explicit Evaluation(Network network)
      : evaluator_(std::move(network), kSaturationEpsilon, arena_) {}
  const Evaluator& evaluator() const { return evaluator_; }

 private:
  tbb::task_arena arena_{1};
  const Evaluator evaluator_;
};

std::string DescribeText(ReadNetwork read) {
  const std::vector<LayerRow> rows = RowsOf(read.network);
  const Evaluation evaluation(std::move(read.network));
  const Evaluator& evaluator = evaluation.evaluator();
  const Network& network = evaluator.network();
  std::string text;
  const auto add = [&](absl::string_view title, absl::string_view value) {
    absl::StrAppend(&text, PadRight(title, 12), Printable(value), "\n");
  };
  const auto add_tensor = [&](absl::string_view title, const TensorSpec& tensor) {
    add(title, absl::StrCat(tensor.name, "  ", NameOf(tensor.datatype), " ",
                            FormatShape(WithBatch(tensor.shape))));
  };
  for (const TensorSpec& input : network.inputs()) add_tensor("input", input);
  for (const NetworkOutput& output : network.outputs()) add_tensor("output", output.tensor);
  add("parameters", FormatCount(network.parameter_count()));
  add("memory", MemoryText(evaluator.weight_bytes(), evaluator.workspace_bytes(),
                           NameOf(evaluator.instruction_set())));
  for (const std::string& warning : read.warnings) add("warning", warning);
  Table table({{"layer"},
               {"inputs", Alignment::kRight},
               {"units", Alignment::kRight},
               {"activation"},
               {"lower tail"},
               {"upper tail"},
               {"parameters", Alignment::kRight},
               {"bytes", Alignment::kRight},
               {"look dead", Alignment::kRight}});
  for (const LayerRow& row : rows) {
    table.AddRow({row.name, FormatCount(row.inputs), FormatCount(row.units), ActivationText(row),
                  TailText("<=", row.lower), TailText(">=", row.upper), FormatCount(row.parameters),
                  FormatCount(row.bytes), DeadText(row)});
  }
  return absl::StrCat(text, "\n", table.ToString());
}

ordered_json TensorJson(const TensorSpec& tensor) {
  return {{"name", tensor.name},
          {"datatype", std::string(NameOf(tensor.datatype))},
          {"shape", WithBatch(tensor.shape)}};
}

ordered_json ExtentJson(const Extent& extent) {
  if (extent.least == extent.greatest) return extent.least;
  return ordered_json::array({extent.least, extent.greatest});
}

std::string DescribeJson(ReadNetwork read) {
  const std::vector<LayerRow> rows = RowsOf(read.network);
  const Evaluation evaluation(std::move(read.network));
  const Evaluator& evaluator = evaluation.evaluator();
  const Network& network = evaluator.network();
  ordered_json object = {{"inputs", ordered_json::array()},
                         {"outputs", ordered_json::array()},
                         {"parameter_count", network.parameter_count()},
                         {"instruction_set", std::string(NameOf(evaluator.instruction_set()))},
                         {"weight_bytes", evaluator.weight_bytes()},
                         {"workspace_bytes", evaluator.workspace_bytes()},
                         {"warnings", read.warnings},
                         {"layers", ordered_json::array()}};
  for (const TensorSpec& input : network.inputs()) object["inputs"].push_back(TensorJson(input));
  for (const NetworkOutput& output : network.outputs()) {
    object["outputs"].push_back(TensorJson(output.tensor));
  }
  for (const LayerRow& row : rows) {
    ordered_json layer = {{"name", row.name},
                          {"inputs", row.inputs},
                          {"units", row.units},
                          {"activation", row.activation}};
    if (row.combination != "dense") layer["combination"] = row.combination;
    for (const auto& [name, extent] : row.parameters_of_activation) {
      // JSON has no infinity: a parameter that is one does not bound anything.
      if (std::isfinite(extent.greatest)) {
        layer["activation_parameters"][name] = ExtentJson(extent);
      }
    }
    if (!std::isnan(row.lower.least)) layer["lower_tail"] = ExtentJson(row.lower);
    if (!std::isnan(row.upper.least)) layer["upper_tail"] = ExtentJson(row.upper);
    layer["parameters"] = row.parameters;
    layer["bytes"] = row.bytes;
    if (row.has_activity) layer["dead_units"] = row.dead;
    object["layers"].push_back(std::move(layer));
  }
  return object.dump(2) + "\n";
}

}  // namespace

bool IsModelPath(const std::string& model) {
  return absl::StrContains(model, '/') || absl::EndsWith(model, ".onnx") ||
         absl::EndsWith(model, ".json") || absl::EndsWith(model, ".safetensors");
}

absl::Status RunDescribeFile(const std::string& path, bool json, Streams streams) {
  absl::StatusOr<ReadNetwork> read = ReadModelFile(path);
  if (!read.ok()) return read.status();
  streams.out << (json ? DescribeJson(*std::move(read)) : DescribeText(*std::move(read)));
  return absl::OkStatus();
}

}  // namespace mlp
