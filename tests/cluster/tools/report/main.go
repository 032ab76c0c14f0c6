// Command report prints a table of the steps that ran while a client made calls, with the results
// of the calls.
//
//	report CALLS STEPS
//
// CALLS is the record that ask writes. STEPS has a line for each step: its start and its end in
// microseconds of Unix time, and its name. A call belongs to the last step that had begun when the
// call was sent. The percentiles are those of the calls sent during the step, and in the second
// before and after it.
//
// Exits 1 if a call failed or had a wrong answer, or if none was sent during a step.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"time"
)

type call struct {
	start, took int64 // microseconds
	code        string
	attempts    int
	server      string
	outcome     string // right, wrong or failed
	detail      string
}

type step struct {
	start, end int64 // microseconds
	what       string
}

const around = int64(time.Second / time.Microsecond)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("Usage: report CALLS STEPS")
	}
	calls := read(os.Args[1], parseCall)
	steps := read(os.Args[2], parseStep)
	fmt.Println("| step | took | calls sent | failed | wrong | retried | p99 before | during | after |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	good := len(steps) > 0
	for index, done := range steps {
		next := int64(1) << 62
		if index+1 < len(steps) {
			next = steps[index+1].start
		}
		of := between(calls, done.start, next)
		fmt.Printf("| %s | %.1f s | %s | %s | %s | %s |\n", done.what, float64(done.end-done.start)/1e6, counts(of),
			p99(between(calls, done.start-around, done.start)), p99(between(calls, done.start, done.end)),
			p99(between(calls, done.end, done.end+around)))
		good = good && len(of) > 0
	}
	fmt.Printf("| all | | %s | | | |\n", counts(calls))
	for _, made := range calls {
		if made.outcome != "right" {
			good = false
			fmt.Printf("%s: %s of %s after %d attempts and %d us: %s\n", made.outcome, made.code, made.server,
				made.attempts, made.took, made.detail)
		}
	}
	if !good {
		os.Exit(1)
	}
}

func read[T any](path string, parse func(string) (T, error)) []T {
	file, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	var all []T
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		one, err := parse(lines.Text())
		if err != nil {
			log.Fatalf("%s: %q: %v", path, lines.Text(), err)
		}
		all = append(all, one)
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
	return all
}

func parseCall(line string) (made call, err error) {
	fields := strings.SplitN(line, " ", 7)
	if len(fields) == 6 {
		fields = append(fields, "")
	}
	if len(fields) != 7 {
		return made, fmt.Errorf("%d fields; expected 7", len(fields))
	}
	_, err = fmt.Sscan(strings.Join(fields[:6], " "), &made.start, &made.took, &made.code, &made.attempts,
		&made.server, &made.outcome)
	made.detail = fields[6]
	return made, err
}

func parseStep(line string) (done step, err error) {
	fields := strings.SplitN(line, " ", 3)
	if len(fields) != 3 {
		return done, fmt.Errorf("%d fields; expected 3", len(fields))
	}
	_, err = fmt.Sscan(fields[0]+" "+fields[1], &done.start, &done.end)
	done.what = fields[2]
	return done, err
}

func between(calls []call, start, end int64) []call {
	var within []call
	for _, made := range calls {
		if start <= made.start && made.start < end {
			within = append(within, made)
		}
	}
	return within
}

func counts(calls []call) string {
	failed, wrong, retried := 0, 0, 0
	for _, made := range calls {
		switch made.outcome {
		case "failed":
			failed++
		case "wrong":
			wrong++
		}
		if made.attempts > 1 {
			retried++
		}
	}
	return fmt.Sprintf("%d | %d | %d | %d", len(calls), failed, wrong, retried)
}

// p99 returns the time that 99 % of the calls did not exceed.
func p99(calls []call) string {
	if len(calls) == 0 {
		return ""
	}
	var times []int64
	for _, made := range calls {
		times = append(times, made.took)
	}
	slices.Sort(times)
	return fmt.Sprintf("%.1f ms", float64(times[(len(times)*99+99)/100-1])/1e3)
}
