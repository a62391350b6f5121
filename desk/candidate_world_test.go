package desk_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/desk"
	"onward/models"
	"onward/workflow"
)

// cells are the rows of a table drawn with |.
func cells(table string) (rows [][]string) {
	for line := range strings.Lines(strings.TrimSpace(table)) {
		row := strings.Split(line, "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		rows = append(rows, row)
	}
	return rows
}

// wish is name=value, or name, by name.
type wish map[string]string

func asked(text string) wish {
	all := wish{}
	for word := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(word, "=")
		all[name] = value
	}
	return all
}

func (w wish) has(name string) bool { _, ok := w[name]; return ok }

func (w wish) list(name string) []string {
	if w[name] == "" {
		return []string{}
	}
	return strings.Split(w[name], ",")
}

func (w wish) years(name string) *int {
	if n, err := strconv.Atoi(w[name]); err == nil {
		return &n
	}
	return nil
}

// directoryOf is a network with the directory of candidate_test.go.
type directoryOf struct {
	*network
	organisations map[string]uuid.UUID
}

func foundDirectory(t *testing.T) *directoryOf {
	t.Helper()
	n := &directoryOf{found(t), map[string]uuid.UUID{}}
	for _, row := range cells(directory) {
		more := asked(row[6])
		n.organisation(row[0], row[1])
		past := 0
		if more.has("accepts") || more.has("declines") {
			past = 60
		}
		if more["confirmed"] != "" {
			past = *more.years("confirmed")
		}
		n.set(noon.AddDate(0, 0, -past))
		for kind := range strings.FieldsSeq(row[2]) {
			service := n.service(row, kind, more)
			n.history(row[0], kind, more)
			n.set(noon)
			if more["confirmed"] == "" {
				n.confirm(n.organisations[row[0]], service)
			}
		}
	}
	return n
}

var root = models.Actor{Roles: []string{models.RoleAdmin}}

func (n *directoryOf) organisation(name, seat string) {
	n.t.Helper()
	row := models.Organisation{OrganisationFields: models.OrganisationFields{Name: name, Type: "ngo", Country: seat[:2], Active: true}}
	if len(seat) > 2 {
		row.Subdivision = seat
	}
	n.must(n.desk.AddOrganisation(n.t.Context(), root, &row))
	n.organisations[name] = row.ID
}

func (n *directoryOf) service(row []string, kind string, more wish) uuid.UUID {
	n.t.Helper()
	left, all, _ := strings.Cut(row[5], "/")
	v := models.Service{OrganisationID: n.organisations[row[0]], ServiceFields: models.ServiceFields{
		Kind: kind, Status: "active", Languages: strings.Fields(row[4]), Genders: more.list("genders"), MinimumAge: more.years("from"), MaximumAge: more.years("to"),
	}}
	v.CapacityAvailable, _ = strconv.Atoi(left)
	v.CapacityMaximum, _ = strconv.Atoi(all)
	if more["status"] != "" {
		v.Status = more["status"]
	}
	for place := range strings.FieldsSeq(row[3]) {
		if len(place) > 2 {
			v.Subdivisions = append(v.Subdivisions, place)
			place = place[:2]
		}
		v.Countries = append(v.Countries, place)
	}
	n.must(n.desk.AddService(n.t.Context(), root, &v))
	return v.ID
}

func (n *directoryOf) confirm(of, service uuid.UUID) {
	n.t.Helper()
	_, err := n.desk.EditService(n.t.Context(), root, of, service, desk.Whatever, func(*models.Service) (bool, error) { return true, nil })
	n.must(err)
}

// history is what an organisation answered long ago: at once and with yes, or
// late and with no.
func (n *directoryOf) history(name, kind string, more wish) {
	n.t.Helper()
	if !more.has("accepts") && !more.has("declines") {
		return
	}
	for range 3 {
		id, _ := n.request(asked("service=" + kind + " age=adult country=PK lang=ur"))
		n.triage(workflow.Referral, id)
		at := n.given(id, workflow.Referral, name, kind)
		partner := models.Actor{UserID: n.person(models.RolePartner).UserID, OrganisationID: n.organisations[name], Roles: []string{models.RolePartner}}
		fire := func(do workflow.Action, in workflow.Input) {
			n.must(n.desk.FireAssignment(n.t.Context(), partner, at, desk.Whatever, do, in))
		}
		if more.has("accepts") {
			n.set(n.now().Add(2 * time.Hour))
			fire(workflow.Accept, workflow.Input{})
			fire(workflow.Start, workflow.Input{})
			fire(workflow.Complete, workflow.Input{Outcome: "helped", Note: "done"})
			continue
		}
		n.set(n.now().Add(60 * time.Hour))
		fire(workflow.Decline, workflow.Input{Reason: &workflow.Reason{Code: "no_capacity"}})
	}
}

