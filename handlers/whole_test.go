package handlers

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"onward/desk"
	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
)

// service is the whole program on a database of its own, but for its main.
type service struct {
	t     testing.TB
	url   string
	desk  *desk.Desk // of the requests
	clerk *desk.Desk // of the system: the clock
	dsn   string
	now   *clock
	log   *lockedBuffer
	spec  *contract
	look  func() *sql.DB // into the database, beside the service
	// The network.
	jeju, geneva                                             models.Desk
	ngo, otherNGO, bar, unhcr, iom, unitar, ewha, bystanders models.Organisation
	services                                                 map[string]models.Service // "unhcr/international_protection"
	denied                                                   func(models.Denial)       // forgets them, unless a test watches
	who                                                      map[string]*person
}

// person is one who calls.
type person struct {
	s     *service
	token string
	user  models.User
}

// clock is the service's time, which a test can move.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += by
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var testKey = bytes.Repeat([]byte("k"), 32)

func start(t testing.TB) *service {
	t.Helper()
	return startOn(t, modelstest.Migrated(t))
}

// startOn is start on a database that is migrated.
func startOn(t testing.TB, dsn string) *service {
	t.Helper()
	s := &service{t: t, dsn: dsn, now: &clock{}, log: &lockedBuffer{}, spec: newContract(t), services: map[string]models.Service{}, who: map[string]*person{}, denied: func(models.Denial) {}}
	s.look = sync.OnceValue(s.connect)
	s.clerk = desk.New(modelstest.Enter(t, modelstest.As(localpg.Worker, dsn)), s.now.now)
	s.serve(desk.New(modelstest.Enter(t, dsn), s.now.now))
	s.populate()
	return s
}

// serve puts the service, from now on, before this desk.
func (s *service) serve(d *desk.Desk) {
	s.t.Helper()
	spec, err := os.ReadFile("../openapi.yaml")
	s.must(err)
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	server := httptest.NewServer(New(d, log, testKey, spec, func(x models.Denial) { s.denied(x) }).Handler())
	s.t.Cleanup(func() {
		server.Close()
		for line := range strings.Lines(s.log.String()) {
			if s.t.Failed() && strings.Contains(line, "failed") {
				s.t.Log(line)
			}
		}
	})
	s.desk, s.url = d, server.URL
}

// root acts for the test before anybody is there.
var root = models.Actor{Roles: []string{models.RoleAdmin}}

func (s *service) populate() {
	s.jeju = s.addDesk("CIFAL Jeju", true, "KR", "PK", "PH")
	s.geneva = s.addDesk("Geneva", false, "CH")
	s.ngo, s.otherNGO, s.bar = s.addOrganisation("An NGO in Manila", "ngo"), s.addOrganisation("Another NGO", "ngo"), s.addOrganisation("A bar association in Lahore", "legal_service")
	s.unhcr, s.iom = s.addOrganisation("UNHCR", "intergovernmental"), s.addOrganisation("IOM", "intergovernmental")
	s.unitar, s.ewha = s.addOrganisation("UNITAR", "training_centre"), s.addOrganisation("Ewha Womans University", "university")
	s.bystanders = s.addOrganisation("Bystanders", "ngo")
	s.addService("unhcr", s.unhcr, "international_protection", "PH")
	s.addService("iom", s.iom, "child_protection", "PH")
	s.addService("iom", s.iom, "voluntary_return", "PH")
	s.addService("bystanders", s.bystanders, "child_protection", "PH")
	s.addService("unitar", s.unitar, "investigation_and_prosecution", "PK")
	s.addService("ewha", s.ewha, "investigation_and_prosecution", "PK")
	for name, p := range map[string]struct {
		of    models.Organisation
		desk  *uuid.UUID
		roles []string
	}{
		"jurist": {s.bar, nil, []string{"requester"}}, "colleague": {s.bar, nil, []string{"requester"}},
		"referrer": {s.ngo, nil, []string{"referrer"}}, "stranger": {s.otherNGO, nil, []string{"referrer", "requester"}},
		"admin": {s.unitar, &s.jeju.ID, []string{"admin"}}, "admin of Geneva": {s.unitar, &s.geneva.ID, []string{"admin"}},
		"network": {s.unitar, nil, []string{"admin"}}, "auditor": {s.unitar, nil, []string{"auditor"}},
		"unhcr": {s.unhcr, nil, []string{"partner"}}, "iom": {s.iom, nil, []string{"partner"}}, "unitar": {s.unitar, nil, []string{"partner"}},
		"ewha": {s.ewha, nil, []string{"partner"}}, "bystander": {s.bystanders, nil, []string{"partner"}},
	} {
		s.addPerson(name, p.of, p.desk, p.roles...)
	}
}

