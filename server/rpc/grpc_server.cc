#include "server/rpc/grpc_server.h"

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/rpc/open_connections.h"
#include "server/rpc/server_limits.h"
#include "server/sockets/listening_sockets.h"
#include "server/sockets/unix_socket.h"

namespace mlp {
namespace {

// If no request comes for this long, all requests sent earlier have arrived.
constexpr std::chrono::milliseconds kQuiet(200);

// How long requests are refused before connections are closed.
constexpr std::chrono::seconds kRefusing(1);

// `left` from now, on a clock that nobody can set: gRPC takes a wall-clock time as it is.
gpr_timespec After(GrpcServer::Clock::duration left) {
  return gpr_time_add(
      gpr_now(GPR_CLOCK_MONOTONIC),
      gpr_time_from_nanos(std::chrono::duration_cast<std::chrono::nanoseconds>(left).count(),
                          GPR_TIMESPAN));
}

// Descriptors left for HTTP, so that probes are answered however many gRPC's clients take, and for
// files.
constexpr std::size_t kDescriptorsLeft = 16;

// The least of gRPC's own time limit if connections settle first (SettingsHandshake). A client that
// has settled has done its part, so only this server, if it is busy, can exceed the limit.
constexpr int kSettledHandshakeMs = 120'000;

// Whether the connections of `listener` have a SettingsHandshake. Only gRPC can read what is
// encrypted, and for a local socket the kernel does not tell what was read. So those have none,
// only gRPC's own time limit.
bool Settles(const Listener& listener, bool is_plaintext) {
  return is_plaintext && !listener.is_unix();
}

// Whether the new `connection` is within the limits. If not, counts it in `refused`.
bool MayStay(int connection, OpenConnections& open, RefusedConnections& refused) {
  // If the client has already gone, it has no origin, and gRPC will notice.
  const std::optional<ConnectionRefusal> refusal = open.Add(
      connection, ConnectionOrigin(PeerOf(connection).storage), OpenConnections::Clock::now());
  if (refusal.has_value()) refused.Count(*refusal);
  return !refusal.has_value();
}

// Tells the audit which process is at the other end of a unix: connection.
void AuditPeer(int connection, CallGate& audit) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return;
  audit.AuditConnection(peer.uid, peer.pid);
}

absl::Status ListenOn(const std::string& address, int unix_socket_mode,
                      std::unique_ptr<Listener>& listener) {
  absl::StatusOr<std::unique_ptr<Listener>> listening =
      Listener::Listen(address, {.left = kDescriptorsLeft}, unix_socket_mode);
  if (listening.ok()) {
    listener = *std::move(listening);
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat("gRPC: ", listening.status().message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const GrpcServerOptions& options, const ModelCatalog& models, ModelManager& manager,
    InsightHandlers insight, AnswerBudget& answers, Metrics& metrics, RequestLog& requests,
    LogControl& log, GrpcSecurity security) {
  std::unique_ptr<GrpcServer> server(
      new GrpcServer(models, std::move(insight), options.admission, options.limits.open_streams));
  grpc::EnableDefaultHealthCheckService(false);  // it knows neither models nor a drain

  absl::Status listening = ListenOn(options.address, options.unix_socket_mode, server->listener_);
  if (listening.ok() && !options.admin_address.empty()) {
    listening = ListenOn(options.admin_address, options.admin_socket_mode, server->admin_listener_);
  }
  if (!listening.ok()) return listening;

  grpc::ServerBuilder builder;
  const auto accept_by = [&builder](std::shared_ptr<grpc::ServerCredentials> credentials) {
    return builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
        std::move(credentials));
  };
  const bool is_plaintext = security.credentials == nullptr;
  std::shared_ptr<Acceptor> acceptor =
      accept_by(is_plaintext ? grpc::InsecureServerCredentials() : security.credentials);
  std::shared_ptr<Acceptor> admin_acceptor;
  if (server->admin_listener_ != nullptr) {
    // Plaintext too, but by these credentials a call shows that it came through this address.
    admin_acceptor = accept_by(grpc::experimental::LocalServerCredentials(
        IsUnixAddress(options.admin_address) ? UDS : LOCAL_TCP));
  }
  server->message_bytes_ = MessageBytes(options.limits, *models.Get());
  builder.SetMaxReceiveMessageSize(static_cast<int>(server->message_bytes_));
  ConnectionLimits limits = options.limits;
  // One limit for both addresses. At a unix: admin address, only operators can exceed it.
  if (Settles(*server->listener_, is_plaintext)) {
    limits.handshake_ms = std::max(limits.handshake_ms, kSettledHandshakeMs);
  }
  SetLimits(limits, builder);
  builder.RegisterService(&server->inference_service_);
  builder.RegisterService(&server->health_service_);
  builder.RegisterService(&server->insight_service_);
  server->reflection_services_.Register(builder);
  builder.RegisterAsyncGenericService(&server->unknown_calls_);

  for (int i = 0; i < options.threads; ++i) {
    server->infer_workers_.push_back(std::make_unique<InferWorker>(
        server->inference_service_, models,
        InferWorker::Limits{{server->admission_, answers, &requests},
                            server->open_streams_,
                            std::chrono::seconds(options.answer_timeout_seconds),
                            security.gate.asks_callers() ? &security.gate : nullptr},
        server->busy_threads_, metrics, builder.AddCompletionQueue()));
  }
  server->control_calls_ = std::make_unique<ControlCalls>(
      server->inference_service_, server->health_service_, server->insight_service_,
      server->reflection_services_, server->unknown_calls_, models, manager, server->insight_,
      options.allow_model_files, server->health_, log, security.gate,
      server->infer_workers_.front()->loop());

  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) {
    return absl::InternalError("gRPC cannot start a server with these options");
  }
  server->control_calls_->Post();
  for (const std::unique_ptr<InferWorker>& worker : server->infer_workers_) {
    worker->Start();
  }
  server->local_inference_.emplace(server->infer_workers_);
  server->worker_watch_ = std::make_unique<WorkerWatch>(models, server->infer_workers_);
  RefusedConnections& refused = metrics.refused_connections();
  absl::Status accepting = server->Accept(options, is_plaintext, std::move(acceptor), refused,
                                          {*server->listener_}, server->handshake_);
  if (accepting.ok() && server->admin_listener_ != nullptr) {
    accepting =
        server->Accept(options, /*is_plaintext=*/true, std::move(admin_acceptor), refused,
                       {*server->admin_listener_, &security.gate}, server->admin_handshake_);
  }
  if (!accepting.ok()) return accepting;
  return server;
}

absl::Status GrpcServer::Accept(const GrpcServerOptions& options, bool is_plaintext,
                                std::shared_ptr<Acceptor> acceptor, RefusedConnections& refused,
                                Door door, std::unique_ptr<SettingsHandshake>& handshake) {
  const auto hand_on = [acceptor = std::move(acceptor)](int listening, int connection) {
    Acceptor::NewConnectionParameters parameters;
    parameters.listener_fd = listening;
    parameters.fd = connection;
    acceptor->HandleNewConnection(&parameters);
  };
  std::function<void(int, int)> begin = hand_on;
  if (Settles(door.listener, is_plaintext)) {
    absl::StatusOr<std::unique_ptr<SettingsHandshake>> started = SettingsHandshake::Start(
        {std::chrono::milliseconds(options.limits.handshake_ms),
         static_cast<std::uint32_t>(options.limits.streams),
         static_cast<std::uint32_t>(options.limits.metadata_bytes)},
        {hand_on, [&refused] { refused.Count(ConnectionRefusal::kHandshake); }});
    if (!started.ok()) return started.status();
    handshake = *std::move(started);
    begin = [plaintext_handshake = handshake.get()](int listening, int connection) {
      plaintext_handshake->Begin(listening, connection);
    };
  }
  const auto open = std::make_shared<OpenConnections>(options.limits.connections,
                                                      options.limits.connections_of_an_address);
  CallGate* const audit = door.listener.is_unix() ? door.audit : nullptr;
  door.listener.Start(
      [begin = std::move(begin), open, &refused, audit](int listening, int connection) {
        if (!MayStay(connection, *open, refused)) {
          close(connection);
          return;
        }
        if (audit != nullptr) AuditPeer(connection, *audit);
        begin(listening, connection);
      },
      [&refused] { refused.Count(ConnectionRefusal::kNoDescriptor); });
  return absl::OkStatus();
}

GrpcServer::~GrpcServer() {
  if (server_ != nullptr) Stop(std::chrono::seconds(0));
}

void GrpcServer::SetServing() {
  health_.SetServing(true);
  control_calls_->HealthChanged(/*ending=*/false);
}

void GrpcServer::SetNotServing() {
  health_.SetServing(false);
  control_calls_->HealthChanged(/*ending=*/false);
}

void GrpcServer::WaitUntilQuiet(Clock::time_point deadline) const {
  std::int64_t last_arrivals = -1;
  for (Clock::time_point quiet_since = Clock::now();;) {
    std::int64_t arrivals = 0;
    bool busy = false;
    for (const std::unique_ptr<InferWorker>& worker : infer_workers_) {
      arrivals += worker->arrivals();
      busy |= worker->busy();
    }
    const Clock::time_point now = Clock::now();
    // Behind a long batch, requests may have arrived unseen.
    if (arrivals != last_arrivals || busy) quiet_since = now;
    if (now - quiet_since >= kQuiet || now >= deadline) return;
    last_arrivals = arrivals;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void GrpcServer::Stop(std::chrono::seconds grace) {
  const Clock::time_point start = Clock::now();
  health_.SetServing(false);
  control_calls_->HealthChanged(/*ending=*/true);
  // Once gRPC shuts down, it cancels the calls that still arrive on open connections. It is better
  // to refuse them first, with a code that clients retry on.
  WaitUntilQuiet(start + grace / 2);
  for (const std::unique_ptr<InferWorker>& worker : infer_workers_) worker->Refuse();
  WaitUntilQuiet(std::min<Clock::time_point>(start + grace, Clock::now() + kRefusing));
  listener_->Stop();
  if (admin_listener_ != nullptr) admin_listener_->Stop();
  handshake_.reset();
  admin_handshake_.reset();
  local_inference_->Close(start + grace);
  control_calls_->StopAnswers();
  server_->Shutdown(After(start + grace - Clock::now()));
  worker_watch_.reset();
  for (const std::unique_ptr<InferWorker>& worker : infer_workers_) worker->BeginStop();
  for (const std::unique_ptr<InferWorker>& worker : infer_workers_) worker->Stop();
  control_calls_.reset();
  infer_workers_.clear();
  server_.reset();
}

}  // namespace mlp
