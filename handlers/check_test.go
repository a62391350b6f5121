package handlers

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"onward/fault"
)

var vocabularies = map[string][]string{"topics": {"health", "law"}, "tiers": {"frontline"}}

func lookup(vocabulary string) []string { return vocabularies[vocabulary] }

type wire struct {
	Title     string   `json:"title" validate:"required,max=5,line"`
	Summary   string   `json:"summary" validate:"omitempty,min=3,max=10,text"`
	Pin       string   `json:"pin" validate:"omitempty,len=4"`
	Count     int      `json:"count" validate:"min=1,max=9"`
	Score     *float64 `json:"score" validate:"omitempty,gt=0,lt=5"`
	Topics    []string `json:"topics" validate:"required,min=1,max=3,unique,dive,code=topics"`
	Tier      string   `json:"tier" validate:"omitempty,code=tiers"`
	Mode      string   `json:"mode" validate:"omitempty,oneof=onsite online"`
	Country   string   `json:"country" validate:"omitempty,iso3166_1_alpha2"`
	Region    string   `json:"subdivision" validate:"omitempty,subdivision"`
	Languages []string `json:"languages" validate:"max=5,dive,language"`
	Owner     string   `json:"owner" validate:"omitempty,uuid"`
	Site      string   `json:"site" validate:"omitempty,https_url"`
	Mail      string   `json:"mail" validate:"omitempty,email"`
	Day       string   `json:"day" validate:"omitempty,datetime=2006-01-02"`
	Zone      string   `json:"zone" validate:"omitempty,timezone"`
	Place     string   `json:"place" validate:"excluded_with=Site"`
	Odd       string   `json:"odd" validate:"omitempty,hexcolor"`
	StartsOn  int      `json:"starts_on"`
	EndsOn    int      `json:"ends_on" validate:"gtefield=StartsOn"`
	wirePart
	Consents []wireConsent `json:"consents" validate:"max=2,dive"`
	Contact  *wireConsent  `json:"contact"`
}

type wirePart struct {
	Note string `json:"note" validate:"max=3"`
}

type wireConsent struct {
	Basis    string   `json:"basis" validate:"required"`
	Purposes []string `json:"purposes" validate:"dive,code=topics"`
}

func fits() wire {
	return wire{Title: "title", Count: 1, Topics: []string{"law"}}
}

