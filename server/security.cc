#include "server/security.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "model/process_guard.h"
#include "server/observe/metric_family.h"
#include "server/options/address.h"
#include "server/sockets/unix_socket.h"
#include "server/tls/tls_credentials.h"

namespace mlp {
namespace {

// How often the files are checked for changes. A changed file is read once two checks in a row find
// it the same; gRPC uses it within another second.
constexpr std::chrono::seconds kFileLookInterval(1);

// A variable of the client that is easily mistaken for the server's MLP_TLS_CLIENT_CA.
constexpr char kClientAuthorities[] = "MLP_CLIENT_TLS_CA";

using prometheus::MetricFamily;
using prometheus::MetricType;

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
                        // A unix: socket's mode decides who can reach it. Every user of this
                        // machine can reach a loopback port.
                        .trusts_admin_address = IsUnixAddress(options.admin_address),
                        .asks_callers_of_health = options.health_needs_observe},
      security->access_, security->audit_);
  security->Show(metrics);
  if (security->tls_ != nullptr || security->http_files_ != nullptr ||
      security->callers_.has_value()) {
    security->thread_ = std::thread([self = security.get()] { self->Run(); });
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
  const bool has_tls = !options_.tls_certificate.empty();
  const bool http_has_own = !options_.http_tls_certificate.empty();
  if (has_tls || http_has_own || !options_.tokens_file.empty()) {
    LeaveNoCoreFile();
    // This also drops gRPC's log: if tracing is on, it contains headers, and so tokens.
    failures_.CountFromLog();
  }
  if (has_tls) {
    absl::StatusOr<std::unique_ptr<TlsFiles>> files =
        TlsFiles::Read({.certificate = options_.tls_certificate,
                        .key = options_.tls_key,
                        .client_authorities = options_.tls_client_authorities,
                        .revocation_lists = options_.tls_revocation_lists,
                        .for_http = options_.http_tls && !http_has_own},
                       absl::Now());
    if (!files.ok()) return files.status();
    tls_ = *std::move(files);
    credentials_ = MakeTlsCredentials(*tls_, AuthenticationOf(options_), failures_);
  }
  if (http_has_own) {
    absl::StatusOr<std::unique_ptr<TlsFiles>> files =
        TlsFiles::Read({.certificate = options_.http_tls_certificate,
                        .key = options_.http_tls_key,
                        .client_authorities = "",
                        .revocation_lists = "",
                        .for_grpc = false,
                        .for_http = true,
                        .certificate_option = "--http-tls-cert",
                        .key_option = "--http-tls-key"},
                       absl::Now());
    if (!files.ok()) return files.status();
    http_files_ = *std::move(files);
  }
  if (options_.http_tls) {
    const TlsFiles& files = http_has_own ? *http_files_ : *tls_;
    http_tls_ = std::make_unique<HttpTls>(files.http_identity());
  }
  if (!options_.tokens_file.empty()) {
    callers_.emplace(options_.tokens_file);
    const absl::StatusOr<std::shared_ptr<const AccessList>> list = callers_->Read();
    if (!list.ok()) return list.status();
    TakeCallers(*list);
  }
  return absl::OkStatus();
}

