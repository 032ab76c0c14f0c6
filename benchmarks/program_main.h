// The main function of a benchmark program.

#ifndef MLP_BENCHMARKS_PROGRAM_MAIN_H_
#define MLP_BENCHMARKS_PROGRAM_MAIN_H_

#include <exception>
#include <iostream>

namespace mlp {

// Returns the result of `run`, or 1 after it throws: then standard error has the reason behind the
// program's name.
template <typename Run>
int ProgramMain(const char* program, const Run& run, int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << program << ": " << error.what() << "\n";
    return 1;
  }
}

}  // namespace mlp

#endif  // MLP_BENCHMARKS_PROGRAM_MAIN_H_
