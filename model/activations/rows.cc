// The activations of a whole row of units. Evaluated by functions/rows.h.

#include "model/activations/families.h"

namespace mlp::internal {
namespace {

constexpr ActivationInfo kRowFunctions[] = {
    {.kind = ActivationKind::kSoftmax,
     .name = "softmax",
     .formula = "e^z / sum(e^z) over the units of a row",
     .source = "Bridle 1990",
     .names = {"Softmax", "softmax", "Softmax", "softmax"},
     .elementwise = false},
    {.kind = ActivationKind::kLogSoftmax,
     .name = "log_softmax",
     .formula = "z - log(sum(e^z)) over the units of a row",
     .source = "ONNX operator LogSoftmax",
     .names = {"LogSoftmax", "log_softmax", "LogSoftmax", ""},
     .elementwise = false},
    {.kind = ActivationKind::kSparsemax,
     .name = "sparsemax",
     .formula = "max(z - tau, 0) with tau such that the row's sum is 1",
     .source = "Martins and Astudillo 2016",
     .names = {"", "sparsemax", "", ""},
     .elementwise = false},
    // Of 2 n units, n values come out: the first half, a, times a function of the second, b.
    {.kind = ActivationKind::kGlu,
     .name = "glu",
     .formula = "a sigmoid(b)",
     .source = "Dauphin et al. 2017",
     .names = {"GLU", "glu", "", ""},
     .elementwise = false,
     .units_per_output = 2},
    {.kind = ActivationKind::kReglu,
     .name = "reglu",
     .formula = "a relu(b)",
     .source = "Shazeer 2020",
     .elementwise = false,
     .units_per_output = 2},
    {.kind = ActivationKind::kGeglu,
     .name = "geglu",
     .formula = "a gelu(b)",
     .source = "Shazeer 2020",
     .elementwise = false,
     .units_per_output = 2},
    {.kind = ActivationKind::kSwiglu,
     .name = "swiglu",
     .formula = "a silu(b)",
     .source = "Shazeer 2020",
     .elementwise = false,
     .units_per_output = 2},
    {.kind = ActivationKind::kBilinear,
     .name = "bilinear",
     .formula = "a b",
     .source = "Shazeer 2020",
     .elementwise = false,
     .units_per_output = 2},
};

}  // namespace

absl::Span<const ActivationInfo> RowFunctions() { return kRowFunctions; }

}  // namespace mlp::internal
