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
		// A failing row or statement holds people's data: none in the log. A
		// refusal's own words can quote a value too; who sent the statement
		// gets them, and knows what to make of them.
		"log_min_messages":                  "log", // not ERROR and WARNING, which rank below it
		"log_error_verbosity":               "terse",
		"log_min_error_statement":           "panic",
		"log_statement":                     "none",
		"log_min_duration_statement":        "-1",
		"log_min_duration_sample":           "-1",
		"log_transaction_sample_rate":       "0",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
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
