// Package onward holds the contract, so that the program can show it.
package onward

import _ "embed"

// OpenAPI is openapi.yaml: OpenAPI 3.1, written by hand, held to the code by
// tests in handlers.
//
//go:embed openapi.yaml
var OpenAPI []byte
