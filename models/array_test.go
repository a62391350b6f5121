package models

import (
	"reflect"
	"sync"
	"testing"
)

// Many requests write arrays at once from the first moment on.
func TestArraysAtOnce(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range 200 {
				if got := textsArray([]string{"a b", `c"d\`, "NULL", "é", ""}); got != `{"a b","c\"d\\","NULL",é,""}` {
					t.Error(got)
				}
			}
		})
	}
	all.Wait()
	if got := textsArray(nil); !reflect.DeepEqual(got, "{}") {
		t.Error(got)
	}
}
