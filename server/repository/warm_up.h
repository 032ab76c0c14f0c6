// The requests that a version answers before it is served: model_warmup of its config.pbtxt.

#ifndef MLP_SERVER_REPOSITORY_WARM_UP_H_
#define MLP_SERVER_REPOSITORY_WARM_UP_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/datatype.h"
#include "model/network.h"
#include "proto/model_config.pb.h"

namespace mlp {

struct WarmUpRequest {
  struct Input {
    std::string row;  // the values of one row; every row of the request has these
    Datatype stored_as = Datatype::kFp32;
  };

  std::int64_t rows = 1;
  std::int64_t times = 1;
  std::vector<Input> inputs;  // in the network's order
};

// Reads the entries of `config`, and their files in `folder`/warmup, for a version with `network`.
// INVALID_ARGUMENT, with the entry and the input, for anything that does not fit the network or is
// out of range; NOT_FOUND for a missing file; UNIMPLEMENTED for a file of strings.
absl::StatusOr<std::vector<WarmUpRequest>> ReadWarmUp(const std::filesystem::path& folder,
                                                      const inference::ModelConfig& config,
                                                      const Network& network);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_WARM_UP_H_
