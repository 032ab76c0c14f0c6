#include "server/rest/http_request.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/batching/rejection_reason.h"
#include "server/http/authorization_values.h"
#include "server/http/mhd_connection.h"
#include "server/observe/trace_id.h"
#include "server/sockets/listening_sockets.h"

namespace mlp {
namespace {

constexpr char kJson[] = "application/json";
constexpr char kBinary[] = "application/octet-stream";
constexpr char kJsonBytesHeader[] = "Inference-Header-Content-Length";

// How long a client may take to read an answer while others are refused for lack of answer bytes,
// as over gRPC.
constexpr std::chrono::seconds kAnswerTimeWhenShort(2);

absl::string_view HeaderOf(MHD_Connection* connection, const char* name) {
  const char* const value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? absl::string_view() : absl::string_view(value);
}

// Counts each header that says where the body ends, and notes if one is misspelt. Keeps the last
// traceparent.
struct CheckedHeaders {
  int content_length = 0;
  int transfer_encoding = 0;
  int json_bytes = 0;
  bool misspelt = false;
  int traceparents = 0;
  absl::string_view traceparent;

  bool are_ambiguous() const {
    return misspelt || content_length > 1 || transfer_encoding > 1 || json_bytes > 1;
  }
};

CheckedHeaders CheckHeaders(MHD_Connection* connection) {
  CheckedHeaders headers;
  MHD_get_connection_values(
      connection, MHD_HEADER_KIND,
      [](void* counted, MHD_ValueKind /*kind*/, const char* name, const char* value) {
        auto& checked = *static_cast<CheckedHeaders*>(counted);
        const absl::string_view key = name;
        checked.content_length +=
            absl::EqualsIgnoreCase(key, MHD_HTTP_HEADER_CONTENT_LENGTH) ? 1 : 0;
        checked.transfer_encoding +=
            absl::EqualsIgnoreCase(key, MHD_HTTP_HEADER_TRANSFER_ENCODING) ? 1 : 0;
        checked.json_bytes += absl::EqualsIgnoreCase(key, kJsonBytesHeader) ? 1 : 0;
        checked.misspelt = checked.misspelt || key.find_first_of(" \t") != absl::string_view::npos;
        if (value != nullptr && absl::EqualsIgnoreCase(key, kTraceparent)) {
          ++checked.traceparents;
          checked.traceparent = value;
        }
        return MHD_YES;
      },
      &headers);
  return headers;
}

}  // namespace

HttpRequest::HttpRequest(HttpShared& shared, MHD_Connection* connection)
    : shared_(shared),
      connection_(connection),
      descriptor_(DescriptorOf(connection)),
      exchange_(shared.services, absl::StrCat("rest:", descriptor_)) {}

MHD_Result HttpRequest::ReadHead(absl::string_view method, absl::string_view path) {
  RestHead head;
  head.method = method;
  head.path = path;
  head.content_encoding = HeaderOf(connection_, MHD_HTTP_HEADER_CONTENT_ENCODING);
  head.transfer_encoding = HeaderOf(connection_, MHD_HTTP_HEADER_TRANSFER_ENCODING);
  head.content_length = HeaderOf(connection_, MHD_HTTP_HEADER_CONTENT_LENGTH);
  head.json_bytes = HeaderOf(connection_, kJsonBytesHeader);
  const CheckedHeaders checked = CheckHeaders(connection_);
  head.is_ambiguous = checked.are_ambiguous();
  // Several traceparents count as none.
  if (checked.traceparents == 1) head.traceparent = checked.traceparent;
  const AuthorizationValues authorization(connection_);
  const std::string from = PeerTextOf(descriptor_);
  head.caller = {authorization.get(), from, shared_.tls != nullptr};
  head.expects_continue =
      absl::EqualsIgnoreCase(HeaderOf(connection_, MHD_HTTP_HEADER_EXPECT), "100-continue");
  const RestExchange::Step step = exchange_.ReadHead(head);
  std::int64_t bytes = 0;
  if (!absl::SimpleAtoi(head.content_length, &bytes)) bytes = exchange_.most_body_bytes();
  // Also if the request was refused by its head, because its body is still read.
  bytes =
      std::clamp(bytes, std::int64_t{0}, std::max(exchange_.most_body_bytes(), kMaxDiscardedBytes));
  SetTime(shared_.limits.body + std::chrono::seconds(bytes / shared_.limits.body_bytes_per_second));
  return Do(step);
}

MHD_Result HttpRequest::ReadBody(absl::string_view bytes) { return Do(exchange_.ReadBody(bytes)); }

MHD_Result HttpRequest::EndBody() {
  if (waits_) {
    waits_ = false;
    shared_.disconnects.EndRequest(descriptor_);
    exchange_.Finish();
    return Send();
  }
  std::optional<AuthorizationValues> authorization;
  std::string from;
  return Do(exchange_.EndBody([&]() -> RestCaller {
    from = PeerTextOf(descriptor_);
    return {authorization.emplace(connection_).get(), from, shared_.tls != nullptr};
  }));
}

MHD_Result HttpRequest::SendTooLittleMemory() {
  if (waits_) return MHD_NO;
  exchange_.FailToRead(RejectionReason::kMemory);
  return Send();
}

void HttpRequest::Complete() {
  if (waits_) shared_.disconnects.EndRequest(descriptor_);
  SetTime(shared_.limits.next_request);
}

void HttpRequest::SetTime(std::chrono::seconds time) {
  const ConnectionTimes::Clock::time_point now = ConnectionTimes::Clock::now();
  shared_.times.Set(descriptor_, {.at = now + time, .is_reading = true}, now);
}

MHD_Result HttpRequest::Do(RestExchange::Step step) {
  switch (step) {
    case RestExchange::Step::kReadBody:
      return MHD_YES;
    case RestExchange::Step::kWait:
      return Wait();
    case RestExchange::Step::kSendReply:
      return Send();
    case RestExchange::Step::kClose:
      break;
  }
  return MHD_NO;
}

MHD_Result HttpRequest::Wait() {
  shared_.times.Set(descriptor_, {ConnectionTimes::Clock::time_point::max()});
  waits_ = true;
  MHD_suspend_connection(connection_);
  try {
    const std::optional<LocalInference::Ticket> ticket =
        exchange_.Begin([this] { MHD_resume_connection(connection_); });
    if (ticket) shared_.disconnects.BeginRequest(descriptor_, *ticket);
  } catch (const std::bad_alloc&) {
    // The request was not begun.
    exchange_.Fail(RejectionReason::kMemory);
    MHD_resume_connection(connection_);
  }
  return MHD_YES;
}

MHD_Result HttpRequest::Send() {
  const ConnectionTimes::Clock::time_point now = ConnectionTimes::Clock::now();
  shared_.times.Set(descriptor_, {now + shared_.limits.answer, now + kAnswerTimeWhenShort});
  RestReply reply = exchange_.TakeReply();
  auto body = std::make_unique<std::string>(std::move(reply.body));
  MHD_Response* const response = MHD_create_response_from_buffer_with_free_callback_cls(
      body->size(), body->data(), [](void* owned) { delete static_cast<std::string*>(owned); },
      body.get());
  if (response == nullptr) return MHD_NO;
  const bool has_body = !body->empty();
  static_cast<void>(body.release());
  if (has_body) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            reply.json_bytes ? kBinary : kJson);
  }
  if (reply.json_bytes) {
    MHD_add_response_header(response, kJsonBytesHeader, absl::StrCat(*reply.json_bytes).c_str());
  }
  if (exchange_.allowed_method() != nullptr) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, exchange_.allowed_method());
  }
  if (reply.code == MHD_HTTP_UNAUTHORIZED) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
  }
  if (shared_.closing.load(std::memory_order_relaxed)) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
  }
  const MHD_Result queued =
      MHD_queue_response(connection_, static_cast<unsigned>(reply.code), response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace mlp
