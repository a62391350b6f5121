package bench

import (
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"onward/desk"
	"onward/handlers"
	"onward/hsds"
	"onward/models/modelstest"
)

// BenchmarkDirectory takes a directory of 10,000 organisations and 50,000
// services in, from a tabular data package, and then once more, when nothing of
// it is new. It measures without fsync:
//
//	go test ./bench -run xxx -bench Directory -benchtime 1x
func BenchmarkDirectory(b *testing.B) {
	files, err := hsds.Package(large())
	if err != nil {
		b.Fatal(err)
	}
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: text}
	}
	for b.Loop() {
		b.StopTimer()
		d := desk.New(modelstest.Enter(b, modelstest.Migrated(b)), time.Now)
		b.StartTimer()
		for _, what := range []string{"first-ms", "again-ms"} {
			start := time.Now()
			read, err := hsds.ReadPackage(folder, hsds.Options{})
			if err != nil {
				b.Fatal(err)
			}
			in := desk.Import{Directory: read, Type: "ngo"}
			in.CheckOrganisation, in.CheckService = handlers.DirectoryChecks()
			out, err := d.ImportDirectory(b.Context(), in)
			if err != nil || out.Services.New+out.Services.Unchanged != 50_000 {
				b.Fatalf("%v %+v", err, out)
			}
			b.ReportMetric(float64(time.Since(start).Milliseconds()), what)
		}
	}
}

func large() []hsds.Organisation {
	all := make([]hsds.Organisation, 10_000)
	for i := range all {
		all[i] = hsds.Organisation{
			ID: uuid.NewString(), Name: fmt.Sprint("Organisation ", i), Description: "What it is, in a sentence or two.", Type: "ngo",
			Website: "https://example.org", Country: "PH", Subdivision: "PH-00",
		}
		for range 5 {
			all[i].Services = append(all[i].Services, hsds.Service{
				ID: uuid.NewString(), Name: "A service", Description: "What it does, in a sentence or two.", Kinds: []string{"medical"}, Status: "active",
				Countries: []string{"PH", "KR"}, Subdivisions: []string{"PH-00"}, Languages: []string{"tl", "en"}, Schedule: "On weekdays, 9 to 17",
				Capacity: &hsds.Capacity{Available: 3, Maximum: 5, Updated: time.Date(2012, 3, 29, 9, 0, 0, 0, time.UTC)},
			})
		}
	}
	return all
}
