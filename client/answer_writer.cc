#include "client/answer_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "client/npy.h"
#include "client/npz.h"

namespace mlp {
namespace {

std::string JsonString(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', /*ensure_ascii=*/false,
                                   nlohmann::json::error_handler_t::replace);
}

// The shortest decimal that reads back as the same float.
void AppendNumber(float value, std::string& text) {
  std::array<char, 32> digits{};  // the shortest form has at most 15 characters
  const auto [end, error] = std::to_chars(digits.begin(), digits.end(), value);
  text.append(digits.data(), end);
}

void AppendJsonElement(const Tensor& tensor, std::size_t index, std::string& text) {
  if (!tensor.strings.empty()) {
    text += JsonString(tensor.strings[index]);
  } else if (!tensor.integers.empty()) {
    absl::StrAppend(&text, tensor.integers[index]);
  } else if (std::isfinite(tensor.values[index])) {
    AppendNumber(tensor.values[index], text);
  } else {
    text += "null";
  }
}

void AppendJsonArray(const Tensor& tensor, std::size_t dimension, std::size_t& next,
                     std::string& text) {
  text += '[';
  for (std::int64_t i = 0; i < tensor.shape[dimension]; ++i) {
    if (i > 0) text += dimension == 0 ? ",\n      " : ", ";
    if (dimension + 1 < tensor.shape.size()) {
      AppendJsonArray(tensor, dimension + 1, next, text);
    } else {
      AppendJsonElement(tensor, next++, text);
    }
  }
  text += ']';
}

// Quotes the text if necessary.
std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

void AppendCsvElement(const Tensor& tensor, std::size_t index, std::string& text) {
  if (!tensor.strings.empty()) {
    text += CsvField(tensor.strings[index]);
  } else if (!tensor.integers.empty()) {
    absl::StrAppend(&text, tensor.integers[index]);
  } else if (!std::isnan(tensor.values[index])) {
    AppendNumber(tensor.values[index], text);
  }
}

std::size_t ElementsOfARow(const Tensor& tensor) {
  std::size_t elements = 1;
  for (std::size_t i = 1; i < tensor.shape.size(); ++i) {
    elements *= static_cast<std::size_t>(tensor.shape[i]);
  }
  return elements;
}

absl::StatusOr<std::string> NpyOf(const Tensor& tensor) {
  static constexpr std::pair<absl::string_view, absl::string_view> kIntegers[] = {
      {"BOOL", "|b1"},  {"INT8", "|i1"},   {"INT16", "<i2"},  {"INT32", "<i4"}, {"INT64", "<i8"},
      {"UINT8", "|u1"}, {"UINT16", "<u2"}, {"UINT32", "<u4"}, {"UINT64", "<u8"}};
  if (tensor.datatype == "BYTES") return WriteNpyStrings(tensor.shape, tensor.strings);
  if (tensor.datatype == "FP64") return WriteNpyDoubles(tensor.shape, tensor.values);
  for (const auto& [datatype, descr] : kIntegers) {
    if (tensor.datatype == datatype) return WriteNpyIntegers(tensor.shape, tensor.integers, descr);
  }
  return WriteNpy(tensor.shape, tensor.values);
}

}  // namespace

std::string AnswerJson(const InferResult& result, const ModelMetadata& model) {
  std::string text =
      absl::StrCat("{\n  \"model\": ", JsonString(result.model),
                   ",\n  \"version\": ", JsonString(result.version), ",\n  \"outputs\": {");
  std::string classes;
  for (std::size_t i = 0; i < result.outputs.size(); ++i) {
    const Tensor& output = result.outputs[i];
    absl::StrAppend(&text, i > 0 ? "," : "", "\n    ", JsonString(output.name), ": ");
    std::size_t next = 0;
    AppendJsonArray(output, 0, next, text);
    const std::vector<std::string> names = ClassNamesOf(model, output.name);
    if (names.empty() || names.size() != ElementsOfARow(output)) continue;
    absl::StrAppend(
        &classes, classes.empty() ? "" : ",", "\n    ", JsonString(output.name), ": [",
        absl::StrJoin(names, ", ",
                      [](std::string* out, const std::string& name) { *out += JsonString(name); }),
        "]");
  }
  text += "\n  }";
  if (!classes.empty()) absl::StrAppend(&text, ",\n  \"classes\": {", classes, "\n  }");
  text += "\n}\n";
  return text;
}

std::string AnswerCsv(const InferResult& result, const ModelMetadata& model) {
  std::string text;
  for (const Tensor& output : result.outputs) {
    const std::vector<std::string> names = ClassNamesOf(model, output.name);
    const std::size_t elements = ElementsOfARow(output);
    for (std::size_t i = 0; i < elements; ++i) {
      std::string title = output.name;
      if (elements > 1) {
        absl::StrAppend(&title, ":", names.size() == elements ? names[i] : absl::StrCat(i));
      }
      absl::StrAppend(&text, text.empty() ? "" : ",", CsvField(title));
    }
  }
  text += '\n';
  const std::int64_t rows = result.outputs.empty() ? 0 : result.outputs[0].shape[0];
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
    bool first = true;
    for (const Tensor& output : result.outputs) {
      const std::size_t elements = ElementsOfARow(output);
      for (std::size_t i = 0; i < elements; ++i) {
        if (!std::exchange(first, false)) text += ',';
        AppendCsvElement(output, row * elements + i, text);
      }
    }
    text += '\n';
  }
  return text;
}

absl::StatusOr<std::string> AnswerNpy(const InferResult& result) {
  if (result.outputs.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a .npy file holds one output and the answer has ", result.outputs.size(), " (",
        absl::StrJoin(result.outputs, ", ",
                      [](std::string* out, const Tensor& tensor) { *out += tensor.name; }),
        "); name one with --outputs, or write a .npz file"));
  }
  return NpyOf(result.outputs[0]);
}

absl::StatusOr<std::string> AnswerNpz(const InferResult& result, const ModelMetadata& model) {
  std::vector<NpzEntry> entries;
  for (const Tensor& output : result.outputs) {
    absl::StatusOr<std::string> npy = NpyOf(output);
    if (!npy.ok()) return npy.status();
    entries.push_back({output.name, *std::move(npy)});
    const std::vector<std::string> names = ClassNamesOf(model, output.name);
    if (names.empty() || names.size() != ElementsOfARow(output)) continue;
    npy = WriteNpyStrings({static_cast<std::int64_t>(names.size())}, names);
    if (!npy.ok()) return npy.status();
    entries.push_back({absl::StrCat(output.name, ".classes"), *std::move(npy)});
  }
  return WriteNpz(entries);
}

}  // namespace mlp
