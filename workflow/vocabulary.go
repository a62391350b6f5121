package workflow

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Vocabulary is a closed list of codes. Codes are stable; labels are
// translated. Source names the standard whose meaning the codes keep.
type Vocabulary struct {
	Name   string `json:"name"`
	Source string `json:"source"`
	Terms  []Term `json:"terms"`
}

// Term is one code and its labels by language (BCP 47).
type Term struct {
	Code   string            `json:"code"`
	Labels map[string]string `json:"labels"`
}

//go:embed vocabularies.json
var vocabulariesJSON []byte

var vocabularies = readVocabularies()

func readVocabularies() []Vocabulary {
	var all []Vocabulary
	if err := json.Unmarshal(vocabulariesJSON, &all); err != nil {
		panic(fmt.Sprintf("vocabularies.json: %v", err))
	}
	return all
}

// Vocabularies gives every list, in a fixed order.
func Vocabularies() []Vocabulary { return vocabularies }

// VocabularyNamed finds one list.
func VocabularyNamed(name string) (Vocabulary, bool) {
	for _, v := range vocabularies {
		if v.Name == name {
			return v, true
		}
	}
	return Vocabulary{}, false
}

// Codes gives the codes of a vocabulary, in order; nil if there is none of
// that name.
func Codes(vocabulary string) []string {
	v, _ := VocabularyNamed(vocabulary)
	var codes []string
	for _, t := range v.Terms {
		codes = append(codes, t.Code)
	}
	return codes
}

// IsChild reports whether a person of this age band is, or may be, under 18:
// who is not known to be an adult counts as a child.
func IsChild(ageBand string) bool { return ageBand != "adult" }