func TestCheckNamesEachMember(t *testing.T) {
	check := newCheck(lookup)
	score := 5.0
	for name, tc := range map[string]struct {
		change  func(*wire)
		pointer string
		code    fault.Code
		detail  string
	}{
		"absent":                {func(w *wire) { w.Title = "" }, "/title", "required", "required"},
		"too long":              {func(w *wire) { w.Title = "titles" }, "/title", "too_long", "at most 5 characters"},
		"too short":             {func(w *wire) { w.Summary = "ab" }, "/summary", "too_short", "at least 3 characters"},
		"wrong length":          {func(w *wire) { w.Pin = "12345" }, "/pin", "wrong_length", "exactly 4 characters"},
		"line break":            {func(w *wire) { w.Title = "a\nb" }, "/title", "not_one_line", "one line"},
		"control character":     {func(w *wire) { w.Summary = "abc\x1bd" }, "/summary", "not_text", "control characters"},
		"blank":                 {func(w *wire) { w.Summary = " \n\t " }, "/summary", "not_text", "can be seen"},
		"too small":             {func(w *wire) { w.Count = 0 }, "/count", "too_small", "at least 1"},
		"too large":             {func(w *wire) { w.Count = 10 }, "/count", "too_large", "at most 9"},
		"limit itself":          {func(w *wire) { w.Score = &score }, "/score", "too_large", "less than 5"},
		"no list":               {func(w *wire) { w.Topics = nil }, "/topics", "required", "required"},
		"empty list":            {func(w *wire) { w.Topics = []string{} }, "/topics", "too_few", "at least 1 entry."},
		"too many":              {func(w *wire) { w.Topics = []string{"law", "law", "law", "law"} }, "/topics", "too_many", "at most 3"},
		"twice":                 {func(w *wire) { w.Topics = []string{"law", "law"} }, "/topics", "not_unique", "twice"},
		"unknown in a list":     {func(w *wire) { w.Topics = []string{"law", "Zzz"} }, "/topics/1", "unknown_code", "one of: health, law."},
		"code in another case":  {func(w *wire) { w.Tier = "Frontline" }, "/tier", "unknown_code", "one of: frontline."},
		"oneof":                 {func(w *wire) { w.Mode = "Zzz" }, "/mode", "unknown_code", "one of: onsite, online."},
		"country":               {func(w *wire) { w.Country = "ZZ" }, "/country", "not_a_country", "ISO 3166-1"},
		"country in lower case": {func(w *wire) { w.Country = "ph" }, "/country", "not_a_country", "ISO 3166-1"},
		"subdivision":           {func(w *wire) { w.Region = "ZZ-00" }, "/subdivision", "not_a_subdivision", "PH-00"},
		"language":              {func(w *wire) { w.Languages = []string{"en", "zz"} }, "/languages/1", "not_a_language", "BCP 47"},
		"id":                    {func(w *wire) { w.Owner = "Zzz" }, "/owner", "not_an_id", "UUID"},
		"url":                   {func(w *wire) { w.Site = "http://zzz.example" }, "/site", "not_a_url", "https"},
		"mail":                  {func(w *wire) { w.Mail = "Zzz" }, "/mail", "not_an_email_address", "e-mail"},
		"day":                   {func(w *wire) { w.Day = "2012-02-30" }, "/day", "not_a_date", "2012-12-31"},
		"time zone":             {func(w *wire) { w.Zone = "Zzz/Zzz" }, "/zone", "not_a_time_zone", "Asia/Seoul"},
		"not together":          {func(w *wire) { w.Site, w.Place = "https://x.example", "Zzz" }, "/place", "unexpected", "together"},
		"any other rule":        {func(w *wire) { w.Odd = "Zzz" }, "/odd", "invalid", "can't be"},
		"order":                 {func(w *wire) { w.StartsOn = 1 }, "/ends_on", "out_of_order", "below starts_on."},
		"in an embedding":       {func(w *wire) { w.Note = "Zzzz" }, "/note", "too_long", "at most 3"},
		"in a list of objects":  {func(w *wire) { w.Consents = []wireConsent{{Basis: "a"}, {}} }, "/consents/1/basis", "required", "required"},
		"in a list in a list":   {func(w *wire) { w.Consents = []wireConsent{{"a", []string{"law", "Zzz"}}} }, "/consents/0/purposes/1", "unknown_code", "one of"},
		"in an object":          {func(w *wire) { w.Contact = &wireConsent{} }, "/contact/basis", "required", "required"},
	} {
		t.Run(name, func(t *testing.T) {
			w := fits()
			tc.change(&w)
			fields := check(w)
			if len(fields) != 1 {
				t.Fatalf("%+v", fields)
			}
			f := fields[0]
			if f.Pointer != tc.pointer || f.Code != tc.code || !strings.Contains(f.Detail, tc.detail) {
				t.Errorf("%+v", f)
			}
			for _, leak := range []string{"Zz", "zz", "StartsOn", "wire", "validate", "titles"} {
				if strings.Contains(f.Detail, leak) {
					t.Errorf("detail contains %q: %s", leak, f.Detail)
				}
			}
		})
	}
}

