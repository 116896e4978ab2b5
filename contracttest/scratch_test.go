package contracttest_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
)

func TestScratch(t *testing.T) {
	style := os.Getenv("STYLE")
	if style == "" {
		t.Skip()
	}
	seed, _ := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	r := checkHonest(t, openStyle(t, style), style, seed, os.Getenv("FAULT"), nil)
	fmt.Println(text(r))
	if os.Getenv("CASES") != "" {
		for _, c := range r.Cases {
			fmt.Println(c.Verdict, c.Rule, c.Operation, c.Subject, c.Reason)
		}
	}
}
