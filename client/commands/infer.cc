#include "client/commands/infer.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "client/answer_writer.h"
#include "client/classification.h"
#include "client/client.h"
#include "client/infer_in_parts.h"
#include "client/npy.h"
#include "client/picture.h"
#include "client/rows_reader.h"
#include "client/write_file.h"

namespace mlp {
namespace {

constexpr char kInferExamples[] =
    R"(Input: JSON (an array of arrays of numbers, or one array: one row), CSV (a first line without any
number is a header) or .npy (the first dimension is the rows).

Examples:
  mlp-client infer digits-relu --input pixels.npy
  mlp-client infer iris --input flowers.csv --output-format json
  echo '[[5.1, 3.5, 1.4, 0.2]]' | mlp-client infer iris
  mlp-client infer digits-relu --input pixels.npy --outputs logits --output logits.npy
  mlp-client infer digits-relu --input pixels.npy --labels labels.npy --output-format none --draw 7

--address and --timeout (mlp-client --help) may stand here too.)";

RowsFormat InputFormat(absl::string_view name) {
  if (name == "json") return RowsFormat::kJson;
  if (name == "csv") return RowsFormat::kCsv;
  if (name == "npy") return RowsFormat::kNpy;
  return RowsFormat::kAuto;
}

AnswerFormat OutputFormat(const InferOptions& options) {
  const std::string& name = options.output_format;
  if (name == "json" || (name.empty() && absl::EndsWith(options.output, ".json"))) {
    return AnswerFormat::kJson;
  }
  if (name == "npy" || (name.empty() && absl::EndsWith(options.output, ".npy"))) {
    return AnswerFormat::kNpy;
  }
  return name == "none" ? AnswerFormat::kNone : AnswerFormat::kTable;
}

// What is asked: read and checked as far as it can be without the server.
struct Question {
  Rows rows;
  std::vector<std::int64_t> labels;  // empty, or one for each row
  std::vector<std::string> outputs;
  std::vector<std::string> picture;  // empty where nothing is drawn
};

absl::StatusOr<Question> ReadQuestion(const InferOptions& options, std::istream& in) {
  Question question;
  const bool from_stream = options.input == "-";
  const std::string name = from_stream ? "standard input" : absl::StrCat("'", options.input, "'");
  absl::StatusOr<std::string> file = from_stream ? ReadAll(in, name) : ReadFile(options.input);
  if (!file.ok()) return file.status();
  absl::StatusOr<Rows> rows = ReadRows(*file, InputFormat(options.input_format));
  if (!rows.ok()) return Annotate(rows.status(), name);
  question.rows = *std::move(rows);

  if (!options.labels.empty()) {
    absl::StatusOr<std::string> labels_file = ReadFile(options.labels);
    if (!labels_file.ok()) return labels_file.status();
    absl::StatusOr<NpyArray<std::int64_t>> labels = ReadNpyIntegers(*labels_file);
    if (!labels.ok()) return Annotate(labels.status(), absl::StrCat("'", options.labels, "'"));
    question.labels = std::move(labels->values);
    if (static_cast<std::int64_t>(question.labels.size()) != question.rows.rows) {
      return absl::InvalidArgumentError(absl::StrCat("'", options.labels, "' has ",
                                                     question.labels.size(), " labels; ", name,
                                                     " has ", question.rows.rows, " rows"));
    }
  }
  if (!options.outputs.empty()) question.outputs = absl::StrSplit(options.outputs, ',');
  if (options.draw.has_value()) {
    if (*options.draw < 0 || *options.draw >= question.rows.rows) {
      return absl::InvalidArgumentError(absl::StrCat("--draw is row ", *options.draw, "; ", name,
                                                     " has rows 0 to ", question.rows.rows - 1));
    }
    // As the input has it, before any scaling.
    absl::StatusOr<std::vector<std::string>> picture =
        DrawPicture(absl::MakeConstSpan(question.rows.values)
                        .subspan(*options.draw * question.rows.width, question.rows.width));
    if (!picture.ok()) return Annotate(picture.status(), "--draw");
    question.picture = *std::move(picture);
  }
  if (options.scale.has_value()) {
    for (float& value : question.rows.values) value *= *options.scale;
  }
  return question;
}

absl::StatusOr<InferResult> Ask(const Client& client, const InferOptions& options,
                                const Question& question) {
  std::int64_t rows_per_request = options.rows_per_request;
  absl::StatusOr<ModelMetadata> model = absl::UnknownError("");
  if (rows_per_request == 0 && question.rows.rows > 1) {
    absl::StatusOr<ModelDescription> description = client.Describe(options.model, options.version);
    // Servers without Triton's extension have no limit to tell.
    if (!description.ok() && !absl::IsUnimplemented(description.status())) {
      return description.status();
    }
    if (description.ok()) {
      rows_per_request = description->max_rows;
      model = std::move(description->metadata);
    }
  }
  if (!model.ok()) model = client.Metadata(options.model, options.version);
  if (!model.ok()) return model.status();
  const Rows& rows = question.rows;
  return InferInParts(client, *model, rows.rows, rows.values, question.outputs, rows_per_request);
}

