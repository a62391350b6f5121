// Package match tells whether two cases may be of the same person without
// keeping who that is: it makes a few traits of a person into tokens that can
// be compared and, without the key, not read. It is pure.
package match

import (
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
)

// Traits are what is known of a person; the zero value of each: not known.
// Gender is a code of the vocabulary.
type Traits struct {
	Name      string
	BirthYear int
	Origin    string // a country by ISO 3166-1
	Gender    string
}

// Names are the traits' names, in the order in which they are told.
var Names = []string{"name", "birth_year", "origin", "gender"}

// Combinations are the traits of which tokens are made, three at a time and
// always with the name: what fewer have in common says nothing of a person,
// and could be counted. All four agree where two combinations do.
var Combinations = [][]string{
	{"name", "birth_year", "origin"},
	{"name", "birth_year", "gender"},
	{"name", "origin", "gender"},
}

// Tokens makes the token of each combination of which all is known: an
// HMAC-SHA-256 of the traits under a key of 32 bytes, apart for each
// combination. Tokens are by the combination's label: its names, joined by +.
func Tokens(key []byte, t Traits) map[string][]byte {
	known := map[string]string{"name": sound(t.Name), "origin": t.Origin, "gender": t.Gender}
	if t.BirthYear > 0 {
		known["birth_year"] = strconv.Itoa(t.BirthYear)
	}
	if t.Gender == "unknown" {
		known["gender"] = "" // that two are not known is nothing in common
	}
	tokens := map[string][]byte{}
	for _, names := range Combinations {
		label := strings.Join(names, "+")
		said := []string{"onward match 1", label}
		for _, name := range names {
			if known[name] != "" {
				said = append(said, known[name])
			}
		}
		if len(said) == 2+len(names) {
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(strings.Join(said, "\x00"))) // which no trait has
			tokens[label] = mac.Sum(nil)
		}
	}
	return tokens
}

// Agreeing lists the traits that two cases have in common, by the labels of
// the tokens that they share.
func Agreeing(labels []string) []string {
	all := strings.Split(strings.Join(labels, "+"), "+")
	agreeing := []string{}
	for _, name := range Names {
		if slices.Contains(all, name) {
			agreeing = append(agreeing, name)
		}
	}
	return agreeing
}
