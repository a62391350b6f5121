package main

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func TestHouse(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), house, "house")
}
