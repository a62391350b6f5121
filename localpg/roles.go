//go:build linux

package localpg

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"
)

//go:embed roles.sql
var roles string

// single is the role that owned and did everything in the clusters of earlier
// versions.
const single = "onward"

// furnish makes the roles and the database of the service where they are not
// there yet: in a new cluster, after a kill between initdb and here, and in
// the cluster of an earlier version, whose one role gives up what it owns.
func (s *Server) furnish(ctx context.Context) error {
	err := s.asSuperuser(ctx, "postgres", func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, roles); err != nil {
			return err
		}
		var there bool
		err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", Database).Scan(&there)
		if err == nil && !there {
			_, err = conn.Exec(ctx, "CREATE DATABASE "+Database+" OWNER "+Owner)
		}
		return err
	})
	if err == nil {
		err = s.asSuperuser(ctx, Database, func(conn *pgx.Conn) error {
			var old bool
			err := conn.QueryRow(ctx, "SELECT pg_get_userbyid(datdba) = $1 FROM pg_database WHERE datname = $2", single, Database).Scan(&old)
			if err == nil && old {
				_, err = conn.Exec(ctx, "REASSIGN OWNED BY "+single+" TO "+Owner)
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("localpg: making the roles and the database of the service: %w", err)
	}
	return nil
}

func (s *Server) asSuperuser(ctx context.Context, database string, f func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.DSN(Superuser, database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return f(conn)
}
