package models

import (
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
