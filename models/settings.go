package models

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"onward/workflow"
)

// settings tells the database for whom a transaction acts, and until it ends:
// what row-level security goes by. Each setting is made in each transaction,
// so that none can be somebody else's.
func (a Actor) settings(g *gorm.DB, now time.Time) error {
	said := map[string]any{
		"actor": "system", "requests_for": "", "refers_for": "", "partner_of": "", "desk": "", "network": "", "audits": "",
		"completed_since": now.Add(-workflow.AfterCompletion).UTC().Format(time.RFC3339Nano),
	}
	say := func(setting string, is bool, value string) {
		if is {
			said[setting] = value
		}
	}
	organisation := a.OrganisationID.String()
	say("actor", a.UserID != uuid.Nil, a.UserID.String())
	say("requests_for", a.Has(RoleRequester), organisation)
	say("refers_for", a.Has(RoleReferrer), organisation)
	say("partner_of", a.Has(RolePartner), organisation)
	say("network", a.Network(), "on")
	say("audits", a.Has(RoleAuditor), "on")
	if a.Has(RoleAdmin) && a.DeskID != nil {
		said["desk"] = a.DeskID.String()
	}
	return g.Exec(`SELECT set_config('onward.actor', @actor, true), set_config('onward.requests_for', @requests_for, true),
		set_config('onward.refers_for', @refers_for, true), set_config('onward.partner_of', @partner_of, true),
		set_config('onward.desk', @desk, true), set_config('onward.network', @network, true), set_config('onward.audits', @audits, true),
		set_config('onward.completed_since', @completed_since, true), set_config('onward.through', '', true)`, said).Error
}

// Through shows the transaction some requests, whole, that its actor may act
// on and need not see: a partner who answers an offer moves a case that it
// can't read, and who transfers one no longer can. That the actor may is for
// the caller to have asked, under the actor's own rights.
func (tx *Tx) Through(requests ...uuid.UUID) error {
	return tx.see(append(tx.through, requests...))
}

// Around runs read with some requests shown that the actor sees, or an
// assignment of them: a partner alone does not see by itself what surrounds
// what it sees. Nothing sealed is read there.
func (tx *Tx) Around(requests []uuid.UUID, read func() error) error {
	before := tx.through
	shown := func(id uuid.UUID) bool { return slices.Contains(before, id) }
	if !tx.actor.Has(RolePartner) || !slices.ContainsFunc(requests, func(id uuid.UUID) bool { return !shown(id) }) {
		return read()
	}
	if err := tx.see(slices.Concat(before, requests)); err != nil {
		return err
	}
	if err := read(); err != nil {
		return err
	}
	return tx.see(before)
}

func (tx *Tx) see(requests []uuid.UUID) error {
	tx.through = requests
	return tx.g.Exec("SELECT set_config('onward.through', ?, true)", uuidArray(requests)).Error
}
