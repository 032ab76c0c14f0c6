// Reads any bytes as the body of a POST .../infer, and as a path. The first byte says whether the
// whole body is JSON, or only the part up to its last brace. Whatever can be read is written as an
// answer and read again: it must give the same bytes.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "proto/open_inference.pb.h"
#include "server/rest/infer_answer.h"
#include "server/rest/infer_body.h"
#include "server/rest/rest_path.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

// JSON cannot represent NaN and infinities. BOOL has many bytes for one JSON value.
template <typename Float>
bool AllFinite(const std::string& raw) {
  for (std::size_t at = 0; at + sizeof(Float) <= raw.size(); at += sizeof(Float)) {
    Float value = 0;
    std::memcpy(&value, raw.data() + at, sizeof(Float));
    if (!std::isfinite(value)) return false;
  }
  return true;
}

bool ComesBack(const std::string& datatype, const std::string& raw) {
  if (datatype == "FP32") return AllFinite<float>(raw);
  if (datatype == "FP64") return AllFinite<double>(raw);
  // NaN and infinity have all exponent bits set.
  const auto any = [&raw](unsigned exponent) {
    for (std::size_t at = 0; at + 2 <= raw.size(); at += 2) {
      std::uint16_t bits = 0;
      std::memcpy(&bits, raw.data() + at, 2);
      if ((bits & exponent) == exponent) return true;
    }
    return false;
  };
  if (datatype == "FP16") return !any(0x7c00);
  if (datatype == "BF16") return !any(0x7f80);
  return true;
}

void RequireSameAgain(const inference::ModelInferRequest& request) {
  inference::ModelInferResponse response;
  for (int i = 0; i < request.inputs_size(); ++i) {
    const auto& input = request.inputs(i);
    if (!ComesBack(input.datatype(), request.raw_input_contents(i))) continue;
    auto& output = *response.add_outputs();
    output.set_name(input.name());
    output.set_datatype(input.datatype());
    *output.mutable_shape() = input.shape();
    response.add_raw_output_contents(request.raw_input_contents(i));
  }
  const auto answer = mlp::WriteInferAnswer(response, {});
  Require(answer.ok());
  std::string body = answer->body;
  body.replace(body.find("\"outputs\""), 9, "\"inputs\"");
  inference::ModelInferRequest again;
  mlp::AnswerForm form;
  Require(mlp::ReadInferBody(body, std::nullopt, again, form).ok());
  Require(again.raw_input_contents_size() == response.raw_output_contents_size());
  for (int i = 0; i < again.raw_input_contents_size(); ++i) {
    Require(again.raw_input_contents(i) == response.raw_output_contents(i));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  static_cast<void>(mlp::ParseRestPath(bytes));

  std::string body = bytes;
  std::optional<std::size_t> json_bytes;
  if (data[0] % 2 == 1) json_bytes = body.rfind('}') + 1;
  inference::ModelInferRequest request;
  mlp::AnswerForm form;
  const absl::Status status = mlp::ReadInferBody(body, json_bytes, request, form);
  Require(status.ok() || absl::IsInvalidArgument(status));
  Require(body == bytes);
  if (!status.ok()) return 0;
  Require(request.raw_input_contents_size() == request.inputs_size());
  // Binary inputs may hold any number of values, whatever their shape says.
  if (!json_bytes) RequireSameAgain(request);
  return 0;
}
