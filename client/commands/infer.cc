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
#include "client/commands/number_range.h"
#include "client/imputed_columns.h"
#include "client/infer_in_parts.h"
#include "client/input_columns.h"
#include "client/picture.h"
#include "client/rows_reader.h"
#include "client/text.h"
#include "client/write_file.h"

namespace mlp {
namespace {

constexpr char kInferExamples[] =
    R"(Input: JSON (an array of arrays of numbers, or one array: one row), CSV (a first line without
any number is a header, an empty cell a missing value) or .npy (the first dimension is the rows).
For a model with several inputs, concatenate their columns. Columns of BYTES inputs hold texts, in
JSON or CSV.

Examples:
  mlp-client infer digits-relu --input pixels.npy
  mlp-client infer iris --input flowers.csv --output-format json
  echo '[[5.1, 3.5, 1.4, 0.2]]' | mlp-client infer iris
  echo '[[40.5, "Oslo"], [31, "Bern"]]' | mlp-client infer people
  mlp-client infer digits-relu --input pixels.npy --outputs logits --output logits.npy
  mlp-client infer digits-relu --input pixels.npy --labels labels.npy --output-format none --draw 7
  mlp-client infer iris --input x_test.npy --labels y_test.npy --output answers.npz

--address and --timeout (mlp-client --help) also work here.)";

AnswerFormat OutputFormat(const InferOptions& options) {
  const std::string& name = options.output_format;
  if (name == "json" || (name.empty() && absl::EndsWith(options.output, ".json"))) {
    return AnswerFormat::kJson;
  }
  if (name == "csv" || (name.empty() && absl::EndsWith(options.output, ".csv"))) {
    return AnswerFormat::kCsv;
  }
  if (name == "npy" || (name.empty() && absl::EndsWith(options.output, ".npy"))) {
    return AnswerFormat::kNpy;
  }
  if (name == "npz" || (name.empty() && absl::EndsWith(options.output, ".npz"))) {
    return AnswerFormat::kNpz;
  }
  return name == "none" ? AnswerFormat::kNone : AnswerFormat::kTable;
}

// The content of a request, with what its report needs.
struct RequestContent {
  std::string name;  // of the input file, in messages
  std::string file;  // the input file's content
  Rows rows;
  TrueClasses labels;  // empty, or one per row
  std::vector<std::string> outputs;
  std::vector<std::string> picture;  // empty if nothing is drawn
};

// Reads the input and label files.
absl::StatusOr<RequestContent> ReadFiles(const InferOptions& options, std::istream& in) {
  RequestContent content;
  const bool from_stream = options.input == "-";
  content.name = from_stream ? "standard input" : absl::StrCat("'", options.input, "'");
  absl::StatusOr<std::string> file =
      from_stream ? ReadAll(in, content.name) : ReadFile(options.input);
  if (!file.ok()) return file.status();
  content.file = *std::move(file);
  if (!options.labels.empty()) {
    absl::StatusOr<std::string> labels_file = ReadFile(options.labels);
    if (!labels_file.ok()) return labels_file.status();
    absl::StatusOr<TrueClasses> labels = ReadTrueClasses(*labels_file);
    if (!labels.ok()) return Annotate(labels.status(), absl::StrCat("'", options.labels, "'"));
    content.labels = *std::move(labels);
  }
  if (!options.outputs.empty()) content.outputs = absl::StrSplit(options.outputs, ',');
  return content;
}

// Parses the rows, using `model` to tell which columns are texts, and derives the rest from them.
absl::Status ReadQuestion(const InferOptions& options, const ModelMetadata& model,
                          RequestContent& content) {
  absl::StatusOr<Rows> rows =
      ReadRows(content.file, RowsFormatNamed(options.input_format), TextColumnsOf(model));
  if (!rows.ok()) return Annotate(rows.status(), content.name);
  content.file = std::string();  // free it: it may be as large as the rows
  content.rows = *std::move(rows);

  if (!options.labels.empty() && content.labels.size() != content.rows.rows) {
    return absl::InvalidArgumentError(absl::StrCat("'", options.labels, "' has ",
                                                   content.labels.size(), " labels; ", content.name,
                                                   " has ", content.rows.rows, " rows"));
  }
  if (options.draw.has_value()) {
    if (*options.draw < 0 || *options.draw >= content.rows.rows) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--draw is row ", *options.draw, "; ", content.name,
          content.rows.rows == 0 ? " has no rows"
                                 : absl::StrCat(" has rows 0 to ", content.rows.rows - 1)));
    }
    // Drawn as in the input, before scaling.
    absl::StatusOr<std::vector<std::string>> picture =
        DrawPicture(absl::MakeConstSpan(content.rows.values)
                        .subspan(*options.draw * content.rows.width, content.rows.width));
    if (!picture.ok()) return Annotate(picture.status(), "--draw");
    content.picture = *std::move(picture);
  }
  if (options.scale.has_value()) {
    for (float& value : content.rows.values) value *= *options.scale;
  }
  return absl::OkStatus();
}

