//go:build linux

package localpg

import (
	"maps"
	"slices"
)

// settings are the server's command-line settings, in a fixed order.
func settings(c Config, socket string) []string {
	all := map[string]string{
		"listen_addresses":        "", // no TCP: see socketDir
		"unix_socket_directories": socket,
		"unix_socket_permissions": "0700",
		"port":                    port,
		"cluster_name":            "onward",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		// The messages are read by a program, which writes its own times.
		"log_destination":   "stderr",
		"logging_collector": "off",
		"log_line_prefix":   "",
		"lc_messages":       "C",
		// A failing row or statement holds people's data: none in the log.
		"log_error_verbosity":     "terse",
		"log_min_error_statement": "panic",
		// Queries are short, and an unpacked installation has no LLVM.
		"jit": "off",
	}
	if !c.Durable {
		maps.Copy(all, map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"})
	}
	maps.Copy(all, c.Settings)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	return args
}
