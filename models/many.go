package models

import (
	"github.com/google/uuid"

	"onward/workflow"
)

// GetRequests reads requests of one kind, for the eyes of nobody yet.
func (tx *Tx) GetRequests(kind string, ids []uuid.UUID) ([]Request, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if kind == workflow.Training.Name {
		return many[*Training](tx, ids)
	}
	return many[*Referral](tx, ids)
}

func many[R Request](tx *Tx, ids []uuid.UUID) ([]Request, error) {
	var rows []R
	err := tx.g.Where("id IN ?", ids).Find(&rows).Error
	requests := make([]Request, len(rows))
	for i, r := range rows {
		requests[i] = r
	}
	return requests, err
}

// PlacesLeft gives the places left of services by id.
func (tx *Tx) PlacesLeft(services ...uuid.UUID) (map[uuid.UUID]int, error) {
	var rows []Service
	err := tx.g.Select("id", "capacity_available").Where("id IN ?", services).Find(&rows).Error
	places := make(map[uuid.UUID]int, len(rows))
	for _, s := range rows {
		places[s.ID] = s.CapacityAvailable
	}
	return places, err
}