void Security::TakeCallers(const std::shared_ptr<const AccessList>& list) {
  access_.Take(list);
  // Not refused: several servers may share the file, and the removal of a line must not be delayed.
  if (list->has_certificates() && options_.tls_client_authorities.empty()) {
    log_.warn(
        "the tokens file has lines with uri=, dns= or cn=, which match no caller: without "
        "--tls-client-ca clients send no certificate");
  }
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
  const char* const of_client = std::getenv(kClientAuthorities);  // NOLINT(concurrency-mt-unsafe)
  if (of_client != nullptr && *of_client != '\0' && tls_ != nullptr &&
      options_.tls_client_authorities.empty()) {
    log_.info(
        "only mlp-client reads {}: clients send no certificate unless --tls-client-ca or "
        "MLP_TLS_CLIENT_CA names their authorities",
        kClientAuthorities);
  }
  if (IsOpenToAll()) {
    log_.log(level_of(grpc_address),
             "the gRPC port is open to all: anyone who reaches it may make every call{} "
             "(docs/use/security.md: --tokens-file, --tls-client-ca)",
             options_.admin_address.empty() ? "" : " except those of --admin-address");
    return;
  }
  if (!callers_.has_value()) {
    log_.info("every client with a certificate of --tls-client-ca may make every call{}",
              options_.admin_address.empty() ? "" : " except those of --admin-address");
  }
  if (options_.http_needs_observe) return;
  log_.log(level_of(http_address),
           "the HTTP port requires no authentication: /metrics and the status page name the models "
           "(docs/use/security.md: --http-needs-observe)");
}

void Security::Show(Metrics& metrics) {
  if (http_tls_ != nullptr) {
    metrics.ShowValue(MetricType::Counter, "mlp_http_tls_handshakes_failed_total",
                      "TLS handshakes that failed at the HTTP port and at REST.",
                      [this] { return http_tls_->failed_handshakes(); });
  }
  metrics.ShowValue(MetricType::Gauge, "mlp_open_to_all",
                    "1 if the gRPC port requires no authentication.",
                    [this] { return IsOpenToAll() ? 1 : 0; });
  metrics.ShowValue(MetricType::Counter, "mlp_unauthenticated_total",
                    "Calls refused because their credential was missing, wrong or expired.",
                    [this] { return access_.unauthenticated(); });
  metrics.ShowFamilies([this] {
    std::vector<MetricFamily> families;
    MetricFamily& unaudited = families.emplace_back(EmptyFamily(
        "mlp_audit_left_out_total", MetricType::Counter,
        "Admin calls without a line in the audit: over the rate limit, or for lack of room."));
    AddSample(unaudited, {{"reason", "rate"}}, static_cast<double>(audit_.left_out_by_rate()));
    AddSample(unaudited, {{"reason", "room"}}, static_cast<double>(audit_.left_out()));
    MetricFamily& denied = families.emplace_back(
        EmptyFamily("mlp_permission_denied_total", MetricType::Counter,
                    "Calls refused to known callers, by the role that the calls need."));
    for (const Role role : {Role::kObserve, Role::kInfer, Role::kAdmin}) {
      AddSample(denied, {{"role", std::string(NameOf(role))}},
                static_cast<double>(access_.denied(role)));
    }
    const auto add_counter = [&families](const char* name, const char* help,
                                         std::int64_t taken_over, std::int64_t refused) {
      MetricFamily& family = families.emplace_back(EmptyFamily(name, MetricType::Counter, help));
      AddSample(family, {{"result", "taken_over"}}, static_cast<double>(taken_over));
      AddSample(family, {{"result", "refused"}}, static_cast<double>(refused));
    };
    const auto add_last = [&families](const char* name, const char* help, bool succeeded) {
      MetricFamily& family = families.emplace_back(EmptyFamily(name, MetricType::Gauge, help));
      family.metric.emplace_back().gauge.value = succeeded ? 1 : 0;
    };
    if (callers_.has_value()) {
      add_counter("mlp_tokens_reloads_total", "Reloads of --tokens-file, by result.",
                  callers_reloads_.taken_over, callers_reloads_.refused);
      add_last("mlp_tokens_last_reload_successful",
               "Whether the last reload of --tokens-file succeeded.",
               callers_reloads_.last_succeeded);
    }
    if (tls_ == nullptr && http_files_ == nullptr) return families;
    add_counter("mlp_tls_reloads_total", "Reloads of the TLS files, by result.",
                tls_reloads_.taken_over + http_tls_reloads_.taken_over,
                tls_reloads_.refused + http_tls_reloads_.refused);
    add_last("mlp_tls_last_reload_successful",
             "Whether the last reload of the TLS files succeeded.",
             tls_reloads_.last_succeeded && http_tls_reloads_.last_succeeded);
    MetricFamily& ends = families.emplace_back(EmptyFamily(
        "mlp_tls_certificate_not_after_timestamp_seconds", MetricType::Gauge,
        "Time when the first certificate or list of the file in use expires; for authorities, "
        "the last."));
    const auto add_ends = [&ends](const TlsFiles& files, const char* prefix) {
      for (const TlsFiles::Expiry& expiry : files.Expiries()) {
        AddSample(ends, {{"file", absl::StrCat(prefix, expiry.file)}},
                  static_cast<double>(absl::ToUnixSeconds(expiry.not_after)));
      }
    };
    if (tls_ != nullptr) add_ends(*tls_, "");
    if (http_files_ != nullptr) add_ends(*http_files_, "http_");
    if (tls_ == nullptr) return families;
    MetricFamily& failed =
        families.emplace_back(EmptyFamily("mlp_tls_handshakes_failed_total", MetricType::Counter,
                                          "TLS handshakes that failed, by reason."));
    for (std::size_t i = 0; i < kHandshakeFailures; ++i) {
      const auto reason = static_cast<HandshakeFailure>(i);
      AddSample(failed, {{"reason", std::string(NameOf(reason))}},
                static_cast<double>(failures_.Of(reason)));
    }
    return families;
  });
}

