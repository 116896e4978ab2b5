// Package understudy learns an HTTP API from its OpenAPI document. Package mockserver plays what it learned, and contracttest checks any live implementation against it.
package understudy

import (
	"context"
	_ "embed"

	"understudy/internal/contract"
)

//go:embed openapi.yaml
var invitations []byte

// Document is an OpenAPI document, understood: loaded once, immutable, and shared by whoever plays or checks it.
type Document = contract.Document

// Open reads an OpenAPI document, 3.0, 3.1 or Swagger 2.0, as YAML or JSON. An error says where in the file, and what to do.
func Open(ctx context.Context, path string) (*Document, error) { return contract.Open(ctx, path) }

// Invitations gives the contract that is shipped: authentik's invitation API.
func Invitations() (*Document, error) {
	return contract.Load(context.Background(), "openapi.yaml", invitations)
}
