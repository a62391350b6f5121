package models

// Ask reads one value by plain SQL, for tests of what no method tells.
func (tx *Tx) Ask(sql string, into any) error { return tx.g.Raw(sql).Scan(into).Error }

// Do does something by plain SQL, for tests of what no method does.
func (tx *Tx) Do(sql string, args ...any) error { return tx.g.Exec(sql, args...).Error }

// AskBare reads one value outside of any transaction.
func (db *DB) AskBare(sql string, into any) error { return db.g.Raw(sql).Scan(into).Error }

// Narrow leaves the pool few connections; with one, the next user has the last one's.
func (db *DB) Narrow(to int) { db.sql.SetMaxOpenConns(to) }
