//go:build linux

package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onward"
	"onward/desk"
	"onward/fault"
	"onward/handlers"
	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
	"onward/workflow"
)

func newDesk(t *testing.T) *desk.Desk {
	t.Helper()
	return desk.New(modelstest.Open(t), time.Now)
}

// loaded gives the people of a demo that was loaded into a folder.
func loaded(t *testing.T, d *desk.Desk, folder string) []Person {
	t.Helper()
	if err := Load(t.Context(), d, folder); err != nil {
		t.Fatal(err)
	}
	people, err := People(folder)
	if err != nil {
		t.Fatal(err)
	}
	return people
}

// network is all that Load can put into the database, as text.
func network(t *testing.T, d *desk.Desk) string {
	t.Helper()
	slice := models.Slice{Limit: 200, Order: "created_at"}
	desks, _, err1 := d.Desks(t.Context(), system, slice)
	organisations, _, err2 := d.Organisations(t.Context(), system, models.OrganisationFilter{}, slice)
	users, _, err3 := d.Users(t.Context(), system, models.UserFilter{}, slice)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			t.Fatal(err)
		}
	}
	tokens := 0
	for _, u := range users {
		list, _, err := d.Tokens(t.Context(), u.Actor(system.TokenID), slice)
		if err != nil {
			t.Fatal(err)
		}
		tokens += len(list)
	}
	return fmt.Sprint(desks, organisations, users, tokens)
}

func TestLoadIsOnceAndCompletes(t *testing.T) {
	d, folder := newDesk(t), filepath.Join(t.TempDir(), "not", "there", "yet")
	people := loaded(t, d, folder)
	before := network(t, d)
	file := filepath.Join(folder, TokenFile)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, mode %v", err, info.Mode())
	}
	if again := loaded(t, d, folder); !same(people, again) || network(t, d) != before {
		t.Error("the second Load changed something")
	}
	if now, _ := os.Stat(file); !now.ModTime().Equal(info.ModTime()) || !os.SameFile(now, info) {
		t.Error("the second Load wrote the tokens again")
	}
	if files, _ := os.ReadDir(folder); len(files) != 1 {
		t.Errorf("a temporary file was left: %v", files)
	}
}

func TestTokenFileIsWhatTheContractSays(t *testing.T) {
	folder := t.TempDir()
	people := loaded(t, newDesk(t), folder)
	text, _ := os.ReadFile(filepath.Join(folder, TokenFile))
	var raw []map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	for _, line := range raw {
		for _, name := range []string{"role", "person", "organisation", "organisation_id", "desk", "token"} {
			if _, ok := line[name]; !ok || len(line) != 6 {
				t.Errorf("%v is not as the contract says: %s", line["person"], name)
			}
		}
	}
	has := func(role, organisation string, ofDesk bool) {
		t.Helper()
		if !slices.ContainsFunc(people, func(p Person) bool {
			return p.Role == role && strings.Contains(p.Organisation, organisation) && (p.Desk != nil) == ofDesk && strings.HasPrefix(p.Token, "onw_")
		}) {
			t.Errorf("there is no %s of %s (desk: %v)", role, organisation, ofDesk)
		}
	}
	has("requester", "Lahore", false)
	has("referrer", "Manila", false)
	has("admin", "CIFAL Jeju", true)
	has("admin", "CIFAL Network", false)
	for _, organisation := range []string{"UNHCR", "IOM", "UNITAR", "Ewha", "Nairobi"} {
		has("partner", organisation, false)
	}
	has("auditor", "", false)
}

