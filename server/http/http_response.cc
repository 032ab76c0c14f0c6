#include "server/http/http_response.h"

#include "absl/strings/string_view.h"

namespace mlp {
namespace {

struct ResponseDeleter {
  void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};
using OwnedResponse = std::unique_ptr<MHD_Response, ResponseDeleter>;

// MHD takes a non-const pointer to bytes that it does not change.
void* BytesOf(absl::string_view text) {
  return const_cast<char*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

// For text that outlives the response.
OwnedResponse MakeResponse(absl::string_view text) {
  return OwnedResponse(
      MHD_create_response_from_buffer(text.size(), BytesOf(text), MHD_RESPMEM_PERSISTENT));
}

// For a page that the response shares with others.
OwnedResponse MakeResponse(const std::shared_ptr<const HttpPage>& page) {
  using Share = std::shared_ptr<const HttpPage>;
  auto share = std::make_unique<Share>(page);
  OwnedResponse response(MHD_create_response_from_buffer_with_free_callback_cls(
      page->text.size(), BytesOf(page->text), [](void* held) { delete static_cast<Share*>(held); },
      share.get()));
  if (response != nullptr) static_cast<void>(share.release());
  return response;
}

// Adds the headers of `page`.
MHD_Result Queue(MHD_Connection* connection, unsigned code, const OwnedResponse& response,
                 const HttpPage& page) {
  if (response == nullptr) return MHD_NO;
  const auto add = [&](const char* name, const char* value) {
    MHD_add_response_header(response.get(), name, value);
  };
  add(MHD_HTTP_HEADER_CONTENT_TYPE, page.type.c_str());
  add(MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  add("Content-Security-Policy", page.policy.c_str());
  if (!page.challenge.empty()) add(MHD_HTTP_HEADER_WWW_AUTHENTICATE, page.challenge.c_str());
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Referrer-Policy", "no-referrer");
  return MHD_queue_response(connection, code, response.get());
}

}  // namespace

MHD_Result Answer(MHD_Connection* connection, unsigned code, const char* text) {
  const HttpPage headers;
  return Queue(connection, code, MakeResponse(text), headers);
}

MHD_Result AskForPassword(MHD_Connection* connection, const char* text) {
  HttpPage headers;
  headers.challenge = "Basic realm=\"mlpserve\"";
  return Queue(connection, MHD_HTTP_UNAUTHORIZED, MakeResponse(text), headers);
}

MHD_Result AnswerPage(MHD_Connection* connection, const std::shared_ptr<const HttpPage>& page) {
  return Queue(connection, page->code, MakeResponse(page), *page);
}

}  // namespace mlp
