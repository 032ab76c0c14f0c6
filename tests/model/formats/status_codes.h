// Short names, for tables of cases, for the status codes of readers' refusals.

#ifndef MLP_TESTS_MODEL_FORMATS_STATUS_CODES_H_
#define MLP_TESTS_MODEL_FORMATS_STATUS_CODES_H_

#include "absl/status/status.h"

namespace mlp {

inline constexpr auto kOk = absl::StatusCode::kOk;
inline constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
inline constexpr auto kUnimplemented = absl::StatusCode::kUnimplemented;

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_STATUS_CODES_H_
