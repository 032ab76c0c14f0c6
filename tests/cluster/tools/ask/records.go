package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
)

// call is the result of one call.
type call struct {
	start      time.Time
	took       time.Duration
	code       codes.Code
	attempts   int64
	server     string // of the last attempt, if one reached a server
	answeredBy int    // if the code is OK: the index of the expected answers that it equals, or -1
	message    string // if the call failed or had a wrong answer
}

// records writes calls to a file as they end, and counts them. Safe for concurrent use.
type records struct {
	mutex                        sync.Mutex
	file                         *os.File
	sent, failed, wrong, retried int
	longest                      time.Duration
}

func newRecords(path string) (*records, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &records{file: file}, nil
}

// add writes a line with the start in microseconds of Unix time, the call's time in microseconds,
// its code, its attempts, the server, and "right" with the index of the expected answers, or
// "wrong" or "failed" with the reason.
func (r *records) add(made call) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.sent++
	r.longest = max(r.longest, made.took)
	if made.attempts > 1 {
		r.retried++
	}
	outcome := fmt.Sprintf("right %d", made.answeredBy)
	switch {
	case made.code != codes.OK:
		r.failed++
		outcome = "failed " + made.message
	case made.answeredBy < 0:
		r.wrong++
		outcome = "wrong " + made.message
	}
	server := made.server
	if server == "" {
		server = "-"
	}
	fmt.Fprintf(r.file, "%d %d %v %d %s %s\n", made.start.UnixMicro(), made.took.Microseconds(), made.code,
		made.attempts, server, strings.ReplaceAll(outcome, "\n", " "))
}

func (r *records) close() error {
	return r.file.Close()
}

func (r *records) summary() string {
	return fmt.Sprintf("%d sent, %d failed, %d wrong, %d retried; the longest took %.1f s",
		r.sent, r.failed, r.wrong, r.retried, r.longest.Seconds())
}
