package hsds

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// deepest is how many objects may be within each other: the standard's own
// deepest path has seven.
const deepest = 32

// parser reads JSON into records, each with its line, which encoding/json does
// not tell.
type parser struct {
	dec  *json.Decoder
	text []byte
	at   Place // as far as lines are counted
	read int   // bytes, to there
}

// parse reads the records of a JSON text: one object, a list of them, or a page
// of the standard's API, whose contents they are. What is no JSON is an error
// that names the line.
func parse(file string, text []byte) ([]*record, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	p := &parser{dec: json.NewDecoder(bytes.NewReader(text)), text: text, at: Place{file, 1}}
	p.dec.UseNumber()
	top := &record{values: map[string]string{}, below: map[string][]*record{}}
	err := p.value(top, "", "", 0)
	if err == nil {
		if _, err = p.dec.Token(); errors.Is(err, io.EOF) {
			err = nil
		} else if err == nil {
			err = errors.New("something follows the end")
		}
	}
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("%s:%d: this is not JSON: %w", file, p.here().Line, err)
	}
	all := top.below[""]
	if len(all) == 1 && all[0].has("contents") {
		return all[0].below["contents"], nil
	}
	if len(all) == 0 && !top.has("") {
		return nil, fmt.Errorf("%s: this is neither an object nor a list of them", file)
	}
	return all, nil
}

// has reports whether a member was there as an object or a list.
func (r *record) has(name string) bool {
	_, ok := r.below[name]
	return ok
}

// here is the place that the reader has come to.
func (p *parser) here() Place {
	if now := int(p.dec.InputOffset()); now > p.read {
		p.at.Line += bytes.Count(p.text[p.read:now], []byte{'\n'})
		p.read = now
	}
	return p.at
}

// value reads the next value as a member of a record.
func (p *parser) value(into *record, name, pointer string, depth int) error {
	token, err := p.dec.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		if depth > deepest {
			return fmt.Errorf("more than %d objects are within each other", deepest)
		}
		if v == '[' {
			return p.list(into, name, pointer, depth)
		}
		return p.object(into, name, pointer, depth)
	case string:
		into.values[name] = v
	case json.Number:
		into.values[name] = v.String()
	case bool:
		into.values[name] = strconv.FormatBool(v)
	}
	return nil
}

func (p *parser) object(into *record, name, pointer string, depth int) error {
	r := &record{Place: p.here(), pointer: pointer, values: map[string]string{}, below: map[string][]*record{}}
	for p.dec.More() {
		member, err := p.dec.Token()
		if err != nil {
			return err
		}
		key, _ := member.(string)
		if err := p.value(r, key, pointer+"/"+key, depth+1); err != nil {
			return err
		}
	}
	into.below[name] = append(into.below[name], r)
	_, err := p.dec.Token()
	return err
}

// list reads what a list has: objects become records of the list's name, and of
// anything else the last stands for all.
func (p *parser) list(into *record, name, pointer string, depth int) error {
	into.below[name] = append([]*record{}, into.below[name]...) // a list without anything is there too
	for i := 0; p.dec.More(); i++ {
		if err := p.value(into, name, pointer+"/"+strconv.Itoa(i), depth+1); err != nil {
			return err
		}
	}
	_, err := p.dec.Token()
	return err
}