absl::StatusOr<std::string> AnswerText(const InferResult& result, AnswerFormat format,
                                       const Tensor* scores, const Question& question) {
  switch (format) {
    case AnswerFormat::kTable:
      return AnswerTable(result, scores, question.labels);
    case AnswerFormat::kJson:
      return AnswerJson(result);
    case AnswerFormat::kNpy:
      return AnswerNpy(result);
    default:
      return std::string();
  }
}

std::string DrawingText(const Tensor& scores, std::int64_t row, const Question& question) {
  const absl::Span<const float> values = RowOf(scores, row);
  const std::int64_t label = question.labels.empty() ? -1 : question.labels[row];
  return absl::StrCat(
      "row ", row, ": answer ", ArgMax(values),
      label >= 0 ? absl::StrCat(", label ", label, label == ArgMax(values) ? "" : " (wrong)") : "",
      "\n\n", Beside(question.picture, DrawBars(values, label)));
}

}  // namespace

CLI::App* AddInferCommand(CLI::App& app, InferOptions& options) {
  CLI::App* command = app.add_subcommand("infer", "Ask a model for the answers to rows of inputs");
  command->add_option("MODEL", options.model, "The model's name")
      ->required()
      ->option_text("(required)");
  command->add_option("--version", options.version, "Its version; none for the default one")
      ->option_text("V");
  command
      ->add_option("--input", options.input, "The rows: a file, or - for standard input (default)")
      ->option_text("FILE");
  command->add_option("--input-format", options.input_format, "How they are written")
      ->check(CLI::IsMember({"auto", "json", "csv", "npy"}))
      ->capture_default_str();
  command->add_option("--output", options.output, "Where the answer goes; standard output if none")
      ->option_text("FILE");
  command
      ->add_option("--output-format", options.output_format,
                   "How it is written; a table unless --output ends in .json or .npy")
      ->check(CLI::IsMember({"table", "json", "npy", "none"}));
  command->add_option("--outputs", options.outputs, "The outputs wanted, e.g. logits,probabilities")
      ->option_text("NAMES");
  command->add_option("--scale", options.scale, "Multiply every input by this")->option_text("F");
  command
      ->add_option("--rows-per-request", options.rows_per_request,
                   "Send so many rows at a time; as many as the model takes if not given")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40))
      ->option_text("N");
  command->add_option("--labels", options.labels, "The true classes, .npy: print the accuracy")
      ->option_text("FILE");
  command->add_option("--draw", options.draw, "Draw this row (from 0) beside the answer's scores")
      ->option_text("ROW");
  command->footer(kInferExamples);
  return command;
}

absl::Status RunInfer(const InferOptions& options, const ConnectionOptions& connection,
                      Streams streams) {
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  const absl::StatusOr<Question> question = ReadQuestion(options, streams.in);
  if (!question.ok()) return question.status();
  const absl::StatusOr<InferResult> result = Ask(*client, options, *question);
  if (!result.ok()) return result.status();

  const bool wants_classes = !question->labels.empty() || options.draw.has_value();
  const Tensor* scores = FindClassScores(*result);
  if (scores == nullptr && wants_classes) scores = result->outputs.data();
  std::int64_t right = 0;
  if (!question->labels.empty()) {
    const absl::StatusOr<std::int64_t> counted = CountRight(*scores, question->labels);
    if (!counted.ok()) return Annotate(counted.status(), absl::StrCat("'", options.labels, "'"));
    right = *counted;
  }

  const AnswerFormat format = OutputFormat(options);
  const absl::StatusOr<std::string> text = AnswerText(*result, format, scores, *question);
  if (!text.ok()) return text.status();
  if (options.output.empty()) {
    streams.out << *text;
  } else if (absl::Status status = WriteFile(options.output, *text); !status.ok()) {
    return status;
  }
  // A pipe that is given JSON or an array gets nothing else.
  const bool for_people =
      !options.output.empty() || format == AnswerFormat::kTable || format == AnswerFormat::kNone;
  std::ostream& report = for_people ? streams.out : streams.err;
  if (!question->labels.empty()) report << FormatAccuracy(right, question->rows.rows) << "\n";
  if (options.draw.has_value()) report << DrawingText(*scores, *options.draw, *question);
  return absl::OkStatus();
}

}  // namespace mlp
