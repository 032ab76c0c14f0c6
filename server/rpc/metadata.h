// The answers that describe the server and its models.

#ifndef MLP_SERVER_RPC_METADATA_H_
#define MLP_SERVER_RPC_METADATA_H_

#include "absl/status/status.h"
#include "proto/open_inference.pb.h"
#include "server/served_models/model_table.h"

namespace mlp {

// Each fills an empty response from the table. Errors are those of ModelTable::Find.

void FillServerMetadata(inference::ServerMetadataResponse& response);

// A version that was refused is not ready; an unknown version is NOT_FOUND.
absl::Status FillModelReady(const ModelTable& models, const inference::ModelReadyRequest& request,
                            inference::ModelReadyResponse& response);

absl::Status FillModelMetadata(const ModelTable& models,
                               const inference::ModelMetadataRequest& request,
                               inference::ModelMetadataResponse& response);

absl::Status FillModelConfig(const ModelTable& models, const inference::ModelConfigRequest& request,
                             inference::ModelConfigResponse& response);

// The statistics of one version, of all served versions of a model if no version is named, or of
// all models if no model is named.
absl::Status FillModelStatistics(const ModelTable& models,
                                 const inference::ModelStatisticsRequest& request,
                                 inference::ModelStatisticsResponse& response);

// NOT_FOUND for a repository_name: there is one repository, which has no name.
absl::Status FillRepositoryIndex(const ModelTable& models,
                                 const inference::RepositoryIndexRequest& request,
                                 inference::RepositoryIndexResponse& response);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_METADATA_H_
