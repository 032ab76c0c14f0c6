// Requests for SmallNetwork.

#ifndef MLP_TESTS_SERVER_SMALL_REQUEST_H_
#define MLP_TESTS_SERVER_SMALL_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "proto/open_inference.pb.h"

namespace mlp {

// A raw request for `rows` rows of zeros. It names no model.
inline inference::ModelInferRequest SmallRequest(std::int64_t rows) {
  inference::ModelInferRequest message;
  auto& input = *message.add_inputs();
  input.set_name("x");
  input.set_datatype("FP32");
  input.add_shape(rows);
  input.add_shape(2);
  message.add_raw_input_contents(std::string(static_cast<std::size_t>(rows) * 2 * 4, '\0'));
  return message;
}

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_SMALL_REQUEST_H_
