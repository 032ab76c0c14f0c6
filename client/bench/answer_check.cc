#include "client/bench/answer_check.h"

#include <cmath>
#include <cstring>

#include "proto/open_inference.pb.h"

namespace mlp {
namespace {

using inference::ModelInferResponse;

bool IsClose(const std::string& expected, const std::string& given, float tolerance) {
  if (expected.size() != given.size()) return false;
  for (std::size_t at = 0; at + sizeof(float) <= expected.size(); at += sizeof(float)) {
    float right = 0.0F;
    float value = 0.0F;
    std::memcpy(&right, expected.data() + at, sizeof(float));
    std::memcpy(&value, given.data() + at, sizeof(float));
    // Written so that NaN counts as a difference.
    if (!(std::fabs(right - value) <= tolerance * (1.0F + std::fabs(right)))) return false;
  }
  return true;
}

}  // namespace

bool AnswerCheck::IsRight(std::size_t message, absl::string_view answer) const {
  const std::string& expected = expected_[message];
  if (answer == expected) return true;
  // Other fields, such as the id, may differ.
  ModelInferResponse right;
  ModelInferResponse given;
  if (!right.ParseFromString(expected) ||
      !given.ParseFromArray(answer.data(), static_cast<int>(answer.size())) ||
      right.outputs_size() != given.outputs_size() ||
      right.raw_output_contents_size() != given.raw_output_contents_size()) {
    return false;
  }
  for (int i = 0; i < right.outputs_size(); ++i) {
    if (right.outputs(i).SerializeAsString() != given.outputs(i).SerializeAsString()) return false;
  }
  for (int i = 0; i < right.raw_output_contents_size(); ++i) {
    const std::string& right_bytes = right.raw_output_contents(i);
    const std::string& given_bytes = given.raw_output_contents(i);
    if (right_bytes == given_bytes) continue;
    const bool of_floats = i < right.outputs_size() && right.outputs(i).datatype() == "FP32";
    if (!of_floats || tolerance_ == 0.0F || !IsClose(right_bytes, given_bytes, tolerance_)) {
      return false;
    }
  }
  return true;
}

}  // namespace mlp
