package api

import "time"

// Access is one reading of a case: who was shown which parts of it, by which
// operation, and by which right.
type Access struct {
	ID           string    `json:"id"`
	At           time.Time `json:"at"`
	User         Link      `json:"user"`
	Organisation Link      `json:"organisation"` // of the user, then
	Operation    string    `json:"operation"`
	As           string    `json:"as"`
	AssignmentID *string   `json:"assignment_id"` // by which a partner read
	Parts        []string  `json:"parts"`
}
