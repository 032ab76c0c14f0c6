#include "benchmarks/load_generator.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <ctime>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/client.h"
#include "client/infer_messages.h"

namespace mlp {
namespace {

using inference::GRPCInferenceService;
using inference::ModelInferRequest;
using inference::ModelInferResponse;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kQuestions = 64;
constexpr auto kPatience = std::chrono::seconds(10);

absl::Duration OwnCpuTime() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  // Otherwise all channels to one address would share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// Whether two answers hold the same outputs. A little is left to servers that evaluate a row
// differently from one batch to another.
bool SameValues(const ModelInferResponse& expected, const ModelInferResponse& answer) {
  if (expected.raw_output_contents_size() != answer.raw_output_contents_size()) return false;
  for (int i = 0; i < expected.raw_output_contents_size(); ++i) {
    const std::string& right = expected.raw_output_contents(i);
    const std::string& given = answer.raw_output_contents(i);
    if (right == given) continue;
    if (right.size() != given.size()) return false;
    for (std::size_t at = 0; at + sizeof(float) <= right.size(); at += sizeof(float)) {
      float right_value = 0.0F;
      float given_value = 0.0F;
      std::memcpy(&right_value, right.data() + at, sizeof(float));
      std::memcpy(&given_value, given.data() + at, sizeof(float));
      // Written so that NaN is a difference.
      if (!(std::fabs(right_value - given_value) <= 1e-4F * (1.0F + std::fabs(right_value)))) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

double Percentile(const std::vector<double>& ascending, double share) {
  if (ascending.empty()) return 0.0;
  const double rank = std::ceil(share * static_cast<double>(ascending.size()));
  const std::size_t index = rank < 1.0 ? 0 : static_cast<std::size_t>(rank) - 1;
  return ascending[std::min(index, ascending.size() - 1)];
}

// The part of one run that goes over one connection, in a thread of its own.
class LoadGenerator::Connection final {
 public:
  Connection(GRPCInferenceService::Stub& stub, const std::vector<Question>& questions,
             std::size_t first_question)
      : stub_(stub), questions_(questions), next_question_(first_question) {}

  void Run(int in_flight, Clock::time_point end) {
    std::vector<Call> calls(static_cast<std::size_t>(in_flight));
    for (Call& call : calls) Send(call);
    bool cancelled = false;
    int open = in_flight;
    while (open > 0) {
      Tag tag;
      const auto state =
          queue_.AsyncNext(&tag.value, &tag.ok, std::chrono::system_clock::now() + kPatience);
      if (state == grpc::CompletionQueue::TIMEOUT) {
        // gRPC ends a cancelled call by itself, whatever the server does.
        cancelled = true;
        for (Call& call : calls) call.context->TryCancel();
        continue;
      }
      Call& call = *static_cast<Call*>(tag.value);
      const Clock::time_point now = Clock::now();
      Take(call, now, end);
      if (now < end && !cancelled) {
        Send(call);
      } else {
        --open;
      }
    }
    queue_.Shutdown();
    for (Tag tag; queue_.Next(&tag.value, &tag.ok);) {
    }
  }

  void AddTo(LoadResult& total) {
    total.answers += result_.answers;
    total.requests += result_.requests;
    total.errors += result_.errors;
    total.wrong_answers += result_.wrong_answers;
    if (total.first_error.empty()) total.first_error = result_.first_error;
    total.latencies_microseconds.insert(total.latencies_microseconds.end(),
                                        result_.latencies_microseconds.begin(),
                                        result_.latencies_microseconds.end());
  }

 private:
  struct Call {
    const Question* question = nullptr;
    std::optional<grpc::ClientContext> context;  // each serves one call only
    std::unique_ptr<grpc::ClientAsyncResponseReader<ModelInferResponse>> reader;
    ModelInferResponse response;
    grpc::Status status;
    Clock::time_point sent;
  };

  struct Tag {
    void* value = nullptr;
    bool ok = false;
  };

  void Send(Call& call) {
    call.question = &questions_[next_question_++ % questions_.size()];
    call.reader.reset();
    call.context.emplace();
    call.response.Clear();
    ++result_.requests;
    call.sent = Clock::now();
    call.reader = stub_.AsyncModelInfer(&*call.context, call.question->request, &queue_);
    call.reader->Finish(&call.response, &call.status, &call);
  }

  void Take(const Call& call, Clock::time_point now, Clock::time_point end) {
    if (!call.status.ok()) {
      ++result_.errors;
      if (result_.first_error.empty()) result_.first_error = call.status.error_message();
      return;
    }
    if (!SameValues(call.question->answer, call.response)) ++result_.wrong_answers;
    if (now > end) return;
    ++result_.answers;
    result_.latencies_microseconds.push_back(
        std::chrono::duration<double, std::micro>(now - call.sent).count());
  }

  GRPCInferenceService::Stub& stub_;
  const std::vector<Question>& questions_;
  std::size_t next_question_;
  grpc::CompletionQueue queue_;
  LoadResult result_;
};

absl::StatusOr<std::unique_ptr<LoadGenerator>> LoadGenerator::Create(const LoadOptions& options) {
  const absl::StatusOr<Client> client = Client::Create(options.address);
  if (!client.ok()) return client.status();
  const absl::StatusOr<ModelMetadata> model = client->Metadata(options.model);
  if (!model.ok()) return model.status();
  if (model->inputs.size() != 1) {
    return absl::UnimplementedError(absl::StrCat("model '", options.model, "' has ",
                                                 model->inputs.size(), " inputs; expected one"));
  }
  std::unique_ptr<LoadGenerator> generator(new LoadGenerator);
  const std::vector<std::int64_t>& shape = model->inputs[0].shape;
  for (std::size_t i = 1; i < shape.size(); ++i) generator->row_width_ *= shape[i];
  for (int i = 0; i < options.connections; ++i) {
    generator->stubs_.push_back(GRPCInferenceService::NewStub(OpenChannel(options.address)));
  }
  if (absl::Status status = generator->AskServer(); !status.ok()) return status;

  // The same questions in every run and on every machine.
  std::mt19937 random(1);
  std::uniform_real_distribution<float> between_0_and_1(0.0F, 1.0F);
  std::vector<float> row(static_cast<std::size_t>(generator->row_width_));
  for (std::size_t i = 0; i < kQuestions; ++i) {
    for (float& value : row) value = between_0_and_1(random);
    absl::StatusOr<ModelInferRequest> request =
        MakeInferRequest(*model, /*rows=*/1, row, /*outputs=*/{});
    if (!request.ok()) return request.status();
    generator->questions_.push_back({*std::move(request), {}});
  }
  if (absl::Status status = generator->AskQuestions(); !status.ok()) return status;
  return generator;
}

absl::Status LoadGenerator::AskServer() {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  inference::ServerMetadataResponse response;
  const grpc::Status status = stubs_[0]->ServerMetadata(&context, {}, &response);
  if (!status.ok()) {
    return absl::UnavailableError(
        absl::StrCat("the server did not tell its name: ", status.error_message()));
  }
  server_ = absl::StrCat(response.name(), " ", response.version());
  return absl::OkStatus();
}

absl::Status LoadGenerator::AskQuestions() {
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    // Over each connection in turn, so that all are open before anything is measured.
    const grpc::Status status = stubs_[i % stubs_.size()]->ModelInfer(
        &context, questions_[i].request, &questions_[i].answer);
    if (!status.ok()) {
      return absl::UnavailableError(
          absl::StrCat("the model did not answer: ", status.error_message()));
    }
    if (questions_[i].answer.raw_output_contents().empty()) {
      return absl::UnimplementedError("the model's answer has no raw_output_contents");
    }
  }
  return absl::OkStatus();
}

LoadResult LoadGenerator::Run(int in_flight, absl::Duration duration) {
  LoadResult result;
  result.duration = duration;
  const absl::Duration cpu_before = OwnCpuTime();
  const Clock::time_point end = Clock::now() + absl::ToChronoNanoseconds(duration);
  const int used = std::min(in_flight, static_cast<int>(stubs_.size()));
  std::vector<std::unique_ptr<Connection>> connections;
  std::vector<std::thread> threads;
  for (int i = 0; i < used; ++i) {
    const int share = in_flight / used + (i < in_flight % used ? 1 : 0);
    connections.push_back(std::make_unique<Connection>(*stubs_[static_cast<std::size_t>(i)],
                                                       questions_, static_cast<std::size_t>(i)));
    threads.emplace_back(
        [connection = connections.back().get(), share, end] { connection->Run(share, end); });
  }
  for (std::thread& thread : threads) thread.join();
  result.own_cpu_time = OwnCpuTime() - cpu_before;
  for (const std::unique_ptr<Connection>& connection : connections) connection->AddTo(result);
  std::sort(result.latencies_microseconds.begin(), result.latencies_microseconds.end());
  return result;
}

}  // namespace mlp
