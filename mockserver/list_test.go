package mockserver_test

import (
	"testing"

	"understudy/mockserver"
)

// TestListCalls is what the list of invitations promises, parameter by parameter.
func TestListCalls(t *testing.T) {
	s := serve(t, mockserver.Options{})
	none := pages{0, 0, 0, 1, 1, 0, 0}
	badPage := func(v string) string {
		return `"page":["Invalid page.","\"` + v + `\" is not an integer of at least 1"]`
	}
	badSize := func(v string) string {
		return `"page_size":["A valid integer is required.","\"` + v + `\" is not an integer"]`
	}
	badTime := func(v string) string {
		return `"expires":["Enter a valid date/time.","\"` + v + `\" is not an RFC 3339 date-time such as 2026-11-22T09:30:00Z"]`
	}
	for _, group := range []struct {
		about string
		calls []call
	}{
		{"order", []call{
			{says: "the default is -expires: by the moment, not by the text; null last, ties by key", to: "", list: "1 6 2 5 4 7 3", pages: pages{0, 0, 7, 1, 1, 1, 7}},
			{says: "an empty ordering is as if absent", to: "?ordering=", list: "1 6 2 5 4 7 3"},
			{says: "expires ascends, null last here too", to: "?ordering=expires", list: "7 4 2 5 6 1 3"},
			{says: "-expires", to: "?ordering=-expires", list: "1 6 2 5 4 7 3"},
			{says: "name is by code point: digits, capitals, small letters; - before _; ties by key", to: "?ordering=name", list: "7 4 1 2 3 5 6"},
			{says: "-name turns that round, but not the ties", to: "?ordering=-name", list: "5 6 3 2 1 4 7"},
			{says: "pk", to: "?ordering=pk", list: "1 2 3 4 5 6 7"},
			{says: "-pk", to: "?ordering=-pk", list: "7 6 5 4 3 2 1"},
			{says: "single_use: false before true", to: "?ordering=single_use", list: "2 4 6 7 1 3 5"},
			{says: "-single_use", to: "?ordering=-single_use", list: "1 3 5 2 4 6 7"},
			{says: "flow is by the key of flow_obj, null or not", to: "?ordering=flow", list: "4 7 3 5 6 1 2"},
			{says: "-flow, ties still by pk", to: "?ordering=-flow", list: "1 2 3 5 6 4 7"},
			{says: "of several keys the first decides", to: "?ordering=-single_use,name", list: "1 3 5 7 4 2 6"},
			{says: "the second may descend", to: "?ordering=name,-pk", list: "7 4 1 2 3 6 5"},
			{says: "those of one flow by the next key", to: "?ordering=flow,-expires", list: "4 7 6 5 3 1 2"},
			{says: "three keys", to: "?ordering=single_use,-flow,-name", list: "2 6 4 7 1 5 3"},
			{says: "unknown fields are dropped", to: "?ordering=nonsense,-pk", list: "7 6 5 4 3 2 1"},
			{says: "where nothing remains the default applies", to: "?ordering=nonsense,flow__slug,created_by,fixed_data", list: "1 6 2 5 4 7 3"},
			{says: "fields are written exactly so", to: "?ordering=PK,Name", list: "1 6 2 5 4 7 3"},
			{says: "two minus signs are no field", to: "?ordering=--pk", list: "1 6 2 5 4 7 3"},
			{says: "space around a field does not count", to: "?ordering=%20-single_use%20,%20pk", list: "1 3 5 2 4 6 7"},
			{says: "commas too many do not count", to: "?ordering=,,-pk,", list: "7 6 5 4 3 2 1"},
			{says: "of a field that comes twice the first counts", to: "?ordering=-pk,pk", list: "7 6 5 4 3 2 1"},
		}},
		{"filters", []call{
			{says: "name is exact", to: "?name=alpha-1", list: "2"},
			{says: "several may have one name", to: "?name=beta", list: "6 5"},
			{says: "_ is no wildcard", to: "?name=alpha_1", list: "3"},
			{says: "capitals are letters of their own", to: "?name=ALPHA-1", list: "", pages: none},
			{says: "part of a name is not the name", to: "?name=alpha", list: "", pages: none},
			{says: "space around a value belongs to it", to: "?name=beta%20x", list: "", pages: none},
			{says: "an empty name is as if absent", to: "?name=", list: "1 6 2 5 4 7 3"},
			{says: "a name without = too", to: "?name", list: "1 6 2 5 4 7 3"},
			{says: "created_by__username is created_by.username", to: "?created_by__username=akadmin", list: "1 6 4"},
			{says: "in a query + is a space, and %2B a plus", to: "?created_by__username=bob%2Bci@example.com", list: "5 7"},
			{says: "no such user is no error", to: "?created_by__username=bob+ci@example.com", list: "", pages: none},
			{says: "a username is exact", to: "?created_by__username=AKADMIN", list: "", pages: none},
			{says: "an empty username is as if absent", to: "?created_by__username=", list: "1 6 2 5 4 7 3"},
			{says: "flow__slug is flow_obj.slug", to: "?flow__slug=welcome", list: "1 2"},
			{says: "where no flow was chosen that is default-enrollment-flow", to: "?flow__slug=default-enrollment-flow", list: "6 5 3"},
			{says: "a slug is exact", to: "?flow__slug=HR_Flow", list: "4 7"},
			{says: "in capitals too", to: "?flow__slug=hr_flow", list: "", pages: none},
			{says: "an empty slug is as if absent", to: "?flow__slug=", list: "1 6 2 5 4 7 3"},
			{says: "expires is a moment, in whichever offset the answer has it", to: "?expires=2030-03-01T12:00:00Z", list: "2 5"},
			{says: "and in whichever the request", to: "?expires=2030-03-01T05:00:00-07:00", list: "2 5"},
			{says: "a plus is written %2B", to: "?expires=2030-03-01T17:30:00%2B05:30", list: "2 5"},
			{says: "zeros behind the point change nothing", to: "?expires=2030-03-01T12:00:00.000Z", list: "2 5"},
			{says: "a fraction counts", to: "?expires=2030-03-01T12:00:00.500Z", list: "6"},
			{says: "a moment nothing expires at", to: "?expires=2030-03-01T12:00:01Z", list: "", pages: none},
			{says: "the year may be another in another offset", to: "?expires=2030-01-01T00:30:00Z", list: "4"},
			{says: "an empty expires is as if absent", to: "?expires=", list: "1 6 2 5 4 7 3"},
			{says: "several are a conjunction", to: "?name=beta&created_by__username=akadmin", list: "6"},
			{says: "all four", to: "?flow__slug=default-enrollment-flow&name=beta&created_by__username=bob%2Bci@example.com&expires=2030-03-01T12:00:00Z", list: "5"},
			{says: "none fits all", to: "?name=beta&flow__slug=welcome", list: "", pages: none},
		}},
		{"search", []call{
			{says: "in name, whatever the case", to: "?search=ALPHA", list: "2 4 3"},
			{says: "in created_by.username", to: "?search=Ci%40EXAMPLE", list: "5 7"},
			{says: "in expires, as its text", to: "?search=t14:00", list: "5"},
			{says: "in flow_obj.slug, of those without a flow too", to: "?search=enroll", list: "6 5 3"},
			{says: "in nothing else: fixed_data, the flow's name", to: "?search=needle", list: "", pages: none},
			{says: "null is no text", to: "?search=null", list: "", pages: none},
			{says: "every word must occur", to: "?search=alpha%20welcome", list: "2"},
			{says: "not all in the same property", to: "?search=BETA%20admin%202030%20default", list: "6"},
			{says: "words are separated by commas too", to: "?search=ada,,alpha", list: "2 3"},
			{says: "by both", to: "?search=,%20flow%20,hr", list: "4 7"},
			{says: "+ is a space", to: "?search=ada+alpha-", list: "2"},
			{says: "one word that occurs nowhere", to: "?search=alpha%20nowhere", list: "", pages: none},
			{says: "_ is a plain character", to: "?search=_", list: "1 2 4 7 3"},
			{says: "% is a plain character", to: "?search=%25", list: "", pages: none},
			{says: "a % that is not escaped is one", to: "?search=%", list: "", pages: none},
			{says: "NUL is dropped", to: "?search=be%00ta", list: "6 5"},
			{says: "nothing but NUL is as if absent", to: "?search=%00", list: "1 6 2 5 4 7 3"},
			{says: "an empty search is as if absent", to: "?search=", list: "1 6 2 5 4 7 3"},
			{says: "nothing but separators is as if absent", to: "?search=%20,%20,", list: "1 6 2 5 4 7 3"},
			{says: "quotes, backslashes and brackets are plain characters", to: "?search=%5C%22%28%5B", list: "", pages: none},
			{says: "a dot is no wildcard", to: "?search=b.ta", list: "", pages: none},
		}},
		{"paging", []call{
			{says: "page 1 is the first", to: "?page=1&page_size=3", list: "1 6 2", pages: pages{2, 0, 7, 1, 3, 1, 3}},
			{says: "next and previous are page numbers", to: "?page=2&page_size=3", list: "5 4 7", pages: pages{3, 1, 7, 2, 3, 4, 6}},
			{says: "0 is none; the last page holds what is left", to: "?page=3&page_size=3", list: "3", pages: pages{0, 2, 7, 3, 3, 7, 7}},
			{says: "page 1 unless given", to: "?page_size=3", list: "1 6 2", pages: pages{2, 0, 7, 1, 3, 1, 3}},
			{says: "one by one", to: "?page=4&page_size=1", list: "5", pages: pages{5, 3, 7, 4, 7, 4, 4}},
			{says: "a page that is just full has none after it", to: "?page_size=7", list: "1 6 2 5 4 7 3", pages: pages{0, 0, 7, 1, 1, 1, 7}},
			{says: "page 1 exists even if nothing is found", to: "?name=nobody&page=1", list: "", pages: none},
			{says: "past the end", to: "?page=4&page_size=3", status: 400, answer: `{"page":["Invalid page.","4 is past the last page, 3"]}`},
			{says: "far past the end", to: "?page=9223372036854775807", status: 400, answer: `{"page":["Invalid page.","9223372036854775807 is past the last page, 1"]}`},
			{says: "past the end of nothing", to: "?page=2&name=nobody", status: 400, answer: `{"page":["Invalid page.","2 is past the last page, 1"]}`},
			{says: "page abc", to: "?page=abc", status: 400, answer: `{` + badPage("abc") + `}`},
			{says: "page last", to: "?page=last", status: 400, answer: `{` + badPage("last") + `}`},
			{says: "page 1.5", to: "?page=1.5", status: 400, answer: `{` + badPage("1.5") + `}`},
			{says: "page empty", to: "?page=", status: 400, answer: `{` + badPage("") + `}`},
			{says: "page 10^20", to: "?page=100000000000000000000", status: 400, answer: `{"page":["Invalid page.","…`},
			{says: "page 0", to: "?page=0", status: 400, answer: `{` + badPage("0") + `}`},
			{says: "page -1", to: "?page=-1", status: 400, answer: `{` + badPage("-1") + `}`},
			{says: "page_size abc", to: "?page_size=abc", status: 400, answer: `{` + badSize("abc") + `}`},
			{says: "page_size 1.5", to: "?page_size=1.5", status: 400, answer: `{` + badSize("1.5") + `}`},
			{says: "page_size empty is 20", to: "?page_size=", list: "1 6 2 5 4 7 3"},
			{says: "page_size 0 is 20", to: "?page_size=0", list: "1 6 2 5 4 7 3"},
			{says: "page_size -3 is 20", to: "?page_size=-3", list: "1 6 2 5 4 7 3"},
			{says: "page_size -10^20 is too", to: "?page_size=-100000000000000000000", list: "1 6 2 5 4 7 3"},
			{says: "page_size above 100 is 100", to: "?page_size=101", list: "1 6 2 5 4 7 3"},
			{says: "page_size 10^20 is too", to: "?page_size=100000000000000000000", list: "1 6 2 5 4 7 3"},
		}},
		{"refusals", []call{
			{says: "expires foo", to: "?expires=foo", status: 400, answer: `{` + badTime("foo") + `}`},
			{says: "expires a date alone", to: "?expires=2024-01-01", status: 400, answer: `{` + badTime("2024-01-01") + `}`},
			{says: "expires without an offset", to: "?expires=2030-03-01T12:00:00", status: 400, answer: `{` + badTime("2030-03-01T12:00:00") + `}`},
			{says: "expires 31 February", to: "?expires=2030-02-31T12:00:00Z", status: 400, answer: `{` + badTime("2030-02-31T12:00:00Z") + `}`},
			{says: "expires 29 February of no leap year", to: "?expires=2030-02-29T12:00:00Z", status: 400, answer: `{"expires":["Enter a valid date/time.",…`},
			{
				says: "expires with a plus that is not escaped: how to escape it is said", to: "?expires=2030-03-01T14:00:00+02:00", status: 400,
				answer: `{"expires":["Enter a valid date/time.","\"2030-03-01T14:00:00 02:00\" is not an RFC 3339 date-time such as 2026-11-22T09:30:00Z; in a URL, + is written %2B"]}`,
			},
			{says: "all errors at once", to: "?page=abc&page_size=x&expires=foo&name=beta", status: 400, answer: `{` + badTime("foo") + `,` + badPage("abc") + `,` + badSize("x") + `}`},
			{says: "past the end comes alone: without a valid size nobody knows the end", to: "?page=99&page_size=x", status: 400, answer: `{` + badSize("x") + `}`},
			{says: "a filter that is refused hides the end too", to: "?page=99&expires=foo", status: 400, answer: `{"expires":["Enter a valid date/time.",…`},
		}},
		{"parameters", []call{
			{says: "unknown ones are ignored", to: "?nonsense=1&single_use=true&pk=5&created_by=1&Name=x&flow=null", list: "1 6 2 5 4 7 3"},
			{says: "names are exact, brackets are no lists", to: "?name[]=beta&name__icontains=x", list: "1 6 2 5 4 7 3"},
			{says: "a name may be escaped", to: "?n%61me=beta", list: "6 5"},
			{says: "of one sent twice the last counts: a filter", to: "?name=beta&name=alpha-1", list: "2"},
			{says: "ordering", to: "?ordering=pk&ordering=-pk", list: "7 6 5 4 3 2 1"},
			{says: "search", to: "?search=nowhere&search=zeta", list: "1"},
			{says: "page", to: "?page=abc&page=2&page_size=3", list: "5 4 7", pages: pages{3, 1, 7, 2, 3, 4, 6}},
			{says: "page_size", to: "?page_size=abc&page_size=5", list: "1 6 2 5 4", pages: pages{2, 0, 7, 1, 2, 1, 5}},
			{says: "expires", to: "?expires=foo&expires=2030-03-01T12:00:00Z", list: "2 5"},
			{says: "the last, if it is wrong", to: "?page=1&page=abc", status: 400, answer: `{` + badPage("abc") + `}`},
			{says: "the last, if it is empty", to: "?name=beta&name=", list: "1 6 2 5 4 7 3"},
			{says: "a semicolon separates nothing: no invitation has this name", to: "?name=beta;x", list: "", pages: none},
			{says: "what is not escaped well stays as it is: no invitation has this name", to: "?name=%zz", list: "", pages: none},
			{says: "text that is not UTF-8 is found nowhere", to: "?name=%ff", list: "", pages: none},
			{says: "an empty query", to: "?", list: "1 6 2 5 4 7 3"},
			{says: "ampersands too many", to: "?&&name=beta&", list: "6 5"},
		}},
		{"together", []call{
			{says: "filter and order", to: "?created_by__username=akadmin&ordering=name", list: "4 1 6"},
			{says: "two filters and an order", to: "?flow__slug=default-enrollment-flow&name=beta&ordering=-pk", list: "6 5"},
			{says: "filter and search", to: "?created_by__username=ada_l&search=1", list: "2 3"},
			{says: "search and order", to: "?search=flow&ordering=-name", list: "5 6 3 4 7"},
			{says: "filter, search and order", to: "?flow__slug=HR_Flow&search=2030&ordering=name", list: "7"},
			{says: "order and page", to: "?ordering=name&page=2&page_size=2", list: "1 2", pages: pages{3, 1, 7, 2, 4, 3, 4}},
			{says: "a tie across the end of a page", to: "?ordering=name&page=3&page_size=2", list: "3 5", pages: pages{4, 2, 7, 3, 4, 5, 6}},
			{says: "its other half", to: "?ordering=name&page=4&page_size=2", list: "6", pages: pages{0, 3, 7, 4, 4, 7, 7}},
			{says: "filter and page: counted is what passes", to: "?created_by__username=akadmin&page=2&page_size=2", list: "4", pages: pages{0, 1, 3, 2, 2, 3, 3}},
			{says: "search and page", to: "?search=_&page=2&page_size=2", list: "4 7", pages: pages{3, 1, 5, 2, 3, 3, 4}},
			{says: "filter, order and page", to: "?flow__slug=default-enrollment-flow&ordering=pk&page=1&page_size=2", list: "3 5", pages: pages{2, 0, 3, 1, 2, 1, 2}},
			{says: "expires and order", to: "?expires=2030-03-01T13:00:00%2B01:00&ordering=-pk", list: "5 2"},
			{says: "past the end of what passes", to: "?created_by__username=akadmin&page=3&page_size=2", status: 400, answer: `{"page":["Invalid page.","3 is past the last page, 2"]}`},
			{
				says: "all eight", to: "?created_by__username=bob%2Bci@example.com&expires=2030-03-01T12:00:00Z&flow__slug=default-enrollment-flow&name=beta&ordering=-flow,name&page=1&page_size=1&search=beta%20flow",
				list: "5", pages: pages{0, 0, 1, 1, 1, 1, 1},
			},
			{says: "seven that are empty, and a page", to: "?created_by__username=&expires=&flow__slug=&name=&ordering=&page=1&page_size=&search=", list: "1 6 2 5 4 7 3"},
		}},
	} {
		t.Run(group.about, func(t *testing.T) { runAll(t, s, group.calls) })
	}
}

// TestEmptyCollection has no invitations at all.
func TestEmptyCollection(t *testing.T) {
	runAll(t, serve(t, mockserver.Options{Data: load(t, "records: []\n")}), []call{
		{says: "a page with nothing on it", to: "", list: "", pages: pages{0, 0, 0, 1, 1, 0, 0}},
		{says: "searched", to: "?search=x&ordering=name&page_size=1", list: "", pages: pages{0, 0, 0, 1, 1, 0, 0}},
		{says: "no second page", to: "?page=2", status: 400, answer: `{"page":["Invalid page.","2 is past the last page, 1"]}`},
	})
}
