package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// identity names the files by which client and server identify each other. All are optional:
// without authorities, calls are in plaintext.
type identity struct {
	authorities, certificate, key, token string
}

func (i identity) dialOptions() ([]grpc.DialOption, error) {
	if i.authorities == "" {
		return []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, nil
	}
	authorities, err := os.ReadFile(i.authorities)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	if !config.RootCAs.AppendCertsFromPEM(authorities) {
		return nil, fmt.Errorf("%s has no certificate", i.authorities)
	}
	if i.certificate != "" {
		own, err := tls.LoadX509KeyPair(i.certificate, i.key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{own}
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(credentials.NewTLS(config))}
	if i.token != "" {
		options = append(options, grpc.WithPerRPCCredentials(tokenFile(i.token)))
	}
	return options, nil
}

// tokenFile is the path of a bearer token. Each call reads it again, so that the token can be
// replaced.
type tokenFile string

func (f tokenFile) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	token, err := os.ReadFile(string(f))
	if err != nil {
		return nil, err
	}
	return map[string]string{"authorization": "Bearer " + strings.TrimSpace(string(token))}, nil
}

func (tokenFile) RequireTransportSecurity() bool { return true }
