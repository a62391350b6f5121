// Package house breaks each rule once, and keeps to it once.
package house

import (
	"errors"
	"log/slog"
	"time"

	"gorm.io/gorm"
)

type Row struct{ Name string }

func (r *Row) BeforeSave(tx *gorm.DB) error { return nil } // want `no GORM hooks`

const byName = "name = ?"

var embedded string

func chains(db *gorm.DB, row Row, text string) {
	db.Where(row)                            // want `zero values`
	db.Where(&row)                           // want `zero values`
	db.Updates(row)                          // want `zero values`
	db.UpdateColumns(&row)                   // want `zero values`
	db.First(&row, "id = 1")                 // want `a condition inside First`
	db.Delete(&row, text)                    // want `a condition inside Delete`
	db.Where(text)                           // want `this text becomes SQL`
	db.Where("name = '" + text + "'")        // want `this text becomes SQL`
	db.Order(text)                           // want `this text becomes SQL`
	db.Raw("select " + text)                 // want `this text becomes SQL`
	gorm.G[Row](db).Order(text)              // want `this text becomes SQL`
	_, _ = gorm.G[Row](db).Updates(nil, row) // want `zero values`

	db.Where(db.Where(byName, text)).Order("id").First(&row)
	db.Where("id = ?", text).Delete(&row)
	db.Where(map[string]any{"name": text}).Updates(map[string]any{"name": text})
	db.Select("*").Where("id = 1").Updates(row)
	db.Raw(embedded, text)
	db.Order(text) // sql: a name from the list above
	gorm.G[Row](db).Where(byName, text).Order("id desc")
}

func logs(row Row) {
	slog.New(slog.NewTextHandler(nil, &slog.HandlerOptions{}))
	slog.Info("seen", "row", row)            // want `never a whole struct`
	slog.Info("seen", slog.Any("row", &row)) // want `never a whole struct`
	slog.With("row", &row).Info("seen")      // want `never a whole struct`
	slog.Info("seen", "name", row.Name, "at", time.Now(), slog.Any("error", errors.New("x")), slog.Group("a"))
}
