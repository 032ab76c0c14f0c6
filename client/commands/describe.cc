#include "client/commands/describe.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/layer_description.h"
#include "client/layer_table.h"
#include "client/memory_text.h"
#include "client/table.h"
#include "client/text.h"

namespace mlp {
namespace {

using nlohmann::ordered_json;

constexpr char kDescribeExamples[] = R"(Examples:
  mlp-client describe digits-elu
  mlp-client describe digits-elu --version 2 --json
  mlp-client describe ./model.onnx

A MODEL that contains '/' or ends in .onnx, .json or .safetensors is a file, or a folder that
contains one, and is read without a server. Units that are dead by weights are saturated for every
input: this follows from the weights and from the output ranges of the units before them.

The tails are the pre-activations z at which a unit counts as saturated; "a .. b" if the units
of a layer differ.
--address and --timeout (mlp-client --help) also work here.)";

// The parameter `name`, or null.
const std::string* FindParameter(const ModelDescription& description, const std::string& name) {
  const auto found = description.parameters.find(name);
  return found == description.parameters.end() ? nullptr : &found->second;
}

// nullopt if the server does not give the figures, or not as numbers.
std::optional<std::string> MemoryOf(const ModelDescription& description) {
  const std::string* weights = FindParameter(description, "weight_bytes");
  const std::string* workspace = FindParameter(description, "workspace_bytes");
  const std::string* instruction_set = FindParameter(description, "instruction_set");
  if (weights == nullptr || workspace == nullptr || instruction_set == nullptr) return std::nullopt;
  std::int64_t weight_bytes = 0;
  std::int64_t workspace_bytes = 0;
  if (!absl::SimpleAtoi(*weights, &weight_bytes) ||
      !absl::SimpleAtoi(*workspace, &workspace_bytes)) {
    return std::nullopt;
  }
  return MemoryText(weight_bytes, workspace_bytes, *instruction_set);
}

std::string LayersText(const std::vector<LayerDescription>& layers) {
  Table table(LayerColumns());
  for (const LayerDescription& layer : layers) table.AddRow(LayerCells(layer));
  return table.ToString();
}

ordered_json TensorsJson(const std::vector<TensorMetadata>& tensors) {
  auto array = ordered_json::array();
  for (const TensorMetadata& tensor : tensors) {
    array.push_back(
        {{"name", tensor.name}, {"datatype", tensor.datatype}, {"shape", tensor.shape}});
  }
  return array;
}

}  // namespace

CLI::App* AddDescribeCommand(CLI::App& app, DescribeOptions& options) {
  CLI::App* command = app.add_subcommand("describe", "Show a model's inputs, outputs and layers");
  command->add_option("MODEL", options.model, "The model's name, or a file")
      ->required()
      ->option_text("(required)");
  command->add_option("--version", options.version, "The version [default version]")
      ->option_text("V");
  command->add_flag("--json", options.json, "Print JSON");
  command->footer(kDescribeExamples);
  return command;
}

absl::StatusOr<std::string> DescriptionText(const ModelDescription& description) {
  const ModelMetadata& metadata = description.metadata;
  std::string text;
  const auto add = [&](absl::string_view title, absl::string_view value) {
    absl::StrAppend(&text, PadRight(title, 12), Printable(value), "\n");
  };
  add("model", metadata.name);
  add("versions", absl::StrJoin(metadata.versions, ", "));
  add("platform", metadata.platform);
  for (const TensorMetadata& input : metadata.inputs) {
    add("input", absl::StrCat(input.name, "  ", input.datatype, " ", FormatShape(input.shape)));
  }
  for (const TensorMetadata& output : metadata.outputs) {
    add("output", absl::StrCat(output.name, "  ", output.datatype, " ", FormatShape(output.shape)));
  }
  add("rows", description.max_rows > 0
                  ? absl::StrCat("at most ", FormatCount(description.max_rows), " in a request")
                  : "fixed by the input's shape; no batching");
  if (const std::string* count = FindParameter(description, "parameter_count")) {
    std::int64_t number = 0;
    add("parameters", absl::SimpleAtoi(*count, &number) ? FormatCount(number) : *count);
  }
  if (const std::optional<std::string> memory = MemoryOf(description)) add("memory", *memory);
  if (const std::string* epsilon = FindParameter(description, "saturation_epsilon")) {
    add("saturated",
        absl::StrCat("where the activation's slope is below ", *epsilon, " of its steepest"));
  }
  if (const std::string* layers_json = FindParameter(description, "layers")) {
    const auto layers = ParseLayerDescriptions(*layers_json);
    if (!layers.ok()) return layers.status();
    absl::StrAppend(&text, "\n", LayersText(*layers));
  }
  return text;
}

absl::StatusOr<std::string> DescriptionJson(const ModelDescription& description) {
  const ModelMetadata& metadata = description.metadata;
  ordered_json object = {{"name", metadata.name},
                         {"versions", metadata.versions},
                         {"platform", metadata.platform},
                         {"max_rows", description.max_rows},
                         {"inputs", TensorsJson(metadata.inputs)},
                         {"outputs", TensorsJson(metadata.outputs)}};
  for (const auto& [name, value] : description.parameters) {
    if (name != "layers") {
      object["parameters"][name] = value;
      continue;
    }
    // Checked, then copied as it is, because a server may say more about a layer.
    const auto layers = ParseLayerDescriptions(value);
    if (!layers.ok()) return layers.status();
    object["layers"] = ordered_json::parse(value, /*cb=*/nullptr, /*allow_exceptions=*/false);
  }
  return object.dump(2) + "\n";
}

absl::Status RunDescribe(const DescribeOptions& options, const ConnectionOptions& connection,
                         Streams streams) {
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  const absl::StatusOr<ModelDescription> description =
      client->Describe(options.model, options.version);
  if (!description.ok()) return description.status();
  const absl::StatusOr<std::string> text =
      options.json ? DescriptionJson(*description) : DescriptionText(*description);
  if (!text.ok()) return text.status();
  streams.out << *text;
  return absl::OkStatus();
}

}  // namespace mlp
