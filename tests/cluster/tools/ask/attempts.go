package main

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc/stats"
)

type attemptsKey struct{}

// withAttempts returns a context for one call, and a counter of the call's attempts.
func withAttempts(ctx context.Context) (*atomic.Int64, context.Context) {
	count := new(atomic.Int64)
	return count, context.WithValue(ctx, attemptsKey{}, count)
}

// attemptCounter counts the attempts of each call: gRPC reports the start of each attempt.
type attemptCounter struct{}

func (attemptCounter) HandleRPC(ctx context.Context, event stats.RPCStats) {
	if _, begins := event.(*stats.Begin); !begins {
		return
	}
	if count, counted := ctx.Value(attemptsKey{}).(*atomic.Int64); counted {
		count.Add(1)
	}
}

func (attemptCounter) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (attemptCounter) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (attemptCounter) HandleConn(context.Context, stats.ConnStats)                       {}
