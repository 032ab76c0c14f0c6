// Parameters of tests that run once for each instruction set and each storage of the weights.

#ifndef MLP_TESTS_MODEL_EVALUATOR_SET_AND_STORAGE_H_
#define MLP_TESTS_MODEL_EVALUATOR_SET_AND_STORAGE_H_

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "model/cpu/instruction_set.h"
#include "model/weight_storage.h"
#include "tests/model/print_parameters.h"

namespace mlp {

using SetAndStorage = std::tuple<InstructionSet, WeightStorage>;

// All that this CPU has, with every storage.
inline auto SetsAndStorages() {
  return ::testing::Combine(
      ::testing::ValuesIn(SupportedInstructionSets()),
      ::testing::Values(WeightStorage::kFloat32, WeightStorage::kBfloat16, WeightStorage::kInt8));
}

inline std::string NameOfSetAndStorage(const ::testing::TestParamInfo<SetAndStorage>& test) {
  const char* const storages[] = {"Float32", "Bfloat16", "Int8"};
  return std::string(NameOf(std::get<0>(test.param))) +
         storages[static_cast<int>(std::get<1>(test.param))];
}

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_EVALUATOR_SET_AND_STORAGE_H_
