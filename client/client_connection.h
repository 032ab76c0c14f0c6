// A Client's gRPC objects. Internal to the client.

#ifndef MLP_CLIENT_CLIENT_CONNECTION_H_
#define MLP_CLIENT_CLIENT_CONNECTION_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/channel.h"
#include "client/client.h"
#include "proto/health.grpc.pb.h"
#include "proto/insight.grpc.pb.h"
#include "proto/open_inference.grpc.pb.h"

namespace mlp {

struct Client::Connection {
  Connection(std::string address_text, const ClientOptions& client_options,
             const std::shared_ptr<grpc::Channel>& channel)
      : address(std::move(address_text)),
        options(client_options),
        inference(::inference::GRPCInferenceService::NewStub(channel)),
        health(grpc::health::v1::Health::NewStub(channel)),
        insight(mlpserve::v1::Insight::NewStub(channel)) {}

  // Makes one blocking call on `stub` within the timeout.
  template <typename Stub, typename Method, typename Request, typename Response>
  absl::Status Call(Stub& stub, Method method, const Request& request, Response& response) const {
    grpc::ClientContext context;
    AddTokenTo(options.credentials.token, context);
    context.set_deadline(std::chrono::system_clock::now() + options.timeout);
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED &&
        status.error_message() == "Deadline Exceeded") {  // gRPC's own message, not a server's
      return NoAnswer();
    }
    return ToStatus(status);
  }

  // The error for a missing answer within the timeout.
  absl::Status NoAnswer() const {
    return absl::DeadlineExceededError(
        absl::StrCat("no answer from ", address, " within ",
                     static_cast<double>(options.timeout.count()) / 1000.0, " s"));
  }

  // The two enumerations have the same numbers.
  static absl::Status ToStatus(const grpc::Status& status) {
    return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
  }

  std::string address;
  ClientOptions options;
  std::unique_ptr<::inference::GRPCInferenceService::Stub> inference;
  std::unique_ptr<grpc::health::v1::Health::Stub> health;
  std::unique_ptr<mlpserve::v1::Insight::Stub> insight;
};

}  // namespace mlp

#endif  // MLP_CLIENT_CLIENT_CONNECTION_H_
