// Sends answers, with the headers that every answer of the HTTP port has.

#ifndef MLP_SERVER_HTTP_HTTP_RESPONSE_H_
#define MLP_SERVER_HTTP_HTTP_RESPONSE_H_

#include <microhttpd.h>

#include <memory>

#include "server/http/http_page.h"

namespace mlp {

// Each function queues an answer. It returns MHD_NO if there is no memory for it; MHD then closes
// the connection. `text` must outlive the answer; `page` is shared with the answer until it has
// been sent.
MHD_Result Answer(MHD_Connection* connection, unsigned code, const char* text);
// Answers 401, so that a browser asks for a password.
MHD_Result AskForPassword(MHD_Connection* connection, const char* text);
MHD_Result AnswerPage(MHD_Connection* connection, const std::shared_ptr<const HttpPage>& page);

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_HTTP_RESPONSE_H_
