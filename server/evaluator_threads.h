// Starts the threads that share the evaluation of large batches.

#ifndef MLP_SERVER_EVALUATOR_THREADS_H_
#define MLP_SERVER_EVALUATOR_THREADS_H_

#include <oneapi/tbb/task_arena.h>

namespace mlp {

// Starts the threads of `arena` now. Otherwise oneTBB starts them when work first arrives, and each
// inherits the priority of the thread that brought it: models are warmed up on a thread of low
// priority. Waits a short time for the threads. If a thread cannot be created, the evaluator runs
// with fewer.
void StartEvaluatorThreads(tbb::task_arena& arena);

}  // namespace mlp

#endif  // MLP_SERVER_EVALUATOR_THREADS_H_
