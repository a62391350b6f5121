// Package models holds the rows and their queries. Nothing above it knows
// GORM or SQL. A Tx is the only way to a row, and advance.go the only writer
// of a record's state.
package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"onward/fault"
	"onward/keys"
)

// connections is the size of the pool: 16 were best for writes with 2 cores.
const connections = 16

// DB is a pool of connections to one PostgreSQL database.
type DB struct {
	g    *gorm.DB
	sql  *sql.DB
	ring *keys.Ring
}

// Open makes a pool; it connects when first used. ring wraps the keys under
// which texts are sealed. The error names what is wrong with the connection
// string, without its password.
func Open(dsn string, ring *keys.Ring) (*DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("reading the database's address: %w", err)
	}
	config.RuntimeParams["timezone"] = "UTC"
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "onward"
	}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	g, err := gorm.Open(dialect{&postgres.Dialector{Config: &postgres.Config{Conn: pool}}}, &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard, // GORM would log values
		TranslateError:         true,           // see dialect
		NowFunc:                func() time.Time { return time.Now().UTC() },
	})
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	return &DB{g: g, sql: pool, ring: ring}, nil
}

// Close ends the pool.
func (db *DB) Close() error { return db.sql.Close() }

// Ping asks whether the database answers. Errors: unavailable.
func (db *DB) Ping(ctx context.Context) error { return explain(db.sql.PingContext(ctx)) }

// Tx is one transaction. Its methods are the queries of this package.
type Tx struct {
	g        *gorm.DB
	actor    Actor
	through  []uuid.UUID
	readOnly bool
	ring     *keys.Ring
	opened   map[uuid.UUID][]byte // data keys, by request
	ledger
}

func (tx *Tx) ctx() context.Context { return tx.g.Statement.Context }

// ReadOnly reports whether the transaction can write nothing.
func (tx *Tx) ReadOnly() bool { return tx.readOnly }

type txKey struct{}

// attempts bounds how often a transaction is done again after a deadlock or a
// reference that was taken.
const attempts = 5

// InTx runs fn in one transaction, or in the one that ctx carries already, on
// behalf of an actor (the zero value: the system), at the desk's time. It is
// called by package desk alone. What fn returns as an error undoes everything.
//
// Errors: those of fn; unavailable when the database is away (if it went
// away in the commit, nobody knows whether that took effect); the code of the constraint that refused.
func (db *DB) InTx(ctx context.Context, a Actor, now time.Time, fn func(context.Context, *Tx) error) error {
	return db.run(ctx, a, now, &sql.TxOptions{}, fn)
}

// Read is InTx for what changes nothing: PostgreSQL refuses a write.
func (db *DB) Read(ctx context.Context, a Actor, now time.Time, fn func(context.Context, *Tx) error) error {
	return db.run(ctx, a, now, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}, fn)
}

func (db *DB) run(ctx context.Context, a Actor, now time.Time, options *sql.TxOptions, fn func(context.Context, *Tx) error) error {
	if tx, ok := ctx.Value(txKey{}).(*Tx); ok {
		return fn(ctx, tx)
	}
	var err error
	for range attempts {
		err = db.g.WithContext(ctx).Transaction(func(g *gorm.DB) error {
			if err := a.settings(g, now); err != nil {
				return err
			}
			tx := &Tx{g: g, actor: a, readOnly: options.ReadOnly, ring: db.ring, opened: map[uuid.UUID][]byte{}}
			return fn(context.WithValue(ctx, txKey{}, tx), tx)
		}, options)
		if !again(err) {
			break
		}
	}
	return explain(err)
}

// Attempt runs fn as a part of the transaction that can fail by itself: what
// fn refuses undoes what fn did, and nothing else (a savepoint). What is worth
// doing the whole transaction again for is told as it is.
//
// Errors: those of fn; the code of the constraint that refused.
func (tx *Tx) Attempt(fn func() error) error {
	through, noted := tx.through, tx.ledger
	if err := tx.g.Exec("SAVEPOINT attempt").Error; err != nil {
		return err
	}
	failed := fn()
	if failed != nil {
		tx.through, tx.ledger = through, noted
		if err := tx.g.Exec("ROLLBACK TO SAVEPOINT attempt").Error; err != nil {
			return errors.Join(err, failed) // the connection is gone, and the transaction with it
		}
	}
	if err := tx.g.Exec("RELEASE SAVEPOINT attempt").Error; err != nil || failed == nil {
		return err
	}
	if again(failed) {
		return failed
	}
	return explain(failed)
}

// one turns "no row" into the answer for what is absent or hidden.
func one(err error) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return fault.Absent()
	}
	return err
}
