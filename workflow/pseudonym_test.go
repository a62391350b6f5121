package workflow

import "testing"

func TestSuspect(t *testing.T) {
	for code, want := range map[string]string{
		"MNL-0412": "", "case 7": "", "Blue Heron 12": "", "2026-0411-7": "looks_like_phone", "sampaguita": "", "": "", "MNL": "", "A 12": "",
		"a.b@example.org": "looks_like_email", "+63 917 555 0123": "looks_like_phone", "0917-555-0123": "looks_like_phone", "123456": "",
		"Maria Santos": "looks_like_name", "José Rizal y Alonso": "", "Anne-Marie O’Neil": "looks_like_name", "Juan Dela Cruz": "looks_like_name",
	} {
		if got, _ := Suspect(code); got != want {
			t.Errorf("%q looks like %q, want %q", code, got, want)
		}
	}
}
