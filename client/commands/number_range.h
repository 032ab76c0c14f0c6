// Ranges of the numbers that options take.

#ifndef MLP_CLIENT_COMMANDS_NUMBER_RANGE_H_
#define MLP_CLIENT_COMMANDS_NUMBER_RANGE_H_

#include <CLI/CLI.hpp>

namespace mlp {

// From `least` to `most`, both included. CLI::Range lets a NaN through, which is below nothing.
CLI::Validator NumberIn(double least, double most);

// Any number that a float holds, but no NaN and no infinity.
CLI::Validator FiniteNumber();

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_NUMBER_RANGE_H_
