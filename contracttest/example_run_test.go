package contracttest_test

import (
	"testing"

	"understudy"
	"understudy/contracttest"
	"understudy/mockserver"
)

// TestContract is what a service's own test looks like: each case is a subtest. Here the service is the mock; one that listens is checked by Target.URL.
//
//	go test -run 'TestContract/invitations_list/(paging|order)' ./...
func TestContract(t *testing.T) {
	t.Parallel()
	doc, err := understudy.Invitations() // or understudy.Open(t.Context(), "openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	service, err := mockserver.New(doc, &mockserver.Options{Tokens: map[string]string{"s3cret": ""}})
	if err != nil {
		t.Fatal(err)
	}
	contracttest.Run(t, doc, contracttest.Target{Handler: service, Token: "s3cret", Writes: true})
}

// Run is called by a test: see TestContract.
func ExampleRun() {}
