package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"onward/desk"
	"onward/handlers"
	"onward/hsds"
	"onward/workflow"
)

type directoryCmd struct {
	Import importCmd `cmd:"" help:"Take in the partner directory of others: HSDS 3.1, as JSON or as a tabular data package."`
	Export exportCmd `cmd:"" help:"Write what is public of the partner directory, as HSDS 3.1."`
}

type importCmd struct {
	Path        string `arg:"" type:"path" help:"A JSON file, a folder of CSV files, or its datapackage.json."`
	Map         string `type:"existingfile" placeholder:"FILE" help:"What foreign terms are here: a JSON object, or CSV of two columns, from a term's code or name, or a service's id, to a code of services or topics."`
	Type        string `default:"ngo" help:"Type of new organisations that say none."`
	Country     string `placeholder:"PH" help:"Country of new organisations, and of services, that say none."`
	SkipBadRows bool   `help:"Take in what can be taken in, although some rows can't be."`
	DryRun      bool   `help:"Say what would change, and change nothing."`
}

// Run reads a directory, and takes it in as the role that serves requests,
// which is all the rights that it needs.
func (cmd *importCmd) Run(ctx context.Context, c *Config) error {
	directory, err := cmd.read()
	if err != nil {
		return err
	}
	db, err := c.ready(ctx, c.logger())
	if err != nil {
		return err
	}
	in := desk.Import{
		Directory: directory, Type: cmd.Type, Country: cmd.Country, SkipBad: cmd.SkipBadRows, Try: cmd.DryRun,
		Progress: progress(os.Stderr, len(directory.Organisations)),
	}
	in.CheckOrganisation, in.CheckService = handlers.DirectoryChecks()
	out, err := db.desk().ImportDirectory(ctx, in)
	if err == nil || errors.Is(err, desk.ErrBadRows) {
		report(os.Stdout, directory, out, cmd.DryRun || err != nil)
	}
	if len(out.Bad) > 0 && err == nil {
		err = errors.New("some rows were left out")
	}
	return errors.Join(err, db.stop())
}

// read reads what the path names.
func (cmd *importCmd) read() (hsds.Directory, error) {
	o := hsds.Options{Country: cmd.Country}
	var err error
	if o.Kinds, err = mapping(cmd.Map); err != nil {
		return hsds.Directory{}, err
	}
	if !slices.Contains(workflow.Codes("organisation_type"), cmd.Type) {
		return hsds.Directory{}, fmt.Errorf("--type is one of %s", strings.Join(workflow.Codes("organisation_type"), ", "))
	}
	at, err := os.Stat(cmd.Path)
	switch {
	case err != nil:
		return hsds.Directory{}, err
	case at.IsDir():
		return hsds.ReadPackage(os.DirFS(cmd.Path), o)
	case filepath.Base(cmd.Path) == "datapackage.json":
		return hsds.ReadPackage(os.DirFS(filepath.Dir(cmd.Path)), o)
	}
	text, err := os.ReadFile(cmd.Path)
	if err != nil {
		return hsds.Directory{}, err
	}
	return hsds.ReadJSON(filepath.Base(cmd.Path), text, o)
}

// mapping reads what foreign terms are here.
func mapping(file string) (map[string]string, error) {
	kinds := map[string]string{}
	if file == "" {
		return kinds, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if filepath.Ext(file) == ".json" {
		err = json.Unmarshal(text, &kinds)
	} else {
		var rows [][]string
		reader := csv.NewReader(strings.NewReader(string(text)))
		reader.FieldsPerRecord = 2
		rows, err = reader.ReadAll()
		for _, row := range rows {
			kinds[row[0]] = row[1]
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	for term, kind := range kinds {
		if !slices.Contains(desk.ServiceKinds(), kind) && term != "term" { // which heads a column
			return nil, fmt.Errorf("%s: %q is mapped to %q, which is no code of the vocabularies services and topics", file, term, kind)
		}
	}
	return kinds, nil
}

// progress tells of a long import, at each tenth of it.
func progress(w io.Writer, all int) func(done, of int) {
	if all < 5000 {
		return nil
	}
	told := 0
	return func(done, of int) {
		if tenth := done * 10 / of; tenth > told {
			told = tenth
			fmt.Fprintf(w, "%d of %d organisations\n", done, of)
		}
	}
}

// reported is how many bad rows are told one by one.
const reported = 200

// report says what became of an import.
func report(w io.Writer, in hsds.Directory, out desk.Imported, nothing bool) {
	for _, bad := range out.Bad[:min(len(out.Bad), reported)] {
		fmt.Fprintln(w, bad)
	}
	if more := len(out.Bad) - reported; more > 0 {
		fmt.Fprintf(w, "and %d more\n", more)
	}
	for _, t := range []struct {
		what  string
		tally desk.Tally
	}{{"organisations", out.Organisations}, {"services", out.Services}} {
		fmt.Fprintf(w, "%s: %d new, %d changed, %d unchanged\n", t.what, t.tally.New, t.tally.Changed, t.tally.Unchanged)
	}
	if len(out.Bad) > 0 {
		fmt.Fprintf(w, "bad rows: %d\n", len(out.Bad))
	}
	for _, what := range slices.Sorted(maps.Keys(in.LeftOut)) {
		fmt.Fprintf(w, "left out: %d %s\n", in.LeftOut[what], strings.ReplaceAll(what, "_", " "))
	}
	if nothing {
		fmt.Fprintln(w, "nothing was written")
	}
}

type exportCmd struct {
	Path     string `arg:"" type:"path" help:"The folder to write CSV files and datapackage.json into; with --json, the file."`
	JSON     bool   `name:"json" help:"Write one JSON file instead of a tabular data package."`
	Capacity bool   `help:"Write how many places services have, too: for a directory that you trust, never to be published."`
}

// Run writes the public directory.
func (cmd *exportCmd) Run(ctx context.Context, c *Config) error {
	db, err := c.ready(ctx, c.logger())
	if err != nil {
		return err
	}
	all, err := db.desk().ExportDirectory(ctx, cmd.Capacity)
	if err == nil {
		err = cmd.write(all)
	}
	return errors.Join(err, db.stop())
}

func (cmd *exportCmd) write(all []hsds.Organisation) error {
	services := 0
	for _, o := range all {
		services += len(o.Services)
	}
	files, folder := map[string][]byte{}, cmd.Path
	var err error
	if cmd.JSON {
		folder = filepath.Dir(cmd.Path)
		files[filepath.Base(cmd.Path)], err = hsds.JSON(all)
	} else {
		files, err = hsds.Package(all)
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(filepath.Join(folder, name), files[name], 0o600); err != nil {
			return err
		}
	}
	fmt.Printf("%d organisations with %d services are in %s\n", len(all), services, cmd.Path)
	return nil
}
