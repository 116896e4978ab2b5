package mockserver_test

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/fixtures"
)

// The data of these tests: three users, three flows, seven invitations. Each invitation is called by the first digit of its key, which is also the order of the
// keys; the order of the file is another.
//
//	   name      expires                    that is            created_by          single_use  flow
//	1  Zeta_2    2031-01-01T00:00:00Z                          akadmin             true        welcome
//	2  alpha-1   2030-03-01T12:00:00Z                          ada_l               false       welcome
//	3  alpha_1   null                                          ada_l               true        null
//	4  Alpha-1   2029-12-31T23:30:00-01:00  2030-01-01 00:30   akadmin             false       HR_Flow
//	5  beta      2030-03-01T14:00:00+02:00  2030-03-01 12:00   bob+ci@example.com  true        null
//	6  beta      2030-03-01T12:00:00.5Z                        akadmin             false       default-enrollment-flow
//	7  9-lives   2030-01-01T00:00:00Z                          bob+ci@example.com  false       HR_Flow
//
// 2 and 5 expire at the same moment, half a second before 6; 4 expires after 7, though its text comes first. By their keys the flows are HR_Flow,
// default-enrollment-flow, welcome.
const (
	users = `
by: username
records:
  - pk: 11
    username: akadmin
    name: authentik Default Admin
    is_active: true
    last_login: "2029-11-22T09:30:00Z"
    email: akadmin@example.com
    attributes: {settings: {locale: en}}
    uid: 6bfe2b7c0f6b9ad0a3d9f47bbd1f1f0f7d1c5a6de2f1c6a5b4e3d2c1b0a99887
  - pk: 5
    username: ada_l
    name: Ada Lovelace
    uid: 0c1d2e3f405162738495a6b7c8d9eaf00c1d2e3f405162738495a6b7c8d9eaf0
  - pk: 8
    username: bob+ci@example.com
    name: Bob
    last_login: null
    attributes: {}
    uid: ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100
`
	flows = `
by: slug
records:
  - pk: c0de0003-7f1a-4b2c-8d3e-4f5a6b7c8d9e
    policybindingmodel_ptr_id: 3d5f0a9c-1b2e-4c7d-9e8f-0a1b2c3d4e5f
    name: Welcome, needle
    slug: welcome
    title: Welcome!
    designation: enrollment
    background: /static/dist/assets/images/flow_background.jpg
    stages: [5e0c9a1b-2d3f-4a5b-8c6d-7e8f9a0b1c2d]
    policies: []
    cache_count: 2
    export_url: /api/v3/flows/instances/welcome/export/
  - pk: bead0002-6e0f-4a1b-8c2d-3e4f5a6b7c8d
    policybindingmodel_ptr_id: 2c4e0f8b-0a1d-4b6c-8d7e-9f0a1b2c3d4e
    name: Default enrollment flow
    slug: default-enrollment-flow
    title: Sign up
    designation: enrollment
    background: /static/dist/assets/images/flow_background.jpg
    stages: []
    policies: []
    cache_count: 0
    export_url: /api/v3/flows/instances/default-enrollment-flow/export/
  - pk: ace00001-5d9e-4f0a-8b1c-2d3e4f5a6b7c
    policybindingmodel_ptr_id: 1b3d9e7a-9f0c-4a5b-8c6d-8e9f0a1b2c3d
    name: People
    slug: HR_Flow
    title: People
    designation: enrollment
    background: /static/hr.jpg
    stages: []
    policies: []
    cache_count: 0
    policy_engine_mode: any
    compatibility_mode: false
    export_url: /api/v3/flows/instances/HR_Flow/export/
    layout: stacked
    denied_action: message
    authentication: none
`
	invitations = `
records:
  - {pk: 4d9c2f85-6e0a-4b1d-8f34-08b5caddeb04, name: Alpha-1, expires: "2029-12-31T23:30:00-01:00", fixed_data: {}, created_by: akadmin, single_use: false, flow: HR_Flow}
  - {pk: 1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901, name: Zeta_2, expires: "2031-01-01T00:00:00Z", fixed_data: {a: 1, needle: [true, null, {b: "x"}]}, created_by: akadmin, single_use: true, flow: welcome}
  - {pk: 6fbe41a7-8021-4d3f-8156-2ad7ecff0d06, name: beta, expires: "2030-03-01T12:00:00.5Z", fixed_data: {}, created_by: akadmin, single_use: false, flow: default-enrollment-flow}
  - {pk: 2b7a1d63-4c8e-4f9b-8d12-e6f3a8b9c902, name: alpha-1, expires: "2030-03-01T12:00:00Z", fixed_data: {a: 1}, created_by: ada_l, single_use: false, flow: welcome}
  - {pk: 70cf52b8-9132-4e40-9267-3be8fd001e07, name: 9-lives, expires: "2030-01-01T00:00:00Z", fixed_data: {}, created_by: bob+ci@example.com, single_use: false, flow: HR_Flow}
  - {pk: 3c8b1e74-5d9f-4a0c-9e23-f7a4b9cada03, name: alpha_1, expires: null, fixed_data: {}, created_by: ada_l, single_use: true, flow: null}
  - {pk: 5ead3096-7f1b-4c2e-9045-19c6dbeefc05, name: beta, expires: "2030-03-01T14:00:00+02:00", fixed_data: {}, created_by: bob+ci@example.com, single_use: true, flow: null}
`
)

