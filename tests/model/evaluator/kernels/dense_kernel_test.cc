#include "model/evaluator/kernels/dense_kernel.h"

#include <gtest/gtest.h>

#include "tests/model/print_parameters.h"

namespace mlp {
namespace {

struct Width {
  InstructionSet instruction_set;
  int packet_floats;
};

void PrintTo(const Width& width, std::ostream* out) { *out << NameOf(width.instruction_set); }

class DenseKernelWidthTest : public ::testing::TestWithParam<Width> {};

// Without its compiler options, a set's kernel would be compiled for the next narrower set:
// correct, but slow.
TEST_P(DenseKernelWidthTest, MatchesTheWidestPackets) {
  const auto [instruction_set, packet_floats] = GetParam();
  if (!IsSupported(instruction_set)) GTEST_SKIP() << "this CPU does not have it";
  EXPECT_EQ(DenseKernelOf(instruction_set).panel_units, 2 * packet_floats);
}

INSTANTIATE_TEST_SUITE_P(All, DenseKernelWidthTest,
                         ::testing::Values(Width{InstructionSet::kBaseline, 4},
                                           Width{InstructionSet::kNeon, 4},
                                           Width{InstructionSet::kAvx2, 8},
                                           Width{InstructionSet::kAvx512, 16}));

}  // namespace
}  // namespace mlp
