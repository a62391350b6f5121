// Package demo loads a small network and plays the scenario of Jeju, March
// 2012, through the front door. All that it knows of either stands in the JSON
// files beside it, which say what is from the report and what is made
// plausible.
package demo

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed directory.json
var directoryJSON []byte

// directory is the network of the demo. About is for who reads the file.
type directory struct {
	About         string         `json:"about"`
	Desks         []centre       `json:"desks"`
	Organisations []organisation `json:"organisations"`
	People        []member       `json:"people"`
}

// centre is a desk.
type centre struct {
	Name        string   `json:"name"`
	Default     bool     `json:"default"`
	TimeZone    string   `json:"time_zone"`
	Countries   []string `json:"countries"`
	Languages   []string `json:"languages"`
	WorkingDays []string `json:"working_days"`
	Holidays    []struct {
		On   string `json:"on"`
		Name string `json:"name"`
	} `json:"holidays"`
	About string `json:"about"`
}

type organisation struct {
	Name        string  `json:"name"`
	Type        string  `json:"type"`
	Website     string  `json:"website"`
	Country     string  `json:"country"` // of the seat
	Subdivision string  `json:"subdivision"`
	Description string  `json:"description"`
	Offers      []offer `json:"services"`
	About       string  `json:"about"`
}

// offer is one service for each of its kinds, all with the same terms.
type offer struct {
	Kinds      []string `json:"kinds"`
	Countries  []string `json:"countries"`
	Languages  []string `json:"languages"`
	Places     int      `json:"places"`
	MinimumAge *int     `json:"minimum_age"`
	MaximumAge *int     `json:"maximum_age"`
}

// member is a person, who belongs to an organisation and perhaps to a desk,
// both by name.
type member struct {
	Name         string `json:"name"`
	Role         string `json:"role"`
	Organisation string `json:"organisation"`
	Desk         string `json:"desk"`
	Language     string `json:"language"`
}

// read reads an embedded file; a member that nobody reads is a mistake in it.
func read[T any](name string, text []byte) (v T, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&v); err != nil {
		return v, fmt.Errorf("reading the demo's %s: %w", name, err)
	}
	return v, nil
}
