// Prints docs/reference/activation_exports.md: every activation in every framework's own export,
// and how far the evaluator's answers are from the framework's.
//
// usage: activation_exports_table > docs/reference/activation_exports.md
//
// Exits with 1 if a cell is empty without a reason, and names it on standard error.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "model/activations/activation.h"
#include "model/formats/onnx/reader.h"
#include "tests/bytes_of_file.h"
#include "tests/model/formats/onnx/exports.h"
#include "tests/model/formats/onnx/refused_exports.h"

namespace mlp {
namespace {

struct Framework {
  const char* name;  // as in made_by.json
  const char* title;
  absl::string_view FrameworkNames::*activation_name;
};

constexpr Framework kFrameworks[] = {
    {"torch", "PyTorch", &FrameworkNames::pytorch},
    {"keras", "Keras 3", &FrameworkNames::keras},
    {"keras 2", "Keras 2", nullptr},
    {"scikit-learn", "scikit-learn", &FrameworkNames::scikit_learn},
    {"onnx", "ONNX operator", &FrameworkNames::onnx},
};

// Why none of a framework's exports has one of its activations.
struct Hole {
  absl::string_view activation;
  absl::string_view framework;
  const char* reason;
};

constexpr Hole kHoles[] = {
    {"celu", "keras", "both exporters write Expm1, which is not an ONNX operator"},
    {"hard_shrink", "onnx", "as Shrink: row shrink"},
    {"hard_tanh", "onnx", "as Clip: row clip"},
    {"relu6", "onnx", "as Clip: row clip"},
    {"soft_shrink", "onnx", "as Shrink: row shrink"},
    {"softmax", "scikit-learn", "only as MLPClassifier's output: graphs/sklearn_*"},
    {"sparse_sigmoid", "onnx", "as HardSigmoid: row hard_sigmoid"},
};

// Why no export is read as a layer with this activation of the registry.
constexpr std::pair<absl::string_view, const char*> kKindsWithoutExport[] = {
    {"rrelu", "exported as LeakyRelu of the mean slope"},
    {"sparsemax", "tf2onnx writes it as a sort of each row; PyTorch does not have it"},
    {"glu", "exported as the two halves of a layer and their product"},
    {"reglu", "likewise"},
    {"geglu", "likewise"},
    {"swiglu", "likewise"},
    {"bilinear", "likewise"},
};

// The results of one framework's exports of one activation.
struct Cell {
  int read = 0;
  double largest_difference = -1.0;  // in ulp
  std::string worst;                 // the export with this difference
  std::string refusal;               // the reason; empty if none is refused
};

struct Row {
  std::map<std::string, Cell> cells;  // by framework
  std::set<std::string> served_as;    // names in the registry
};

// The spacing of floats (IEEE 754 binary32) at `magnitude`.
double UlpAt(double magnitude) {
  constexpr int kMinExponent = -126;
  constexpr int kFractionBits = 23;
  const int exponent = magnitude == 0.0 ? kMinExponent : std::ilogb(magnitude);
  return std::ldexp(1.0, std::max(exponent, kMinExponent) - kFractionBits);
}

// Largest difference in units of the last place of each row's largest answer. The last layer's sums
// cancel, so a small answer is as uncertain as a large one.
double DifferenceInUlp(const std::vector<float>& actual, const std::vector<float>& expected,
                       std::size_t width) {
  double largest = 0.0;
  for (std::size_t first = 0; first + width <= expected.size(); first += width) {
    double magnitude = 0.0;
    for (std::size_t i = first; i < first + width; ++i) {
      if (std::isfinite(expected[i]))
        magnitude = std::max(magnitude, std::fabs(double{expected[i]}));
    }
    for (std::size_t i = first; i < first + width; ++i) {
      const bool same =
          actual[i] == expected[i] || (std::isnan(actual[i]) && std::isnan(expected[i]));
      if (same) continue;
      largest = std::max(largest, std::fabs(double{actual[i]} - expected[i]) / UlpAt(magnitude));
    }
  }
  return largest;
}

void AddRead(const std::string& name, const nlohmann::json& facts, const Network& network,
             Row& row) {
  const std::filesystem::path folder = ExportsFolder() / name;
  const Answers answers = AnswersOf(network, InputsOf(folder, facts));
  Cell& cell = row.cells[facts["framework"]];
  ++cell.read;
  for (std::size_t i = 0; i < answers.outputs.size(); ++i) {
    const auto& output = facts["outputs"][i];
    if (answers.outputs[i].kind != OutputKind::kValues || !output.contains("file")) continue;
    const NpyArray<float> expected = NumbersOf(folder / output["file"].get<std::string>());
    const double difference =
        DifferenceInUlp(answers.values[i], expected.values,
                        static_cast<std::size_t>(network.WidthOf(answers.outputs[i])));
    if (difference > cell.largest_difference) {
      cell.largest_difference = difference;
      cell.worst = name;
    }
  }
  for (const Layer& layer : network.layers()) {
    if (layer.activation.kind != ActivationKind::kIdentity) {
      row.served_as.insert(std::string(InfoOf(layer.activation.kind).name));
    }
  }
}

std::map<std::string, Row> ReadExports() {
  std::map<std::string, Row> rows;
  for (const std::string& name : Exports()) {
    if (!absl::StartsWith(name, "activations/")) continue;
    const std::filesystem::path folder = ExportsFolder() / name;
    const auto facts = nlohmann::json::parse(BytesOfFile(folder / "made_by.json"));
    Row& row = rows[facts["activation"]];
    if (const RefusedExport* refused = FindRefusedExport(name); refused != nullptr) {
      row.cells[facts["framework"]].refusal = refused->reason;
      continue;
    }
    const absl::StatusOr<ReadNetwork> read = ReadOnnxFile(folder / "model.onnx");
    if (!read.ok()) {
      row.cells[facts["framework"]].refusal = std::string(read.status().message());
      continue;
    }
    AddRead(name, facts, read->network, row);
  }
  return rows;
}

std::string CellText(const Cell& cell) {
  std::string text;
  if (cell.read > 0) {
    text = absl::StrFormat("[%.2g](../../tests/fixtures/onnx/%s) of %d", cell.largest_difference,
                           cell.worst, cell.read);
  }
  if (!cell.refusal.empty()) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", "refused: ", cell.refusal);
  }
  return text;
}

// Empty if the framework has the activation but no reason is given for the missing export.
std::string ReasonOfHole(const std::string& activation, const Framework& framework) {
  for (const Hole& hole : kHoles) {
    if (hole.activation == activation && hole.framework == framework.name) return hole.reason;
  }
  const absl::StatusOr<const ActivationInfo*> info = FindActivation(activation);
  const bool has_it = info.ok() && framework.activation_name != nullptr &&
                      !((*info)->names.*framework.activation_name).empty();
  return has_it ? "" : "–";
}

constexpr char kHead[] = R"(# Activations in real exports

Generated by `build/release/bin/activation_exports_table`; do not edit. Each export in
`tests/fixtures/onnx/activations` is a dense layer, the activation, and a dense layer. Its rows make the
activation's argument zero, almost zero, between -12 and 12, and far larger. The program evaluates each
export and compares the answers with the framework's own.

A cell gives the largest difference over all exports of an activation from a framework, whatever the
variant and the exporter. It links to the export with this difference and says how many exports there
are. The unit is the ulp of the largest answer in the row. The whole network is compared, so the rounding
of both dense layers is part of each difference.

"–" means that the framework does not have the activation, or exports it under the name of another row.
Two causes of large differences are in the frameworks. Both PyTorch and Keras write squareplus as a sum
that cancels for negative arguments. TorchScript's exporter omits softplus's threshold, which PyTorch
itself applies.

)";

