// Server reflection: its answers, and that its streams neither occupy threads nor delay the end.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "proto/reflection.grpc.pb.h"
#include "proto/reflection_v1.grpc.pb.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

namespace v1alpha = grpc::reflection::v1alpha;
namespace v1 = grpc::reflection::v1;

// A stream of one client. `Service` is one of the two versions.
template <typename Service, typename Request, typename Response>
class Stream final {
 public:
  explicit Stream(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(Service::NewStub(channel)) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(120));
    stream_ = stub_->ServerReflectionInfo(&context_);
  }
  ~Stream() { context_.TryCancel(); }

  // False if the stream has ended.
  bool Ask(const Request& request, Response& response) {
    return stream_->Write(request) && stream_->Read(&response);
  }

  bool ListServices(std::vector<std::string>& names) {
    Request request;
    request.set_list_services("");
    Response response;
    if (!Ask(request, response)) return false;
    names.clear();
    for (const auto& service : response.list_services_response().service()) {
      names.push_back(service.name());
    }
    return true;
  }

  bool Listens() {
    std::vector<std::string> names;
    return ListServices(names) && !names.empty();
  }

  // Reads to the end of the stream.
  grpc::Status End() {
    Response response;
    while (stream_->Read(&response)) {
    }
    return stream_->Finish();
  }

  grpc::Status FinishSending() {
    stream_->WritesDone();
    return End();
  }

 private:
  std::unique_ptr<typename Service::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<Request, Response>> stream_;
};

using AlphaStream = Stream<v1alpha::ServerReflection, v1alpha::ServerReflectionRequest,
                           v1alpha::ServerReflectionResponse>;
using V1Stream =
    Stream<v1::ServerReflection, v1::ServerReflectionRequest, v1::ServerReflectionResponse>;

// The number of threads of a process; 0 if it cannot be read.
int ThreadsOf(pid_t process) {
  std::ifstream status(absl::StrCat("/proc/", process, "/status"));
  std::string word;
  int threads = 0;
  while (status >> word) {
    if (word == "Threads:" && status >> threads) return threads;
  }
  return 0;
}

TEST(ReflectionTest, ListsTheServicesInBothVersions) {
  const auto server = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = OpenChannel((*server)->grpc_address());
  const auto are_all = UnorderedElementsAre(
      "inference.GRPCInferenceService", "grpc.health.v1.Health", "mlpserve.v1.Insight",
      "grpc.reflection.v1alpha.ServerReflection", "grpc.reflection.v1.ServerReflection");
  std::vector<std::string> names;
  AlphaStream alpha(channel);
  ASSERT_TRUE(alpha.ListServices(names));
  EXPECT_THAT(names, are_all);
  EXPECT_TRUE(alpha.FinishSending().ok());
  V1Stream version_1(channel);
  ASSERT_TRUE(version_1.ListServices(names));
  EXPECT_THAT(names, are_all);
  EXPECT_TRUE(version_1.FinishSending().ok());
}

