package demo

import (
	"context"
	"errors"
	"time"

	"onward/desk"
	"onward/fault"
	"onward/models"
)

// system is who loads the demo.
var system = models.Actor{Roles: []string{models.RoleAdmin}}

// ErrOccupied says that the network has people who are not of the demo.
var ErrOccupied = errors.New("the network has people already, and none is of the demo, which is for an empty network: use another database")

// Load puts the demo into an empty network, once, and a token for each of its
// people into the folder's demo-tokens.json. Where the demo is there already it
// is left as it is by now; only a token that is missing, or no longer works, is
// made anew. All of it happens or none: the file is written last, and whole, and
// the next Load mends what a crash before that left out.
//
// Errors: ErrOccupied; unavailable; those of writing the file.
func Load(ctx context.Context, d *desk.Desk, folder string) error {
	network, err := read[directory]("directory.json", directoryJSON)
	if err != nil {
		return err
	}
	kept, err := keptPeople(folder)
	if err != nil {
		return err
	}
	people, err := settle(ctx, d, network, kept)
	if fault.Is(err, "name_taken") || errors.Is(err, ErrOccupied) { // by another node, at this very moment
		people, err = settle(ctx, d, network, kept)
	}
	if err != nil || same(kept, people) {
		return err
	}
	return keep(folder, people)
}

// settle brings the network to where the demo is in it, and gives its people.
func settle(ctx context.Context, d *desk.Desk, network directory, kept []Person) (people []Person, err error) {
	err = d.Together(ctx, system, func(ctx context.Context) error {
		users, err := find(ctx, d, network.People)
		if err != nil {
			return err
		}
		if len(users) == 0 {
			if users, err = populate(ctx, d, network); err != nil {
				return err
			}
		}
		people, err = admit(ctx, d, network.People, users, kept)
		return err
	})
	return people, err
}

// find looks for the people of the demo, by name and organisation.
func find(ctx context.Context, d *desk.Desk, members []member) (map[string]models.User, error) {
	users := map[string]models.User{}
	for _, m := range members {
		list, _, err := d.Users(ctx, system, models.UserFilter{Text: m.Name}, models.Slice{Limit: 200, Order: "created_at"})
		if err != nil {
			return nil, err
		}
		for _, u := range list {
			if u.Name == m.Name && u.OrganisationName == m.Organisation {
				users[m.Name] = u.User
			}
		}
	}
	return users, nil
}

// tokenLasts is how long a token of the demo is valid: the longest that there is.
const tokenLasts = 365 * 24 * time.Hour

// admit gives each person a token that works: the one kept, if it does. Who
// can't be found any more, having been renamed since, stays as kept.
func admit(ctx context.Context, d *desk.Desk, members []member, users map[string]models.User, kept []Person) ([]Person, error) {
	expires := time.Now().Add(tokenLasts)
	var people []Person
	for _, m := range members {
		p, known := named(kept, m.Name)
		u, found := users[m.Name]
		if !found {
			if known {
				people = append(people, p)
			}
			continue
		}
		token := p.Token
		works, err := speaksFor(ctx, d, token, u)
		if err == nil && !works {
			token, _, err = d.IssueToken(ctx, system, u.ID, "demo", &expires, nil)
		}
		if err != nil {
			return nil, err
		}
		people = append(people, personOf(m, u, token))
	}
	return people, nil
}

// speaksFor reports whether a token is this user's and works. That of a user
// who was made inactive is left alone.
func speaksFor(ctx context.Context, d *desk.Desk, token string, u models.User) (bool, error) {
	if token != "" && !u.Active {
		return true, nil
	}
	a, err := d.Authenticate(ctx, token)
	if fault.Is(err, fault.CodeUnauthenticated) {
		return false, nil
	}
	return a.UserID == u.ID, err
}
