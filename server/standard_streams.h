// The descriptors of standard input, output and error.

#ifndef MLP_SERVER_STANDARD_STREAMS_H_
#define MLP_SERVER_STANDARD_STREAMS_H_

namespace mlp {

// Opens /dev/null for each of standard input, output and error that is closed. Otherwise, a
// connection or file could get its descriptor, and log lines would be written to it. Call it before
// anything else is opened.
void OpenClosedStandardStreams();

}  // namespace mlp

#endif  // MLP_SERVER_STANDARD_STREAMS_H_
