// The statuses of grpc.health.v1: of the server (""), of the inference service by its name, and of
// each model by its name.

#ifndef MLP_SERVER_RPC_HEALTH_H_
#define MLP_SERVER_RPC_HEALTH_H_

#include <atomic>
#include <optional>

#include "absl/strings/string_view.h"
#include "proto/health.pb.h"
#include "server/served_models/model_catalog.h"

namespace mlp {

// Thread-safe. `models` must outlive it.
class Health final {
 public:
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  explicit Health(const ModelCatalog& models) : models_(models) {}

  // Whether the server takes inference requests; false at first.
  void SetServing(bool serving) { serving_.store(serving, std::memory_order_release); }
  bool serving() const { return serving_.load(std::memory_order_acquire); }

  // nullopt for an unknown service. A model that answers requests without a version has the
  // server's status; any other is NOT_SERVING.
  std::optional<Status> StatusOf(absl::string_view service) const;

 private:
  const ModelCatalog& models_;
  std::atomic<bool> serving_ = false;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_HEALTH_H_
