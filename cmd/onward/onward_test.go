package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"onward/demo"
	"onward/localpg"
	"onward/models/modelstest"
)

// The test binary is the program itself when it is asked to be.
func TestMain(m *testing.M) {
	if os.Getenv("ONWARD_TEST_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program is a command of the program on data of its own.
func program(t *testing.T, data string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = []string{"ONWARD_TEST_MAIN=1", "ONWARD_ADDR=127.0.0.1:0", "ONWARD_DATA=" + data, "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}

func run(t *testing.T, cmd *exec.Cmd) (string, error) {
	t.Helper()
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, log.String())
	}
	return strings.TrimSpace(out.String()), err
}

// folder is a data folder that the user that PostgreSQL runs as can reach.
func folder(t *testing.T) string {
	t.Helper()
	base, err := os.MkdirTemp("/tmp", "onward-cmd-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(base, 0o755); err != nil { // PostgreSQL runs as another user than root
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	return filepath.Join(base, "var")
}

var serving = regexp.MustCompile(`msg=serving address=(\S+)`)

// serveOn starts the service and waits until it says where it serves.
func serveOn(t *testing.T, data string, args ...string) (cmd *exec.Cmd, url string) {
	t.Helper()
	cmd = program(t, data, append([]string{"serve"}, args...)...)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	var said strings.Builder
	for lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		if at := serving.FindStringSubmatch(lines.Text()); at != nil {
			go func() {
				for lines.Scan() { // the pipe must not fill up
				}
			}()
			return cmd, "http://" + at[1]
		}
	}
	t.Fatalf("the service never served:\n%s", said.String())
	return nil, ""
}

func call(t *testing.T, method, url, token, body string) (int, []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(response.Body); err != nil {
		return 0, nil
	}
	return response.StatusCode, text.Bytes()
}

// What was acknowledged before a kill -9 is there after it, and nothing of the
// killed service stays behind.
func TestServeSurvivesKill(t *testing.T) {
	data := folder(t)
	token, err := run(t, program(t, data, "token", "--first-admin", "the first admin"))
	if err != nil {
		t.Fatal(err)
	}
	var made []string
	for round := range 3 {
		cmd, url := serveOn(t, data)
		for i := range 5 {
			name := fmt.Sprintf("organisation %d of round %d", i, round)
			if status, text := call(t, http.MethodPost, url+"/v1/organisations", token, fmt.Sprintf(`{"name": %q, "type": "ngo"}`, name)); status != http.StatusCreated {
				t.Fatalf("%d %s", status, text)
			}
			made = append(made, name)
		}
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
	}
	cmd, url := serveOn(t, data)
	status, text := call(t, http.MethodGet, url+"/v1/organisations?limit=200", token, "")
	for _, name := range made {
		if !bytes.Contains(text, []byte(name)) {
			t.Errorf("%s is lost (%d)", name, status)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it did not end well: %v", err)
	}
	if left := postmasters(data); len(left) > 0 {
		t.Errorf("PostgreSQL stays behind: %v", left)
	}
	if said, err := run(t, program(t, data, "verify")); err != nil || !strings.Contains(said, "agrees with its log") {
		t.Errorf("%s, %v", said, err)
	}
}

// postmasters lists the processes that work in a data folder.
func postmasters(data string) (found []string) {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd") // a pattern that is never bad
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && strings.HasPrefix(to, data) {
			found = append(found, link)
		}
	}
	return found
}

func TestRefusesWithASentence(t *testing.T) {
	cluster := modelstest.Cluster(t)
	for name, tc := range map[string]struct {
		args []string
		env  string
		want string
	}{
		"superuser":           {[]string{"verify"}, "DATABASE_URL=" + cluster.DSN(localpg.Superuser, "postgres"), "superuser"},
		"could lose a case":   {[]string{"verify"}, "DATABASE_URL=" + cluster.DSN(localpg.Migrate, localpg.Database), "fsync = off"},
		"no such server":      {[]string{"verify"}, "DATABASE_URL=postgres://onward:secret@127.0.0.1:1/onward", "does not answer"},
		"no address":          {[]string{"verify"}, "DATABASE_URL=postgres://%zz", "database's address"},
		"nobody's token":      {[]string{"token"}, "", "--first-admin"},
		"address of no one":   {[]string{"serve"}, "ONWARD_ADDR=192.0.2.1:80", "ONWARD_ADDR"},
		"a limit of no role":  {[]string{"serve"}, "ONWARD_READING_LIMIT=king=5", "no role"},
		"a mistyped flag":     {[]string{"serve", "--databaseurl=postgres://onward:secret@127.0.0.1:1/onward"}, "", "--database-url"},
		"log of another kind": {[]string{"serve", "--log=xml"}, "", `"text","json"`},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := program(t, folder(t), tc.args...)
			if tc.env != "" {
				cmd.Env = append(cmd.Env, tc.env)
			}
			_, err := run(t, cmd)
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("it says %v, want a sentence with %q and no password", err, tc.want)
			}
		})
	}
}

