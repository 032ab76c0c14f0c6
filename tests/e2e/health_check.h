// One call of gRPC's health service.

#ifndef MLP_TESTS_E2E_HEALTH_CHECK_H_
#define MLP_TESTS_E2E_HEALTH_CHECK_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "proto/health.grpc.pb.h"

namespace mlp {

// Asks for the health of `service`, or of the server if it is empty; waits at most 60 s.
inline grpc::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel,
                                const std::string& service,
                                grpc::health::v1::HealthCheckResponse& response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  return grpc::health::v1::Health::NewStub(channel)->Check(&context, request, &response);
}

}  // namespace mlp

#endif  // MLP_TESTS_E2E_HEALTH_CHECK_H_
