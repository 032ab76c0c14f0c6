#include "server/security.h"

#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/options/address.h"
#include "server/sockets/unix_socket.h"
#include "server/tls/tls_credentials.h"

namespace mlp {
namespace {

// How often the files are looked at. One that changed is read at the second look that finds it the
// same, and gRPC takes it over within a second more.
constexpr std::chrono::seconds kLookInterval(1);

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily FamilyOf(const char* name, MetricType type, const char* help) {
  MetricFamily family;
  family.name = name;
  family.type = type;
  family.help = help;
  return family;
}

void AddSample(const char* label, const std::string& value, double number, MetricFamily& family) {
  prometheus::ClientMetric metric;
  metric.label = {{label, value}};
  (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = number;
  family.metric.push_back(std::move(metric));
}

ClientAuthentication AuthenticationOf(const SecurityOptions& options) {
  if (options.tls_client_authorities.empty()) return ClientAuthentication::kNone;
  return options.client_certificates == ClientCertificates::kOptional
             ? ClientAuthentication::kOptional
             : ClientAuthentication::kRequired;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Security>> Security::Start(const SecurityOptions& options,
                                                          Metrics& metrics, spdlog::logger& log) {
  std::unique_ptr<Security> security(new Security(options, log));
  if (absl::Status read = security->ReadFiles(); !read.ok()) return read;
  security->gate_.emplace(
      CallGate::Options{.asks_callers = security->callers_.has_value(),
                        .admin_calls_apart = !options.admin_address.empty(),
                        // Its mode says who reaches it. A port of loopback everybody here reaches.
                        .trusts_admin_address = IsUnixAddress(options.admin_address),
                        .asks_callers_of_health = options.health_needs_observe},
      security->access_, security->audit_);
  security->Show(metrics);
  if (security->tls_ != nullptr || security->callers_.has_value()) {
    security->thread_ = std::thread([its = security.get()] { its->Run(); });
  }
  return security;
}

Security::~Security() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

absl::Status Security::ReadFiles() {
  if (!options_.tls_certificate.empty()) {
    absl::StatusOr<std::unique_ptr<TlsFiles>> files =
        TlsFiles::Read({options_.tls_certificate, options_.tls_key, options_.tls_client_authorities,
                        options_.tls_revocation_lists},
                       absl::Now());
    if (!files.ok()) return files.status();
    tls_ = *std::move(files);
    failures_.CountFromLog();
    credentials_ = MakeTlsCredentials(*tls_, AuthenticationOf(options_), failures_);
  }
  if (!options_.tokens_file.empty()) {
    callers_.emplace(options_.tokens_file);
    absl::StatusOr<std::shared_ptr<const AccessList>> list = callers_->Read();
    if (!list.ok()) return list.status();
    access_.Take(*std::move(list));
  }
  return absl::OkStatus();
}

bool Security::IsOpenToAll() const {
  const bool asks_for_certificates = AuthenticationOf(options_) == ClientAuthentication::kRequired;
  return !callers_.has_value() && !asks_for_certificates;
}

void Security::LogWhoMayCall(const std::string& grpc_address,
                             const std::string& http_address) const {
  const auto level_of = [](const std::string& address) {
    return IsLocalAddress(address) ? spdlog::level::info : spdlog::level::warn;
  };
  if (IsOpenToAll()) {
    log_.log(level_of(grpc_address),
             "the gRPC port is open to all: whoever reaches it may make every call{} "
             "(docs/security.md: --tokens-file, --tls-client-ca)",
             options_.admin_address.empty() ? "" : " but those of --admin-address");
    return;
  }
  if (!callers_.has_value()) {
    log_.info("every client with a certificate of --tls-client-ca may make every call{}",
              options_.admin_address.empty() ? "" : " but those of --admin-address");
  }
  log_.log(level_of(http_address),
           "the HTTP port asks nobody who they are: /metrics and the status page name the models");
}

void Security::Show(Metrics& metrics) {
  metrics.ShowValue(MetricType::Gauge, "mlp_open_to_all",
                    "1 where nobody who reaches the gRPC port is asked who they are.",
                    [this] { return IsOpenToAll() ? 1 : 0; });
  metrics.ShowValue(MetricType::Counter, "mlp_unauthenticated_total",
                    "Calls refused for no, a wrong or an expired credential.",
                    [this] { return access_.unauthenticated(); });
  metrics.ShowFamilies([this] {
    std::vector<MetricFamily> families;
    MetricFamily& denied = families.emplace_back(
        FamilyOf("mlp_permission_denied_total", MetricType::Counter,
                 "Calls refused to known callers, by the role that they take."));
    for (const Role role : {Role::kObserve, Role::kInfer, Role::kAdmin}) {
      AddSample("role", std::string(NameOf(role)), static_cast<double>(access_.denied(role)),
                denied);
    }
    const auto add_reloads = [&families](const char* name, const char* help,
                                         const Reloads& reloads) {
      MetricFamily& family = families.emplace_back(FamilyOf(name, MetricType::Counter, help));
      AddSample("result", "taken_over", static_cast<double>(reloads.taken_over.load()), family);
      AddSample("result", "refused", static_cast<double>(reloads.refused.load()), family);
    };
    if (callers_.has_value()) {
      add_reloads("mlp_tokens_reloads_total", "Times that --tokens-file had changed.",
                  callers_reloads_);
    }
    if (tls_ == nullptr) return families;
    add_reloads("mlp_tls_reloads_total", "Times that the files of TLS had changed.", tls_reloads_);
    MetricFamily& ends = families.emplace_back(FamilyOf(
        "mlp_tls_certificate_not_after_timestamp_seconds", MetricType::Gauge,
        "When the first certificate of the file in use expires; of authorities, the last."));
    for (const TlsFiles::Expiry& expiry : tls_->Expiries()) {
      AddSample("file", expiry.file, static_cast<double>(absl::ToUnixSeconds(expiry.not_after)),
                ends);
    }
    MetricFamily& failed =
        families.emplace_back(FamilyOf("mlp_tls_handshakes_failed_total", MetricType::Counter,
                                       "Handshakes of TLS that failed, by the reason."));
    for (std::size_t i = 0; i < kHandshakeFailures; ++i) {
      const auto reason = static_cast<HandshakeFailure>(i);
      AddSample("reason", std::string(NameOf(reason)), static_cast<double>(failures_.Of(reason)),
                failed);
    }
    return families;
  });
}

void Security::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kLookInterval,
                         [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopping_; })) {
    lock.unlock();
    LookAtFiles();
    lock.lock();
  }
}

void Security::LookAtFiles() {
  if (tls_ != nullptr) {
    const TlsFiles::Look look = tls_->LookAt(absl::Now());
    if (look.changed) tls_reloads_.Count(look.status.ok());
    if (look.changed && look.status.ok()) {
      log_.info("the new files of TLS are taken over; the certificate is valid until {}",
                absl::FormatTime(absl::RFC3339_sec, tls_->Expiries().front().not_after,
                                 absl::UTCTimeZone()));
    } else if (look.changed) {
      log_.error("the new files of TLS are refused, and the ones before stay in use: {}",
                 std::string(look.status.message()));
    }
  }
  if (!callers_.has_value()) return;
  AccessFile::Look look = callers_->LookAt();
  if (!look.changed) return;
  callers_reloads_.Count(look.list.ok());
  if (look.list.ok()) {
    log_.info("the new tokens file is taken over; it names {} callers", (*look.list)->size());
    access_.Take(*std::move(look.list));
  } else {
    log_.error("the new tokens file is refused, and the callers stay as they were: {}",
               std::string(look.list.status().message()));
  }
}

}  // namespace mlp
