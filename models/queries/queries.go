// Package queries holds the SQL that is more than a chain over one table, one
// file each, so that a DBA can read and run it. Parameters are named.
package queries

import _ "embed"

// The queries; each file says what it gives and takes.
var (
	//go:embed queue.sql
	Queue string
	//go:embed candidates.sql
	Candidates string
	//go:embed due_moves.sql
	DueMoves string
	//go:embed revoke_made_with.sql
	RevokeMadeWith string
	//go:embed duplicates.sql
	Duplicates string
	//go:embed verify.sql
	Verify string
	//go:embed targets.sql
	Targets string
	//go:embed chain_head.sql
	ChainHead string
	//go:embed unchained.sql
	Unchained string
	//go:embed entries.sql
	Entries string
	//go:embed link.sql
	Link string
	//go:embed overdue.sql
	Overdue string
	//go:embed reference_of.sql
	ReferenceOf string
	//go:embed reading.sql
	Reading string
	//go:embed routing.sql
	Routing string
	//go:embed unmoved.sql
	Unmoved string
	//go:embed put_organisations.sql
	PutOrganisations string
	//go:embed put_services.sql
	PutServices string
)
