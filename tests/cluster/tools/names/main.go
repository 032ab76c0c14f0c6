// Command names is a DNS server for one name, whose addresses are the lines of a file. It reads the
// file for each question, so servers appear under the name and disappear when the file is replaced.
// It does what a cluster's DNS does for a headless Service.
//
//	names --name mlpserve.test --file ADDRESSES
//
// Prints the address that it listens on, and answers until it is killed.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/netip"
	"os"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "the UDP address to listen on")
	name := flag.String("name", "", "the name")
	file := flag.String("file", "", "the file with its IPv4 addresses, one per line")
	flag.Parse()

	socket, err := net.ListenPacket("udp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(socket.LocalAddr())
	question := make([]byte, 512)
	for {
		length, client, err := socket.ReadFrom(question)
		if err != nil {
			log.Fatal(err)
		}
		answer, err := answerTo(question[:length], *name+".", *file)
		if err != nil {
			log.Print(err)
			continue
		}
		if _, err := socket.WriteTo(answer, client); err != nil {
			log.Print(err)
		}
	}
}

// answerTo encodes the answer to an encoded question. Names other than `name` do not exist, and
// `name` has only IPv4 addresses.
func answerTo(encoded []byte, name, file string) ([]byte, error) {
	var message dnsmessage.Message
	if err := message.Unpack(encoded); err != nil {
		return nil, err
	}
	if len(message.Questions) != 1 {
		return nil, fmt.Errorf("%d questions; expected 1", len(message.Questions))
	}
	question := message.Questions[0]
	answer := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: message.ID, Response: true, Authoritative: true},
		Questions: message.Questions,
	}
	switch {
	case !strings.EqualFold(question.Name.String(), name):
		answer.RCode = dnsmessage.RCodeNameError
	case question.Type == dnsmessage.TypeA:
		lines, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, line := range strings.Fields(string(lines)) {
			address, err := netip.ParseAddr(line)
			if err != nil {
				return nil, err
			}
			answer.Answers = append(answer.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: 0},
				Body:   &dnsmessage.AResource{A: address.As4()},
			})
		}
	}
	return answer.Pack()
}
