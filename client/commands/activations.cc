#include "client/commands/activations.h"

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/commands/number_range.h"
#include "client/json_number.h"
#include "client/plot/activation_curve.h"
#include "client/plot/svg_plot.h"
#include "client/plot/terminal_plot.h"
#include "client/table.h"
#include "model/activations/activation.h"
#include "model/formats/io/file_content.h"

namespace mlp {
namespace {

constexpr char kActivationsExamples[] = R"(Examples:
  mlp-client activations
  mlp-client activations --plot sigmoid
  mlp-client activations --plot leaky_relu --parameter alpha=0.2 --svg leaky_relu.svg
  mlp-client activations --json | jq -r '.[] | select(.tails) | .name'

A tail is where |f'(z)| is below epsilon times its largest value (docs/reference/saturation.md).)";

constexpr int kSvgSamples = 641;

struct NamedValue {
  std::string name;
  float value;
};

absl::StatusOr<NamedValue> ParseParameter(const std::string& text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  NamedValue parsed{parts.first, 0.0F};
  if (!absl::SimpleAtof(parts.second, &parsed.value)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--parameter is '", text, "'; expected NAME=VALUE, as in alpha=0.2"));
  }
  return parsed;
}

absl::Status SetParameter(const ActivationInfo& info, const NamedValue& parameter,
                          Activation& activation) {
  if (info.kind == ActivationKind::kPrelu && parameter.name == "alpha") {
    activation.unit_alpha = {parameter.value};
    return absl::OkStatus();
  }
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    if (info.parameters[i].name == parameter.name) {
      activation.parameters[i] = parameter.value;
      return absl::OkStatus();
    }
  }
  const std::string names =
      info.kind == ActivationKind::kPrelu
          ? "alpha"
          : absl::StrJoin(info.parameters, ", ",
                          [](std::string* out, const ActivationParameter& known) {
                            absl::StrAppend(out, known.name);
                          });
  return absl::InvalidArgumentError(
      absl::StrCat(info.name, " has no parameter '", parameter.name,
                   names.empty() ? "'; it has none" : "'; expected one of: ", names));
}

absl::Status Draw(const ActivationsOptions& options, Streams streams) {
  const absl::StatusOr<const ActivationInfo*> found = FindActivation(options.plot);
  if (!found.ok()) return found.status();
  const ActivationInfo& info = **found;
  if (!info.elementwise) {
    return absl::InvalidArgumentError(absl::StrCat(
        info.name, " is computed over a whole row of units, so it has no curve over a single z"));
  }
  Activation activation = DefaultActivation(info.kind);
  for (const std::string& text : options.parameters) {
    const absl::StatusOr<NamedValue> parameter = ParseParameter(text);
    if (!parameter.ok()) return parameter.status();
    if (absl::Status status = SetParameter(info, *parameter, activation); !status.ok()) {
      return status;
    }
  }
  if (absl::Status status = CheckActivation(activation, 1); !status.ok()) return status;
  if (!options.svg.empty()) {
    const std::string svg = SvgPlot(SampleCurve(activation, options.epsilon, kSvgSamples));
    if (absl::Status status = WriteNewFile(options.svg, svg); !status.ok()) return status;
  }
  streams.out << TerminalPlot(SampleCurve(activation, options.epsilon, 2 * kTerminalPlotColumns));
  return absl::OkStatus();
}

std::string ParametersText(const ActivationInfo& info) {
  if (info.kind == ActivationKind::kPrelu) return "alpha, trained";
  return absl::StrJoin(
      info.parameters, ", ", [](std::string* out, const ActivationParameter& parameter) {
        absl::StrAppend(out, absl::StrFormat("%s=%g", parameter.name, parameter.default_value));
      });
}

Tails DefaultTails(const ActivationInfo& info, double epsilon) {
  if (!info.elementwise) return {std::nan(""), std::nan("")};
  const Activation activation = DefaultActivation(info.kind);
  return info.tails(ParametersOfUnit(activation, 0), epsilon);
}

std::string BoundText(absl::string_view comparison, double bound) {
  return std::isnan(bound) ? "" : absl::StrFormat("z %s %.4g", comparison, bound);
}

void PrintTable(double epsilon, Streams streams) {
  Table table({{"activation"}, {"f(z)"}, {"parameters"}, {"lower tail"}, {"upper tail"}});
  for (const ActivationInfo* info : AllActivations()) {
    const Tails tails = DefaultTails(*info, epsilon);
    table.AddRow({std::string(info->name), std::string(info->formula), ParametersText(*info),
                  BoundText("<=", tails.lower), BoundText(">=", tails.upper)});
  }
  streams.out << table.ToString();
}

nlohmann::ordered_json ToJson(const ActivationInfo& info, double epsilon) {
  using Json = nlohmann::ordered_json;
  Json parameters = Json::array();
  for (const ActivationParameter& parameter : info.parameters) {
    parameters.push_back({{"name", parameter.name},
                          {"default", parameter.default_value},
                          {"lowest", NumberOrNull(parameter.lowest)},
                          {"highest", NumberOrNull(parameter.highest)}});
  }
  const Tails tails = DefaultTails(info, epsilon);
  Json names;
  for (const auto& [framework, name] :
       {std::pair("pytorch", info.names.pytorch), std::pair("keras", info.names.keras),
        std::pair("onnx", info.names.onnx), std::pair("scikit_learn", info.names.scikit_learn)}) {
    names[framework] = name.empty() ? Json(nullptr) : Json(std::string(name));
  }
  return {{"name", std::string(info.name)},
          {"formula", std::string(info.formula)},
          {"source", std::string(info.source)},
          {"names", std::move(names)},
          {"parameters", std::move(parameters)},
          {"element_wise", info.elementwise},
          {"tails", info.elementwise ? Json({{"lower", NumberOrNull(tails.lower)},
                                             {"upper", NumberOrNull(tails.upper)}})
                                     : Json(nullptr)}};
}

}  // namespace

CLI::App* AddActivationsCommand(CLI::App& app, ActivationsOptions& options) {
  CLI::App* command =
      app.add_subcommand("activations", "List the activations a layer can have, or draw one");
  command->add_flag("--json", options.json, "Print the list as JSON");
  command->add_option("--epsilon", options.epsilon, "Share of the largest slope that bounds a tail")
      ->check(NumberIn(1e-9, 1.0 - 1e-9))
      ->capture_default_str();
  CLI::Option* plot =
      command->add_option("--plot", options.plot, "Draw this activation and its derivative")
          ->type_name("NAME");
  command->add_option("--parameter", options.parameters, "Draw it with this value of a parameter")
      ->type_name("NAME=VALUE")
      ->needs(plot);
  command->add_option("--svg", options.svg, "Write the drawing to this new file too")
      ->type_name("FILE")
      ->needs(plot);
  command->footer(kActivationsExamples);
  return command;
}

absl::Status RunActivations(const ActivationsOptions& options, Streams streams) {
  if (!options.plot.empty()) return Draw(options, streams);
  if (!options.json) {
    PrintTable(options.epsilon, streams);
    return absl::OkStatus();
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ActivationInfo* info : AllActivations())
    list.push_back(ToJson(*info, options.epsilon));
  streams.out << list.dump(2) << "\n";
  return absl::OkStatus();
}

}  // namespace mlp
