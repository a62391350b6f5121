package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"
)

// Options of Play; the zero value will do.
type Options struct {
	Client *http.Client     // nil: one that waits half a minute
	Now    func() time.Time // nil: the system's clock
}

// player plays the scenario against one service.
type player struct {
	client *http.Client
	base   string
	people []Person
	values values
	seen   map[string]string // path of a record: the ETag last seen
	names  map[string]string // id of a user or organisation: its name
	page   *page
}

// patience is how long one request may take.
const patience = 30 * time.Second

// Play plays the scenario on the service at base as the demo's people, each in
// turn, tells it on out, and ends with the log of each record. It can be played
// again and again on one service.
//
// Errors: the first answer that is not what the scenario expects, or a step
// that left no trace in the log.
func Play(ctx context.Context, out io.Writer, base string, people []Person, o Options) error {
	story, err := read[scenario]("scenario.json", scenarioJSON)
	if err != nil {
		return err
	}
	p := &player{
		client: o.Client, base: strings.TrimRight(base, "/"), people: people,
		seen: map[string]string{}, names: map[string]string{}, page: newPage(out, story),
	}
	if p.client == nil {
		p.client = &http.Client{Timeout: patience}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p.values = newValues(people, o.Now())
	if err := p.meet(ctx); err != nil {
		return err
	}
	p.page.title(story.Title, p.base)
	for i, s := range story.Scenes {
		if err := p.scene(ctx, i+1, s); err != nil {
			return err
		}
	}
	return p.finish(ctx, story)
}

// meet asks the service who each person is, for the log names them by id.
func (p *player) meet(ctx context.Context) error {
	for _, who := range p.people {
		me, err := p.send(ctx, who.Person, http.MethodGet, "/v1/me", nil)
		if err != nil {
			return fmt.Errorf("asking the service at %s who is who: %w", p.base, err)
		}
		if me.refused() {
			return fmt.Errorf("the service at %s does not know the token of %s: start it with the demo, and read its tokens", p.base, who.Person)
		}
		p.names[me.text("/id")] = who.Person
		p.names[who.OrganisationID] = short(who.Organisation)
	}
	return nil
}

func (p *player) scene(ctx context.Context, number int, s scene) error {
	p.page.scene(number, s)
	for _, one := range s.Steps {
		a, err := p.step(ctx, one)
		if err != nil {
			return fmt.Errorf("%s %s: %w", one.As, one.Say, err)
		}
		p.page.step(one, a)
	}
	return nil
}

func (p *player) step(ctx context.Context, s step) (answer, error) {
	path, err := p.values.text(s.Path)
	if err != nil {
		return answer{}, err
	}
	body, err := p.values.fill(s.Body)
	if err != nil {
		return answer{}, err
	}
	a, err := p.ask(ctx, s.As, s.Method, path, body)
	if err != nil {
		return a, err
	}
	if err := p.judge(s, a); err != nil {
		return a, err
	}
	for name, pointer := range s.Keep {
		p.values.kept[name] = a.text(pointer)
	}
	return a, nil
}

// judge holds an answer against what the scenario expects.
func (p *player) judge(s step, a answer) error {
	if a.status != s.Status {
		return fmt.Errorf("answered %d %s %s, not %d", a.status, a.text("/code"), a.text("/detail"), s.Status)
	}
	for pointer, want := range s.Expect {
		want, err := p.values.fill(want)
		if err != nil {
			return err
		}
		if got, _ := a.at(pointer); !reflect.DeepEqual(got, want) {
			return fmt.Errorf("answered %v at %s, not %v", got, pointer, want)
		}
	}
	for _, pointer := range s.Has {
		if _, ok := a.at(pointer); !ok {
			return fmt.Errorf("answered without %s", pointer)
		}
	}
	for _, pointer := range s.Lacks {
		if _, ok := a.at(pointer); ok {
			return fmt.Errorf("answered with %s, which must not be told", pointer)
		}
	}
	return nil
}
