// Package migrations embeds the schema's history: NNNN_name.sql, forward only.
package migrations

import "embed"

// Files are the migrations, in goose's format.
//
//go:embed *.sql
var Files embed.FS