func TestOnlyWhatIsMissingIsMended(t *testing.T) {
	d, folder := newDesk(t), t.TempDir()
	people := loaded(t, d, folder)
	file := filepath.Join(folder, TokenFile)

	broken := slices.Clone(people)
	broken[3].Token = people[4].Token // another's
	if err := keep(folder, broken); err != nil {
		t.Fatal(err)
	}
	mended := loaded(t, d, folder)
	for i := range people {
		if (mended[i].Token == people[i].Token) == (i == 3) {
			t.Errorf("the token of %s: kept where it should be new, or the other way round", people[i].Person)
		}
	}
	for name, spoil := range map[string]func() error{
		"missing": func() error { return os.Remove(file) },
		"damaged": func() error { return os.WriteFile(file, []byte(`[{"role": "adm`), 0o600) },
		"empty":   func() error { return os.WriteFile(file, nil, 0o600) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		for _, p := range loaded(t, d, folder) {
			if _, err := d.Authenticate(t.Context(), p.Token); err != nil {
				t.Errorf("%s: the token of %s does not work: %v", name, p.Person, err)
			}
		}
	}
}

func TestNothingGoesIntoARealNetwork(t *testing.T) {
	d, folder := newDesk(t), t.TempDir()
	if _, err := d.Found(t.Context(), "A real centre", "an admin"); err != nil {
		t.Fatal(err)
	}
	before := network(t, d)
	if err := Load(t.Context(), d, folder); err != ErrOccupied { //nolint:errorlint // it comes bare
		t.Errorf("got %v", err)
	}
	if files, _ := os.ReadDir(folder); network(t, d) != before || len(files) != 0 {
		t.Error("something was written all the same")
	}
}

// A name that is taken in the middle undoes all that came before it.
func TestLoadIsAllOrNothing(t *testing.T) {
	d, folder := newDesk(t), t.TempDir()
	taken := models.Organisation{OrganisationFields: models.OrganisationFields{Name: "Ewha Womans University", Type: "university", Active: true}}
	if err := d.AddOrganisation(t.Context(), system, &taken); err != nil {
		t.Fatal(err)
	}
	before := network(t, d)
	if err := Load(t.Context(), d, folder); !fault.Is(err, "name_taken") {
		t.Errorf("got %v", err)
	}
	if files, _ := os.ReadDir(folder); network(t, d) != before || len(files) != 0 {
		t.Error("a part of the demo is there")
	}
}

// Whoever loads at the same moment ends with the same network and tokens that
// work.
func TestTwoNodesLoadAtOnce(t *testing.T) {
	d := newDesk(t)
	var nodes sync.WaitGroup
	for range 4 {
		folder := t.TempDir()
		nodes.Go(func() {
			if err := Load(t.Context(), d, folder); err != nil {
				t.Error(err)
				return
			}
			people, err := People(folder)
			if err != nil || len(people) == 0 {
				t.Errorf("%d people, %v", len(people), err)
			}
		})
	}
	nodes.Wait()
	if users, _, _ := d.Users(t.Context(), system, models.UserFilter{}, models.Slice{Limit: 200, Order: "created_at"}); len(users) != 11 {
		t.Errorf("%d users", len(users))
	}
}

// The desk takes codes as they come: the edge checks them, and a file does not
// pass the edge.
func TestDirectoryKeepsToTheVocabularies(t *testing.T) {
	n, err := read[directory]("directory.json", directoryJSON)
	if err != nil {
		t.Fatal(err)
	}
	is := func(vocabulary []string, code string) {
		t.Helper()
		if !slices.Contains(vocabulary, code) {
			t.Errorf("%q is not a code", code)
		}
	}
	for _, o := range n.Organisations {
		is(workflow.Codes("organisation_type"), o.Type)
		for _, f := range o.Offers {
			for _, kind := range f.Kinds {
				is(desk.ServiceKinds(), kind)
			}
		}
	}
	for _, m := range n.People {
		is(workflow.Codes("role"), m.Role)
	}
	for _, d := range n.Desks {
		if _, err := time.LoadLocation(d.TimeZone); err != nil {
			t.Error(err)
		}
		for _, day := range d.WorkingDays {
			is(workflow.Codes("weekday"), day)
		}
		if row, err := d.row(); err != nil || len(row.Holidays) == 0 || len(row.Languages) == 0 || len(row.WorkingDays) == 0 {
			t.Errorf("%s has no calendar: %v", d.Name, err)
		}
	}
}

// The desks of the demo serve the countries of its scenario, and of no other
// place.
func TestDirectoryRoutes(t *testing.T) {
	d := newDesk(t)
	loaded(t, d, t.TempDir())
	for country, want := range map[string]string{"PK": "CIFAL Jeju", "PH": "CIFAL Jeju", "KE": "CIFAL Durban", "ZA": "CIFAL Durban", "TV": "CIFAL Jeju"} {
		got, _, err := d.Rehearse(t.Context(), system, workflow.Asked{Kind: workflow.Training.Name, Country: country, Languages: []string{"en"}})
		if err != nil || got.Desk.Name != want {
			t.Errorf("%s goes to %s (%v), want %s", country, got.Desk.Name, err, want)
		}
	}
}

func serve(t *testing.T, d *desk.Desk) string {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	server := httptest.NewServer(handlers.New(d, log, bytes.Repeat([]byte("k"), 32), onward.OpenAPI, func(models.Denial) {}).Handler())
	t.Cleanup(server.Close)
	return server.URL
}

func TestPlayTwice(t *testing.T) {
	dsn := modelstest.Migrated(t)
	d, clerk := desk.New(modelstest.Enter(t, dsn), time.Now), desk.New(modelstest.Enter(t, modelstest.As(localpg.Worker, dsn)), time.Now)
	people, base := loaded(t, d, t.TempDir()), serve(t, d)
	for range 2 {
		var told bytes.Buffer
		if err := Play(t.Context(), &told, base, people, Options{}); err != nil {
			t.Fatalf("%v, after:\n%s", err, told.String())
		}
		if testing.Verbose() {
			t.Log(told.String())
		}
		if !strings.Contains(told.String(), "\nboth closed: TR-") || strings.Contains(told.String(), "\x1b") || strings.Contains(told.String(), "onw_") {
			t.Errorf("the end is missing, or there are colours or tokens in:\n%s", told.String())
		}
	}
	records, events, wrong, err := clerk.Verify(t.Context())
	if err != nil || len(wrong) > 0 || records != 14 { // 2 trainings, 2 cases, 10 assignments
		t.Errorf("%d records, %d events, %v, %v", records, events, wrong, err)
	}
	for _, organisation := range []string{"UNHCR", "IOM", "UNITAR", "Ewha"} {
		free(t, d, organisation)
	}
}

// free holds that all places of an organisation's services are free again.
func free(t *testing.T, d *desk.Desk, name string) {
	t.Helper()
	slice := models.Slice{Limit: 200, Order: "created_at"}
	list, _, err := d.Organisations(t.Context(), system, models.OrganisationFilter{Text: name}, slice)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d of %s, %v", len(list), name, err)
	}
	services, _, err := d.Services(t.Context(), system, list[0].ID, slice)
	if err != nil || len(services) == 0 {
		t.Fatal(name, err)
	}
	for _, s := range services {
		if s.CapacityAvailable != s.CapacityMaximum {
			t.Errorf("%s %s: %d of %d", name, s.Kind, s.CapacityAvailable, s.CapacityMaximum)
		}
	}
}

