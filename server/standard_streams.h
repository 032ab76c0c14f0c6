// The three descriptors that every program takes for its own.

#ifndef MLP_SERVER_STANDARD_STREAMS_H_
#define MLP_SERVER_STANDARD_STREAMS_H_

namespace mlp {

// Opens /dev/null in the place of those of standard input, output and error that are closed: a
// connection or a file that came to have one of these would get lines of the log. Call it before
// anything else is opened.
void OpenClosedStandardStreams();

}  // namespace mlp

#endif  // MLP_SERVER_STANDARD_STREAMS_H_