void Security::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kFileLookInterval,
                         [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopping_; })) {
    lock.unlock();
    ReadFilesIfDue();
    lock.lock();
  }
}

void Security::LogExpiries(const TlsFiles& files, const char* whose, absl::Time now) {
  for (const TlsFiles::Expiry& expiry : files.Expiries()) {
    if (now <= expiry.not_after || !logged_expired_.insert(expiry.file + whose).second) continue;
    const std::string end =
        absl::FormatTime(absl::RFC3339_sec, expiry.not_after, absl::UTCTimeZone());
    if (expiry.file == "revocation_lists") {
      log_.warn(
          "the revocation lists of --tls-crl have been out of date since {}: they stay in use, and "
          "certificates revoked since then are accepted",
          end);
    } else {
      log_.error(
          "the {}{} in use expired at {}: {}", expiry.file, whose, end,
          expiry.file == "certificate" ? "clients refuse it" : "clients' certificates are refused");
    }
  }
}

void Security::ReadTlsIfDue(TlsFiles& files, const char* whose, Reloads& reloads) {
  const absl::Time now = absl::Now();
  const TlsFiles::ReadResult look = files.ReadIfDue(now);
  if (look.changed && look.status.ok()) logged_expired_.clear();
  LogExpiries(files, whose, now);
  if (!look.changed) return;
  reloads.Count(look.status.ok());
  if (!look.status.ok()) {
    log_.error("the new TLS files{} are refused, and the old ones stay in use: {}", whose,
               std::string(look.status.message()));
    return;
  }
  auto identity = files.http_identity();
  if (identity != nullptr) http_tls_->Take(std::move(identity));
  log_.info(
      "the new TLS files{} are in use; the certificate is valid until {}", whose,
      absl::FormatTime(absl::RFC3339_sec, files.Expiries().front().not_after, absl::UTCTimeZone()));
}

void Security::ReadFilesIfDue() {
  if (tls_ != nullptr) ReadTlsIfDue(*tls_, "", tls_reloads_);
  if (http_files_ != nullptr) ReadTlsIfDue(*http_files_, " for HTTP", http_tls_reloads_);
  if (!callers_.has_value()) return;
  AccessFile::ReadResult look = callers_->ReadIfDue();
  if (!look.changed) return;
  callers_reloads_.Count(look.list.ok());
  if (look.list.ok()) {
    TakeCallers(*look.list);
    log_.info("the new tokens file is in use; it names {} callers", (*look.list)->size());
  } else {
    log_.error("the new tokens file is refused, and the callers stay as they were: {}",
               std::string(look.list.status().message()));
  }
}

}  // namespace mlp
