package models

import (
	"context"
	"fmt"
)

// Safe refuses a database that could lose what it acknowledged, or one that
// the program would enter as somebody whom no rule of the database binds.
func (db *DB) Safe(ctx context.Context) error {
	var unbound bool
	err := db.g.WithContext(ctx).Raw("SELECT bool_or(rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname IN (session_user, current_user)").Scan(&unbound).Error
	if err != nil {
		return explain(err)
	}
	if unbound {
		return fmt.Errorf("the database's user is a superuser or has BYPASSRLS: no rule of the database binds it; " +
			"make one for Onward (CREATE ROLE onward LOGIN PASSWORD '…'; CREATE DATABASE onward OWNER onward;) and name it in DATABASE_URL")
	}
	for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		var value string
		if err := db.g.WithContext(ctx).Raw("SELECT current_setting(?)", name).Scan(&value).Error; err != nil {
			return explain(err)
		}
		if value == "off" {
			return fmt.Errorf("the database runs with %s = off and could lose a case that it acknowledged; set it to on", name)
		}
	}
	return nil
}
