// What the figures of a model's page mean, for who runs the server and has trained nothing.

#ifndef MLP_SERVER_STATUS_PAGE_GLOSSARY_H_
#define MLP_SERVER_STATUS_PAGE_GLOSSARY_H_

#include "absl/strings/string_view.h"

namespace mlp {

// A section of the page, folded.
absl::string_view GlossaryHtml();

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_GLOSSARY_H_