func TestHelpExplainsEachSetting(t *testing.T) {
	said, err := run(t, program(t, folder(t), "--help"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"serve", "worker", "migrate", "token", "demo", "verify", "keys", "ONWARD_ADDR", "ONWARD_DATA", "DATABASE_URL", "ONWARD_KEYS", "ONWARD_LOG", "ONWARD_READING_LIMIT"} {
		if !strings.Contains(said, want) {
			t.Errorf("--help does not tell of %s:\n%s", want, said)
		}
	}
}

// The demo's tokens are complete before the service says that it is ready.
func TestServeWithDemo(t *testing.T) {
	data := folder(t)
	cmd, url := serveOn(t, data, "--demo")
	if status, _ := call(t, http.MethodGet, url+"/readyz", "", ""); status != http.StatusOK {
		t.Errorf("readyz %d", status)
	}
	text, err := os.ReadFile(filepath.Join(data, "demo-tokens.json"))
	if err != nil {
		t.Fatal(err)
	}
	var people []struct{ Role, Token string }
	if err := json.Unmarshal(text, &people); err != nil || len(people) < 10 {
		t.Fatalf("%d people, %v", len(people), err)
	}
	for _, p := range people {
		if status, text := call(t, http.MethodGet, url+"/v1/me", p.Token, ""); status != http.StatusOK || !bytes.Contains(text, []byte(p.Role)) {
			t.Errorf("the token of the %s: %d %s", p.Role, status, text)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// What was refused in the last moment before the end is written down.
func TestServeWritesDenialsBeforeItEnds(t *testing.T) {
	data := folder(t)
	token, err := run(t, program(t, data, "token", "--first-admin", "the first admin"))
	if err != nil {
		t.Fatal(err)
	}
	cmd, url := serveOn(t, data)
	if status, text := call(t, http.MethodPost, url+"/v1/case-referrals", token, `{}`); status != http.StatusForbidden {
		t.Fatalf("%d %s", status, text)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	cmd, url = serveOn(t, data)
	if status, text := call(t, http.MethodGet, url+"/v1/denials", token, ""); !bytes.Contains(text, []byte(`"wrong_role"`)) {
		t.Errorf("%d %s", status, text)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
}

// What was served is chained by the time that the service has ended; verify
// holds it against the head that was kept, and against any that it is given.
func TestVerifyHoldsTheChain(t *testing.T) {
	data := folder(t)
	cmd, url := serveOn(t, data, "--demo")
	people, err := demo.People(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if p.Role == "requester" {
			if status, text := call(t, http.MethodPost, url+"/v1/training-requests", p.Token, `{"draft": true, "title": "A training"}`); status != http.StatusCreated {
				t.Fatalf("%d %s", status, text)
			}
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it did not end well: %v", err)
	}
	said, err := run(t, program(t, data, "verify"))
	found := regexp.MustCompile(`1 events are chained, 0 wait: .* head is (1:[0-9a-f]{64})\n.* 1 heads`).FindStringSubmatch(said)
	if err != nil || found == nil {
		t.Fatalf("%s, %v", said, err)
	}
	if said, err := run(t, program(t, data, "verify", "--head", found[1])); err != nil {
		t.Errorf("%s, %v", said, err)
	}
	for _, tc := range []struct{ flag, value, want string }{
		{"--head", "2:" + strings.Repeat("00", 32), "the chain ends at link 1, but it went on to 2:00"},
		{"--head", "1:" + strings.Repeat("00", 32), "does not pass through 1:00"},
		{"--head", "one", "is no head of a chain"},
		{"--anchor", filepath.Join(data, "none"), "no such file"},
	} {
		if said, err := run(t, program(t, data, "verify", tc.flag, tc.value)); err == nil || !strings.Contains(said+err.Error(), tc.want) {
			t.Errorf("%s %s: it says %s, %v; want %q", tc.flag, tc.value, said, err, tc.want)
		}
	}
}

// Whatever is sent to the program, and however it ends, neither its log nor
// what it prints has a word of it.
func TestServePrintsNothingThatIsSent(t *testing.T) {
	data := folder(t)
	token, err := run(t, program(t, data, "token", "--first-admin", "CANARY admin", "--organisation", "CANARY organisation"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := program(t, data, "serve")
	var said said
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	at := ""
	for range 600 {
		if found := serving.FindStringSubmatch(said.String()); found != nil {
			at = "http://" + found[1]
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	for path, body := range map[string]string{
		"/v1/organisations":                `{"name": "CANARY organisation", "type": "ngo"}`, // which there is
		"/v1/organisations?q=CANARY":       `{"name": "CANARY"}`,
		"/v1/users":                        `{"name": "CANARY", "roles": ["partner"], "organisation_id": "CANARY"}`,
		"/v1/desks":                        `{"name": "CANARY`,
		"/v1/tokens":                       `{"name": "CANARY", "CANARY": "CANARY"}`,
		"/v1/tokens?access_token=" + token: `{"name": "CANARY"}`,
		"/CANARY/" + token:                 `CANARY`,
	} {
		if status, text := call(t, http.MethodPost, at+path, token, body); status < 400 || status > 499 {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if status, _ := call(t, http.MethodGet, at+"/v1/case-referrals/019352a3-d100-7022-a1d4-7c2e9f0b3c43", token, ""); status != http.StatusNotFound {
		t.Error(status)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
	if all := said.String(); strings.Contains(all, "CANARY") || strings.Contains(all, token) || !strings.Contains(all, "status=409") {
		t.Errorf("it says:\n%s", all)
	}
}

// said is what a program prints, read while it runs.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
