package mockserver_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// TestItemCalls is what one invitation promises to those who read it.
func TestItemCalls(t *testing.T) {
	s := serve(t, mockserver.Options{})
	runAll(t, s, []call{
		{
			says: "an invitation comes whole, with its creator and its flow", to: first,
			answer: `{"pk":"1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901","name":"Zeta_2","expires":"2031-01-01T00:00:00Z","fixed_data":{"a":1,"needle":[true,null,{"b":"x"}]},` +
				`"created_by":` + akadmin + `,"single_use":true,"flow":"c0de0003-7f1a-4b2c-8d3e-4f5a6b7c8d9e","flow_obj":` + welcome + `}`,
		},
		{
			says: "without a flow, flow_obj is default-enrollment-flow", to: third,
			answer: `{"pk":"3c8b1e74-5d9f-4a0c-9e23-f7a4b9cada03","name":"alpha_1","expires":null,"fixed_data":{},"created_by":` + ada + `,"single_use":true,"flow":null,"flow_obj":` + enrollment + `}`,
		},
		{
			says: "a date-time keeps the offset it was written in", to: all + "4d9c2f85-6e0a-4b1d-8f34-08b5caddeb04/",
			answer: `{"pk":"4d9c2f85-6e0a-4b1d-8f34-08b5caddeb04","name":"Alpha-1","expires":"2029-12-31T23:30:00-01:00","fixed_data":{},"created_by":` + akadmin +
				`,"single_use":false,"flow":"ace00001-5d9e-4f0a-8b1c-2d3e4f5a6b7c","flow_obj":` + hrFlow + `}`,
		},
		{says: "nothing refers to an invitation", to: first + "used_by/", answer: `[]`},
		{says: "a query is nothing to an item", to: third + "?name=beta&page=abc", answer: `{"pk":"3c8b1e74-…`},
		{says: "an identifier that is none", to: all + "abc/", status: 400, answer: `{"invite_uuid":[` + notUUID("abc") + `]}`},
		{says: "a UUID without hyphens", to: all + "1a6f0c523b7d4e8a9c01d5e2f7a8b901/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.",…`},
		{says: "a UUID in braces", to: all + "%7B1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901%7D/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.",…`},
		{says: "an identifier that is none, below", to: all + "abc/used_by/", status: 400, answer: `{"invite_uuid":[` + notUUID("abc") + `]}`},
		{says: "an identifier of nothing", to: nobody, status: 404, answer: notFound},
		{says: "an identifier of nothing, below", to: nobody + "used_by/", status: 404, answer: notFound},
		{says: "a flow's key is no invitation's", to: all + "c0de0003-7f1a-4b2c-8d3e-4f5a6b7c8d9e/", status: 404, answer: notFound},
		{says: "a UUID in capitals is the same UUID", to: all + "3C8B1E74-5D9F-4A0C-9E23-F7A4B9CADA03/", answer: `{"pk":"3c8b1e74-5d9f-4a0c-9e23-f7a4b9cada03","name":"alpha_1",…`},
		{says: "below too", to: all + "3C8B1E74-5D9F-4A0C-9E23-F7A4B9CADA03/used_by/", answer: `[]`},
	})

	t.Run("properties come in the document's order", func(t *testing.T) {
		a := s.get(t, last)
		require.Equal(t, `{"pk":"70cf52b8-9132-4e40-9267-3be8fd001e07","name":"9-lives","expires":"2030-01-01T00:00:00Z","fixed_data":{},"created_by":`+bob+
			`,"single_use":false,"flow":"ace00001-5d9e-4f0a-8b1c-2d3e4f5a6b7c","flow_obj":`+hrFlow+`}`, a.body)
		require.Equal(t, `{"pagination":{"next":0,"previous":0,"count":1,"current":1,"total_pages":1,"start_index":1,"end_index":1},"results":[`+a.body+`]}`,
			s.get(t, all+"?name=9-lives").body)
	})
}