int PrintTable() {
  const std::map<std::string, Row> rows = ReadExports();
  int holes = 0;
  std::cout << kHead << "| activation | read as |";
  for (const Framework& framework : kFrameworks) std::cout << " " << framework.title << " |";
  std::cout << "\n|---|---|"
            << absl::StrJoin(std::vector<std::string>(std::size(kFrameworks), "---"), "|") << "|\n";
  std::set<std::string> served;
  for (const auto& [activation, row] : rows) {
    std::cout << "| " << activation << " | " << absl::StrJoin(row.served_as, ", ") << " |";
    served.insert(row.served_as.begin(), row.served_as.end());
    for (const Framework& framework : kFrameworks) {
      const auto cell = row.cells.find(framework.name);
      std::string text =
          cell == row.cells.end() ? ReasonOfHole(activation, framework) : CellText(cell->second);
      if (text.empty()) {
        std::cerr << activation << " has no export of " << framework.title << "\n";
        ++holes;
      }
      std::cout << " " << text << " |";
    }
    std::cout << "\n";
  }
  std::cout << "\nNo export is read as one of these activations of the registry:\n\n";
  for (const ActivationInfo* info : AllActivations()) {
    if (info->kind == ActivationKind::kIdentity || served.contains(std::string(info->name)))
      continue;
    const auto* const reason =
        std::find_if(std::begin(kKindsWithoutExport), std::end(kKindsWithoutExport),
                     [&](const auto& known) { return known.first == info->name; });
    if (reason == std::end(kKindsWithoutExport)) {
      std::cerr << info->name << " is in no export\n";
      ++holes;
    } else {
      std::cout << "- " << info->name << ": " << reason->second << "\n";
    }
  }
  return holes == 0 && !::testing::Test::HasFailure() ? 0 : 1;
}

}  // namespace
}  // namespace mlp

int main() {
  try {
    return mlp::PrintTable();
  } catch (const std::exception& exception) {
    std::cerr << "activation_exports_table: " << exception.what() << "\n";
    return 1;
  }
}
