// One ModelStreamInfer call: requests come one after the other, several of them are under way at
// once, and the answers go in the requests' order. A request that is refused is answered by an
// error_message, and the stream goes on.

#ifndef MLP_SERVER_RPC_INFER_STREAM_H_
#define MLP_SERVER_RPC_INFER_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "server/batching/rejection_reason.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/infer_job.h"
#include "server/rpc/infer_service.h"

namespace mlp {

// Belongs to the loop's thread. The loop, the service and the owner must outlive it.
class InferStream final {
 public:
  // Requests of a stream that are under way at once, answers that wait to be sent among them: no
  // more are read from the client before one has gone, so that a client that does not read holds no
  // more than these.
  static constexpr std::size_t kMostUnderWay = 64;

  // Entries that a stream keeps to use them again. One that idles holds little.
  static constexpr std::size_t kMostSpare = 2;

  class Owner {
   public:
    virtual ~Owner() = default;

    // A client has opened the stream.
    virtual void Opened(InferStream& stream) = 0;

    // A request has been received; from now until one of its Send functions is called, the job is
    // the owner's to answer.
    virtual void Arrived(InferJob& job, grpc::ByteBuffer& message) = 0;

    // The stream is over and may be destroyed, but not before this returns.
    virtual void Over(InferStream& stream) = 0;
  };

  // Asks gRPC for the next stream of a client.
  InferStream(const CompletionLoop& loop, InferService& service, Owner& owner);
  ~InferStream();

  InferStream(const InferStream&) = delete;
  InferStream& operator=(const InferStream&) = delete;

  // Ends the stream, on which nothing has been read, with the reason's status. Only in Opened.
  void Refuse(RejectionReason reason);

  // No more requests are taken: the stream ends once those under way are answered.
  void End();

  // Cancels the stream if an answer has been on its way since before `time`.
  void CancelIfSentBefore(QueuedRequest::Clock::time_point time);

 private:
  class Entry;
  struct Tag final : public CompletionTag {
    Tag(InferStream* owner, void (InferStream::*then)(bool)) : stream(owner), complete(then) {}
    void Complete(bool ok) override { (stream->*complete)(ok); }
    InferStream* stream;
    void (InferStream::*complete)(bool);
  };

  void CompleteOpen(bool ok);
  void CompleteRead(bool ok);
  void CompleteWrite(bool ok);
  void CompleteFinish(bool ok);
  void CompleteEnd(bool ok);

  // Starts what can be started: the next read, the next write, or the end.
  void Proceed();
  void LeaveOnceOver();
  void ReadNext();
  void WriteNext();

  const CompletionLoop& loop_;
  InferService& service_;
  Owner& owner_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream_{&context_};
  Tag open_tag_{this, &InferStream::CompleteOpen};
  Tag read_tag_{this, &InferStream::CompleteRead};
  Tag write_tag_{this, &InferStream::CompleteWrite};
  Tag finish_tag_{this, &InferStream::CompleteFinish};
  Tag end_tag_{this, &InferStream::CompleteEnd};

  grpc::ByteBuffer read_message_;
  std::deque<std::unique_ptr<Entry>> entries_;  // in the order of their requests
  std::vector<std::unique_ptr<Entry>> spare_;   // kMostSpare at most, without bytes
  bool open_ = false;                           // a client has opened it
  bool reading_ = false;
  bool writing_ = false;
  bool in_arrived_ = false;  // the owner is being told of a request
  bool no_more_ = false;     // the client sends no more, or we take no more
  bool ending_ = false;      // we take no more
  bool broken_ = false;      // nothing can be sent any more
  bool finishing_ = false;
  bool finished_ = false;
  bool ended_ = false;  // the call is over on gRPC's side
  std::string connection_;
  QueuedRequest::Clock::time_point sent_;  // when the write that is under way began
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_STREAM_H_
