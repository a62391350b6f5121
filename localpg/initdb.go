//go:build linux

package localpg

import (
	"context"
	"fmt"
	"os"
	"time"
)

// ensureData makes the cluster if there is none. It is built beside its place
// and moved there when it is complete, so that a kill in the middle leaves
// nothing that looks like a cluster.
func ensureData(ctx context.Context, c Config, h home) error {
	if _, err := os.Stat(h.data()); err == nil {
		return h.checkVersion()
	}
	begun := time.Now()
	if err := initialise(ctx, c, h); err != nil {
		_ = os.RemoveAll(h.staging())
		return err
	}
	if err := os.Rename(h.staging(), h.data()); err != nil {
		return fmt.Errorf("localpg: moving the new cluster to its place: %w", err)
	}
	if err := syncDir(h.dir); err != nil {
		return err
	}
	c.Log.Info("made a new PostgreSQL cluster", "data", h.data(), "version", h.bin.version, "took", time.Since(begun).Round(time.Millisecond))
	return nil
}

func initialise(ctx context.Context, c Config, h home) error {
	if err := os.RemoveAll(h.staging()); err != nil {
		return fmt.Errorf("localpg: removing a half-made cluster: %w", err)
	}
	if err := os.Mkdir(h.staging(), 0o700); err != nil {
		return fmt.Errorf("localpg: the data folder can't be made: %w", err)
	}
	if err := h.user.give(h.staging()); err != nil {
		return err
	}
	if err := run(ctx, h.user.command(h.bin, "initdb", initdbArgs(c, h)...)); err != nil {
		return fmt.Errorf("localpg: making a cluster in %s: %w", h.dir, err)
	}
	return nil
}

func initdbArgs(c Config, h home) []string {
	args := []string{
		"-D", h.staging(), "-U", Superuser,
		// C.UTF-8 knows the letters of every script, is the same on every
		// machine, and never changes the order of an index in an upgrade.
		"--encoding=UTF8", "--locale=C.UTF-8",
		"--auth-local=trust", "--auth-host=reject", // see socketDir
		"--data-checksums", "--no-instructions",
	}
	if !c.Durable {
		args = append(args, "--no-sync")
	}
	return args
}

// syncDir makes a rename in dir survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("localpg: opening %s: %w", dir, err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("localpg: syncing %s: %w", dir, err)
	}
	return nil
}
