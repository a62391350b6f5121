package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"onward/models"
)

// TokenFile is the name of the file that holds the demo's tokens.
const TokenFile = "demo-tokens.json" //nolint:gosec // the name of a file, no credential

// Person is one line of the token file: who it is, and the token that speaks
// for them. Desk is nil for whoever belongs to none, or to the whole network.
type Person struct {
	Role           string  `json:"role"`
	Person         string  `json:"person"`
	Organisation   string  `json:"organisation"`
	OrganisationID string  `json:"organisation_id"`
	Desk           *string `json:"desk"`
	Token          string  `json:"token"`
}

func personOf(m member, u models.User, token string) Person {
	p := Person{Role: m.Role, Person: m.Name, Organisation: m.Organisation, OrganisationID: u.OrganisationID.String(), Token: token}
	if u.DeskID != nil {
		at := u.DeskID.String()
		p.Desk = &at
	}
	return p
}

func named(people []Person, name string) (Person, bool) {
	i := slices.IndexFunc(people, func(p Person) bool { return p.Person == name })
	if i < 0 {
		return Person{}, false
	}
	return people[i], true
}

func same(some, others []Person) bool { return reflect.DeepEqual(some, others) }

// People reads the token file of a folder.
func People(folder string) ([]Person, error) {
	text, err := os.ReadFile(filepath.Join(folder, TokenFile))
	if err != nil {
		return nil, fmt.Errorf("reading the demo's tokens: %w", err)
	}
	var people []Person
	if err := json.Unmarshal(text, &people); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", TokenFile, err)
	}
	return people, nil
}

// keptPeople is People where the file may be missing or damaged: then nobody
// is kept.
func keptPeople(folder string) ([]Person, error) {
	people, err := People(folder)
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &syntax) || errors.As(err, &wrongType) {
		return nil, nil
	}
	return people, err
}

// keep writes the token file so that it is there whole or not at all, whenever
// the power goes. A temporary file is readable by its owner alone (0600).
func keep(folder string, people []Person) (err error) {
	text, err := json.MarshalIndent(people, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // PostgreSQL, as another user, may have its home in it
		return fmt.Errorf("making the folder of the demo's tokens: %w", err)
	}
	file, err := os.CreateTemp(folder, "."+TokenFile+"-*")
	if err != nil {
		return fmt.Errorf("writing the demo's tokens: %w", err)
	}
	_, wrote := file.Write(append(text, '\n'))
	if err := errors.Join(wrote, file.Sync(), file.Close()); err != nil {
		return errors.Join(fmt.Errorf("writing the demo's tokens: %w", err), os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), filepath.Join(folder, TokenFile)); err != nil {
		return errors.Join(fmt.Errorf("writing the demo's tokens: %w", err), os.Remove(file.Name()))
	}
	return settled(folder)
}

// settled makes the renaming in a folder last.
func settled(folder string) error {
	dir, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("opening the folder of the demo's tokens: %w", err)
	}
	defer dir.Close()
	return dir.Sync()
}
