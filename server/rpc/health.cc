#include "server/rpc/health.h"

#include <algorithm>
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
  const ModelTable::Versions* versions = table->VersionsOf(service);
  if (versions == nullptr) return std::nullopt;
  const bool served = std::any_of(versions->begin(), versions->end(), [](const auto& version) {
    return version.second.served != nullptr;
  });
  return served ? status : grpc::health::v1::HealthCheckResponse::NOT_SERVING;
}

}  // namespace mlp
