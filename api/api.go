// Package api holds the wire types: what a request carries and what a reply
// says. They have tags and no behaviour. openapi.yaml is their full text;
// tests keep the two in step.
//
// Tags: `json` names the member; `validate` gives its limits, which are the
// schema's (`code=V`: a code of vocabulary V; `text`: not blank, no control
// characters; `line`: text without line breaks).
package api

import "time"

// Page is one page of a list: pass Next as `cursor` to get the one after.
type Page[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

// Reason is why: a code of the action's list; `other` needs the note.
type Reason struct {
	Code string `json:"code" validate:"required,max=64"`
	Note string `json:"note,omitzero" validate:"omitempty,text,max=2000"`
}

// Action is what the caller could do next with a record. BlockedBy is the
// code of the guard that stands in the way.
type Action struct {
	Action    string   `json:"action"`
	To        string   `json:"to"`
	Needs     []string `json:"needs"`
	BlockedBy *string  `json:"blocked_by"`
}

// Link names another thing.
type Link struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Head is what every request says of itself.
type Head struct {
	ID           string     `json:"id"`
	Reference    string     `json:"reference"`
	State        string     `json:"state"`
	Version      int        `json:"version"`
	Desk         string     `json:"desk"`                  // its id
	Owner        string     `json:"owner,omitzero"`        // the id of the person who asks
	Organisation *Link      `json:"organisation,omitzero"` // the organisation that asks
	CreatedAt    time.Time  `json:"created_at"`
	UpdatedAt    time.Time  `json:"updated_at"`
	DueAt        *time.Time `json:"due_at"`
	Reason       string     `json:"reason,omitzero"` // the code of the one given last
}

// Tail is what every request ends with.
type Tail struct {
	Thread  []Text   `json:"thread,omitzero"` // in the GET of one record alone
	Actions []Action `json:"actions"`
}

// Text is what somebody wrote in moving a record: a question, an answer, a
// note to a reason.
type Text struct {
	Action string    `json:"action"`
	Member string    `json:"member"`
	Text   string    `json:"text"`
	By     string    `json:"by"` // the role
	At     time.Time `json:"at"`
}

// Event is one line of the append-only log. Data holds codes and ids, never
// what somebody wrote.
type Event struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Record     string         `json:"record"`
	RecordKind string         `json:"record_kind"`
	Seq        int            `json:"seq"`
	Action     string         `json:"action"`
	From       string         `json:"from"`
	To         string         `json:"to"`
	By         string         `json:"by"`
	Actor      *string        `json:"actor,omitzero"`
	At         time.Time      `json:"at"`
	Data       map[string]any `json:"data,omitzero"`
}

// Workflow is one state machine as data.
type Workflow struct {
	Name   string        `json:"name"`
	States []string      `json:"states"`
	Ends   []string      `json:"ends"`
	Rows   []WorkflowRow `json:"rows"`
}

// WorkflowRow reads aloud: from these states, one of By may do it, with these
// needs, if the guards hold.
type WorkflowRow struct {
	From  []string        `json:"from"`
	Do    string          `json:"action"`
	To    *string         `json:"to"` // null: the state stays
	By    []string        `json:"by"`
	Needs []string        `json:"needs"`
	May   []string        `json:"may"` // what it can carry beside
	If    []WorkflowGuard `json:"if"`
	Then  []WorkflowCause `json:"then"`
	Event string          `json:"event"`
	Door  string          `json:"door,omitzero"` // absent: no request does it, only the system
}

// WorkflowGuard is a condition and the code of its refusal.
type WorkflowGuard struct {
	Code string `json:"code"`
	Says string `json:"says"`
}

// WorkflowCause is an effect on another machine.
type WorkflowCause struct {
	On string `json:"on"`
	Do string `json:"action"`
}

// Vocabulary is a closed list of codes with labels by language.
type Vocabulary struct {
	Name   string `json:"name"`
	Source string `json:"source"`
	Terms  []Term `json:"terms"`
}

// Term is one code.
type Term struct {
	Code   string            `json:"code"`
	Labels map[string]string `json:"labels"`
}

// Health is the answer of /healthz and /readyz.
type Health struct {
	Status string `json:"status"`
}