func (s *service) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *service) addDesk(name string, isDefault bool, countries ...string) models.Desk {
	row := models.Desk{DeskFields: models.DeskFields{Name: name, Countries: countries, Default: isDefault, TimeZone: "Asia/Seoul", Active: true}}
	s.must(s.desk.AddDesk(context.Background(), root, &row))
	return row
}

func (s *service) addOrganisation(name, kind string) models.Organisation {
	row := models.Organisation{OrganisationFields: models.OrganisationFields{Name: name, Type: kind, Active: true}}
	s.must(s.desk.AddOrganisation(context.Background(), root, &row))
	return row
}

func (s *service) addService(name string, of models.Organisation, kind string, countries ...string) models.Service {
	row := models.Service{OrganisationID: of.ID, CapacityAvailable: 5, CapacityMaximum: 5, ServiceFields: models.ServiceFields{Kind: kind, Status: "active", Countries: countries, Languages: []string{"en", "tl"}}}
	s.must(s.desk.AddService(context.Background(), root, &row))
	s.services[name+"/"+kind] = row
	return row
}

func (s *service) addPerson(name string, of models.Organisation, at *uuid.UUID, roles ...string) *person {
	row := models.User{OrganisationID: of.ID, DeskID: at, UserFields: models.UserFields{Name: name, Roles: roles, Active: true}}
	s.must(s.desk.AddUser(context.Background(), root, &row))
	token, _, err := s.desk.IssueToken(context.Background(), root, row.ID, "test", nil, nil)
	s.must(err)
	s.who[name] = &person{s, token, row}
	return s.who[name]
}

// as gives one of the people; nobody has no token.
func (s *service) as(name string) *person {
	s.t.Helper()
	if name == "nobody" {
		return &person{s: s}
	}
	p, ok := s.who[name]
	if !ok {
		s.t.Fatalf("there is no %s", name)
	}
	return p
}

// answered is a request and its answer.
type answered struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// header is "Name: value".
func (p *person) do(method, path, body string, headers ...string) answered {
	p.s.t.Helper()
	x, err := p.try(method, path, body, headers...)
	p.s.must(err)
	return x
}

func (p *person) try(method, path, body string, headers ...string) (answered, error) {
	x, request, response, err := p.send(method, path, body, headers...) //nolint:bodyclose // send has closed it
	if err == nil {
		p.s.spec.check(p.s.t, request, []byte(body), response, x.body)
		p.s.bears(request.URL.Path, response, x.body)
		p.recorded(request, x)
	}
	return x, err
}

// send is try without a look at openapi.yaml, which takes longer than the
// service does.
func (p *person) send(method, path, body string, headers ...string) (answered, *http.Request, *http.Response, error) {
	request, err := http.NewRequestWithContext(context.Background(), method, p.s.url+path, strings.NewReader(body))
	if err != nil {
		return answered{}, nil, nil, err
	}
	if p.token != "" {
		request.Header.Set("Authorization", "Bearer "+p.token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		request.Header.Set(name, value)
	}
	request.Header.Set("Accept-Encoding", "identity")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answered{}, nil, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answered{p.s.t, response.StatusCode, response.Header, text}, request, response, err
}

// want fails unless the answer has a status and, where it is a problem, a code.
func (x answered) want(status int, code ...string) answered {
	x.t.Helper()
	if x.status != status || len(code) > 0 && x.str("code") != code[0] {
		x.t.Fatalf("answer %d %s, want %d %v", x.status, x.body, status, code)
	}
	return x
}

// at finds a value of the body by member names and indices.
func (x answered) at(path ...any) any {
	x.t.Helper()
	var v any
	if err := json.Unmarshal(x.body, &v); err != nil {
		x.t.Fatalf("%v: %s", err, x.body)
	}
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

func (x answered) str(path ...any) string {
	x.t.Helper()
	text, _ := x.at(path...).(string)
	return text
}

func (x answered) list(path ...any) []any {
	x.t.Helper()
	list, _ := x.at(path...).([]any)
	return list
}

// has fails unless the body has a member.
func (x answered) has(member string) bool {
	x.t.Helper()
	object, _ := x.at().(map[string]any)
	_, ok := object[member]
	return ok
}
