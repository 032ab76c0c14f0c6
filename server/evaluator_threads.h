// Starts the threads that share the evaluation of large batches.

#ifndef MLP_SERVER_EVALUATOR_THREADS_H_
#define MLP_SERVER_EVALUATOR_THREADS_H_

#include <oneapi/tbb/task_arena.h>

namespace mlp {

// Starts the threads of `arena`, which oneTBB else does when work first comes: a thread is born
// with the priority of the one that brought it, and models are warmed up on one whose priority is
// low. Waits for them, but not for long: if a thread cannot be created, the evaluator runs with
// fewer.
void StartEvaluatorThreads(tbb::task_arena& arena);

}  // namespace mlp

#endif  // MLP_SERVER_EVALUATOR_THREADS_H_
