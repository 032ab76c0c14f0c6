#include "benchmarks/service/bar_sides.h"

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/bench/load_requests.h"
#include "client/channel.h"
#include "client/client.h"
#include "model/formats/native/writer.h"
#include "proto/open_inference.grpc.pb.h"

namespace mlp {
namespace {

absl::Status WriteModel(const std::filesystem::path& repository, const std::string& model) {
  std::error_code error;
  std::filesystem::create_directories(repository / model, error);
  if (error) return absl::InternalError(absl::StrCat("cannot make a folder: ", error.message()));
  return WriteNativeFolder(*NetworkOfModel(model), repository / model / "1");
}

absl::StatusOr<ModelMetadata> MetadataOf(const std::string& address, const std::string& model) {
  const absl::StatusOr<Client> client = Client::Create(address);
  if (!client.ok()) return client.status();
  return client->Metadata(model);
}

// Writes the bytes that `address` answers to a request of one row for `model` to `file`.
absl::Status WriteAnswer(const std::string& address, const ModelMetadata& model,
                         const std::filesystem::path& file) {
  const auto requests = MakeRequests(model, {});
  if (!requests.ok()) return requests.status();
  const auto stub = inference::GRPCInferenceService::NewStub(
      OpenClientChannel(address, std::nullopt, std::numeric_limits<std::int32_t>::max(),
                        ChannelSharing::kOwnConnection));
  grpc::ClientContext context;
  inference::ModelInferResponse response;
  const grpc::Status status = stub->ModelInfer(&context, requests->front(), &response);
  if (!status.ok()) return absl::InternalError(status.error_message());
  std::ofstream out(file, std::ios::binary);
  if (!(out << response.SerializeAsString()).flush()) {
    return absl::InternalError(absl::StrCat("cannot write '", file.string(), "'"));
  }
  return absl::OkStatus();
}

// Makes a side that sends `load` to `server`.
absl::Status MakeSide(const ModelMetadata& model, LoadOptions load, const ServerUnderTest& server,
                      BarSide& side) {
  load.address = server.grpc_address();
  absl::StatusOr<std::unique_ptr<LoadGenerator>> generator = LoadGenerator::Create(model, load);
  if (!generator.ok()) return generator.status();
  side.server = &server;
  side.model = model.name;
  side.generator = *std::move(generator);
  return absl::OkStatus();
}

}  // namespace

std::shared_ptr<const Network> NetworkOfModel(const std::string& model) {
  return NetworkOf(model == kSmallModel ? SmallNetwork() : MiddleNetwork(), ActivationKind::kTanh);
}

absl::StatusOr<std::unique_ptr<BarSides>> BarSides::Start(const BarSidesOptions& options) {
  std::unique_ptr<BarSides> sides(new BarSides(options));
  const std::filesystem::path repository = sides->repository();
  absl::Status status;
  for (const char* model : {kSmallModel, kMiddleModel})
    status.Update(WriteModel(repository, model));
  if (!status.ok()) return status;

  auto ours = ServerUnderTest::Start(options.server, repository.string(),
                                     {"--rpc-threads", absl::StrCat(options.threads)});
  if (!ours.ok()) return ours.status();
  sides->ours_ = *std::move(ours);
  const std::string& address = sides->ours_->grpc_address();
  const absl::StatusOr<ModelMetadata> small = MetadataOf(address, kSmallModel);
  const absl::StatusOr<ModelMetadata> middle = MetadataOf(address, kMiddleModel);
  for (const absl::StatusOr<ModelMetadata>* model : {&small, &middle}) {
    if (!model->ok()) return model->status();
    status.Update(WriteAnswer(address, **model, sides->AnswerOf((*model)->name)));
  }
  auto synchronous = ServerUnderTest::StartPeer(
      options.peer,
      {"--kind", "synchronous", "--model", (repository / kMiddleModel / "1").string()});
  status.Update(synchronous.status());
  if (!status.ok()) return status;
  sides->synchronous_ = *std::move(synchronous);

  LoadOptions load;
  load.connections = load.threads = options.connections;
  LoadOptions stream = load;
  stream.stream = true;
  LoadOptions of_16_rows = load;
  of_16_rows.request_options.rows = 16;
  of_16_rows.deadline = kDeadline;
  status.Update(MakeSide(*small, load, *sides->ours_, sides->small));
  status.Update(MakeSide(*small, stream, *sides->ours_, sides->small_stream));
  status.Update(MakeSide(*middle, load, *sides->ours_, sides->middle));
  status.Update(MakeSide(*middle, of_16_rows, *sides->ours_, sides->middle_of_16_rows));
  status.Update(MakeSide(*middle, load, *sides->synchronous_, sides->middle_synchronous));
  if (!status.ok()) return status;
  return sides;
}

absl::StatusOr<FloorAndRows> BarSides::StartFloorAndRows(const BarSide& side, int rows) const {
  const absl::StatusOr<ModelMetadata> model = MetadataOf(ours_->grpc_address(), side.model);
  if (!model.ok()) return model.status();
  auto server = ServerUnderTest::StartPeer(
      options_.peer, {"--kind", "echo", "--threads", absl::StrCat(options_.threads), "--answer",
                      AnswerOf(side.model).string(), "--model",
                      (repository() / side.model / "1").string(), "--rows", absl::StrCat(rows)});
  if (!server.ok()) return server.status();
  FloorAndRows floor;
  floor.server = *std::move(server);
  LoadOptions load;
  load.connections = load.threads = options_.connections;
  if (absl::Status made = MakeSide(*model, load, *floor.server, floor.side); !made.ok()) {
    return made;
  }
  return floor;
}

}  // namespace mlp
