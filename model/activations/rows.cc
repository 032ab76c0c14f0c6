// The activations of a whole row of units. Evaluated by functions/rows.h.

#include "model/activations/registry_families.h"

namespace mlp::internal {
namespace {

constexpr ActivationInfo kRowFunctions[] = {
    {.kind = ActivationKind::kSoftmax,
     .elementwise = false,
     .name = "softmax",
     .formula = "e^z / sum(e^z) over the units of a row",
     .source = "Bridle 1990",
     .names = {"Softmax", "softmax", "Softmax", "softmax"}},
    {.kind = ActivationKind::kLogSoftmax,
     .elementwise = false,
     .name = "log_softmax",
     .formula = "z - log(sum(e^z)) over the units of a row",
     .source = "ONNX operator LogSoftmax",
     .names = {"LogSoftmax", "log_softmax", "LogSoftmax", ""}},
    {.kind = ActivationKind::kSparsemax,
     .elementwise = false,
     .name = "sparsemax",
     .formula = "max(z - tau, 0) with tau such that the row's sum is 1",
     .source = "Martins and Astudillo 2016",
     .names = {"", "sparsemax", "", ""}},
    {.kind = ActivationKind::kHardmax,
     .elementwise = false,
     .name = "hardmax",
     .formula = "1 for the first of the row's greatest units, 0 for the others",
     .source = "ONNX operator Hardmax",
     .names = {"", "", "Hardmax", ""}},
    // Of 2 n units, n values come out: the first half, a, times a function of the second, b.
    {.kind = ActivationKind::kGlu,
     .elementwise = false,
     .name = "glu",
     .formula = "a sigmoid(b)",
     .source = "Dauphin et al. 2017",
     .names = {"GLU", "glu", "", ""},
     .units_per_output = 2},
    {.kind = ActivationKind::kReglu,
     .elementwise = false,
     .name = "reglu",
     .formula = "a relu(b)",
     .source = "Shazeer 2020",
     .units_per_output = 2},
    {.kind = ActivationKind::kGeglu,
     .elementwise = false,
     .name = "geglu",
     .formula = "a gelu(b)",
     .source = "Shazeer 2020",
     .units_per_output = 2},
    {.kind = ActivationKind::kSwiglu,
     .elementwise = false,
     .name = "swiglu",
     .formula = "a silu(b)",
     .source = "Shazeer 2020",
     .units_per_output = 2},
    {.kind = ActivationKind::kBilinear,
     .elementwise = false,
     .name = "bilinear",
     .formula = "a b",
     .source = "Shazeer 2020",
     .units_per_output = 2},
};

}  // namespace

absl::Span<const ActivationInfo> RowFunctions() { return kRowFunctions; }

}  // namespace mlp::internal