// What a person watches must be what happened: an answer that is not as
// expected ends the play.
func TestPlayStopsAtTheFirstWrongAnswer(t *testing.T) {
	d := newDesk(t)
	people, base := loaded(t, d, t.TempDir()), serve(t, d)
	inner := http.DefaultTransport
	lying := &http.Client{Transport: turn(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/assignments") {
			r.URL.Path = "/v1/queue/next"
		}
		return inner.RoundTrip(r)
	})}
	err := Play(t.Context(), io.Discard, base, people, Options{Client: lying})
	if err == nil || !strings.Contains(err.Error(), "the coordinator at CIFAL Jeju offers it to UNITAR: answered") {
		t.Errorf("got %v", err)
	}
	people[0].Token = "onw_wrong"
	if err := Play(t.Context(), io.Discard, base, people, Options{}); err == nil || strings.Contains(err.Error(), "onw_") {
		t.Errorf("got %v", err)
	}
}

// A step whose event the log does not tell of ends the play too.
func TestPlayMissesAnEvent(t *testing.T) {
	d := newDesk(t)
	people, base := loaded(t, d, t.TempDir()), serve(t, d)
	forgetful := &http.Client{Transport: turn(func(r *http.Request) (*http.Response, error) {
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err == nil && strings.HasSuffix(r.URL.Path, "/events") {
			text, _ := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			answer.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(text, []byte("training.approved"), []byte("training.edited"))))
		}
		return answer, err
	})}
	err := Play(t.Context(), io.Discard, base, people, Options{Client: forgetful})
	if err == nil || !strings.Contains(err.Error(), "no training.approved tells of it") {
		t.Errorf("got %v", err)
	}
}

type turn func(*http.Request) (*http.Response, error)

func (f turn) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestGreetNamesEveryoneWithTheirToken(t *testing.T) {
	folder := t.TempDir()
	people := loaded(t, newDesk(t), folder)
	var out bytes.Buffer
	if err := Greet(&out, "http://127.0.0.1:8080", folder); err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if !strings.Contains(out.String(), p.Person) || !strings.Contains(out.String(), p.Token) {
			t.Errorf("%s is not named, or not with their token", p.Person)
		}
	}
	if testing.Verbose() {
		t.Log(out.String())
	}
}
