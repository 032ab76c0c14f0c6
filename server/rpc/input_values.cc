#include "server/rpc/input_values.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

using Input = inference::ModelInferRequest::InferInputTensor;
using Contents = inference::InferTensorContents;

// The field of InferTensorContents that the protocol uses for a datatype's values.
struct TypedField {
  const char* name = nullptr;  // null if there is none
  int size = 0;
  InputValues values;
};

TypedField FieldOf(Datatype datatype, const Contents& contents) {
  switch (datatype) {
    case Datatype::kBool:
      static_assert(sizeof(bool) == 1);
      return {"bool_contents",
              contents.bool_contents_size(),
              {contents.bool_contents().data(), Datatype::kBool}};
    case Datatype::kInt8:
    case Datatype::kInt16:
    case Datatype::kInt32:
      return {"int_contents",
              contents.int_contents_size(),
              {contents.int_contents().data(), Datatype::kInt32}};
    case Datatype::kInt64:
      return {"int64_contents",
              contents.int64_contents_size(),
              {contents.int64_contents().data(), Datatype::kInt64}};
    case Datatype::kUint8:
    case Datatype::kUint16:
    case Datatype::kUint32:
      return {"uint_contents",
              contents.uint_contents_size(),
              {contents.uint_contents().data(), Datatype::kUint32}};
    case Datatype::kUint64:
      return {"uint64_contents",
              contents.uint64_contents_size(),
              {contents.uint64_contents().data(), Datatype::kUint64}};
    case Datatype::kFp32:
      return {"fp32_contents",
              contents.fp32_contents_size(),
              {contents.fp32_contents().data(), Datatype::kFp32}};
    case Datatype::kFp64:
      return {"fp64_contents",
              contents.fp64_contents_size(),
              {contents.fp64_contents().data(), Datatype::kFp64}};
    default:
      return {};
  }
}

int AllTypedValues(const Contents& contents) {
  return contents.bool_contents_size() + contents.int_contents_size() +
         contents.int64_contents_size() + contents.uint_contents_size() +
         contents.uint64_contents_size() + contents.fp32_contents_size() +
         contents.fp64_contents_size() + contents.bytes_contents_size();
}

template <typename Integer, typename Field>
absl::Status CheckRange(const Field& field, const Input& input) {
  constexpr auto kSmallest = std::numeric_limits<Integer>::min();
  constexpr auto kGreatest = std::numeric_limits<Integer>::max();
  for (const auto value : field) {
    if (value < kSmallest || value > kGreatest) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", Quote(input.name()), " has the value ", value, "; ",
                       input.datatype(), " expects ", kSmallest, " to ", kGreatest));
    }
  }
  return absl::OkStatus();
}

// Small integers are sent as wider ones.
absl::Status CheckRangeOf(Datatype datatype, const Input& input) {
  switch (datatype) {
    case Datatype::kInt8:
      return CheckRange<std::int8_t>(input.contents().int_contents(), input);
    case Datatype::kInt16:
      return CheckRange<std::int16_t>(input.contents().int_contents(), input);
    case Datatype::kUint8:
      return CheckRange<std::uint8_t>(input.contents().uint_contents(), input);
    case Datatype::kUint16:
      return CheckRange<std::uint16_t>(input.contents().uint_contents(), input);
    default:
      return absl::OkStatus();
  }
}

absl::StatusOr<InputValues> FindTyped(const Input& input, const TensorSpec& spec,
                                      std::int64_t count) {
  const TypedField field = FieldOf(spec.datatype, input.contents());
  if (field.name == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("input ", Quote(input.name()), " has datatype ",
                                                   NameOf(spec.datatype),
                                                   ", which must be sent as raw contents"));
  }
  if (field.size != AllTypedValues(input.contents())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input ", Quote(input.name()), " has values of another datatype; expected ", field.name));
  }
  if (field.size != count) {
    return absl::InvalidArgumentError(absl::StrCat("input ", Quote(input.name()), " has ",
                                                   field.size, " values in ", field.name,
                                                   "; its shape expects ", count));
  }
  if (auto status = CheckRangeOf(spec.datatype, input); !status.ok()) return status;
  // The data of an empty field may be null.
  if (count == 0) return InputValues{"", field.values.stored_as};
  return field.values;
}

}  // namespace

absl::StatusOr<InputValues> FindInputValues(const inference::ModelInferRequest& message, int index,
                                            const TensorSpec& spec, std::int64_t count) {
  const Input& input = message.inputs(index);
  if (message.raw_input_contents_size() == 0) return FindTyped(input, spec, count);
  if (AllTypedValues(input.contents()) > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(input.name()),
                     " has both typed and raw contents; expected one of the two"));
  }
  if (message.raw_input_contents_size() != message.inputs_size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the request has ", message.raw_input_contents_size(),
                     " raw_input_contents for ", message.inputs_size(), " input",
                     message.inputs_size() == 1 ? "" : "s", "; expected one for each"));
  }
  const std::string& bytes = message.raw_input_contents(index);
  const std::int64_t expected_bytes = count * static_cast<std::int64_t>(SizeOf(spec.datatype));
  if (static_cast<std::int64_t>(bytes.size()) != expected_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("input ", Quote(input.name()), " has ",
                                                   bytes.size(), " raw bytes; its shape expects ",
                                                   expected_bytes));
  }
  return InputValues{bytes.data(), spec.datatype};
}

}  // namespace mlp