func TestCheckTakesWhatFits(t *testing.T) {
	check := newCheck(lookup)
	w := fits()
	if fields := check(w); fields != nil {
		t.Errorf("by value: %+v", fields)
	}
	if fields := check(&w); fields != nil {
		t.Errorf("by pointer: %+v", fields)
	}
	for _, good := range []string{"PH-00", "PK-PB", "FR-20R", "KR-50", "GB-ENG", "AD-02"} {
		if w.Region = good; check(w) != nil {
			t.Errorf("subdivision %s refused", good)
		}
	}
	for _, bad := range []string{"PH", "PH-", "ph-00", "PH00", "PH-0000", "PHL-00", "PH-00\n", "PH-é"} {
		if w.Region = bad; check(w) == nil {
			t.Errorf("subdivision %q passed", bad)
		}
	}
	w.Region = ""
	for _, good := range []string{"tl", "ur", "en", "fil", "pt-BR", "zh-Hant", "zh-Hant-TW", "es-419", "sr-Latn-RS", "ko"} {
		if w.Languages = []string{good}; check(w) != nil {
			t.Errorf("language %s refused", good)
		}
	}
	for _, bad := range []string{"", "EN", "english", "zz", "pt-br", "zh-hant", "en_US", "en-", "tl ", "x"} {
		if w.Languages = []string{bad}; check(w) == nil {
			t.Errorf("language %q passed", bad)
		}
	}
}

// Limits are in characters, as a person counts them, not in bytes.
func TestLimitsCountRunes(t *testing.T) {
	check := newCheck(lookup)
	w := fits()
	w.Title = "سلامت" // 5 runes, 10 bytes
	if fields := check(w); fields != nil {
		t.Errorf("max counts bytes: %+v", fields)
	}
	w.Summary = "é😀" // 2 runes, 6 bytes
	if fields := check(w); len(fields) != 1 || fields[0].Code != "too_short" {
		t.Errorf("min counts bytes: %+v", fields)
	}
	w.Summary, w.Pin = "", "😀😀😀😀"
	if fields := check(w); fields != nil {
		t.Errorf("len counts bytes: %+v", fields)
	}
}

func TestText(t *testing.T) {
	for text, want := range map[string][2]bool{ // text, line
		"a":                  {true, true},
		" a ":                {true, true},
		"a\nb\tc":            {true, false},
		"a\tb":               {true, true},
		"اردو":               {true, true},
		"\u200fاردو\u200f":   {true, true}, // marks of direction belong to right-to-left text
		"😀":                  {true, true},
		"a\u2028b":           {true, false},
		"a\u2029b":           {true, false},
		"":                   {false, false},
		" \u00a0\u3000":      {false, false},
		"\u200b\ufeff\u2060": {false, false}, // nothing to be seen
		"\n":                 {false, false},
		"a\r\nb":             {false, false},
		"a\x00b":             {false, false},
		"a\x1b[31m":          {false, false},
		"a\x7f":              {false, false},
		"a\u0085b":           {false, false},
	} {
		if got := [2]bool{isText(text), isLine(text)}; got != want {
			t.Errorf("%q: text, line = %v, want %v", text, got, want)
		}
	}
}

func TestCheckNamesOnlySoMany(t *testing.T) {
	type many struct {
		All []string `json:"all" validate:"dive,line"`
	}
	fields := newCheck(lookup)(many{make([]string, 1000)})
	if len(fields) != maxFields || fields[99].Pointer != "/all/99" {
		t.Errorf("%d fields", len(fields))
	}
}

func TestCheckOfGenericAndUnnamedTypes(t *testing.T) {
	check := newCheck(lookup)
	type of[T any] struct {
		Inner T `json:"inner"`
	}
	for _, v := range []any{of[wireConsent]{}, struct {
		Inner wireConsent `json:"inner"`
	}{}} {
		if fields := check(v); len(fields) != 1 || fields[0].Pointer != "/inner/basis" {
			t.Errorf("%+v", fields)
		}
	}
}

func TestCheckPanicsOnWrongTags(t *testing.T) {
	check := newCheck(lookup)
	for name, v := range map[string]any{
		"unknown vocabulary": struct {
			A string `validate:"code=colours"`
		}{},
		"unknown rule": struct {
			A string `validate:"colour"`
		}{},
		"no struct": "text",
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			check(v)
		}()
	}
}

func TestCheckIsSafeForManyAtOnce(t *testing.T) {
	check := newCheck(lookup)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			w := fits()
			w.Consents = []wireConsent{{}}
			if fields := check(w); !slices.ContainsFunc(fields, func(f fault.Field) bool { return f.Pointer == "/consents/0/basis" }) {
				t.Errorf("%+v", fields)
			}
		})
	}
	all.Wait()
}
