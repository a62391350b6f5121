// Package migrations embeds the schema's history: NNNN_name.sql, forward only.
package migrations

import "embed"

// Files are the migrations, in goose's format.
//
//go:embed 0*.sql
var Files embed.FS

// Grants gives the roles of the service what each may do, once the schema is
// up to date. It may run any number of times.
//
//go:embed grants.sql
var Grants string
