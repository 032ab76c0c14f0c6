#include "client/commands/compare.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "client/answer_difference.h"
#include "client/json_number.h"
#include "client/rows_reader.h"
#include "client/table.h"
#include "client/text.h"
#include "model/evaluator/evaluator.h"
#include "model/formats/model_file.h"
#include "model/quote.h"

namespace mlp {
namespace {

using nlohmann::ordered_json;

constexpr char kCompareExamples[] = R"(Examples:
  mlp-client compare model.onnx --weights int8 --input rows.npy
  mlp-client compare repository/digits/1 --weights bfloat16 --input rows.csv --json

Evaluates the rows twice on this machine, without a server: with the model's weights as they are,
and as mlp-server --weights would store them. The rows may be .npy, CSV or JSON, as for
infer. A row's class is the position of its greatest value, or each of its decisions.)";

// How many rows to evaluate together, so that memory does not grow with the file.
constexpr std::int64_t kRowsTogether = 1024;

// A model with the state that evaluating it needs.
class ComparedModel final {
 public:
  ComparedModel(Network network, tbb::task_arena& arena, WeightStorage weights)
      : evaluator_(std::move(network), kDefaultSaturationEpsilon, arena, BestInstructionSet(),
                   weights),
        workspace_(evaluator_.MakeWorkspace()),
        activity_(MakeNetworkActivity(evaluator_.network())) {
    for (const NetworkOutput& output : evaluator_.network().outputs()) {
      const std::int64_t values = kRowsTogether * evaluator_.network().WidthOf(output);
      answers_.emplace_back(static_cast<std::size_t>(values));
    }
    pointers_.reserve(answers_.size());
    for (std::vector<float>& answer : answers_) pointers_.push_back(answer.data());
  }

  // Evaluates at most kRowsTogether rows.
  void Evaluate(const float* input, std::int64_t rows) {
    evaluator_.Evaluate(rows, input, pointers_, workspace_, activity_);
    rows_ = rows;
  }

  // The last results of an output, [rows, width].
  absl::Span<const float> Answer(std::size_t output) const {
    const Network& network = evaluator_.network();
    const std::int64_t values = rows_ * network.WidthOf(network.outputs()[output]);
    return absl::MakeConstSpan(answers_[output]).first(static_cast<std::size_t>(values));
  }

  const Evaluator& evaluator() const { return evaluator_; }

