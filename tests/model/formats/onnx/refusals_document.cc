#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "model/formats/io/memory_bound.h"
#include "model/formats/onnx/operators/unsupported_operators.h"
#include "model/formats/onnx/reader.h"
#include "tests/model/formats/onnx/refusals.h"

namespace mlp {
namespace {

absl::Status StatusOf(const Refusal& refusal) {
  if (refusal.code == absl::StatusCode::kResourceExhausted) return CheckMemory(2000000, 1000000);
  return ReadOnnx(refusal.file).status();
}

// Escapes the text for a cell of a table.
std::string CellText(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}, {"<", "&lt;"}});
}

constexpr char kRefusalsHead[] = R"(# What is refused, and what to do

Made by `build/release/bin/refusals_table`, and held to what the reader says by a test; not to be
edited. `mlp-client validate FILE` prints the same messages, with the file's name in front, and so do
the server's log, its status page and the answer to a load.

A message names the node with its operator (in Netron: click it), the tensor, what is wrong, and what
is expected or supported. Shapes have -1 for the batch. Types are ONNX's: FLOAT is float32, DOUBLE
float64, FLOAT16 half. The code says whose turn it is:

| code | means | do |
|---|---|---|
| INVALID_ARGUMENT | the file breaks ONNX's own rules, or its data are broken | mend or export the file again |
| UNIMPLEMENTED | the file is right, and this server does not serve it | what the message says is supported |
| RESOURCE_EXHAUSTED | there is too little memory now | try later, or elsewhere, or give it more |

What is larger than any network here may be (more than 1,048,576 values in a row, 1,024 layers) is
UNIMPLEMENTED: trying again would not help. A load over gRPC or REST answers INVALID_ARGUMENT for both
of the first two, since UNIMPLEMENTED would say that the server has no such call.

A name that no model can have, as that of `my model (1).onnx`, is refused with one to rename it to.
)";

}  // namespace

std::string RefusalsDocument() {
  std::string text = kRefusalsHead;
  absl::StrAppend(&text, "\n## Other kinds of models\n\n",
                  "UNIMPLEMENTED, each by the operators that stand for it.\n\n",
                  "| kind | operators | message |\n|---|---|---|\n");
  for (const UnsupportedKind& kind : UnsupportedKinds()) {
    absl::StrAppend(&text, "| ", kind.name, " | `", absl::StrJoin(kind.operators, "`, `"), "` | ",
                    CellText(kind.reason), " |\n");
  }
  absl::string_view heading;
  for (const Refusal& refusal : Refusals()) {
    if (heading != refusal.kind) {
      heading = refusal.kind;
      absl::StrAppend(&text, "\n## ", heading,
                      "\n\n| what | code | message | what to do |\n|---|---|---|---|\n");
    }
    absl::StrAppend(&text, "| ", refusal.what, " | ", absl::StatusCodeToString(refusal.code), " | ",
                    CellText(StatusOf(refusal).message()), " | ", refusal.to_do, " |\n");
  }
  return text;
}

}  // namespace mlp
