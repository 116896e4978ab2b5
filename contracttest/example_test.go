package contracttest_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"understudy"
	"understudy/contracttest"
	"understudy/mockserver"
)

// A service is checked as a handler, or where it listens if Target.URL says so. This one is the mock, behind a cache that forgets about the order.
func ExampleCheck() {
	doc, err := understudy.Invitations()
	if err != nil {
		log.Fatal(err)
	}
	mock, err := mockserver.New(doc, nil)
	if err != nil {
		log.Fatal(err)
	}
	service := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if query.Has("ordering") {
			query.Set("ordering", "pk")
			r.URL.RawQuery = query.Encode()
		}
		mock.ServeHTTP(w, r)
	})
	report, err := contracttest.Check(context.Background(), doc, contracttest.Target{
		Handler: service, Token: "s3cret", Include: []string{"stages_invitation_invitations_list", "order/observed"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range report.Findings {
		fmt.Printf("%s %s: %s\n", f.Verdict, f.Rule, f.Sentence)
		fmt.Println("got", f.Got)
		fmt.Println("wanted", f.Want)
	}
	fmt.Println("exit status", report.ExitStatus())
	// Output:
	// broken order/observed: ascending and descending differ where there are different values
	// got the same order both ways
	// wanted another order
	// exit status 1
}
