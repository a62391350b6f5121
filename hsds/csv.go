package hsds

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// pack is a tabular data package that is being read.
type pack struct {
	rows map[string]map[string]*record // by table and id
	list map[string][]*record          // by table, in order
	bad  []Bad
	out  map[string]int
}

// unpack reads the tables of a package and hangs each row from the one that it
// belongs to. It gives the organizations, and the services whose organization
// is not in the package.
func unpack(files fs.FS) (*pack, []*record, error) {
	p := &pack{rows: map[string]map[string]*record{}, list: map[string][]*record{}, out: map[string]int{}}
	paths, err := resources(files)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range tables {
		if err := p.read(files, t, paths[t.name]); err != nil {
			return nil, nil, err
		}
	}
	if p.list["organization"] == nil && p.list["service"] == nil {
		return nil, nil, errors.New("there is neither a table of organizations nor one of services")
	}
	if err := p.others(files, paths); err != nil {
		return nil, nil, err
	}
	top := p.list["organization"]
	for _, t := range tables {
		for _, r := range p.list[t.name] {
			if lonely := p.hang(t, r); lonely {
				top = append(top, r)
			}
		}
	}
	return p, top, nil
}

// resources says in which file each table is: as datapackage.json says, or else
// as the standard calls it. What is there and can't be read as JSON says nothing.
func resources(files fs.FS) (map[string]string, error) {
	paths := map[string]string{}
	for _, t := range tables {
		paths[t.name] = t.file
	}
	text, err := fs.ReadFile(files, packageFile)
	if errors.Is(err, fs.ErrNotExist) {
		return paths, nil
	}
	var described struct {
		Resources []struct {
			Name string
			Path any
		}
	}
	if err == nil && json.Unmarshal(text, &described) == nil {
		for _, r := range described.Resources {
			if path, ok := r.Path.(string); ok {
				paths[r.Name] = path
			}
		}
	}
	return paths, err
}

const packageFile = "datapackage.json"

// read reads one table; one that is not there has no rows.
func (p *pack) read(files fs.FS, t table, path string) error {
	p.rows[t.name] = map[string]*record{}
	text, err := fs.ReadFile(files, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the table %s: %w", t.name, err)
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	reader.FieldsPerRecord, reader.ReuseRecord = -1, true
	head, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return unreadable(path, err)
	}
	head = slices.Clone(head)
	if !slices.Contains(head, "id") {
		return fmt.Errorf("%s:1: the table has no column id", path)
	}
	p.list[t.name] = []*record{}
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(path, err)
		}
		line, _ := reader.FieldPos(0)
		p.add(t, Place{path, line}, head, row)
	}
}

// others counts the rows of the tables that are left out.
func (p *pack) others(files fs.FS, paths map[string]string) error {
	names, err := fs.Glob(files, "*.csv")
	if err != nil {
		return fmt.Errorf("listing the package: %w", err)
	}
	known := slices.Collect(maps.Values(paths))
	for _, name := range names {
		if slices.Contains(known, name) {
			continue
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		if rows, _ := csv.NewReader(bytes.NewReader(text)).ReadAll(); len(rows) > 1 {
			p.out[strings.TrimSuffix(name, ".csv")] += len(rows) - 1
		}
	}
	return nil
}

func unreadable(path string, err error) error {
	if at, ok := errors.AsType[*csv.ParseError](err); ok {
		return fmt.Errorf("%s:%d: this is not CSV: %w", path, at.Line, at.Err)
	}
	return fmt.Errorf("reading %s: %w", path, err)
}

// add takes a row in. An empty field is one that is not there.
func (p *pack) add(t table, at Place, head, row []string) {
	if len(row) != len(head) {
		p.refuse(at, "", fmt.Sprintf("the row has %d fields, the header %d", len(row), len(head)))
		return
	}
	r := &record{Place: at, values: make(map[string]string, len(row)), below: map[string][]*record{}}
	for i, value := range row {
		if !utf8.ValidString(value) {
			p.refuse(at, head[i], "this is not UTF-8")
			return
		}
		if value != "" {
			r.values[head[i]] = value
		}
	}
	if first, twice := p.rows[t.name][r.id()]; twice && r.id() != "" {
		p.refuse(at, "id", fmt.Sprintf("line %d has the same", first.Line))
		return
	}
	p.rows[t.name][r.id()] = r
	p.list[t.name] = append(p.list[t.name], r)
}

// hang puts a row beneath its parent, and what it points at beneath itself. A
// service whose organization is not here stands alone.
func (p *pack) hang(t table, r *record) (lonely bool) {
	for as, to := range pointed {
		if there, ok := p.rows[to.table][r.values[to.column]]; ok && r.values[to.column] != "" {
			r.below[as] = []*record{there}
		}
	}
	if t.key == "" {
		return false
	}
	of := t.of
	if t.name == "attribute" {
		of = r.values["link_entity"]
	}
	parent, ok := p.rows[of][r.values[t.key]]
	_, known := tableNamed(of)
	switch {
	case ok && r.values[t.key] != "":
		parent.below[t.as] = append(parent.below[t.as], r)
	case t.name == "service":
		return true
	case r.values[t.key] == "" || !known:
		p.out[t.as+" of what is left out"]++
	default:
		p.refuse(r.Place, t.key, "there is no such "+of+" in this package")
	}
	return false
}

func (p *pack) refuse(at Place, field, reason string) {
	p.bad = append(p.bad, Bad{at, field, reason})
}
