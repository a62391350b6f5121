// Package place tells how countries lie to each other. It is pure.
package place

import (
	"slices"
	"sync"

	"golang.org/x/text/language"
)

// subregions are those of UN M49, the standard country or area codes for
// statistical use.
var subregions = []string{
	"005", "011", "013", "014", "015", "017", "018", "021", "029", "030", "034",
	"035", "039", "053", "054", "057", "061", "143", "145", "151", "154", "155",
}

// Neighbours are the countries (ISO 3166-1 alpha-2) of the same subregion of
// UN M49 as a country, without itself, by code; none where it is in no
// subregion. Islands have neighbours too, which borders would not give them.
func Neighbours(country string) []string {
	for _, of := range grouped() {
		if slices.Contains(of, country) {
			return slices.DeleteFunc(slices.Clone(of), func(c string) bool { return c == country })
		}
	}
	return nil
}

// grouped are the countries of each subregion, as CLDR has them.
var grouped = sync.OnceValue(func() [][]string {
	groups := make([][]string, len(subregions))
	for i, m49 := range subregions {
		region := language.MustParseRegion(m49)
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				code := string(a) + string(b)
				if c, err := language.ParseRegion(code); err == nil && c.String() == code && c.IsCountry() && region.Contains(c) {
					groups[i] = append(groups[i], code)
				}
			}
		}
	}
	return groups
})
