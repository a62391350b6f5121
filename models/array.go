package models

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"gorm.io/gorm/schema"
)

func init() { schema.RegisterSerializer("array", textArray{}) }

// textArray keeps a []string in a text[] column, so that rows and wire types
// can share plain Go fields.
type textArray struct{}

// A map of types remembers how it wrote and read one, without a lock: each user
// has its own.
var types = sync.Pool{New: func() any { return pgtype.NewMap() }}

func withTypes(do func(*pgtype.Map) error) error {
	m := types.Get().(*pgtype.Map) //nolint:forcetypeassert // of New
	defer types.Put(m)
	return do(m)
}

// Scan reads PostgreSQL's text form of an array.
func (textArray) Scan(ctx context.Context, field *schema.Field, row reflect.Value, value any) error {
	list := []string{}
	if value != nil {
		text, ok := value.(string)
		if !ok {
			return fmt.Errorf("an array of text came as %T", value)
		}
		err := withTypes(func(m *pgtype.Map) error {
			return m.Scan(pgtype.TextArrayOID, pgtype.TextFormatCode, []byte(text), &list)
		})
		if err != nil {
			return fmt.Errorf("reading an array of text: %w", err)
		}
	}
	field.ReflectValueOf(ctx, row).Set(reflect.ValueOf(list))
	return nil
}

// Value writes it; nil is an empty array, for no column of ours tells them apart.
func (textArray) Value(_ context.Context, _ *schema.Field, _ reflect.Value, value any) (any, error) {
	list, ok := value.([]string)
	if !ok {
		return nil, fmt.Errorf("an array of text is kept in a %T", value)
	}
	return textsArray(list), nil
}

// textsArray writes an array of text.
func textsArray(list []string) string {
	if list == nil {
		list = []string{}
	}
	var text []byte
	err := withTypes(func(m *pgtype.Map) (err error) {
		text, err = m.Encode(pgtype.TextArrayOID, pgtype.TextFormatCode, list, nil)
		return err
	})
	if err != nil {
		panic(err) // there is no text that an array can't hold
	}
	return string(text)
}

// uuidArray writes an array of uuid.
func uuidArray(all []uuid.UUID) string {
	texts := make([]string, len(all))
	for i, id := range all {
		texts[i] = id.String()
	}
	return "{" + strings.Join(texts, ",") + "}"
}
