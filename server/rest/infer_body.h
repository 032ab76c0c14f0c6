// Reads the body of a POST .../infer: JSON, perhaps with the values of tensors behind it in binary,
// as a ModelInferRequest, whose values are all raw.

#ifndef MLP_SERVER_REST_INFER_BODY_H_
#define MLP_SERVER_REST_INFER_BODY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/open_inference.pb.h"

namespace mlp {

// Bytes that a body must have room for behind its end: the JSON parser reads beyond it.
inline constexpr std::size_t kBodyPadding = 64;

// The memory that reading a body of JSON takes beside it, for each of its bytes: the parser's index
// and text, and the values.
inline constexpr std::int64_t kReadingBytesPerByte = 10;

// How the answer to a request is to be written.
struct AnswerForm {
  bool binary = false;  // outputs that the request does not name
  // Those that it names.
  struct Output {
    std::string name;
    bool binary = false;
  };
  std::vector<Output> outputs;

  bool IsBinary(absl::string_view output) const;
};

// Fills `request`, which is empty, but for the model's name and version, and `form`. The first
// `json_bytes` of the body are JSON (all of it where there is none), what follows binary. The body
// may grow for a moment, and is the same afterwards. INVALID_ARGUMENT, naming what is wrong, for a
// body that is no such request; RESOURCE_EXHAUSTED without memory, or it throws bad_alloc. That it
// fits a model is not checked.
absl::Status ReadInferBody(std::string& body, std::optional<std::size_t> json_bytes,
                           inference::ModelInferRequest& request, AnswerForm& form);

}  // namespace mlp

#endif  // MLP_SERVER_REST_INFER_BODY_H_
