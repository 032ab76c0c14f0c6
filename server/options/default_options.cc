#include "server/options/default_options.h"

#include <algorithm>

namespace mlp {
namespace {

// gRPC needs no more, on any machine.
constexpr std::int64_t kMaxGrpcMemoryBytes = std::int64_t{1} << 30;

// Memory of an idle ModelStreamInfer call, gRPC's part included: kStreamBytes, plus kTimesHeaders
// times the bytes of its headers. For a header field that counts as 33 bytes, the least, gRPC keeps
// 163.
constexpr std::int64_t kStreamBytes = std::int64_t{16} << 10;
constexpr std::int64_t kTimesHeaders = 5;
constexpr std::int64_t kMinOpenStreams = 256;

// The minimum is enough for a token of 3 KiB. Machines with more memory allow up to the maximum.
constexpr std::int64_t kMinMetadataBytes = std::int64_t{4} << 10;
constexpr std::int64_t kMaxMetadataBytes = std::int64_t{16} << 10;

// Memory of an idle connection after its first call, gRPC's part included.
constexpr std::int64_t kGrpcConnectionBytes = std::int64_t{24} << 10;
// The same with mutual TLS. A third of it is buffers for records, which gRPC and OpenSSL keep even
// if none come.
constexpr std::int64_t kTlsConnectionBytes = std::int64_t{104} << 10;
constexpr std::int64_t kMinConnections = 256;
constexpr std::int64_t kMaxConnections = 100'000;

// 4 KiB at 256 MiB of memory, and in proportion.
int DefaultMetadataBytes(const Machine& machine) {
  return static_cast<int>(std::clamp(machine.memory_bytes / (std::int64_t{64} << 10),
                                     kMinMetadataBytes, kMaxMetadataBytes));
}

// As many as fit into an eighth of the memory, each with the longest headers allowed.
int DefaultOpenStreams(const Machine& machine) {
  const std::int64_t bytes = kStreamBytes + kTimesHeaders * DefaultMetadataBytes(machine);
  return static_cast<int>(
      std::clamp(machine.memory_bytes / 8 / bytes, kMinOpenStreams, kMaxOpenStreams));
}

}  // namespace

// As many as fit into an eighth of the memory, capped by the number of file descriptors if that is
// known.
int DefaultConnections(const Machine& machine, bool tls) {
  const std::int64_t bytes = tls ? kTlsConnectionBytes : kGrpcConnectionBytes;
  const std::int64_t by_memory =
      std::clamp(machine.memory_bytes / 8 / bytes, kMinConnections, kMaxConnections);
  return static_cast<int>(machine.descriptors > 0 ? std::min(by_memory, machine.descriptors)
                                                  : by_memory);
}

ServerOptions DefaultOptions(const Machine& machine) {
  ServerOptions options;
  // With more threads, each network event is handed from one to another
  // (docs/develop/decisions.md).
  options.rpc_threads = std::max(1, machine.cpus / 2);
  options.evaluator_threads = machine.cpus;
  // All limits together take at most three quarters of the memory: requests, answers, connections
  // and open streams take an eighth each, and gRPC's buffers a quarter.
  options.admission.max_queue_bytes =
      std::min(options.admission.max_queue_bytes, machine.memory_bytes / 8);
  options.max_unread_answer_bytes =
      std::min(options.max_unread_answer_bytes, machine.memory_bytes / 8);
  options.max_answer_bytes = std::min(options.max_answer_bytes, machine.memory_bytes / 32);
  options.limits.connections = DefaultConnections(machine, /*tls=*/false);
  options.limits.metadata_bytes = DefaultMetadataBytes(machine);
  options.limits.open_streams = DefaultOpenStreams(machine);
  options.limits.memory_bytes = std::min(kMaxGrpcMemoryBytes, machine.memory_bytes / 4);
  options.max_memory_bytes = machine.memory_bytes;
  return options;
}

}  // namespace mlp