// For a file without rows. If there are rows, the server checks their width.
absl::Status CheckWidth(const ModelMetadata& model, const RequestContent& content) {
  std::int64_t expected = 0;
  for (const TensorMetadata& input : model.inputs) {
    const std::int64_t input_width = WidthOf(input).value_or(0);
    if (input_width == 0 || __builtin_add_overflow(expected, input_width, &expected))
      return absl::OkStatus();
  }
  const std::int64_t width = content.rows.width + content.rows.text_width;
  if (width == 0 || width == expected) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      content.name, ": rows of ", width, " values; model '", model.name, "' expects ", expected));
}

struct Answer {
  ModelMetadata model;
  InferResult result;
};

absl::StatusOr<ModelDescription> Describe(const Client& client, const InferOptions& options) {
  absl::StatusOr<ModelDescription> description = client.Describe(options.model, options.version);
  // Servers without Triton's extension do not report a limit.
  if (!absl::IsUnimplemented(description.status())) return description;
  absl::StatusOr<ModelMetadata> metadata = client.Metadata(options.model, options.version);
  if (!metadata.ok()) return metadata.status();
  return ModelDescription{*std::move(metadata), 0, {}};
}

absl::StatusOr<InferResult> Ask(const Client& client, const InferOptions& options,
                                const ModelDescription& model, const RequestContent& content) {
  const Rows& rows = content.rows;
  const auto layers = model.parameters.find("layers");
  for (const auto& [column, place] : rows.missing) {
    if (layers != model.parameters.end() && IsImputed(model.metadata, layers->second, column)) {
      continue;
    }
    return absl::InvalidArgumentError(absl::StrCat(
        content.name, ": ", place, ", and model '", model.metadata.name,
        "' does not impute missing values there (as SimpleImputer does); expected a number"));
  }
  if (rows.rows == 0) {
    if (auto status = CheckWidth(model.metadata, content); !status.ok()) return status;
  }
  const std::int64_t rows_per_request =
      options.rows_per_request > 0 ? options.rows_per_request : model.max_rows;
  return InferInParts(client, model.metadata, rows.rows, rows.values, content.outputs,
                      rows_per_request, rows.texts);
}

absl::StatusOr<std::string> AnswerText(const Answer& answer, AnswerFormat format,
                                       const ClassifierAnswer& classes,
                                       const RequestContent& content) {
  switch (format) {
    case AnswerFormat::kTable:
      return AnswerTable(answer.result, answer.model, classes, content.labels);
    case AnswerFormat::kJson:
      return AnswerJson(answer.result, answer.model);
    case AnswerFormat::kCsv:
      return AnswerCsv(answer.result, answer.model);
    case AnswerFormat::kNpy:
      return AnswerNpy(answer.result);
    case AnswerFormat::kNpz:
      return AnswerNpz(answer.result, answer.model);
    default:
      return std::string();
  }
}

// REQUIRES: `answer` has scores.
std::string DrawingText(const ClassifierAnswer& answer, std::int64_t row,
                        const RequestContent& content) {
  const absl::Span<const float> values = RowOf(*answer.scores, row);
  std::string text = absl::StrCat("row ", row, ": answer ", Printable(answer.BestClass(row)));
  std::int64_t label = -1;
  if (!content.labels.empty()) {
    label = TrueIndex(answer, content.labels, row);
    absl::StrAppend(&text, ", label ", Printable(content.labels.NameOf(row)),
                    label == ArgMax(values) ? "" : " (wrong)");
  }
  return absl::StrCat(text, "\n\n", SideBySide(content.picture, DrawBars(values, label)));
}

