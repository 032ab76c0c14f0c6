// Reads the body of a POST .../infer into a ModelInferRequest whose values are all raw. The body is
// JSON, and may be followed by the values of tensors in binary.

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

// Spare bytes needed after the end of a body, because the JSON parser reads beyond it.
inline constexpr std::size_t kBodyPadding = 64;

// Memory needed to read a JSON body, for each of its bytes and in addition to it: the parser's
// index and text, and the values.
inline constexpr std::int64_t kReadingBytesPerByte = 10;

// How to write the answer to a request.
struct AnswerForm {
  bool binary = false;  // for outputs that the request does not name
  // For outputs that it names.
  struct Output {
    std::string name;
    bool binary = false;
  };
  std::vector<Output> outputs;

  bool IsBinary(absl::string_view output) const;
};

// Fills `form` and `request`; `request` must be empty except for the model's name and version. The
// first `json_bytes` of the body are JSON and the rest is binary; without `json_bytes`, all of it
// is JSON. The body may grow temporarily, and is the same afterwards. INVALID_ARGUMENT, saying what
// is wrong, if the body is no such request. If memory runs out, RESOURCE_EXHAUSTED or a bad_alloc.
// Does not check that the request fits a model.
absl::Status ReadInferBody(std::string& body, std::optional<std::size_t> json_bytes,
                           inference::ModelInferRequest& request, AnswerForm& form);

}  // namespace mlp

#endif  // MLP_SERVER_REST_INFER_BODY_H_
