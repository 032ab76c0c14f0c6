#include "tests/e2e/soak/soak_attacks.h"

#include <grpcpp/grpcpp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/open_inference.grpc.pb.h"
#include "tests/e2e/http2_connection.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/published_models.h"

namespace mlp {
namespace {

using Clock = std::chrono::steady_clock;
using inference::GRPCInferenceService;

constexpr std::size_t kMaxWrongAnswersReported = 10;

class Attacker final {
 public:
  Attacker(const AttackedServer& server, AttackTally& tally)
      : server_(server),
        tally_(tally),
        channel_(OpenChannel(server.grpc_address)),
        stub_(GRPCInferenceService::NewStub(channel_)) {}

  void Round(const std::atomic<bool>& end) {
    using Attack = void (Attacker::*)();
    constexpr Attack kAttacks[] = {
        &Attacker::ReadNoAnswers,
        &Attacker::LeaveMessagesUnfinished,
        &Attacker::SendBombs,
        &Attacker::AskForHugeClassifications,
        &Attacker::SendTextThatIsNone,
        &Attacker::ResetAtOnce,
        &Attacker::EndStreamsAtOnce,
        &Attacker::AskForNoMethod,
        &Attacker::AcknowledgeNoSettings,
        &Attacker::ReadNoControlAnswers,
        &Attacker::SendManyHeaders,
        &Attacker::StaySilentOnHttp,
        &Attacker::ComeAndGo,
    };
    for (const Attack attack : kAttacks) {
      if (end) return;
      (this->*attack)();
      AskWhetherItLives();
    }
    ++tally_.rounds;
  }

 private:
  void Wrong(const std::string& what) {
    if (tally_.wrong.size() < kMaxWrongAnswersReported) tally_.wrong.push_back(what);
  }

  void Sent(std::int64_t least, std::int64_t most) {
    tally_.least_requests += least;
    tally_.most_requests += most;
  }

  // Sends a request whose answer must be one of `expected` or, as for all requests, a refusal by
  // overload.
  void SendBytes(const std::string& what, const std::string& bytes,
                 const std::vector<grpc::StatusCode>& expected) {
    Sent(1, 1);
    const grpc::StatusCode code = CallWithBytes(channel_, kModelInferPath, bytes).error_code();
    if (code != grpc::StatusCode::RESOURCE_EXHAUSTED &&
        std::find(expected.begin(), expected.end(), code) == expected.end()) {
      Wrong(absl::StrCat(what, ": code ", static_cast<int>(code)));
    }
  }

  inference::ModelInferRequest Request(std::int64_t rows) const {
    inference::ModelInferRequest request = DigitsRequest("digits-tanh", rows);
    request.set_model_name(server_.model);
    return request;
  }

  // Leaves no room for its answers.
  void ReadNoAnswers() {
    constexpr int kRequests = 100;
    Http2Connection connection(server_.grpc_port);
    connection.Send(NoRoomForAnswers());
    const std::string headers = CallHeaders(kModelInferPath);
    const std::string message = Request(1).SerializeAsString();
    std::uint32_t stream = 1;
    for (int i = 0; i < kRequests; ++i) {
      if (!connection.Send(AskCalls(headers, message, 1, stream))) break;
    }
    Sent(0, kRequests);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }

