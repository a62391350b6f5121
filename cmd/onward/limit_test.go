package main

import (
	"testing"

	"onward/workflow"
)

func TestReadingLimit(t *testing.T) {
	for text, want := range map[string]map[string]int{
		"100":                             {"admin": 100, "partner": 100, "referrer": 100},
		"partner=50,admin=300":            {"admin": 300, "partner": 50, "referrer": 0},
		"20, partner=50, lists=5000":      {"admin": 20, "partner": 50, "lists": 5000},
		"partner=50,lists=7,20":           {"admin": 20, "partner": 50, "lists": 7},
		"":                                {"admin": 0, "lists": 0},
		"0":                               nil,
		"-1":                              nil,
		"many":                            nil,
		"admin":                           nil,
		"admin=":                          nil,
		"king=5":                          nil,
		"admin=5,":                        nil,
		"1e3":                             nil,
		"partner=50;admin=300":            nil,
		"999999999999999999999999999999":  nil,
		"admin=300,partner=fifty,lists=1": nil,
	} {
		var l readingLimit
		err := l.UnmarshalText([]byte(text))
		if (err == nil) != (want != nil) {
			t.Errorf("%q: %v", text, err)
		}
		for name, n := range want {
			got := l.Roles[name]
			if name == "lists" {
				got = l.Lists
			}
			if got != n {
				t.Errorf("%q gives %s %d, want %d", text, name, got, n)
			}
		}
	}
}

// The demo is wide open, unless somebody set a limit for it.
func TestTheDemoIsWide(t *testing.T) {
	var l readingLimit
	l.widen()
	for _, role := range workflow.Codes("role") {
		if l.Roles[role] != wide || l.Lists != wide {
			t.Errorf("%s: %+v", role, l)
		}
	}
	if err := l.UnmarshalText([]byte("admin=5")); err != nil {
		t.Fatal(err)
	}
	if l.widen(); l.Roles["admin"] != 5 || l.Roles["partner"] != 0 || l.Lists != 0 {
		t.Errorf("what was set is not kept: %+v", l)
	}
}
