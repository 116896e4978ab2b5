package contract

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSaidBounds: what sentences say of two properties of a body, or of one and the present.
func TestSaidBounds(t *testing.T) {
	const doc = `
openapi: 3.0.3
info: {title: Bounds, version: "1"}
paths:
  /stays:
    get: {operationId: list, responses: {"200": {description: "", content: {application/json: {schema: {type: array, items: &stay {type: object, properties: {id: {type: integer}, starts_on: {type: string, format: date}, ends_on: {type: string, format: date, description: %q}, low: {type: integer}, high: {type: integer}}}}}}}}}
    post:
      operationId: create
      description: %q
      requestBody: {content: {application/json: {schema: *stay}}}
      responses: {"201": {description: ""}}
`
	type bound struct {
		property string
		op       Op
		other    string
	}
	for _, c := range []struct {
		ofEnd, ofCreate string
		want            []bound
	}{
		{"Must not be before `starts_on`.", "", []bound{{"ends_on", GreaterEqual, "starts_on"}}},
		{"The last day. Must be after starts_on.", "", []bound{{"ends_on", Greater, "starts_on"}}},
		{"Not before `starts_on`", "", []bound{{"ends_on", GreaterEqual, "starts_on"}}},
		{"Not in the future (400) and not before 1900 (400).", "", []bound{{"ends_on", LessEqual, ""}}},
		{"Has to be in the future", "", []bound{{"ends_on", Greater, ""}}},
		{"The day has to lie in the past", "", []bound{{"ends_on", Less, ""}}},
		{"Cannot be earlier than `starts_on`: otherwise 422", "", []bound{{"ends_on", GreaterEqual, "starts_on"}}},
		{"", "Books a stay. `ends_on` must not be before `starts_on`: otherwise 422.", []bound{{"ends_on", GreaterEqual, "starts_on"}}},
		{"", "`high` must be greater than or equal to `low`.", []bound{{"high", GreaterEqual, "low"}}},
		{"", "high cannot be less than low, and starts_on", []bound{{"high", GreaterEqual, "low"}}},
		{"", "low may not exceed high.", []bound{{"low", LessEqual, "high"}}},
		{"", "Guest and room must exist and the stay must end after it starts (422 otherwise).", []bound{{"ends_on", Greater, "starts_on"}}},
		{"", "A stay must end after it starts, except where it is open.", nil},
		{"Must be after `starts_on` unless the stay is open when it begins.", "", nil},
		{"Must be 3 days after starts_on", "", nil},
		{"The day after starts_on", "", nil},
		{"Must be at least 18", "", nil},
		{"", "The guest must be in the house before starts_on", nil},
		{"Must be after `arrival`", "", nil},
	} {
		d, err := Load(t.Context(), "bounds.yaml", []byte(fmt.Sprintf(doc, c.ofEnd, c.ofCreate)))
		require.NoError(t, err)
		op := d.Collections()[0].Operation(Create)
		var got []bound
		for _, b := range d.Collections()[0].Records.FormOfBody(op.Body).Bounds() {
			got = append(got, bound{b.Property, b.Op, b.Other})
		}
		require.Equal(t, c.want, got, "%s | %s", c.ofEnd, c.ofCreate)
	}
}

func TestBoundBroken(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		bound  Bound
		a, b   string
		broken bool
	}{
		{Bound{Op: Greater, Other: "b"}, `"2026-01-02"`, `"2026-01-02"`, true},
		{Bound{Op: GreaterEqual, Other: "b"}, `"2026-01-02"`, `"2026-01-02"`, false},
		{Bound{Op: GreaterEqual, Other: "b"}, `"2026-01-02T01:00:00+02:00"`, `"2026-01-01T23:30:00Z"`, true},
		{Bound{Op: Less, Other: "b"}, "10", "9.5", true},
		{Bound{Op: LessEqual, Other: "b"}, "10", "10.0", false},
		{Bound{Op: LessEqual, Other: "b"}, "null", "10", false},
		{Bound{Op: LessEqual, Other: "b"}, "", "10", false},
		{Bound{Op: LessEqual}, `"2027-01-02"`, "", true},
		{Bound{Op: LessEqual}, `"2026-11-24"`, "", false},
		{Bound{Op: Greater}, `"2025-01-02T03:04:05Z"`, "", true},
		{Bound{Op: Greater}, `"2027-01-02"`, "", false},
	} {
		c.bound.Property = "a"
		require.Equal(t, c.broken, c.bound.Broken(func(name string) string { return map[string]string{"a": c.a, "b": c.b}[name] }, now), "%+v", c)
	}
}

// TestTwins: what a document says of a second item like one that is there.
func TestTwins(t *testing.T) {
	const doc = `
openapi: 3.0.3
info: {title: Twins, version: "1"}
paths:
  /visits:
    get: {operationId: list, responses: {"200": {description: "", content: {application/json: {schema: {type: array, items: &visit {type: object, properties: {id: {type: integer, readOnly: true}, email: {type: string, nullable: true}, practitioner_id: {type: integer}, starts_at: {type: string, format: date-time}, status: {type: string, enum: [booked, cancelled]}}}}}}}}}
    post:
      operationId: create
      description: %q
      requestBody: {content: {application/json: {schema: *visit}}}
      responses: {"201": {description: ""}, "409": {description: %q}}
`
	for _, c := range []struct {
		ofCreate, ofRefusal string
		status              string
		counts              bool
	}{
		{"", "The email is already registered.", `"booked"`, true},
		{"", "A visit with this email already exists", `"booked"`, true},
		{"The practitioner may not have another visit, unless that one is cancelled, that starts at the same moment (409).", "Conflict", `"booked"`, true},
		{"The practitioner may not have another visit, unless that one is cancelled, that starts at the same moment (409).", "Conflict", `"cancelled"`, false},
		{"A second visit with the same email is refused: 409.", "", `"booked"`, true},
		{"", "Conflict", `"booked"`, false},
		{"", "The visit is already over", `"booked"`, false},
		{"", "The version is not that of the visit: its email is taken", `"booked"`, false},
		{"Two visits may have the same email.", "The practitioner is away.", `"booked"`, false},
	} {
		d, err := Load(t.Context(), "twins.yaml", []byte(fmt.Sprintf(doc, c.ofCreate, c.ofRefusal)))
		require.NoError(t, err)
		op := d.Collections()[0].Operation(Create)
		twins := op.Twins(d.Collections()[0].Records.FormOfBody(op.Body))
		visit := map[string]string{"email": `"a@example.org"`, "practitioner_id": "3", "starts_at": `"2026-01-02T03:04:05Z"`, "status": c.status}
		require.Equal(t, c.counts, twins != nil && twins.Count(func(name string) string { return visit[name] }), "%+v", c)
		if twins != nil {
			require.False(t, twins.Count(func(string) string { return "null" }))
		}
	}
}
