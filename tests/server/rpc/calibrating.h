// Calls that bring rows for a baseline, and their messages.

#ifndef MLP_TESTS_SERVER_RPC_CALIBRATING_H_
#define MLP_TESTS_SERVER_RPC_CALIBRATING_H_

#include <grpcpp/grpcpp.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "proto/insight.grpc.pb.h"

namespace mlp {

// The message that begins a call.
inline mlpserve::v1::CalibrateRequest BeginOf(const std::string& model, bool install = false) {
  mlpserve::v1::CalibrateRequest message;
  message.mutable_begin()->set_model_name(model);
  message.mutable_begin()->set_install(install);
  return message;
}

// A message with values of rows.
inline mlpserve::v1::CalibrateRequest ValuesOf(const std::vector<float>& values) {
  mlpserve::v1::CalibrateRequest message;
  message.mutable_values()->resize(values.size() * sizeof(float));
  std::memcpy(message.mutable_values()->data(), values.data(), message.values().size());
  return message;
}

// A call that a test sends message by message.
class Calibrating final {
 public:
  explicit Calibrating(mlpserve::v1::Insight::Stub& stub)
      : writer_(stub.Calibrate(&context_, &response_)) {}

  bool Send(const mlpserve::v1::CalibrateRequest& message) { return writer_->Write(message); }
  grpc::Status End() {
    writer_->WritesDone();
    return writer_->Finish();
  }
  // The status that the server ends the call with while it waits for more.
  grpc::Status WaitForEnd() { return writer_->Finish(); }
  void Cancel() { context_.TryCancel(); }
  const mlpserve::v1::CalibrateResponse& response() const { return response_; }

 private:
  grpc::ClientContext context_;
  mlpserve::v1::CalibrateResponse response_;
  std::unique_ptr<grpc::ClientWriter<mlpserve::v1::CalibrateRequest>> writer_;
};

// A whole call. If the server ends it early, the rest of the messages is not sent.
inline grpc::Status Calibrate(mlpserve::v1::Insight::Stub& stub,
                              const std::vector<mlpserve::v1::CalibrateRequest>& messages) {
  Calibrating call(stub);
  for (const mlpserve::v1::CalibrateRequest& message : messages) {
    if (!call.Send(message)) break;
  }
  return call.End();
}

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_RPC_CALIBRATING_H_
