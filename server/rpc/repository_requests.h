// Reads requests to the model repository, as Triton's and KServe's clients send them.

#ifndef MLP_SERVER_RPC_REPOSITORY_REQUESTS_H_
#define MLP_SERVER_RPC_REPOSITORY_REQUESTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/open_inference.pb.h"
#include "server/served_models/model_manager.h"

namespace mlp {

// The model that a request to load or unload is about: `model_name` or, if that is empty,
// `repository_name`, because KServe's client sends the model's name there. Access is decided by
// this name, so nothing else may read the two fields.
template <typename Request>
absl::string_view RequestedModel(const Request& request) {
  return request.model_name().empty() ? request.repository_name() : request.model_name();
}

// The model is `model_name` or, if that is empty, `repository_name`. Parameters: "config", a
// ModelConfig in JSON, and "file:<version>/<name>", the bytes of a file of the model. Without
// `allow_model_files`, both are PERMISSION_DENIED. NOT_FOUND for a repository in addition to the
// model; INVALID_ARGUMENT for an empty name, and for parameters that are unknown, of another type
// or invalid. Moves the files out of `request`, because they may be large.
absl::StatusOr<ModelLoadRequest> ReadLoadRequest(inference::RepositoryModelLoadRequest request,
                                                 bool allow_model_files);

// The name of the model, as above. The parameter "unload_dependents" has no effect, because no
// model depends on another.
absl::StatusOr<std::string> ReadUnloadRequest(
    const inference::RepositoryModelUnloadRequest& request);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_REPOSITORY_REQUESTS_H_
