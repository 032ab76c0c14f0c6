#include "tests/e2e/soak/soak_clients.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "proto/open_inference.grpc.pb.h"
#include "tests/e2e/inference_client.h"

namespace mlp {
namespace {

using inference::GRPCInferenceService;
using inference::ModelInferRequest;
using inference::ModelInferResponse;
using inference::ModelStreamInferResponse;
using std::chrono::milliseconds;

constexpr std::size_t kMaxWrongReported = 10;

// A connection that no other client shares.
std::unique_ptr<GRPCInferenceService::Stub> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return GRPCInferenceService::NewStub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
}

ModelInferRequest DigitsRequestOf(const std::string& model, std::int64_t rows) {
  // All sample models take the same rows.
  ModelInferRequest request = DigitsRequest("digits-tanh", rows);
  request.set_model_name(model);
  return request;
}

// Whether `values` are the first rows of one of the right answers.
bool IsRight(const std::vector<std::string>& right, const std::string& values) {
  return std::any_of(right.begin(), right.end(), [&](const std::string& answer) {
    return values.size() <= answer.size() && answer.compare(0, values.size(), values) == 0;
  });
}

void Check(const SoakContext& context, const std::string& model, std::int64_t rows,
           const ModelInferResponse& response, SoakTally& tally) {
  const std::vector<std::string>& right = context.right.at(model);
  const auto bytes =
      static_cast<std::size_t>(rows) * right.front().size() / static_cast<std::size_t>(kSoakRows);
  if (response.raw_output_contents_size() == 0 || response.raw_output_contents(0).size() != bytes ||
      !IsRight(right, response.raw_output_contents(0))) {
    tally.Wrong(absl::StrCat(model, " version ", response.model_version(), ": ", rows, " rows"));
  }
}

}  // namespace

void SoakTally::Got(grpc::StatusCode code) {
  const std::lock_guard lock(mutex_);
  ++codes_[code];
}

void SoakTally::Wrong(const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (wrong_.size() < kMaxWrongReported) wrong_.push_back(what);
}

std::map<grpc::StatusCode, std::int64_t> SoakTally::codes() const {
  const std::lock_guard lock(mutex_);
  return codes_;
}

std::vector<std::string> SoakTally::wrong() const {
  const std::lock_guard lock(mutex_);
  return wrong_;
}

void RunUnaryClient(const SoakContext& context, const std::string& model, unsigned seed,
                    SoakTally& tally) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::int64_t> rows_of_a_request(1, 64);
  while (!context.end) {
    const auto stub = Connect(context.address);
    for (int i = 0; i < 1000 && !context.end; ++i) {
      const std::int64_t rows = rows_of_a_request(random);
      ModelInferResponse response;
      tally.Sent();
      const grpc::Status status = Infer(*stub, DigitsRequestOf(model, rows), response);
      tally.Got(status.error_code());
      if (status.ok()) Check(context, model, rows, response, tally);
    }
  }
}

void RunStreamClient(const SoakContext& context, const std::string& model, unsigned seed,
                     SoakTally& tally) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::int64_t> rows_of_a_request(1, 32);
  const auto stub = Connect(context.address);
  while (!context.end) {
    grpc::ClientContext call;
    call.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    const auto stream = stub->ModelStreamInfer(&call);
    std::vector<std::int64_t> rows(100);
    for (std::int64_t& of_one : rows) of_one = rows_of_a_request(random);
    std::thread writer([&] {
      for (const std::int64_t of_one : rows) {
        tally.Sent();
        if (!stream->Write(DigitsRequestOf(model, of_one))) break;
      }
      stream->WritesDone();
    });
    ModelStreamInferResponse response;
    for (std::size_t i = 0; i < rows.size() && stream->Read(&response); ++i) {
      const bool ok = response.error_message().empty();
      // The protocol has no code for a single request of a stream. The requests of the soak are all
      // valid, so only overload can refuse one.
      tally.Got(ok ? grpc::StatusCode::OK : grpc::StatusCode::RESOURCE_EXHAUSTED);
      if (ok) Check(context, model, rows[i], response.infer_response(), tally);
    }
    writer.join();
    const grpc::Status status = stream->Finish();
    if (!status.ok()) tally.Wrong(absl::StrCat("a stream ended: ", status.error_message()));
  }
}

void RunWrongClient(const SoakContext& context, const std::string& model, SoakTally& tally) {
  const auto stub = Connect(context.address);
  for (int i = 0; !context.end; ++i) {
    ModelInferRequest request = DigitsRequestOf(model, 3);
    switch (i % 5) {
      case 0:
        request.mutable_inputs(0)->set_name("nothing");
        break;
      case 1:
        request.mutable_raw_input_contents(0)->pop_back();
        break;
      case 2:
        request.mutable_inputs(0)->set_shape(0, std::int64_t{1} << 62);
        break;
      case 3:
        request.set_model_version("newest");
        break;
      default:
        (*request.mutable_parameters())["timeout"].set_string_param("soon");
    }
    ModelInferResponse response;
    tally.Sent();
    tally.Got(Infer(*stub, request, response).error_code());
    std::this_thread::sleep_for(milliseconds(2));
  }
}

void RunImpatientClient(const SoakContext& context, const std::string& model, unsigned seed,
                        SoakTally& tally) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> microseconds(0, 3000);
  const auto stub = Connect(context.address);
  for (int i = 0; !context.end; ++i) {
    ModelInferRequest request = DigitsRequestOf(model, 200);
    grpc::ClientContext call;
    const std::chrono::microseconds patience(microseconds(random));
    const auto now = std::chrono::system_clock::now();
    call.set_deadline(i % 3 == 1 ? now + patience : now + std::chrono::seconds(60));
    if (i % 3 == 2)
      (*request.mutable_parameters())["timeout"].set_int64_param(1 + patience.count());
    std::thread canceller;
    if (i % 3 == 0) {
      canceller = std::thread([&call, patience] {
        std::this_thread::sleep_for(patience);
        call.TryCancel();
      });
    }
    ModelInferResponse response;
    tally.Sent();
    const grpc::Status status = stub->ModelInfer(&call, request, &response);
    tally.Got(status.error_code());
    if (status.ok()) Check(context, model, 200, response, tally);
    if (canceller.joinable()) canceller.join();
  }
}

void RunBurstClient(const SoakContext& context, const std::string& model, SoakTally& tally) {
  while (!context.end) {
    InferMany(
        OpenChannel(context.address), 100,
        [&](int index) -> std::optional<ModelInferRequest> {
          if (index == 200) return std::nullopt;
          tally.Sent();
          return DigitsRequestOf(model, kSoakRows);
        },
        [&](int, const grpc::Status& status, const ModelInferResponse& response) {
          tally.Got(status.error_code());
          if (status.ok()) Check(context, model, kSoakRows, response, tally);
        });
    for (int i = 0; i < 20 && !context.end; ++i) std::this_thread::sleep_for(milliseconds(50));
  }
}

}  // namespace mlp