// Where things are.
const (
	base   = "/api/v3"
	all    = "/stages/invitation/invitations/"
	first  = all + "1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901/"
	second = all + "2b7a1d63-4c8e-4f9b-8d12-e6f3a8b9c902/"
	third  = all + "3c8b1e74-5d9f-4a0c-9e23-f7a4b9cada03/"
	last   = all + "70cf52b8-9132-4e40-9267-3be8fd001e07/"
	nobody = all + "99999999-9999-4999-8999-999999999999/"
)

// The flows' keys.
const (
	welcomeKey = "c0de0003-7f1a-4b2c-8d3e-4f5a6b7c8d9e"
	hrKey      = "ace00001-5d9e-4f0a-8b1c-2d3e4f5a6b7c"
	noKey      = "0b9e4d17-53fa-4c86-b1d2-e87a60f3c529"
)

// The embedded records as answers have them, properties in the document's order.
const (
	akadmin = `{"pk":11,"username":"akadmin","name":"authentik Default Admin","is_active":true,"last_login":"2029-11-22T09:30:00Z","email":"akadmin@example.com",` +
		`"attributes":{"settings":{"locale":"en"}},"uid":"6bfe2b7c0f6b9ad0a3d9f47bbd1f1f0f7d1c5a6de2f1c6a5b4e3d2c1b0a99887"}`
	ada = `{"pk":5,"username":"ada_l","name":"Ada Lovelace","uid":"0c1d2e3f405162738495a6b7c8d9eaf00c1d2e3f405162738495a6b7c8d9eaf0"}`
	bob = `{"pk":8,"username":"bob+ci@example.com","name":"Bob","last_login":null,"attributes":{},"uid":"ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"}`

	welcome = `{"pk":"c0de0003-7f1a-4b2c-8d3e-4f5a6b7c8d9e","policybindingmodel_ptr_id":"3d5f0a9c-1b2e-4c7d-9e8f-0a1b2c3d4e5f","name":"Welcome, needle","slug":"welcome",` +
		`"title":"Welcome!","designation":"enrollment","background":"/static/dist/assets/images/flow_background.jpg","stages":["5e0c9a1b-2d3f-4a5b-8c6d-7e8f9a0b1c2d"],` +
		`"policies":[],"cache_count":2,"export_url":"/api/v3/flows/instances/welcome/export/"}`
	enrollment = `{"pk":"bead0002-6e0f-4a1b-8c2d-3e4f5a6b7c8d","policybindingmodel_ptr_id":"2c4e0f8b-0a1d-4b6c-8d7e-9f0a1b2c3d4e","name":"Default enrollment flow",` +
		`"slug":"default-enrollment-flow","title":"Sign up","designation":"enrollment","background":"/static/dist/assets/images/flow_background.jpg","stages":[],` +
		`"policies":[],"cache_count":0,"export_url":"/api/v3/flows/instances/default-enrollment-flow/export/"}`
	hrFlow = `{"pk":"ace00001-5d9e-4f0a-8b1c-2d3e4f5a6b7c","policybindingmodel_ptr_id":"1b3d9e7a-9f0c-4a5b-8c6d-8e9f0a1b2c3d","name":"People","slug":"HR_Flow",` +
		`"title":"People","designation":"enrollment","background":"/static/hr.jpg","stages":[],"policies":[],"cache_count":0,"policy_engine_mode":"any",` +
		`"compatibility_mode":false,"export_url":"/api/v3/flows/instances/HR_Flow/export/","layout":"stacked","denied_action":"message","authentication":"none"}`
)

// What authentik says, without what understudy adds.
const (
	slugRule = `Enter a valid \"slug\" consisting of letters, numbers, underscores or hyphens.`
	dateRule = `Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].`
	notFound = `{"detail":"Not found."}`
)

// notUUID is what is said of a text that is no UUID: authentik's sentence, then understudy's.
func notUUID(v string) string {
	return `"Must be a valid UUID.","\"` + v + `\" is not a UUID such as 3fa85f64-5717-4562-b3fc-2c963f66afa6"`
}

var document = sync.OnceValues(understudy.Invitations)

// load makes the data of the tests, with other invitations than the seven if some are given.
func load(t testing.TB, other ...string) *fixtures.Data {
	t.Helper()
	doc, err := document()
	require.NoError(t, err)
	records := invitations
	if len(other) > 0 {
		records = other[0]
	}
	var files fs.FS = fstest.MapFS{
		"users.yaml": {Data: []byte(users)}, "flows.yaml": {Data: []byte(flows)}, "invitations.yaml": {Data: []byte(records)},
	}
	data, err := fixtures.Load(doc, &fixtures.Options{FS: files, Now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	return data
}

// shipped makes the data that is shipped, as of a day that never changes.
func shipped(t testing.TB, opts fixtures.Options) *fixtures.Data {
	t.Helper()
	doc, err := document()
	require.NoError(t, err)
	opts.Now = time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	data, err := fixtures.Load(doc, &opts)
	require.NoError(t, err)
	return data
}

// many is a file of n invitations, named n001, n002, …, all of which expire at the same moment.
func many(n int) string {
	var b strings.Builder
	b.WriteString("records:\n")
	for i := n; i > 0; i-- { // the file's order is not the keys'
		fmt.Fprintf(&b, "  - {pk: %08d-0000-4000-8000-000000000000, name: n%03d, expires: \"2030-01-01T00:00:00Z\", created_by: ada_l, flow: null}\n", i, i)
	}
	return b.String()
}
