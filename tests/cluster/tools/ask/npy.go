package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
)

// matrix is the content of a NumPy file: float32 of shape [rows, columns], little-endian, in C
// order.
type matrix struct {
	rows, columns int
	values        []float32
}

func (m matrix) row(index int) []float32 { return m.values[index*m.columns : (index+1)*m.columns] }

// Format: numpy.lib.format, version 1.0.
var matrixHeader = regexp.MustCompile(`'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\)`)

func readMatrix(path string) (matrix, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return matrix{}, err
	}
	if len(file) < 10 || !bytes.HasPrefix(file, []byte("\x93NUMPY\x01\x00")) {
		return matrix{}, fmt.Errorf("%s is not a NumPy file of version 1.0", path)
	}
	begin := 10 + int(binary.LittleEndian.Uint16(file[8:]))
	shape := matrixHeader.FindSubmatch(file[:min(begin, len(file))])
	if shape == nil {
		return matrix{}, fmt.Errorf("%s is not a two-dimensional array of float32", path)
	}
	rows, _ := strconv.Atoi(string(shape[1]))
	columns, _ := strconv.Atoi(string(shape[2]))
	if len(file) != begin+4*rows*columns {
		return matrix{}, fmt.Errorf("%s has %d bytes; its header promises %d", path, len(file), begin+4*rows*columns)
	}
	return matrix{rows, columns, floatsOf(file[begin:])}, nil
}

func floatsOf(raw []byte) []float32 {
	values := make([]float32, len(raw)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return values
}

func bytesOf(values []float32) []byte {
	raw := make([]byte, 0, 4*len(values))
	for _, value := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(value))
	}
	return raw
}