 private:
  const Evaluator evaluator_;
  Evaluator::Workspace workspace_;
  NetworkActivity activity_;
  std::vector<std::vector<float>> answers_;
  std::vector<float*> pointers_;
  std::int64_t rows_ = 0;
};

absl::Status CheckRows(const Network& network, const Rows& rows) {
  if (network.inputs().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model has ", network.inputs().size(), " inputs; expected exactly one"));
  }
  const TensorSpec& input = network.inputs().front();
  if (rows.width == input.width()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the rows have ", rows.width,
                                                 " values; the model's input ", Quote(input.name),
                                                 " expects ", input.width()));
}

std::vector<AnswerDifference> Differences(const Rows& rows, ComparedModel& reference,
                                          ComparedModel& other) {
  const Network& network = reference.evaluator().network();
  std::vector<AnswerDifference> differences;
  differences.reserve(network.outputs().size());
  for (const NetworkOutput& output : network.outputs()) {
    differences.emplace_back(output, network.WidthOf(output));
  }
  for (std::int64_t row = 0; row < rows.rows; row += kRowsTogether) {
    const std::int64_t count = std::min(kRowsTogether, rows.rows - row);
    const float* input = rows.values.data() + row * rows.width;
    reference.Evaluate(input, count);
    other.Evaluate(input, count);
    for (std::size_t i = 0; i < differences.size(); ++i) {
      differences[i].Add(reference.Answer(i), other.Answer(i));
    }
  }
  return differences;
}

std::string ChangedText(const AnswerDifference& difference) {
  if (!difference.has_classes()) return "-";
  return absl::StrFormat("%.3g %%", 100.0 * difference.changed_share());
}

std::string CompareText(const ComparedModel& reference, const ComparedModel& other,
                        absl::Span<const AnswerDifference> differences) {
  std::string text;
  const auto add = [&](absl::string_view title, absl::string_view value) {
    absl::StrAppend(&text, PadRight(title, 12), value, "\n");
  };
  add("rows", FormatCount(differences.front().rows()));
  for (const ComparedModel* model : {&reference, &other}) {
    const Evaluator& evaluator = model->evaluator();
    add(NameOf(evaluator.weight_storage()),
        absl::StrCat(FormatCount(evaluator.weight_bytes()), " bytes"));
  }
  Table table({{"output"},
               {"largest difference", Alignment::kRight},
               {"mean difference", Alignment::kRight},
               {"classes changed", Alignment::kRight}});
  const std::vector<NetworkOutput>& outputs = reference.evaluator().network().outputs();
  for (std::size_t i = 0; i < differences.size(); ++i) {
    table.AddRow({outputs[i].tensor.name, absl::StrFormat("%.3g", differences[i].largest()),
                  absl::StrFormat("%.3g", differences[i].mean()), ChangedText(differences[i])});
  }
  return absl::StrCat(text, "\n", table.ToString());
}

std::string CompareJson(const ComparedModel& reference, const ComparedModel& other,
                        absl::Span<const AnswerDifference> differences) {
  ordered_json object = {{"rows", differences.front().rows()},
                         {"weights", std::string(NameOf(other.evaluator().weight_storage()))},
                         {"weight_bytes", other.evaluator().weight_bytes()},
                         {"float32_weight_bytes", reference.evaluator().weight_bytes()},
                         {"outputs", ordered_json::array()}};
  const std::vector<NetworkOutput>& outputs = reference.evaluator().network().outputs();
  for (std::size_t i = 0; i < differences.size(); ++i) {
    ordered_json output = {{"name", outputs[i].tensor.name},
                           {"largest_difference", NumberOrNull(differences[i].largest())},
                           {"mean_difference", NumberOrNull(differences[i].mean())}};
    if (differences[i].has_classes()) {
      output["changed_share"] = differences[i].changed_share();
    }
    object["outputs"].push_back(std::move(output));
  }
  return object.dump(2) + "\n";
}

}  // namespace

CLI::App* AddCompareCommand(CLI::App& app, CompareOptions& options) {
  CLI::App* command =
      app.add_subcommand("compare", "Show how much answers change with weights in fewer bits");
  command->add_option("PATH", options.path, "A model file, or a folder that holds one")
      ->required()
      ->option_text("(required)");
  command->add_option("--weights", options.weights, "How to store the weights: bfloat16 or int8")
      ->required()
      ->option_text("NAME (required)");
  command
      ->add_option("--input", options.input, "The rows: a file, or - for standard input (default)")
      ->option_text("FILE");
  command->add_flag("--json", options.json, "Print JSON");
  command->footer(kCompareExamples);
  return command;
}

absl::Status RunCompare(const CompareOptions& options, Streams streams) {
  const absl::StatusOr<WeightStorage> weights = ParseWeightStorage(options.weights);
  if (!weights.ok()) return weights.status();
  absl::StatusOr<ReadNetwork> read = ReadModelFile(options.path);
  if (!read.ok()) return read.status();
  const bool from_stream = options.input == "-";
  const std::string name = from_stream ? "standard input" : absl::StrCat("'", options.input, "'");
  const absl::StatusOr<std::string> file =
      from_stream ? ReadAll(streams.in, name) : ReadFile(options.input);
  if (!file.ok()) return file.status();
  const absl::StatusOr<Rows> rows = ReadRows(*file, RowsFormat::kAuto);
  if (!rows.ok()) {
    return {rows.status().code(), absl::StrCat(name, ": ", rows.status().message())};
  }
  if (auto status = CheckComplete(*rows); !status.ok()) return status;
  if (auto status = CheckRows(read->network, *rows); !status.ok()) return status;

  tbb::task_arena arena;
  ComparedModel reference(read->network, arena, WeightStorage::kFloat32);
  ComparedModel other(std::move(read->network), arena, *weights);
  const std::vector<AnswerDifference> differences = Differences(*rows, reference, other);
  streams.out << (options.json ? CompareJson(reference, other, differences)
                               : CompareText(reference, other, differences));
  return absl::OkStatus();
}

}  // namespace mlp
