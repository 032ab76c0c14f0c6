// Command ask makes calls to a model at an even rate, through the name of its servers, as a user's
// client in Go would: with grpc-go, its DNS resolver, and a service config. It records every call.
//
//	ask --target dns:///mlpserve:8001 --service-config FILE --record FILE \
//	  --descriptors FILE --model NAME --pixels FILE.npy --expect FILE.npy
//
// A call is sent when it is due, whether or not earlier ones have been answered, so a server that
// does not answer delays no other call. On SIGTERM or SIGINT, the program waits until every call
// has ended, prints the results, and exits.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/health" // for healthCheckConfig in a service config
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/resolver/dns"
	"google.golang.org/grpc/status"
)

type files []string

func (f *files) String() string         { return fmt.Sprint(*f) }
func (f *files) Set(value string) error { *f = append(*f, value); return nil }

func main() {
	log.SetFlags(0)
	log.SetPrefix("ask: ")
	var expected files
	target := flag.String("target", "", "the servers' name, in gRPC's notation")
	serviceConfig := flag.String("service-config", "", "a file with gRPC's service config; without it, gRPC's defaults")
	resolveEvery := flag.Duration("resolve-every", 30*time.Second, "the minimum time between two DNS queries; gRPC's default is 30 s")
	pingAfter := flag.Duration("ping-after", 0, "ping a server that has been silent for this time; 0, gRPC's default, for never")
	deadline := flag.Duration("deadline", 20*time.Second, "for a call with its retries")
	rate := flag.Int("rate", 200, "calls per second")
	record := flag.String("record", "", "where to write a line for each call")
	descriptors := flag.String("descriptors", "", "the protocol, as protoc --descriptor_set_out writes it")
	model := flag.String("model", "", "the model's name")
	var own identity
	flag.StringVar(&own.authorities, "tls-ca", "", "the authorities that sign the servers' certificates, in PEM; without them, plaintext")
	flag.StringVar(&own.certificate, "tls-cert", "", "the client's own certificate, in PEM")
	flag.StringVar(&own.key, "tls-key", "", "its key, in PEM")
	flag.StringVar(&own.token, "token-file", "", "a file with a bearer token, which each call reads")
	pixels := flag.String("pixels", "", "float32 rows, of which each call sends one")
	flag.Var(&expected, "expect", "the right answers to these rows; if given more than once, any of them is right")
	flag.Parse()

	questions, err := newQuestions(*descriptors, *model, *pixels, expected)
	if err != nil {
		log.Fatal(err)
	}
	dns.SetMinResolutionInterval(*resolveEvery)
	options, err := own.dialOptions()
	if err != nil {
		log.Fatal(err)
	}
	options = append(options, grpc.WithStatsHandler(attemptCounter{}))
	if *serviceConfig != "" {
		config, err := os.ReadFile(*serviceConfig)
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.WithDefaultServiceConfig(string(config)))
	}
	if *pingAfter > 0 {
		options = append(options, grpc.WithKeepaliveParams(
			keepalive.ClientParameters{Time: *pingAfter, Timeout: 2 * time.Second}))
	}
	channel, err := grpc.NewClient(*target, options...)
	if err != nil {
		log.Fatal(err)
	}
	records, err := newRecords(*record)
	if err != nil {
		log.Fatal(err)
	}

	ending := make(chan os.Signal, 1)
	signal.Notify(ending, syscall.SIGTERM, syscall.SIGINT)
	due := time.NewTicker(time.Second / time.Duration(*rate))
	var underWay sync.WaitGroup
	for number, ended := 0, false; !ended; number++ {
		select {
		case <-ending:
			ended = true
		case <-due.C:
			underWay.Add(1)
			go func() {
				defer underWay.Done()
				records.add(ask(channel, questions, number, *deadline))
			}()
		}
	}
	underWay.Wait()
	if err := records.close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(records.summary())
}

// ask sends one call and returns its result.
func ask(channel *grpc.ClientConn, questions *questions, number int, deadline time.Duration) call {
	row := number % questions.rows()
	answer := questions.newAnswer()
	attempts, ctx := withAttempts(context.Background())
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	var server peer.Peer
	start := time.Now()
	err := channel.Invoke(ctx, "/inference.GRPCInferenceService/ModelInfer", questions.request(row), answer,
		grpc.Peer(&server))
	made := call{start: start, took: time.Since(start), code: status.Code(err), attempts: attempts.Load()}
	if server.Addr != nil {
		made.server = server.Addr.String()
	}
	if made.code == codes.OK {
		made.answeredBy, made.message = questions.check(row, answer)
	} else {
		made.message = status.Convert(err).Message()
	}
	return made
}