  void LeaveMessagesUnfinished() {
    constexpr std::size_t kSaid = 60'000;
    std::vector<std::unique_ptr<Http2Connection>> connections;
    for (int i = 0; i < 20; ++i) {
      connections.push_back(std::make_unique<Http2Connection>(server_.grpc_port));
      std::string message = GrpcMessage(std::string(kSaid, '\0'));
      message.pop_back();
      connections.back()->Send(Frame(kHeadersFrame, kEndHeaders, 1, CallHeaders(kModelInferPath)) +
                               DataFrames(1, message, /*end_stream=*/false));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }

  // Small on the wire, but large once decoded.
  void SendBombs() {
    std::string inputs;
    std::string contents = Request(1).SerializeAsString();
    for (int i = 0; i < 50'000; ++i) inputs += std::string("\x2a\0", 2);
    for (int i = 0; i < 50'000; ++i) contents += std::string("\x3a\0", 2);
    SendBytes("empty inputs", inputs,
              {grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::NOT_FOUND});
    SendBytes("empty contents", contents, {grpc::StatusCode::INVALID_ARGUMENT});
  }

  void AskForHugeClassifications() {
    inference::ModelInferRequest request = Request(1'000);
    auto& output = *request.add_outputs();
    output.set_name("logits");
    (*output.mutable_parameters())["classification"].set_int64_param(std::int64_t{1} << 40);
    SendBytes("classification", request.SerializeAsString(),
              {grpc::StatusCode::OK, grpc::StatusCode::INVALID_ARGUMENT});
  }

  void SendTextThatIsNone() {
    // Field 3, the id, with bytes that are not UTF-8.
    SendBytes("id", Request(1).SerializeAsString() + std::string("\x1a\x02\xff\xfe", 4),
              {grpc::StatusCode::INVALID_ARGUMENT});
  }

  // CVE-2023-44487, on a small scale.
  void ResetAtOnce() {
    Http2Connection connection(server_.grpc_port);
    std::uint32_t stream = 1;
    connection.Send(OpenAndResetCalls(CallHeaders(kModelInferPath), 500, stream));
  }

  void EndStreamsAtOnce() {
    for (const char* method : {kModelStreamInferPath, kReflectionPath, kHealthWatchPath}) {
      Http2Connection connection(server_.grpc_port);
      std::uint32_t stream = 1;
      connection.Send(OpenCalls(CallHeaders(method), 200, stream));
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  // grpc/grpc issue 32356.
  void AskForNoMethod() {
    Http2Connection connections[] = {Http2Connection(server_.grpc_port),
                                     Http2Connection(server_.grpc_port)};
    for (std::uint32_t stream = 1; stream < 4'000;) {
      const std::string calls = OpenCalls(CallHeaders("/a/b"), 200, stream);
      for (Http2Connection& connection : connections) connection.Send(calls);
    }
  }

  void AcknowledgeNoSettings() {
    Http2Connection connection(server_.grpc_port, /*acknowledges=*/false);
    const std::string headers = CallHeaders(kServerLivePath);
    for (std::uint32_t stream = 1; stream < 20'000;) {
      if (!connection.Send(OpenCalls(headers, 100, stream))) return;
    }
  }

  // Other clients' health checks must still get through.
  void ReadNoControlAnswers() {
    std::vector<std::unique_ptr<Http2Connection>> connections;
    for (int i = 0; i < 20; ++i) {
      connections.push_back(std::make_unique<Http2Connection>(server_.grpc_port));
      std::uint32_t stream = 1;
      connections.back()->Send(NoRoomForAnswers() +
                               AskCalls(CallHeaders(kServerLivePath), /*message=*/"", 70, stream));
    }
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    inference::ServerLiveResponse response;
    const grpc::Status live = stub_->ServerLive(&context, {}, &response);
    if (!live.ok()) Wrong("ServerLive: " + live.error_message());
  }

  void SendManyHeaders() {
    std::vector<std::pair<std::string, std::string>> fields(100, {"a", ""});
    Http2Connection connection(server_.grpc_port);
    std::uint32_t stream = 1;
    connection.Send(OpenCalls(CallHeaders(kModelStreamInferPath, fields), 100, stream));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }

  void StaySilentOnHttp() {
    std::vector<int> sockets;
    for (int i = 0; i < 50; ++i) {
      const int socket = ConnectToLoopback(server_.http_port);
      if (socket < 0) continue;
      if (i % 2 == 0) send(socket, "GET /metr", 9, MSG_NOSIGNAL);
      sockets.push_back(socket);
    }
    AskWhetherItLives();
    for (const int socket : sockets) close(socket);
  }

  // The series and memory of a model that comes and goes while metrics are read and clients use it.
  void ComeAndGo() {
    for (int i = 0; i < 3; ++i) {
      const grpc::Status loaded = LoadModel(*stub_, server_.visitor);
      if (!loaded.ok()) Wrong("load: " + loaded.error_message());
      inference::ModelInferRequest request = DigitsRequest("digits-tanh");
      request.set_model_name(server_.visitor);
      inference::ModelInferResponse response;
      // Its counts disappear with it.
      Sent(0, 1);
      const grpc::StatusCode code = Infer(*stub_, request, response).error_code();
      if (code != grpc::StatusCode::OK && code != grpc::StatusCode::RESOURCE_EXHAUSTED) {
        Wrong(absl::StrCat("a loaded model: code ", static_cast<int>(code)));
      }
      const grpc::Status unloaded = UnloadModel(*stub_, server_.visitor);
      if (!unloaded.ok()) Wrong("unload: " + unloaded.error_message());
    }
  }

  void AskWhetherItLives() {
    const Clock::time_point start = Clock::now();
    if (HttpGet(server_.http_port, "/live").code != 200) Wrong("/live was not answered");
    const std::chrono::duration<double> took = Clock::now() - start;
    tally_.slowest_live_seconds = std::max(tally_.slowest_live_seconds, took.count());
  }

  const AttackedServer& server_;
  AttackTally& tally_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<GRPCInferenceService::Stub> stub_;
};

}  // namespace

void RunAttacks(const AttackedServer& server, const std::atomic<bool>& end, AttackTally& tally) {
  Attacker attacker(server, tally);
  while (!end) {
    attacker.Round(end);
    for (int i = 0; i < 10 && !end; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace mlp