// request is a request as a row of the table asks for it, submitted.
func (n *directoryOf) request(ask wish) (uuid.UUID, desk.Flow) {
	n.t.Helper()
	if ask["topics"] != "" {
		row := &models.Training{TrainingFields: models.TrainingFields{
			Title: "A training", Audiences: []string{"paralegal"}, Topics: ask.list("topics"), Mode: "onsite", Country: ask["country"], Subdivision: ask["sub"],
			Languages: ask.list("lang"), ParticipantsExpected: 3,
		}, Objectives: []models.Objective{}}
		n.must(n.desk.CreateTraining(n.t.Context(), n.jurist, row, workflow.Input{}))
		return row.ID, workflow.Training
	}
	services := ask.list("service")
	if ask["needs"] != "" {
		services = ask.list("needs")
	}
	worker := n.person(models.RoleReferrer)
	if of := name(ask["by"]); of != "" {
		worker.OrganisationID = n.organisations[of]
	}
	row := &models.Referral{ReferralFields: models.ReferralFields{
		SubjectCode: "MNL-0412", AgeBand: ask["age"], Gender: ask["gender"], Country: ask["country"], Subdivision: ask["sub"], Languages: ask.list("lang"),
		Services: services, Urgency: "urgent", Summary: "A person looks for help",
	}}
	n.must(n.desk.CreateReferral(n.t.Context(), worker, row, models.ReferralTexts{}, n.consents(ask["consent"]), nil, workflow.Input{}))
	if ask["consent"] == "expired" {
		n.set(n.now().Add(2 * time.Hour))
	}
	return row.ID, workflow.Referral
}

// consents are those that a row of the table names: for one organisation, for
// one service, expired within the hour, an override, or for anybody.
func (n *directoryOf) consents(which string) []models.Consent {
	c := models.Consent{Basis: "consent", GivenBy: "individual", GivenAt: n.now(), Purposes: []string{"referral"}}
	soon := n.now().Add(time.Hour)
	switch of, isOf := n.organisations[name(which)]; {
	case isOf:
		c.Organisations = []string{of.String()}
	case which == "expired":
		c.ExpiresAt = &soon
	case which == "override":
		c.Basis, c.GivenBy, c.Reason = "vital_interest", "none", "She is in danger."
	case which != "":
		c.Services = []string{which}
	}
	return []models.Consent{c}
}

func name(word string) string { return strings.ReplaceAll(word, "_", " ") }

// before is what happened before a row of the table asks.
func (n *directoryOf) before(ask wish, id uuid.UUID) {
	n.t.Helper()
	if of := name(ask["given"]); of != "" {
		n.triage(workflow.Referral, id)
		n.given(id, workflow.Referral, of, ask["service"])
	}
	if of := name(ask["turn"]); of != "" {
		other, _ := n.request(ask)
		n.triage(workflow.Referral, other)
		at := n.given(other, workflow.Referral, of, ask["service"])
		n.must(n.desk.FireAssignment(n.t.Context(), n.admin, at, desk.Whatever, workflow.Revoke, workflow.Input{Reason: &workflow.Reason{Code: "error"}}))
	}
	if ask["weigh"] == "capacity" {
		at, _, err := n.desk.Desks(n.t.Context(), root, models.Slice{Limit: 1, Order: "created_at"})
		n.must(err)
		_, err = n.desk.EditDesk(n.t.Context(), root, at[0].ID, desk.Whatever, func(d *models.Desk) error {
			d.Weights = models.Weights{Capacity: 1}
			return nil
		})
		n.must(err)
	}
}

// triage brings a request to where it can be offered.
func (n *directoryOf) triage(flow desk.Flow, id uuid.UUID) {
	n.t.Helper()
	fire := func(do workflow.Action, in workflow.Input) {
		n.must(n.desk.Fire(n.t.Context(), n.admin, flow, id, desk.Whatever, do, in))
	}
	if flow == workflow.Training {
		fire(workflow.Take, workflow.Input{})
		fire(workflow.Approve, workflow.Input{Priority: "normal"})
		return
	}
	v, err := n.desk.Referral(n.t.Context(), n.admin, id)
	n.must(err)
	if v.Row.State == workflow.Submitted {
		fire(workflow.Take, workflow.Input{})
		fire(workflow.OpenCase, workflow.Input{Urgency: "urgent", Services: v.Row.Services})
	}
}

func (n *directoryOf) given(id uuid.UUID, flow desk.Flow, to, service string) uuid.UUID {
	n.t.Helper()
	at, err := n.desk.Offer(n.t.Context(), n.admin, flow, id, desk.Whatever, workflow.Input{Organisation: n.organisations[to].String(), Service: service})
	n.must(err)
	return at
}
