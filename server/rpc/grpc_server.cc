#include "server/rpc/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace mlp {
namespace {

// Calls that are posted ahead by each worker: as many as can be evaluated together at best.
constexpr int kPostedCalls = 128;

// Room for everything in a request beside its values: names, id, parameters.
constexpr std::int64_t kMessageSlackBytes = std::int64_t{64} << 10;

// Without requests for this long, those that were sent before have come.
constexpr absl::Duration kQuiet = absl::Milliseconds(200);

// How long requests are refused before connections are closed.
constexpr absl::Duration kRefusing = absl::Seconds(1);

// The size of the largest request that some model takes.
int MaxMessageBytes(const ModelTable& models) {
  std::int64_t most = 0;
  for (const std::unique_ptr<ServedModel>& model : models.served()) {
    const std::int64_t row_bytes =
        model->network->input().width() * static_cast<std::int64_t>(sizeof(float));
    most = std::max(most, model->max_batch_rows * row_bytes);
  }
  return static_cast<int>(
      std::min<std::int64_t>(most + kMessageSlackBytes, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerOptions& options,
                                                              const ModelTable& models,
                                                              Metrics& metrics) {
  std::unique_ptr<GrpcServer> server(new GrpcServer(models));
  grpc::EnableDefaultHealthCheckService(false);  // it knows neither models nor a drain
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.address, grpc::InsecureServerCredentials(), &server->port_);
  // With SO_REUSEPORT a second server would share the port in silence.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(MaxMessageBytes(models));
  // The size limit is checked after inflation only, so that a short message could fill the memory.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.RegisterService(&server->inference_service_);
  builder.RegisterService(&server->health_service_);
  // Reflection is the one synchronous service.
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 1);

  for (int i = 0; i < options.threads; ++i) {
    server->infer_workers_.push_back(std::make_unique<InferWorker>(
        server->inference_service_, models, metrics, builder.AddCompletionQueue()));
  }
  // Connections are taken, and so read, by the workers that evaluate: what they read goes no way
  // through another thread.
  server->control_worker_ = std::make_unique<ControlWorker>(
      server->inference_service_, server->health_service_, models, server->health_,
      builder.AddCompletionQueue(/*is_frequently_polled=*/false));

  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || server->port_ == 0) {
    server->server_.reset();
    return absl::UnavailableError(absl::StrCat("cannot listen on the gRPC address '",
                                               options.address,
                                               "': it is in use, or not an address of this host"));
  }
  for (const std::unique_ptr<InferWorker>& worker : server->infer_workers_) {
    worker->Start(kPostedCalls);
  }
  server->control_worker_->Start();
  return server;
}

GrpcServer::~GrpcServer() {
  if (server_ != nullptr) Stop(absl::ZeroDuration());
}

void GrpcServer::SetServing() {
  health_.SetServing(true);
  control_worker_->HealthChanged(/*ending=*/false);
}

void GrpcServer::WaitUntilQuiet(absl::Time deadline) const {
  std::int64_t before = -1;
  for (absl::Time quiet_since = absl::Now();;) {
    std::int64_t arrivals = 0;
    bool evaluating = false;
    for (const std::unique_ptr<InferWorker>& worker : infer_workers_) {
      arrivals += worker->arrivals();
      evaluating |= worker->evaluating();
    }
    const absl::Time now = absl::Now();
    // Requests may have come, unseen, behind a batch that takes long.
    if (arrivals != before || evaluating) quiet_since = now;
    if (now - quiet_since >= kQuiet || now >= deadline) return;
    before = arrivals;
    absl::SleepFor(absl::Milliseconds(10));
  }
}

void GrpcServer::Stop(absl::Duration grace) {
  const absl::Time start = absl::Now();
  health_.SetServing(false);
  control_worker_->HealthChanged(/*ending=*/true);
  // Once gRPC is told to shut down, it cancels the calls that still come on open connections; they
  // are better told by a code that clients retry on.
  WaitUntilQuiet(start + grace / 2);
  for (const std::unique_ptr<InferWorker>& worker : infer_workers_) worker->Refuse();
  WaitUntilQuiet(std::min(start + grace, absl::Now() + kRefusing));
  server_->Shutdown(absl::ToChronoTime(start + grace));
  for (const std::unique_ptr<InferWorker>& worker : infer_workers_) worker->Stop();
  control_worker_->Stop();
  infer_workers_.clear();
  control_worker_.reset();
  server_.reset();
}

}  // namespace mlp
