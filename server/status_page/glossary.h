// Explains the figures of a model's page to operators who have never trained a model.

#ifndef MLP_SERVER_STATUS_PAGE_GLOSSARY_H_
#define MLP_SERVER_STATUS_PAGE_GLOSSARY_H_

#include "absl/strings/string_view.h"

namespace mlp {

// A collapsed section of the page.
absl::string_view GlossaryHtml();

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_GLOSSARY_H_
