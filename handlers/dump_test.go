package handlers

import (
	"bytes"
	"database/sql"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver

	"onward/localpg"
	"onward/models/modelstest"
)

// dump is every row of every table, as text; bytes are in hexadecimal.
func (s *service) dump() []byte { return s.rowsOf("") }

// rowsOf is every row of one table, or of each, as text.
func (s *service) rowsOf(table string) []byte {
	s.t.Helper()
	db, err := sql.Open("pgx", modelstest.As(localpg.Superuser, s.dsn))
	s.must(err)
	defer func() { s.must(db.Close()) }()
	if table == "" {
		s.must(db.QueryRowContext(s.t.Context(), "SELECT string_agg(table_name, ',') FROM information_schema.tables WHERE table_schema = 'public'").Scan(&table))
	}
	var all bytes.Buffer
	for name := range strings.SplitSeq(table, ",") {
		var text sql.NullString
		s.must(db.QueryRowContext(s.t.Context(), "SELECT string_agg(t::text, E'\\n') FROM "+name+" t").Scan(&text))
		all.WriteString(text.String)
	}
	return all.Bytes()
}

// asSuperuser does what no rule of the database stops.
func (s *service) asSuperuser(text string) {
	s.t.Helper()
	db, err := sql.Open("pgx", modelstest.As(localpg.Superuser, s.dsn))
	s.must(err)
	defer func() { s.must(db.Close()) }()
	_, err = db.ExecContext(s.t.Context(), "BEGIN; SET LOCAL session_replication_role = replica; "+text+"; COMMIT")
	s.must(err)
}

// trySQL does what somebody could with the program's own role, who says that
// they see everything.
func (s *service) trySQL(text string) error {
	s.t.Helper()
	db, err := sql.Open("pgx", s.dsn+"&onward.network=on")
	s.must(err)
	defer func() { s.must(db.Close()) }()
	_, err = db.ExecContext(s.t.Context(), text)
	return err
}

func (s *service) count(query string) (n int) {
	s.t.Helper()
	db, err := sql.Open("pgx", modelstest.As(localpg.Superuser, s.dsn))
	s.must(err)
	defer func() { s.must(db.Close()) }()
	s.must(db.QueryRowContext(s.t.Context(), query).Scan(&n))
	return n
}

// column is the first value that a query gives, as text; empty for none.
func (s *service) column(query string) string {
	s.t.Helper()
	db, err := sql.Open("pgx", modelstest.As(localpg.Superuser, s.dsn))
	s.must(err)
	defer func() { s.must(db.Close()) }()
	var text sql.NullString
	s.must(db.QueryRowContext(s.t.Context(), query).Scan(&text))
	return text.String
}
