// The series that shows which evaluator the server uses.

#ifndef MLP_TESTS_E2E_EVALUATOR_INFO_H_
#define MLP_TESTS_E2E_EVALUATOR_INFO_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "model/cpu/instruction_set.h"

namespace mlp {

inline std::string EvaluatorInfo(InstructionSet instruction_set, int threads) {
  return absl::StrCat("mlp_evaluator_info{instruction_set=\"", NameOf(instruction_set),
                      "\",threads=\"", threads, "\"}");
}

}  // namespace mlp

#endif  // MLP_TESTS_E2E_EVALUATOR_INFO_H_
