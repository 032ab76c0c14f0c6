#include "server/default_options.h"

#include <algorithm>

namespace mlp {
namespace {

// gRPC needs no more, whatever the machine has.
constexpr std::int64_t kMostGrpcMemoryBytes = std::int64_t{1} << 30;

// What an idle ModelStreamInfer call takes, gRPC's part of it included, and so many times the bytes
// of its headers: of a field of 33 bytes, the least that counts, it keeps 163.
constexpr std::int64_t kStreamBytes = std::int64_t{16} << 10;
constexpr std::int64_t kTimesHeaders = 5;
constexpr std::int64_t kFewestOpenStreams = 256;

// Enough for a token of 3 KiB, and what machines with memory allow.
constexpr std::int64_t kFewestMetadataBytes = std::int64_t{4} << 10;
constexpr std::int64_t kMostMetadataBytes = std::int64_t{16} << 10;

// What a connection takes that has asked once and idles, gRPC's part of it included.
constexpr std::int64_t kGrpcConnectionBytes = std::int64_t{24} << 10;
// The same of a connection with TLS by which both sides show certificates. A third is the room that
// gRPC's and OpenSSL's sides of it pass records on by, whether any come or not.
constexpr std::int64_t kTlsConnectionBytes = std::int64_t{104} << 10;
constexpr std::int64_t kFewestConnections = 256;
constexpr std::int64_t kMostConnections = 100'000;

// 4 KiB where there are 256 MiB, and in proportion to that.
int DefaultMetadataBytes(const Machine& machine) {
  return static_cast<int>(std::clamp(machine.memory_bytes / (std::int64_t{64} << 10),
                                     kFewestMetadataBytes, kMostMetadataBytes));
}

// An eighth of the memory, with as large headers as there may be.
int DefaultOpenStreams(const Machine& machine) {
  const std::int64_t bytes = kStreamBytes + kTimesHeaders * DefaultMetadataBytes(machine);
  return static_cast<int>(
      std::clamp(machine.memory_bytes / 8 / bytes, kFewestOpenStreams, kMostOpenStreams));
}

}  // namespace

// As many as an eighth of the memory holds, and no more than there may be descriptors.
int DefaultConnections(const Machine& machine, bool tls) {
  const std::int64_t bytes = tls ? kTlsConnectionBytes : kGrpcConnectionBytes;
  const std::int64_t by_memory =
      std::clamp(machine.memory_bytes / 8 / bytes, kFewestConnections, kMostConnections);
  return static_cast<int>(machine.descriptors > 0 ? std::min(by_memory, machine.descriptors)
                                                  : by_memory);
}

ServerOptions DefaultOptions(const Machine& machine) {
  ServerOptions options;
  // More of them hand each event of the network to one another (docs/decisions.md).
  options.rpc_threads = std::max(1, machine.cpus / 2);
  options.evaluator_threads = machine.cpus;
  // All limits together take three quarters of the memory at most: requests, answers, connections
  // and open streams an eighth each, and gRPC's buffers a quarter.
  options.admission.max_queue_bytes =
      std::min(options.admission.max_queue_bytes, machine.memory_bytes / 8);
  options.max_untaken_answer_bytes =
      std::min(options.max_untaken_answer_bytes, machine.memory_bytes / 8);
  options.max_answer_bytes = std::min(options.max_answer_bytes, machine.memory_bytes / 32);
  options.limits.connections = DefaultConnections(machine, /*tls=*/false);
  options.limits.metadata_bytes = DefaultMetadataBytes(machine);
  options.limits.open_streams = DefaultOpenStreams(machine);
  options.limits.memory_bytes = std::min(kMostGrpcMemoryBytes, machine.memory_bytes / 4);
  options.max_memory_bytes = machine.memory_bytes;
  return options;
}

}  // namespace mlp
