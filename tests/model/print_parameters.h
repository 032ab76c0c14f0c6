// Prints parameters of parameterised tests by name. Otherwise GoogleTest prints their bytes.

#ifndef MLP_TESTS_MODEL_PRINT_PARAMETERS_H_
#define MLP_TESTS_MODEL_PRINT_PARAMETERS_H_

#include <ostream>

#include "model/cpu/instruction_set.h"
#include "model/weight_storage.h"

namespace mlp {

inline void PrintTo(InstructionSet set, std::ostream* out) { *out << NameOf(set); }
inline void PrintTo(WeightStorage storage, std::ostream* out) { *out << NameOf(storage); }

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_PRINT_PARAMETERS_H_
