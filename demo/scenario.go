package demo

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

//go:embed scenario.json
var scenarioJSON []byte

// scenario is what the demo plays, scene by scene. About is for who reads the
// file, and a scene's for who watches.
type scenario struct {
	Title  string  `json:"title"`
	About  string  `json:"about"`
	End    string  `json:"end"`
	Scenes []scene `json:"scenes"`
}

// scene is the way of one record. When it is played, the witness reads the
// record, which must be closed, and its log, which must tell of every step.
type scene struct {
	Title   string `json:"title"`
	About   string `json:"about"`
	Record  string `json:"record"`
	Witness string `json:"witness"`
	Steps   []step `json:"steps"`
}

// step is one request of one person, and what its answer must be. {{…}} in
// its texts is filled in; see values.
type step struct {
	As     string            `json:"as"`
	Say    string            `json:"say"`
	About  string            `json:"about"`
	Method string            `json:"method"`
	Path   string            `json:"path"`
	Body   any               `json:"body"`
	Status int               `json:"status"`
	Expect map[string]any    `json:"expect"` // by JSON pointer into the answer
	Has    []string          `json:"has"`
	Lacks  []string          `json:"lacks"`
	Keep   map[string]string `json:"keep"`  // name: JSON pointer into the answer
	Event  string            `json:"event"` // the trace that it leaves in the log
}

// values are what {{…}} stands for: what steps kept, "organisation of" and
// "desk of" each person, and now+N d for a time N days from now.
type values struct {
	kept map[string]string
	now  time.Time
}

func newValues(people []Person, now time.Time) values {
	v := values{kept: map[string]string{}, now: now}
	for _, p := range people {
		v.kept["organisation of "+p.Person] = p.OrganisationID
		if p.Desk != nil {
			v.kept["desk of "+p.Person] = *p.Desk
		}
	}
	return v
}

var (
	gap   = regexp.MustCompile(`\{\{([^{}]+)\}\}`)
	ahead = regexp.MustCompile(`^now\+(\d+)d$`)
)

// text fills in a text.
func (v values) text(s string) (filled string, err error) {
	filled = gap.ReplaceAllStringFunc(s, func(found string) string {
		name := strings.Trim(found, "{}")
		if in := ahead.FindStringSubmatch(name); in != nil {
			days, _ := strconv.Atoi(in[1]) // the pattern lets digits alone pass
			return v.now.AddDate(0, 0, days).UTC().Format(time.RFC3339)
		}
		value, ok := v.kept[name]
		if !ok {
			err = fmt.Errorf("nothing is known as {{%s}}", name)
		}
		return value
	})
	return filled, err
}

// fill fills in all texts of a JSON value, into a new one.
func (v values) fill(value any) (any, error) {
	switch value := value.(type) {
	case string:
		return v.text(value)
	case []any:
		filled := make([]any, len(value))
		for i := range value {
			var err error
			if filled[i], err = v.fill(value[i]); err != nil {
				return nil, err
			}
		}
		return filled, nil
	case map[string]any:
		filled := make(map[string]any, len(value))
		for name := range value {
			var err error
			if filled[name], err = v.fill(value[name]); err != nil {
				return nil, err
			}
		}
		return filled, nil
	}
	return value, nil
}
