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

// Open reads an OpenAPI document, 3.0, 3.1 or Swagger 2.0, as YAML or JSON, from a file, an http address or stdin ("-"), and applies OpenAPI Overlay files
// to it. What is wrong but harmless is repaired, see Warnings; an error says where in the file, and what to do. Other hosts are not asked for what the
// document refers to.
func Open(ctx context.Context, path string, overlays ...string) (*Document, error) {
	return contract.OpenWith(ctx, path, &contract.LoadOptions{Overlays: overlays})
}

// Invitations gives the contract that is shipped: authentik's invitation API.
func Invitations() (*Document, error) {
	return contract.Load(context.Background(), "openapi.yaml", invitations)
}
