//go:build linux

package localpg

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
)

// output turns PostgreSQL's messages into log lines, and keeps the last few
// for the error that says why it didn't start.
type output struct {
	log   *slog.Logger
	quiet atomic.Bool // while stopping, ended sessions are no news

	mu   sync.Mutex
	rest []byte
	last []string
}

const keep = 12

// Write takes any piece of the stream; it never fails.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rest = append(o.rest, p...)
	for {
		line, rest, whole := bytes.Cut(o.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		o.rest = rest
		o.line(strings.TrimSpace(string(line)))
	}
}

func (o *output) line(text string) {
	if text == "" {
		return
	}
	o.last = append(o.last, text)
	if len(o.last) > keep {
		o.last = o.last[1:]
	}
	level := severity(text)
	if o.quiet.Load() {
		level = slog.LevelDebug
	}
	o.log.Log(context.Background(), level, "postgresql", "message", text)
}

// severity keeps a refused statement (ERROR) quiet: the caller of the
// statement gets that error and knows better what it means.
func severity(text string) slog.Level {
	switch word, _, _ := strings.Cut(text, ":"); word {
	case "PANIC":
		return slog.LevelError
	case "FATAL", "WARNING":
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

// tail is the end of what PostgreSQL said, in one line.
func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	said := strings.Join(append(o.last[:len(o.last):len(o.last)], string(o.rest)), " | ")
	return strings.Trim(said, " |")
}
