package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"io"
	"strings"

	"onward/api"
	"onward/workflow"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
)

// leaf is a value of a page that a person reads: a text, or more leaves. What
// is a code reads by its label, in a language of the vocabularies.
type leaf struct {
	Name, Text, Language string
	Leaves               []leaf
}

// printed writes an export as a page. The page is made of the very JSON, so
// that it lacks nothing but what is empty, and the actions of a client.
func printed(to io.Writer, x api.Export, language string) error {
	text, err := json.Marshal(x, writing)
	if err != nil {
		return err
	}
	root, err := leafOf(jsontext.NewDecoder(bytes.NewReader(text)), "", language)
	if err != nil {
		return err
	}
	return exportHTML.Execute(to, map[string]any{"Title": x.Referral.Reference, "Leaves": root.Leaves})
}

// leafOf reads the next value, which is that of a member.
func leafOf(d *jsontext.Decoder, member, language string) (leaf, error) {
	l := leaf{Name: heading(member)}
	token, err := d.ReadToken()
	if err != nil {
		return l, err
	}
	switch token.Kind() {
	case '{':
		for d.PeekKind() != '}' {
			token, err := d.ReadToken()
			if err != nil {
				return l, err
			}
			name := token.String()
			next, err := leafOf(d, name, language)
			if err != nil {
				return l, err
			}
			if said := next.Text != "" || next.Leaves != nil; said && name != "actions" {
				l.Leaves = append(l.Leaves, next)
			}
		}
		_, err = d.ReadToken()
	case '[':
		for d.PeekKind() != ']' {
			next, err := leafOf(d, member, language)
			if err != nil {
				return l, err
			}
			next.Name = ""
			l.Leaves = append(l.Leaves, next)
		}
		_, err = d.ReadToken()
	case 'n':
	case '"':
		l.Text, l.Language = label(member, token.String(), language)
	default:
		l.Text = token.String()
	}
	return l, err
}

// heading turns the name of a member into words: subject_code, Subject code.
func heading(member string) string {
	words := strings.ReplaceAll(member, "_", " ")
	return strings.ToUpper(words[:min(1, len(words))]) + words[min(1, len(words)):]
}

// vocabularyOf names the vocabulary of a member that is not called like it.
var vocabularyOf = map[string]string{"service": "services", "outcome": "assignment_outcome"}

// label reads a code in a language; what is no code stays as it is.
func label(member, text, language string) (words, in string) {
	name, ok := vocabularyOf[member]
	if !ok {
		name = member
	}
	v, _ := workflow.VocabularyNamed(name)
	for _, t := range v.Terms {
		if t.Code == text {
			return t.Labels[language], language
		}
	}
	return text, ""
}

// language is the one of the vocabularies that the client likes best; English
// if it names none of them (RFC 9110, 12.5.4).
func language(c echo.Context) string {
	best, most := "en", 0.0
	ranges := acceptRanges(c.Request().Header.Values("Accept-Language"))
	for _, candidate := range []string{"en", "fr", "es", "ko"} {
		for tag, q := range ranges {
			if primary, _, _ := strings.Cut(tag, "-"); primary == candidate && q > most {
				best, most = candidate, q
			}
		}
	}
	return best
}

const exportStyle = `
body { font: 11pt/1.4 sans-serif; max-width: 45em; margin: 2em auto; padding: 0 1em }
dt { font-weight: bold; margin-top: .4em }
dd { margin-left: 1.5em; white-space: pre-wrap; overflow-wrap: anywhere }
ul { padding-left: 1.2em }
@media print { body { margin: 0 } li, dd { break-inside: avoid-page } }
`

// exportPolicy lets the page have its own style, and nothing else.
var exportPolicy = func() string {
	sum := sha256.Sum256([]byte(exportStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
}()

var exportHTML = template.Must(template.New("export").Parse(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}}</title><style>` + exportStyle + `</style></head>
<body>
<h1>{{.Title}}</h1>
<p>Everything that Onward holds of the person of this case.</p>
{{template "leaves" .Leaves}}
</body>
</html>
{{define "leaves"}}{{if (index . 0).Name}}<dl>{{range .}}<dt>{{.Name}}</dt><dd>{{template "leaf" .}}</dd>
{{end}}</dl>{{else}}<ul>{{range .}}<li>{{template "leaf" .}}</li>
{{end}}</ul>{{end}}{{end}}
{{define "leaf"}}{{if .Leaves}}{{template "leaves" .Leaves}}{{else if .Language}}<span lang="{{.Language}}">{{.Text}}</span>{{else}}{{.Text}}{{end}}{{end}}
`))
