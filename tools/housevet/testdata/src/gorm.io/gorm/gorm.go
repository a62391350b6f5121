// Package gorm has as much of GORM as the trial needs.
package gorm

type DB struct{ Error error }

func (db *DB) Where(query any, args ...any) *DB   { return db }
func (db *DB) Select(query any, args ...any) *DB  { return db }
func (db *DB) Order(value any) *DB                { return db }
func (db *DB) Raw(sql string, values ...any) *DB  { return db }
func (db *DB) First(dest any, conds ...any) *DB   { return db }
func (db *DB) Delete(value any, conds ...any) *DB { return db }
func (db *DB) Updates(values any) *DB             { return db }
func (db *DB) UpdateColumns(values any) *DB       { return db }

type Chain[T any] interface {
	Where(query any, args ...any) Chain[T]
	Order(value any) Chain[T]
	Updates(ctx any, t T) (int, error)
}

func G[T any](db *DB) Chain[T] { return nil }