TEST(ReflectionTest, DescribesEveryServiceThatItLists) {
  const auto server = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(server.ok()) << server.status();
  AlphaStream stream(OpenChannel((*server)->grpc_address()));
  std::vector<std::string> names;
  ASSERT_TRUE(stream.ListServices(names));
  names.emplace_back("inference.ModelInferRequest.InferInputTensor");
  for (const std::string& name : names) {
    v1alpha::ServerReflectionRequest request;
    request.set_file_containing_symbol(name);
    v1alpha::ServerReflectionResponse response;
    ASSERT_TRUE(stream.Ask(request, response)) << name;
    // The files are sufficient to build the descriptor. Imports come first.
    google::protobuf::DescriptorPool pool;
    const auto& files = response.file_descriptor_response().file_descriptor_proto();
    for (int i = files.size() - 1; i >= 0; --i) {
      google::protobuf::FileDescriptorProto file;
      ASSERT_TRUE(file.ParseFromString(files.Get(i))) << name;
      EXPECT_NE(pool.BuildFile(file), nullptr) << name;
    }
    EXPECT_NE(pool.FindFileContainingSymbol(name), nullptr) << name;
  }
  v1alpha::ServerReflectionRequest unknown;
  unknown.set_file_containing_symbol("inference.None");
  v1alpha::ServerReflectionResponse response;
  ASSERT_TRUE(stream.Ask(unknown, response));
  EXPECT_EQ(response.error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(stream.FinishSending().ok());
}

TEST(ReflectionTest, RefusesLongAndEmptyRequests) {
  const auto server = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = OpenChannel((*server)->grpc_address());
  AlphaStream stream(channel);
  v1alpha::ServerReflectionRequest request;
  request.set_file_containing_symbol(std::string(2000, '.'));
  v1alpha::ServerReflectionResponse response;
  EXPECT_FALSE(stream.Ask(request, response));
  const grpc::Status status = stream.End();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("expected at most 1024"));
  EXPECT_EQ(CallWithBytes(channel, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                          "\xff\xff")
                .error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

// A connection may have a quarter of the 256 streams that may be open.
TEST(ReflectionTest, OpenStreamsTakeNoThreadsAndThoseBeyondTheLimitAreRefused) {
  const auto server = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = OpenChannel((*server)->grpc_address());
  std::vector<std::unique_ptr<AlphaStream>> streams;
  streams.push_back(std::make_unique<AlphaStream>(channel));
  ASSERT_TRUE(streams.back()->Listens());
  // gRPC starts some of its own threads when work first arrives, and ends them again.
  const int threads = ThreadsOf((*server)->pid());
  ASSERT_GT(threads, 0);
  int refused = 0;
  for (int i = 1; i < 100; ++i) {
    auto stream = std::make_unique<AlphaStream>(channel);
    if (stream->Listens()) {
      streams.push_back(std::move(stream));
      continue;
    }
    ++refused;
    EXPECT_EQ(stream->End().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  }
  EXPECT_TRUE(Eventually([&] { return ThreadsOf((*server)->pid()) <= threads + 8; }))
      << ThreadsOf((*server)->pid()) << " threads, " << threads << " before";
  EXPECT_EQ(streams.size(), 64U);
  EXPECT_EQ(refused, 100 - 64);
  for (const auto& stream : streams) EXPECT_TRUE(stream->Listens());

  inference::ModelInferResponse response;
  const auto stub = inference::GRPCInferenceService::NewStub(channel);
  EXPECT_TRUE(Infer(*stub, DigitsRequest("digits-tanh"), response).ok());

  // The places are released, whether a stream ends normally or is cancelled.
  EXPECT_TRUE(streams.back()->FinishSending().ok());
  streams.resize(30);
  std::vector<std::unique_ptr<V1Stream>> more;
  EXPECT_TRUE(Eventually([&] {
    while (more.size() < 34) {
      auto stream = std::make_unique<V1Stream>(channel);
      if (!stream->Listens()) return false;
      more.push_back(std::move(stream));
    }
    return true;
  }));
}

TEST(ReflectionTest, OpenStreamsDoNotDelayTheShutdown) {
  const auto server = ServerProcess::StartOnSampleModels({"--drain-seconds", "300"});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = OpenChannel((*server)->grpc_address());
  std::vector<std::unique_ptr<AlphaStream>> streams;
  for (int i = 0; i < 60; ++i) {
    streams.push_back(std::make_unique<AlphaStream>(channel));
    ASSERT_TRUE(streams.back()->Listens());
  }
  (*server)->Signal(SIGTERM);
  for (const auto& stream : streams) {
    const grpc::Status status = stream->End();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr("stopping"));
  }
  EXPECT_EQ((*server)->WaitForExit(), 0) << (*server)->log();
}

}  // namespace
}  // namespace mlp