// If nothing says which output has the classes' scores, assumes the first numeric one.
void ChooseScores(const InferResult& result, ClassifierAnswer& answer) {
  if (answer.scores != nullptr) return;
  for (const Tensor& output : result.outputs) {
    if (output.values.empty()) continue;
    answer.scores = &output;
    return;
  }
}

}  // namespace

CLI::App* AddInferCommand(CLI::App& app, InferOptions& options) {
  CLI::App* command = app.add_subcommand("infer", "Run a model on rows of inputs");
  command->add_option("MODEL", options.model, "The model's name")
      ->required()
      ->option_text("(required)");
  command->add_option("--version", options.version, "The version [default version]")
      ->option_text("V");
  command
      ->add_option("--input", options.input, "The rows: a file, or - for standard input (default)")
      ->option_text("FILE");
  command->add_option("--input-format", options.input_format, "Format of the rows")
      ->check(CLI::IsMember({"auto", "json", "csv", "npy"}))
      ->capture_default_str();
  command->add_option("--output", options.output, "Write the answer to this file [standard output]")
      ->option_text("FILE");
  command
      ->add_option("--output-format", options.output_format,
                   "Format of the answer [by the extension of --output, otherwise table]")
      ->check(CLI::IsMember({"table", "json", "csv", "npy", "npz", "none"}));
  command
      ->add_option("--outputs", options.outputs,
                   "Outputs to request, e.g. logits,probabilities [all]")
      ->option_text("NAMES");
  command->add_option("--scale", options.scale, "Multiply every input by this")
      ->check(FiniteNumber())
      ->option_text("F");
  command
      ->add_option("--rows-per-request", options.rows_per_request,
                   "Rows per request [as many as the model allows]")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40))
      ->option_text("N");
  command
      ->add_option("--labels", options.labels,
                   "The true classes, .npy of numbers or texts: print the accuracy")
      ->option_text("FILE");
  command->add_option("--draw", options.draw, "Draw this row (from 0) next to its scores")
      ->option_text("ROW");
  command->footer(kInferExamples);
  return command;
}

absl::Status RunInfer(const InferOptions& options, const ConnectionOptions& connection,
                      Streams streams) {
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  absl::StatusOr<RequestContent> content = ReadFiles(options, streams.in);
  if (!content.ok()) return content.status();
  absl::StatusOr<ModelDescription> model = Describe(*client, options);
  if (!model.ok()) return model.status();
  if (auto status = ReadQuestion(options, model->metadata, *content); !status.ok()) return status;
  absl::StatusOr<InferResult> result = Ask(*client, options, *model, *content);
  if (!result.ok()) return result.status();
  const Answer answer{std::move(model->metadata), *std::move(result)};

  ClassifierAnswer classes = FindClasses(answer.result, answer.model);
  if (options.draw.has_value() || (!content->labels.empty() && classes.labels == nullptr)) {
    ChooseScores(answer.result, classes);
  }
  if (options.draw.has_value() && classes.scores == nullptr) {
    return absl::InvalidArgumentError("--draw: the answer has no output of numbers");
  }
  std::int64_t right = 0;
  if (!options.labels.empty()) {
    const absl::StatusOr<std::int64_t> counted = CountRight(classes, content->labels);
    if (!counted.ok()) return Annotate(counted.status(), absl::StrCat("'", options.labels, "'"));
    right = *counted;
  }

  const AnswerFormat format = OutputFormat(options);
  const absl::StatusOr<std::string> text = AnswerText(answer, format, classes, *content);
  if (!text.ok()) return text.status();
  if (options.output.empty()) {
    streams.out << *text;
  } else if (absl::Status status = WriteFile(options.output, *text); !status.ok()) {
    return status;
  }
  // With JSON, CSV or an array on standard output, nothing else may go there.
  const bool for_people =
      !options.output.empty() || format == AnswerFormat::kTable || format == AnswerFormat::kNone;
  std::ostream& report = for_people ? streams.out : streams.err;
  if (!options.labels.empty()) report << FormatAccuracy(right, content->rows.rows) << "\n";
  if (options.draw.has_value()) report << DrawingText(classes, *options.draw, *content);
  return absl::OkStatus();
}

}  // namespace mlp
