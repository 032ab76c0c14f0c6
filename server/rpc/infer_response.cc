#include "server/rpc/infer_response.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/types/span.h"
#include "model/output_labels.h"
#include "server/rpc/answer_strings.h"
#include "server/served_models/class_names.h"

namespace mlp {
namespace {

using AnsweredTensor = inference::ModelInferResponse::InferOutputTensor;

// One output of one answer.
struct Answered {
  const NetworkOutput& output;
  absl::Span<const float> values;  // [rows, units], as the evaluator gave them
  std::int64_t rows;
  bool raw;

  absl::Span<const float> Row(std::int64_t row) const {
    const std::size_t units = values.size() / static_cast<std::size_t>(rows);
    return values.subspan(static_cast<std::size_t>(row) * units, units);
  }
};

template <typename Element>
void AddRaw(const std::vector<Element>& elements, inference::ModelInferResponse& response) {
  response.add_raw_output_contents(elements.data(), elements.size() * sizeof(Element));
}

// The values as elements of an integer type, in the wider type that the protocol has for it.
template <typename Field>
void AddTyped(absl::Span<const float> values, Datatype datatype, Field& field) {
  using Typed = std::decay_t<decltype(*field.begin())>;
  const std::size_t bytes = SizeOf(datatype);
  std::int64_t element = 0;
  field.Reserve(field.size() + static_cast<int>(values.size()));
  for (const float value : values) {
    ConvertFromFloats(&value, 1, datatype, &element);
    // Little-endian: a narrow element is in the first bytes.
    switch (datatype) {
      case Datatype::kInt8:
        field.AddAlreadyReserved(static_cast<Typed>(static_cast<std::int8_t>(element)));
        break;
      case Datatype::kInt16:
        field.AddAlreadyReserved(static_cast<Typed>(static_cast<std::int16_t>(element)));
        break;
      case Datatype::kInt32:
        field.AddAlreadyReserved(static_cast<Typed>(static_cast<std::int32_t>(element)));
        break;
      default:
        field.AddAlreadyReserved(static_cast<Typed>(
            bytes == sizeof(element) ? element : element & ((std::int64_t{1} << (8 * bytes)) - 1)));
    }
    element = 0;
  }
}

void WriteTypedValues(absl::Span<const float> values, Datatype datatype,
                      inference::InferTensorContents& contents) {
  switch (datatype) {
    case Datatype::kBool:
      return AddTyped(values, datatype, *contents.mutable_bool_contents());
    case Datatype::kInt8:
    case Datatype::kInt16:
    case Datatype::kInt32:
      return AddTyped(values, datatype, *contents.mutable_int_contents());
    case Datatype::kInt64:
      return AddTyped(values, datatype, *contents.mutable_int64_contents());
    case Datatype::kUint8:
    case Datatype::kUint16:
    case Datatype::kUint32:
      return AddTyped(values, datatype, *contents.mutable_uint_contents());
    case Datatype::kUint64:
      return AddTyped(values, datatype, *contents.mutable_uint64_contents());
    case Datatype::kFp64:
      return contents.mutable_fp64_contents()->Add(values.begin(), values.end());
    default:
      return contents.mutable_fp32_contents()->Add(values.begin(), values.end());
  }
}

void WriteValues(const Answered& answered, AnsweredTensor& message,
                 inference::ModelInferResponse& response) {
  const absl::Span<const float> values = answered.values;
  const Datatype datatype = answered.output.tensor.datatype;
  if (answered.raw && datatype == Datatype::kFp32) {
    response.add_raw_output_contents(values.data(), values.size() * sizeof(float));
  } else if (answered.raw) {
    std::string& bytes = *response.add_raw_output_contents();
    bytes.resize(values.size() * SizeOf(datatype));
    ConvertFromFloats(values.data(), static_cast<std::int64_t>(values.size()), datatype,
                      bytes.data());
  } else {
    WriteTypedValues(values, datatype, *message.mutable_contents());
  }
}

// Words of the network's vocabulary, given by their positions.
void WriteWords(const Answered& answered, const std::vector<std::string>& words,
                AnsweredTensor& message, inference::ModelInferResponse& response) {
  AnswerStrings strings(answered.raw, message, response);
  for (const float position : answered.values) {
    const bool known = position >= 0.0F && position < static_cast<float>(words.size());
    strings.Add(known ? absl::string_view(words[static_cast<std::size_t>(position)])
                      : absl::string_view());
  }
}

// The labels of all rows, or the decisions of all values.
std::vector<std::int64_t> IntegersOf(const Answered& answered) {
  std::vector<std::int64_t> integers;
  if (answered.output.kind == OutputKind::kDecisions) {
    for (const float value : answered.values) {
      integers.push_back(DecisionOf(answered.output, value));
    }
    return integers;
  }
  for (std::int64_t row = 0; row < answered.rows; ++row) {
    integers.push_back(answered.output.integer_labels[GreatestOf(answered.Row(row))]);
  }
  return integers;
}

void WriteIntegers(const Answered& answered, AnsweredTensor& message,
                   inference::ModelInferResponse& response) {
  const std::vector<std::int64_t> integers = IntegersOf(answered);
  if (answered.output.tensor.datatype == Datatype::kInt32) {
    const std::vector<std::int32_t> narrow(integers.begin(), integers.end());
    if (answered.raw) return AddRaw(narrow, response);
    message.mutable_contents()->mutable_int_contents()->Add(narrow.begin(), narrow.end());
  } else {
    if (answered.raw) return AddRaw(integers, response);
    message.mutable_contents()->mutable_int64_contents()->Add(integers.begin(), integers.end());
  }
}

void WriteStringLabels(const Answered& answered, AnsweredTensor& message,
                       inference::ModelInferResponse& response) {
  AnswerStrings strings(answered.raw, message, response);
  for (std::int64_t row = 0; row < answered.rows; ++row) {
    strings.Add(answered.output.string_labels[GreatestOf(answered.Row(row))]);
  }
}

// How many classes of an output are asked for, for each row.
std::int64_t ClassesOfARow(const ServedModel& model, const RequestedOutput& requested) {
  return std::min(requested.best_units,
                  model.network->WidthOf(model.network->outputs()[requested.index]));
}

// Whether the protocol has no typed form for some of the values asked for.
bool MustBeRaw(const ServedModel& model, const InferRequest& request) {
  return std::any_of(
      request.outputs.begin(), request.outputs.end(), [&](const RequestedOutput& requested) {
        const Datatype datatype = model.network->outputs()[requested.index].tensor.datatype;
        return requested.best_units == 0 &&
               (datatype == Datatype::kFp16 || datatype == Datatype::kBf16);
      });
}

}  // namespace

void AddClasses(const ServedModel& model, const InferRequest& request, std::int64_t rows,
                absl::Span<const float* const> outputs, Classes& classes) {
  classes.resize(request.outputs.size());
  for (std::size_t i = 0; i < request.outputs.size(); ++i) {
    const RequestedOutput& requested = request.outputs[i];
    if (requested.best_units == 0) continue;
    const std::int64_t units = model.network->WidthOf(model.network->outputs()[requested.index]);
    const std::int64_t best = ClassesOfARow(model, requested);
    classes[i].reserve(static_cast<std::size_t>(request.rows * best));
    const ClassNames& names = model.class_names[requested.index];
    const float* values = outputs[requested.index];
    for (std::int64_t row = 0; row < rows; ++row, values += units) {
      for (std::string& text : BestUnits({values, static_cast<std::size_t>(units)}, best, names)) {
        classes[i].push_back(std::move(text));
      }
    }
  }
}

std::int64_t ClassesWorkPerRow(const ServedModel& model, const InferRequest& request) {
  // Writing a class takes about as long as comparing this many values.
  constexpr std::int64_t kValuesOfAClass = 8;
  std::int64_t work = 0;
  for (const RequestedOutput& requested : request.outputs) {
    if (requested.best_units == 0) continue;
    work += model.network->WidthOf(model.network->outputs()[requested.index]) +
            kValuesOfAClass * ClassesOfARow(model, requested);
  }
  return work;
}

void WriteInferResponse(const ServedModel& model, const InferRequest& request,
                        const std::string& id, absl::Span<const float* const> outputs,
                        const Classes& classes, inference::ModelInferResponse& response) {
  response.set_model_name(model.name);
  response.set_model_version(model.version);
  response.set_id(id);
  const bool raw = request.raw || MustBeRaw(model, request);
  for (std::size_t i = 0; i < request.outputs.size(); ++i) {
    const RequestedOutput& requested = request.outputs[i];
    const NetworkOutput& output = model.network->outputs()[requested.index];
    AnsweredTensor& message = *response.add_outputs();
    message.set_name(output.tensor.name);
    message.add_shape(request.rows);
    if (requested.best_units > 0) {
      message.set_datatype("BYTES");
      message.add_shape(ClassesOfARow(model, requested));
      AnswerStrings strings(raw, message, response);
      for (const std::string& text : classes[i]) strings.Add(text);
      continue;
    }
    const std::int64_t units = model.network->WidthOf(output);
    const Answered answered{
        output,
        {outputs[requested.index], static_cast<std::size_t>(request.rows * units)},
        request.rows,
        raw};
    message.set_datatype(std::string(NameOf(output.tensor.datatype)));
    for (const std::int64_t dimension : output.tensor.shape) message.add_shape(dimension);
    if (output.kind == OutputKind::kValues && output.tensor.datatype == Datatype::kBytes) {
      WriteWords(answered, model.network->vocabulary().words(), message, response);
    } else if (output.kind == OutputKind::kValues) {
      WriteValues(answered, message, response);
    } else if (output.tensor.datatype == Datatype::kBytes) {
      WriteStringLabels(answered, message, response);
    } else {
      WriteIntegers(answered, message, response);
    }
  }
}

}  // namespace mlp
