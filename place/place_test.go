package place

import (
	"slices"
	"testing"
)

func TestNeighbours(t *testing.T) {
	for _, c := range []struct {
		country   string
		is, isNot []string
	}{
		{"PH", []string{"ID", "MY", "VN", "TH"}, []string{"PH", "CN", "JP", "AU"}},
		{"PK", []string{"IN", "AF", "IR", "LK"}, []string{"PK", "CN", "PH"}},
		{"KR", []string{"JP", "CN", "MN"}, []string{"KR", "PH"}},
		{"ZA", []string{"LS", "BW"}, []string{"KE"}},
		{"AQ", nil, []string{"AU"}},
		{"", nil, []string{"AU"}},
	} {
		got := Neighbours(c.country)
		for _, n := range c.is {
			if !slices.Contains(got, n) || !slices.Contains(Neighbours(n), c.country) {
				t.Errorf("%s and %s are no neighbours", c.country, n)
			}
		}
		for _, n := range c.isNot {
			if slices.Contains(got, n) {
				t.Errorf("%s is a neighbour of %s", n, c.country)
			}
		}
	}
}
