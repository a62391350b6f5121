package handlers

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"onward/localpg"
	"onward/models/modelstest"
)

// What can't be read or can't be so is refused, names the field, and writes
// nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, `, "draft": true`)).header.Get("Location")
	before := s.rows()
	whole := fmt.Sprintf(aTraining, "")
	with := func(old, text string) string { return strings.Replace(whole, old, text, 1) }
	for name, tc := range map[string]struct {
		body, kind string // the media type; "": JSON
		status     int
		pointer    string
	}{
		"unknown field":         {with(`"audiences"`, `"colour": "red", "audiences"`), "", 400, "/colour"},
		"a field of the record": {with(`"audiences"`, `"id": "01a20c00-0000-7000-8000-000000000000", "audiences"`), "", 400, "/id"},
		"its state":             {with(`"audiences"`, `"state": "closed", "audiences"`), "", 400, "/state"},
		"its version":           {with(`"audiences"`, `"version": 7, "audiences"`), "", 400, "/version"},
		"duplicate key":         {with(`"audiences"`, `"title": "twice", "audiences"`), "", 400, "/title"},
		"another case":          {with(`"title"`, `"Title"`), "", 400, "/Title"},
		"trailing bytes":        {whole + "{}", "", 400, ""},
		"null":                  {"null", "", 400, ""},
		"a list":                {"[]", "", 400, ""},
		"null in a member":      {with(`"mode": "onsite"`, `"mode": null`), "", 400, "/mode"},
		"NUL":                   {with("Paralegal", `Para\u0000legal`), "", 400, "/title"},
		"NUL, raw":              {with("Paralegal", "Para\x00legal"), "", 400, ""},
		"NUL in a name":         {with(`"title"`, `"ti\u0000tle"`), "", 400, ""},
		"another case, deep":    {with(`"specific": "s"`, `"specific": "s", "Relevant": "r"`), "", 400, "/objectives/0/Relevant"},
		"twice, deep":           {with(`"specific": "s"`, `"specific": "s", "specific": "s"`), "", 400, "/objectives/0/specific"},
		"a list for a text":     {with(`"onsite"`, `["onsite"]`), "", 400, "/mode"},
		"a text for a list":     {with(`["ur", "en"]`, `"ur"`), "", 400, "/languages"},
		"an exponent":           {with(`40`, `4e1`), "", 400, "/participants_expected"},
		"nested too deep":       {strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), "", 400, ""},
		"white space":           {" \n", "", 400, ""},
		"a control character":   {with("Paralegal", `\u001b[31m`), "", 422, "/title"},
		"a bell, deep":          {with(`"specific": "s"`, `"specific": "\u0007"`), "", 422, "/objectives/0/specific"},
		"nothing to see":        {with(`"specific": "s"`, `"specific": "\u200b\u202e"`), "", 422, "/objectives/0/specific"},
		"too long, deep":        {with(`"specific": "s"`, `"specific": "`+strings.Repeat("s", 2001)+`"`), "", 422, "/objectives/0/specific"},
		"a country in lower":    {with(`"PK"`, `"pk"`), "", 422, "/country"},
		"a language of nobody":  {with(`"ur"`, `"qq-ZZ-1"`), "", 422, "/languages/0"},
		"two types":             {whole, "application/json, text/plain", 415, ""},
		"another charset":       {whole, "application/json; charset=latin1", 415, ""},
		"NUL, deep":             {with(`"specific": "s"`, `"specific": "\u0000"`), "", 400, "/objectives/0/specific"},
		"wrong type":            {with(`40`, `"forty"`), "", 400, "/participants_expected"},
		"a fraction":            {with(`40`, `40.5`), "", 400, "/participants_expected"},
		"invalid UTF-8":         {with("Paralegal", "\xff"), "", 400, ""},
		"a lone surrogate":      {with("Paralegal", `\ud800`), "", 400, ""},
		"300 KiB":               {with("Paralegal", strings.Repeat("x", 300<<10)), "", 413, ""},
		"XML":                   {"<title/>", "application/xml", 415, ""},
		"a form":                {"title=x", "application/x-www-form-urlencoded", 415, ""},
		"a form of parts":       {"--x", "multipart/form-data; boundary=x", 415, ""},
		"a merge patch":         {whole, "application/merge-patch+json", 415, ""},
		"too long":              {with("Paralegal", strings.Repeat("ü", 201)), "", 422, "/title"},
		"two lines":             {with("Paralegal", `Para\nlegal`), "", 422, "/title"},
		"blank":                 {with("Paralegal training on prosecuting traffickers", `  `), "", 422, "/title"},
		"unknown code":          {with("paralegal", "wizard"), "", 422, "/audiences/0"},
		"a code twice":          {with(`["paralegal"]`, `["judge", "judge"]`), "", 422, "/audiences"},
		"no country":            {with(`"PK"`, `"XX"`), "", 422, "/country"},
		"no subdivision":        {with("PK-PB", "Punjab"), "", 422, "/subdivision"},
		"no language":           {with(`"ur"`, `"en_GB"`), "", 422, "/languages/0"},
		"too many":              {with("40", "10001"), "", 422, "/participants_expected"},
		"none at all":           {with("40", "0"), "", 422, "/participants_expected"},
		"it ends before":        {with(`"audiences"`, `"preferred_from": "2012-02-01", "preferred_to": "2012-01-01", "audiences"`), "", 422, "/preferred_to"},
		"no date":               {with(`"audiences"`, `"preferred_from": "2012-02-30", "audiences"`), "", 400, "/preferred_from"},
		"missing":               {`{"title": "A title"}`, "", 422, "/country"},
	} {
		kind := "Content-Type: application/json"
		if tc.kind != "" {
			kind = "Content-Type: " + tc.kind
		}
		got := s.as("jurist").do("POST", "/v1/training-requests", tc.body, kind)
		if got.status != tc.status || tc.pointer != "" && !got.names(tc.pointer) {
			t.Errorf("%s: %d %s, want %d naming %q", name, got.status, got.body, tc.status, tc.pointer)
		}
		for _, leak := range []string{"api.", "struct", "SQL", "pq:", "wizard", "handlers/"} {
			if strings.Contains(strings.ReplaceAll(string(got.body), got.header.Get("X-Request-Id"), ""), leak) { // an id can spell anything
				t.Errorf("%s: the answer says %q: %s", name, leak, got.body)
			}
		}
	}
	s.as("jurist").do("POST", "/v1/training-requests", "", "Content-Type: application/json").want(400, "malformed")
	s.as("jurist").do("POST", "/v1/training-requests", zipped(whole), "Content-Encoding: gzip").want(415)
	s.as("jurist").do("POST", "/v1/training-requests", zipped(whole)).want(400, "malformed")
	for _, id := range []string{"7", "../me", "01A20C00-0000-7000-8000-00000000000G", "%7B01a20c00-0000-7000-8000-000000000000%7D", "01a20c00000070008000000000000000"} {
		s.as("jurist").do("GET", "/v1/training-requests/"+id, "").want(404, "not_found")
	}
	s.as("jurist").do("POST", path+"/transitions", `{"action": "submit", "question": "Why?"}`, "If-Match: *").want(400, "malformed")
	s.as("jurist").do("POST", path+"/transitions", `{"action": "fly"}`, "If-Match: *").want(422, "invalid")
	s.as("jurist").do("PATCH", path, `{"id": "x"}`, "If-Match: *").want(400, "malformed")
	for header, status := range map[string]int{"": 428, `"2"`: 412, `W/"1"`: 412, "1": 412, `"1", "7"`: 412} {
		s.as("jurist").do("PATCH", path, `{"title": "t"}`, "If-Match: "+header).want(status)
	}
	if after := s.rows(); after != before {
		t.Errorf("something was written: %s, then %s", before, after)
	}
	if got := s.as("jurist").do("GET", path, ""); got.at("version") != 1.0 {
		t.Errorf("something was written: %s", got.body)
	}
}

func zipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text)) // a buffer takes all
	_ = w.Close()
	return out.String()
}

// rows counts the rows of every table but that of readings.
func (s *service) rows() string {
	s.t.Helper()
	db, err := sql.Open("pgx", modelstest.As(localpg.Superuser, s.dsn))
	s.must(err)
	defer func() { s.must(db.Close()) }()
	var counts string
	s.must(db.QueryRowContext(s.t.Context(), `SELECT string_agg(table_name || ' ' || (xpath('//n/text()',
		query_to_xml('SELECT count(*) AS n FROM ' || table_name, false, true, '')))[1], ', ' ORDER BY table_name)
		FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'accesses'`).Scan(&counts))
	return counts
}

// names reports whether a problem names a field.
func (x answered) names(pointer string) bool {
	x.t.Helper()
	for i := range x.list("errors") {
		if x.str("errors", i, "pointer") == pointer {
			return true
		}
	}
	return false
}

// So of a case, whose members stand deeper.
func TestBadInputOfACase(t *testing.T) {
	t.Parallel()
	s := start(t)
	before := s.rows()
	whole := fmt.Sprintf(aReferral, "")
	for name, tc := range map[string]struct {
		old, text string
		status    int
		pointer   string
	}{
		"unknown field":         {`"basis"`, `"colour": "red", "basis"`, 400, "/consents/0/colour"},
		"who approved":          {`"basis"`, `"approval": {}, "basis"`, 400, "/consents/0/approval"},
		"another case":          {`"safe_method"`, `"Safe_method"`, 400, "/contact/Safe_method"},
		"duplicate key":         {`"prohibited": true`, `"prohibited": true, "prohibited": false`, 400, "/contact/prohibited"},
		"NUL":                   {"CANARY method", `\u0000`, 400, "/contact/safe_method"},
		"a text for a switch":   {`"prohibited": true`, `"prohibited": "true"`, 400, "/contact/prohibited"},
		"null":                  {`["referral"]`, `[null]`, 400, "/consents/0/purposes/0"},
		"a day for a time":      {"2012-03-29T09:00:00Z", "2012-03-29", 400, "/consents/0/given_at"},
		"a time without a zone": {"2012-03-29T09:00:00Z", "2012-03-29T09:00:00", 400, "/consents/0/given_at"},
		"a time to come":        {"2012-03-29T09:00:00Z", "2199-01-01T00:00:00Z", 422, "/consents/0/given_at"},
		"no purpose":            {`["referral"]`, `[]`, 422, "/consents/0/purposes"},
		"an unsaid override":    {"assent_with_caregiver", "vital_interest", 422, "/consents/0/reason"},
		"nobody's consent":      {`"individual_and_caregiver"`, `"none"`, 422, "/consents/0/given_by"},
		"no id":                 {`"summary"`, `"follows": "CR-7KQ4-M2XD", "summary"`, 422, "/follows"},
		"nobody's case":         {`"summary"`, `"follows": "01a20c00-0000-7000-8000-000000000000", "summary"`, 422, "/follows"},
		"no country":            {`"summary"`, `"citizenships": ["PH", "ZZ"], "summary"`, 422, "/citizenships/1"},
		"a control character":   {"CANARY narrative", `\u009b`, 422, "/narrative"},
		"two lines":             {"MNL-0412", `MNL\n0412`, 422, "/subject_code"},
		"too long":              {"CANARY narrative", strings.Repeat("é", 20001), 422, "/narrative"},
		"too many":              {`["tl"]`, `["tl"` + strings.Repeat(`, "tl"`, 20) + "]", 422, "/languages"},
	} {
		got := s.as("referrer").do("POST", "/v1/case-referrals", strings.Replace(whole, tc.old, tc.text, 1))
		if got.status != tc.status || !got.names(tc.pointer) {
			t.Errorf("%s: %d %s, want %d naming %q", name, got.status, got.body, tc.status, tc.pointer)
		}
		if got.silent(name, "CANARY", "MNL-", "0412"); len(got.list("errors")) > 1 {
			t.Errorf("%s: more is named: %s", name, got.body)
		}
	}
	if after := s.rows(); after != before {
		t.Errorf("something was written: %s, then %s", before, after)
	}
}
