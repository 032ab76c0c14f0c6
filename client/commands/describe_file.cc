#include "client/commands/describe_file.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/layer_table.h"
#include "client/memory_text.h"
#include "client/table.h"
#include "client/text.h"
#include "model/dead_units.h"
#include "model/evaluator/evaluator.h"
#include "model/formats/model_file.h"

namespace mlp {
namespace {

using nlohmann::ordered_json;

UnitRange RangeOf(const std::vector<double>& values) {
  const auto [smallest, largest] = std::minmax_element(values.begin(), values.end());
  return {*smallest, *largest};
}

// The range over the units that have a value; NaN means a unit has none. nullopt if none has one.
std::optional<UnitRange> RangeOfPresent(std::vector<double> values) {
  values.erase(std::remove_if(values.begin(), values.end(), [](double v) { return std::isnan(v); }),
               values.end());
  if (values.empty()) return std::nullopt;
  return RangeOf(values);
}

// The data of one layer for the table and the JSON.
struct LayerRow {
  LayerDescription layer;
  std::string combination;
  std::string operation;
  std::int64_t bytes = 0;
  std::int64_t dead = 0;
  bool has_activity = false;
};

LayerRow RowOf(const Layer& layer, std::int64_t dead) {
  const ActivationInfo& info = InfoOf(layer.activation.kind);
  LayerRow row;
  row.layer.name = layer.name;
  row.combination = std::string(NameOf(layer.combination()));
  row.operation = OperationText(layer.operation);
  row.layer.inputs = layer.inputs;
  row.layer.units = layer.units;
  row.layer.activation = std::string(info.name);
  const Activation& activation = layer.activation;
  auto& parameters = row.layer.activation_parameters;
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const double value = activation.parameters[i];
    parameters.push_back({std::string(info.parameters[i].name), {value, value}});
  }
  if (!activation.unit_alpha.empty()) {
    parameters.emplace_back("alpha",
                            RangeOf({activation.unit_alpha.begin(), activation.unit_alpha.end()}));
  }
  row.has_activity = layer.has_activity();
  if (row.has_activity) {
    std::vector<double> lower;
    std::vector<double> upper;
    for (const Tails& tails : TailsOfUnits(activation, layer.units, kDefaultSaturationEpsilon)) {
      lower.push_back(tails.lower);
      upper.push_back(tails.upper);
    }
    row.layer.lower_tail = RangeOfPresent(std::move(lower));
    row.layer.upper_tail = RangeOfPresent(std::move(upper));
  }
  row.layer.parameters = layer.parameter_count();
  row.bytes = row.layer.parameters * static_cast<std::int64_t>(sizeof(float));
  row.dead = dead;
  return row;
}

std::vector<LayerRow> RowsOf(const Network& network) {
  const std::vector<std::int64_t> dead = CountDeadUnits(network, kDefaultSaturationEpsilon);
  std::vector<LayerRow> rows;
  for (const Layer& layer : network.layers()) rows.push_back(RowOf(layer, dead[rows.size()]));
  return rows;
}

std::string DeadText(const LayerRow& row) {
  if (!row.has_activity) return "-";
  return absl::StrFormat(
      "%.3g %%", 100.0 * static_cast<double>(row.dead) / static_cast<double>(row.layer.units));
}

std::vector<std::int64_t> WithBatch(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> batched = {-1};
  batched.insert(batched.end(), shape.begin(), shape.end());
  return batched;
}

// A network's evaluator, used for its memory figures. Uses one thread.
class Evaluation final {
 public:
  explicit Evaluation(Network network)
      : evaluator_(std::move(network), kDefaultSaturationEpsilon, arena_) {}
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
  std::vector<Table::Column> columns = LayerColumns();
  columns.push_back({"bytes", Alignment::kRight});
  columns.push_back({"dead by weights", Alignment::kRight});
  Table table(std::move(columns));
  for (const LayerRow& row : rows) {
    LayerDescription layer = row.layer;
    // Put the combination in front unless it is the usual one.
    if (row.combination != "dense") {
      layer.activation = absl::StrCat(row.combination, row.operation.empty() ? "" : " ",
                                      row.operation, ", ", layer.activation);
    }
    std::vector<std::string> cells = LayerCells(layer);
    cells.push_back(FormatCount(row.bytes));
    cells.push_back(DeadText(row));
    table.AddRow(std::move(cells));
  }
  return absl::StrCat(text, "\n", table.ToString());
}

ordered_json TensorJson(const TensorSpec& tensor) {
  return {{"name", tensor.name},
          {"datatype", std::string(NameOf(tensor.datatype))},
          {"shape", WithBatch(tensor.shape)}};
}

ordered_json RangeJson(const UnitRange& range) {
  if (range.smallest == range.largest) return range.smallest;
  return ordered_json::array({range.smallest, range.largest});
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
    ordered_json layer = {{"name", row.layer.name},
                          {"inputs", row.layer.inputs},
                          {"units", row.layer.units},
                          {"activation", row.layer.activation}};
    if (row.combination != "dense") layer["combination"] = row.combination;
    if (!row.operation.empty()) layer["operation"] = row.operation;
    for (const auto& [name, range] : row.layer.activation_parameters) {
      // JSON has no infinity, and an infinite parameter does not limit anything.
      if (std::isfinite(range.largest)) layer["activation_parameters"][name] = RangeJson(range);
    }
    const LayerDescription& description = row.layer;
    if (description.lower_tail.has_value())
      layer["lower_tail"] = RangeJson(*description.lower_tail);
    if (description.upper_tail.has_value())
      layer["upper_tail"] = RangeJson(*description.upper_tail);
    layer["parameters"] = description.parameters;
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
