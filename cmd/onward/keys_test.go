package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"onward/keys"
	"onward/localpg"
)

// confidant is a service that serves, and a referrer who tells it something.
type confidant struct {
	t                     *testing.T
	service               *exec.Cmd
	data, url, dsn, token string
	told                  []string // paths of cases
}

func confide(t *testing.T) *confidant {
	t.Helper()
	c := &confidant{t: t, data: folder(t)}
	c.service, c.url = serveOn(t, c.data, "--demo")
	own, err := localpg.Start(t.Context(), localpg.Config{Dir: c.data, Durable: true}) // a client of the service's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Stop() })
	c.dsn = own.DSN(localpg.Migrate, localpg.Database)
	text, err := os.ReadFile(filepath.Join(c.data, "demo-tokens.json"))
	if err != nil {
		t.Fatal(err)
	}
	var people []struct{ Role, Token string }
	if err := json.Unmarshal(text, &people); err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if p.Role == "referrer" {
			c.token = p.Token
		}
	}
	return c
}

func (c *confidant) tell() {
	c.t.Helper()
	status, text := call(c.t, http.MethodPost, c.url+"/v1/case-referrals", c.token, fmt.Sprintf(`{"draft": true, "narrative": "case %d"}`, len(c.told)))
	var made struct{ ID string }
	if err := json.Unmarshal(text, &made); err != nil || status != http.StatusCreated {
		c.t.Fatalf("%d %s", status, text)
	}
	c.told = append(c.told, "/v1/case-referrals/"+made.ID)
}

// remembers sees that the service can read all that it was told.
func (c *confidant) remembers() {
	c.t.Helper()
	for i, path := range c.told {
		status, text := call(c.t, http.MethodGet, c.url+path, c.token, "")
		if want := fmt.Sprintf(`"narrative":"case %d"`, i); status != http.StatusOK || !strings.Contains(string(text), want) {
			c.t.Errorf("%d %s has no %s", status, text, want)
		}
	}
}

// keys is a command on the database of the service.
func (c *confidant) keys(args ...string) *exec.Cmd {
	cmd := program(c.t, c.data, append([]string{"keys"}, args...)...)
	cmd.Env = append(cmd.Env, "DATABASE_URL="+c.dsn)
	return cmd
}

// killAmidst kills a rotation that has made its key and wrapped nothing by it.
func (c *confidant) killAmidst() {
	c.t.Helper()
	db, err := sql.Open("pgx", c.dsn)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(c.t.Context(), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(c.t.Context(), "LOCK TABLE data_keys IN EXCLUSIVE MODE"); err != nil { // others read, and may not write
		c.t.Fatal(err)
	}
	rotation := c.keys("rotate")
	if err := rotation.Start(); err != nil {
		c.t.Fatal(err)
	}
	for waits := false; !waits; time.Sleep(10 * time.Millisecond) {
		if err := db.QueryRowContext(c.t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'data_keys'::regclass)").Scan(&waits); err != nil {
			c.t.Fatal(err)
		}
	}
	c.remembers()
	if err := rotation.Process.Signal(syscall.SIGKILL); err != nil {
		c.t.Fatal(err)
	}
	_ = rotation.Wait()
}

// The service serves all the while: a rotation begins and is killed, is begun
// again and goes on, and the old key is retired.
func TestKeysOfAServiceThatServes(t *testing.T) {
	c := confide(t)
	c.tell()
	c.tell()
	c.killAmidst()
	if said, err := run(t, c.keys("list")); err != nil || !regexp.MustCompile(`(?m)^\d+ +unwraps +2 requests\n\d+ +wraps +0 requests$`).MatchString(said) {
		t.Errorf("%s, %v", said, err)
	}
	c.tell()
	if _, err := run(t, c.keys("retire")); err == nil || !strings.Contains(err.Error(), "2 data keys are still under key") {
		t.Errorf("a key that is in use was retired: %v", err)
	}
	if said, err := run(t, c.keys("rotate")); err != nil || !strings.Contains(said, "every request is under key") {
		t.Errorf("%s, %v", said, err)
	}
	c.remembers()
	if said, err := run(t, c.keys("retire")); err != nil || !strings.HasPrefix(said, "1 keys retired") {
		t.Errorf("%s, %v", said, err)
	}
	if said, err := run(t, c.keys("list")); err != nil || !regexp.MustCompile(`^\d+ +wraps +3 requests$`).MatchString(said) {
		t.Errorf("%s, %v", said, err)
	}
	c.tell()
	c.remembers()
}

// Without its keys, or with others, the program says which file is wrong and
// what can be done. It makes no new ones.
func TestKeysThatAreNotThere(t *testing.T) {
	c := confide(t)
	c.tell()
	at := filepath.Join(c.data, "keys.json")
	older, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, c.keys("rotate")); err != nil {
		t.Fatal(err)
	}
	newest, err := run(t, c.keys("retire", "--print"))
	if err != nil || strings.Count(newest, `"keyId"`) != 2 { // one wraps, one is for blind indexes
		t.Fatalf("%s, %v", newest, err)
	}
	other := filepath.Join(t.TempDir(), "keys.json")
	if err := keys.Make(other); err != nil {
		t.Fatal(err)
	}
	foreign, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		file []byte
		mode fs.FileMode
		env  string
		want string
	}{
		"lost":            {nil, 0, "", at + ": put the file back from its backup"},
		"an older copy":   {older, 0o600, "", "of another time"},
		"another's":       {foreign, 0o600, "", "put the right keys.json in its place"},
		"others can read": {[]byte(newest), 0o644, "", "chmod 600"},
		"half of it":      {older[:100], 0o600, "", at + ": this is not a ring of keys"},
		"environment":     {nil, 0, "older", "of another time"},
		"the right one":   {[]byte(newest), 0o600, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			if tc.file != nil {
				if err := errors.Join(os.WriteFile(at, tc.file, 0o600), os.Chmod(at, tc.mode)); err != nil {
					t.Fatal(err)
				}
			}
			cmd := c.keys("list")
			if tc.env != "" {
				cmd.Env = append(cmd.Env, "ONWARD_KEYS="+string(older))
			}
			said, err := run(t, cmd)
			if (err == nil) != (tc.want == "") || err != nil && (!strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "panic")) {
				t.Errorf("it says %s, %v", said, err)
			}
			left, err := os.ReadFile(at)
			if (err != nil) != (tc.file == nil) || string(left) != string(tc.file) {
				t.Errorf("the file is another now (%v)", err)
			}
		})
	}
}
