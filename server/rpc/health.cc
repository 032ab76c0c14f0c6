#include "server/rpc/health.h"

#include <memory>

#include "proto/open_inference.grpc.pb.h"

namespace mlp {

std::optional<Health::Status> Health::StatusOf(absl::string_view service) const {
  const Status status = serving() ? grpc::health::v1::HealthCheckResponse::SERVING
                                  : grpc::health::v1::HealthCheckResponse::NOT_SERVING;
  if (service.empty() || service == inference::GRPCInferenceService::service_full_name()) {
    return status;
  }
  const std::shared_ptr<const ModelTable> table = models_.Get();
  const ModelTable::Model* const model = table->ModelNamed(service);
  if (model == nullptr) return std::nullopt;
  return model->default_version > 0 ? status : grpc::health::v1::HealthCheckResponse::NOT_SERVING;
}

}  // namespace mlp
