package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// closed is the state in which each record of the scenario ends.
const closed = "closed"

// finish tells the whole log of each scene's record, and that all are closed.
func (p *player) finish(ctx context.Context, story scenario) error {
	var references []string
	for _, s := range story.Scenes {
		record, err := p.timeline(ctx, s)
		if err != nil {
			return fmt.Errorf("the log of %q: %w", s.Title, err)
		}
		if state := record.text("/state"); state != closed {
			return fmt.Errorf("%s is %s at the end, not %s", record.text("/reference"), state, closed)
		}
		references = append(references, record.text("/reference"))
	}
	p.page.end(story.End, references)
	return nil
}

// timeline tells the log of one record, after holding it against the scene:
// every step that says so has left its event there, in order.
func (p *player) timeline(ctx context.Context, s scene) (record answer, err error) {
	path, err := p.values.text(s.Record)
	if err != nil {
		return record, err
	}
	if record, err = p.send(ctx, s.Witness, http.MethodGet, path, nil); err != nil {
		return record, err
	}
	events, err := p.events(ctx, s.Witness, path)
	if err != nil {
		return record, err
	}
	p.page.timeline(record.text("/reference"), events, p.names)
	rest := events
	for _, one := range s.Steps {
		if one.Event == "" {
			continue
		}
		i := slices.IndexFunc(rest, func(e event) bool { return e.Name == one.Event })
		if i < 0 {
			return record, fmt.Errorf("%s %s, and no %s tells of it", one.As, one.Say, one.Event)
		}
		rest = rest[i+1:]
	}
	return record, nil
}

// events reads the log of a record, page by page.
func (p *player) events(ctx context.Context, witness, path string) ([]event, error) {
	var all []event
	for next := ""; ; {
		a, err := p.send(ctx, witness, http.MethodGet, path+"/events?limit=200"+next, nil)
		if err != nil {
			return nil, err
		}
		if a.refused() {
			return nil, fmt.Errorf("answered %d %s", a.status, a.text("/code"))
		}
		items, _ := a.at("/items")
		list, _ := items.([]any)
		for _, item := range list {
			all = append(all, eventOf(answer{body: item}))
		}
		cursor := a.text("/next")
		if cursor == "" {
			return all, nil
		}
		next = "&cursor=" + url.QueryEscape(cursor)
	}
}

// event is one line of the log.
type event struct{ At, Name, Record, From, To, By, Actor, Organisation string }

func eventOf(a answer) event {
	return event{
		At: a.text("/at"), Name: a.text("/name"), Record: a.text("/record"), From: a.text("/from"), To: a.text("/to"),
		By: a.text("/by"), Actor: a.text("/actor"), Organisation: a.text("/data/organisation_id"),
	}
}
