package handlers

import (
	"onward/api"
	"onward/fault"
	"onward/models"
	"onward/workflow"
)

// DirectoryChecks hold an organisation, and a service, to the limits that the
// API has for them, for whoever takes them in without a request. They name what
// can't be by pointer.
func DirectoryChecks() (organisation func(models.OrganisationFields) []fault.Field, service func(models.Service) []fault.Field) {
	s := &Server{check: newCheck(workflow.Codes)}
	return func(o models.OrganisationFields) []fault.Field { return s.check(api.OrganisationFields(o)) },
		func(row models.Service) []fault.Field {
			said := api.NewService{ServiceFields: api.ServiceFields(row.ServiceFields), Capacity: showCapacity(row)}
			faulty := s.checkService(said)
			if row.MinimumAge != nil && row.MaximumAge != nil && *row.MinimumAge > *row.MaximumAge {
				faulty = append(faulty, fault.Field{Pointer: "/maximum_age", Code: codeTooSmall, Detail: "The maximum age is below the minimum age."})
			}
			return faulty
		}
}
