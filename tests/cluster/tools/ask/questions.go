package main

import (
	"fmt"
	"math"
	"os"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Instruction sets round differently. The bound is the same as for other clients (tests/clients).
const tolerance = 1e-5

// questions has a request for each row of a file, and knows the right answers to it.
type questions struct {
	requests []proto.Message
	expected []matrix
	answer   protoreflect.MessageDescriptor
}

func newQuestions(descriptors, model, rowsFile string, expectedFiles []string) (*questions, error) {
	encoded, err := os.ReadFile(descriptors)
	if err != nil {
		return nil, err
	}
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(encoded, &set); err != nil {
		return nil, fmt.Errorf("%s: %w", descriptors, err)
	}
	protocol, err := protodesc.NewFiles(&set)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", descriptors, err)
	}
	message := func(name protoreflect.FullName) protoreflect.MessageDescriptor {
		found, err := protocol.FindDescriptorByName(name)
		if err != nil {
			panic(err) // another protocol
		}
		return found.(protoreflect.MessageDescriptor)
	}

	rows, err := readMatrix(rowsFile)
	if err != nil {
		return nil, err
	}
	made := &questions{answer: message("inference.ModelInferResponse")}
	for _, file := range expectedFiles {
		expected, err := readMatrix(file)
		if err != nil {
			return nil, err
		}
		if expected.rows != rows.rows {
			return nil, fmt.Errorf("%s has %d rows; expected %d", file, expected.rows, rows.rows)
		}
		made.expected = append(made.expected, expected)
	}
	for row := range rows.rows {
		request := dynamicpb.NewMessage(message("inference.ModelInferRequest"))
		text := fmt.Sprintf(`model_name: %q
			inputs { name: "pixels" datatype: "FP32" shape: [1, %d] }
			outputs { name: "probabilities" }`, model, rows.columns)
		if err := prototext.Unmarshal([]byte(text), request); err != nil {
			return nil, err
		}
		contents := request.Mutable(request.Descriptor().Fields().ByName("raw_input_contents")).List()
		contents.Append(protoreflect.ValueOfBytes(bytesOf(rows.row(row))))
		made.requests = append(made.requests, request)
	}
	return made, nil
}

func (q *questions) rows() int                     { return len(q.requests) }
func (q *questions) request(row int) any           { return q.requests[row] }
func (q *questions) newAnswer() *dynamicpb.Message { return dynamicpb.NewMessage(q.answer) }

// check returns the index of the expected answers that the answer equals; or -1, and what is wrong
// with the answer.
func (q *questions) check(row int, answer *dynamicpb.Message) (int, string) {
	contents := answer.Get(q.answer.Fields().ByName("raw_output_contents")).List()
	if contents.Len() != 1 {
		return -1, fmt.Sprintf("%d outputs; expected 1", contents.Len())
	}
	values := floatsOf(contents.Get(0).Bytes())
	for index, expected := range q.expected {
		if near(values, expected.row(row)) {
			return index, ""
		}
	}
	return -1, fmt.Sprintf("the answer to row %d is %v", row, values)
}

func near(values, expected []float32) bool {
	if len(values) != len(expected) {
		return false
	}
	for i := range values {
		if !(math.Abs(float64(values[i]-expected[i])) <= tolerance) {
			return false
		}
	}
	return true
}
