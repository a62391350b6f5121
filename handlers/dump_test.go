package handlers

import (
	"bytes"
	"database/sql"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// dump is every row of every table, as text; bytes are in hexadecimal.
func (s *service) dump() []byte {
	s.t.Helper()
	db, err := sql.Open("pgx", s.dsn)
	s.must(err)
	defer db.Close()
	names, err := db.QueryContext(s.t.Context(), "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
	s.must(err)
	var tables []string
	for names.Next() {
		var name string
		s.must(names.Scan(&name))
		tables = append(tables, name)
	}
	s.must(names.Err())
	s.must(names.Close())
	var all bytes.Buffer
	for _, name := range tables {
		var text sql.NullString
		s.must(db.QueryRowContext(s.t.Context(), "SELECT string_agg(t::text, E'\\n') FROM "+name+" t").Scan(&text))
		all.WriteString(text.String)
	}
	return all.Bytes()
}
