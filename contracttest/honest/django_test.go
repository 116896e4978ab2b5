package honest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func walkDjango(t *testing.T, c *client, path string, size int) (keys []string, total int) {
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	for page := 1; ; page++ {
		r := c.get(fmt.Sprintf("%s%spage=%d&page_size=%d", path, sign, page, size))
		require.Equal(t, 200, r.status, r.text)
		body := r.object()
		keys = append(keys, ids(t, body["results"])...)
		if p, ok := body["pagination"].(map[string]any); ok {
			if total = int(p["count"].(float64)); p["next"] == 0.0 {
				return keys, total
			}
		} else if total = int(body["count"].(float64)); body["next"] == nil {
			return keys, total
		}
	}
}

func probeDjango(c *client, s *Server) {
	const projects = "/api/projects/"
	var name, owner string
	id := 0
	for page := 1; page < 20; page++ {
		r := c.get(fmt.Sprintf(projects+"?page=%d&page_size=8", page))
		if items, _ := r.object()["results"].([]any); len(items) > 0 {
			if it, _ := items[0].(map[string]any); page == 2 && it != nil {
				n, _ := it["id"].(float64)
				name, id, owner = fmt.Sprint(it["name"]), int(n), fmt.Sprint(it["owner"])
			}
		}
	}
	for _, query := range []string{
		"", "", "page=2&page_size=5", "page=2&page_size=5", "page_size=3", "page_size=20", "page_size=100", "page_size=50", "page=0", "page=-1", "page=abc", "page=1000000000000000000", "page=99999999999999999999999",
		"page=900", "ordering=budget", "ordering=budget&page_size=20&page=3", "ordering=budget&page_size=100", "ordering=-budget&page=2&page_size=10", "ordering=budget&page=2&page_size=10", "ordering=-priority", "ordering=name,-priority", "ordering=status,-name", "ordering=zz", "ordering=name,-,", "ordering=status&page=2", "ordering=status&page=2",
		"status=active", "status=draft&page=2&page_size=4", "is_public=true", "is_public=false&status=active", "status__in=draft,active", "priority__gte=3", "priority__lte=2", "priority=5", "owner=" + owner,
		"owner=abc", "owner=999999", "owner=2147483646", "name=" + url.QueryEscape(name), "name=" + url.QueryEscape(strings.ToUpper(name)), "name=" + url.QueryEscape(name[:min(4, len(name))]), "name=", "name=%41", "name=none", "status=%61ctive",
		"name=" + strings.ReplaceAll(url.QueryEscape(name), "e", "%65"), "name=" + strings.ReplaceAll(url.QueryEscape(name), "r", "%72"), "created__gte=2024-03-01T08:30:00Z", "created__lt=2024-03-01T08:31:00Z", "created__lt=x",
		"search=a", "search=a&page_size=2", "search=HARBOR", "search=harbor", "search=quiet+meadow", "search=bright+lanterns", "search=riverx+bright+a", "search=nothingofthekind", "search=%25", "search=_", "search=%00", "search=%27", "zz_unknown=1", "status=active&status=draft",
		"page=2&page=3", "name=" + strings.Repeat("x", 3000), "page=2&token=" + s.Token,
	} {
		c.get(projects + "?" + query)
	}
	for _, query := range []string{"", "page=2&page_size=5&is_active=true", "page=2&page_size=5&ordering=username", "page=0", "page=900", "page_size=2&page=2", "ordering=-last_login", "role=admin", "search=ada", "page_size=100"} {
		c.get("/api/users/?" + query)
	}
	for page := 1; page < 8; page++ {
		c.get(fmt.Sprintf("/api/users/?page_size=10&page=%d", page))
	}
	for _, list := range []string{projects, "/api/users/"} {
		body := c.get(list).object()
		if p, ok := body["pagination"].(map[string]any); ok {
			body = p
		}
		count, _ := body["count"].(float64)
		c.get(fmt.Sprintf("%s?page_size=1&page=%d", list, int(count))) // the last page, and full
	}

	// without rights
	for _, credential := range []string{"", s.Token, "Bearer", "Bearer x", "Bearer " + s.Token[:39], "Bearer " + s.Token + "x", "Basic " + s.Token, "bearer " + s.Token, "Bearer " + s.SecondToken} {
		for _, path := range []string{projects, projects + "?page=2", projects + "?search=a", projects + fmt.Sprint(id) + "/", "/api/users/", "/api/health/", projects + "?token=" + s.Token} {
			c.get(path, "Authorization", credential)
		}
		c.do(http.MethodPost, projects, `{"name":"nobody's","owner":1}`, "Authorization", credential)
		c.do(http.MethodDelete, projects+"3/", "", "Authorization", credential)
	}

	// one project's life
	c.do(http.MethodPost, projects, `{}`)
	c.do(http.MethodPost, projects, `{"owner":2}`)
	c.do(http.MethodPost, projects, `{"name":"half made","owner":2,"priority":77}`)
	c.do(http.MethodPost, projects, `{"name":"half made","owner":2,"priority":"x"}`)
	c.do(http.MethodPost, projects, `{"name":"half`)
	c.do(http.MethodPost, projects, `{"name":"plain","owner":1}`, "Content-Type", "text/plain")
	c.do(http.MethodPost, projects, `{"name":"`+strings.Repeat("n", 200)+`","owner":1}`)
	c.do(http.MethodPost, projects, `{"name":"Bound to be","owner":1,"priority":5,"status":"archived"}`)
	c.do(http.MethodPost, projects, `{"name":"Nobody's","owner":987654}`)
	c.get(projects + "?search=nobody")
	c.do(http.MethodPost, projects, `{"name":"Blank","owner":1,"handle":""}`)
	c.do(http.MethodPost, projects, `{"name":"Settled","owner":1,"settings":{"a":1}}`)
	c.do(http.MethodPut, projects+"99999/", `{"name":"Out of nothing","owner":1}`)
	first := c.do(http.MethodPost, projects, `{"name":"A probe of some length","owner":1,"budget":12.5,"notes":"Here","starts":"2024-05-05T05:05:05+02:00","created":"1999-01-01T00:00:00Z"}`)
	second := c.do(http.MethodPost, projects, `{"name":"Another probe","owner":1,"is_public":true,"notes":"mine"}`)
	c.do(http.MethodPost, projects, `{"name":"Another probe","owner":1}`)
	for _, r := range []reply{first, second} {
		n, _ := r.object()["id"].(float64)
		item := fmt.Sprintf("%s%d/", projects, int(n))
		c.get(item)
		c.get(item)
		c.get(item)
		c.do(http.MethodHead, item, "")
		c.do(http.MethodPatch, item, `{"priority":4}`)
		c.get(item)
		c.do(http.MethodPatch, item, `{}`)
		c.do(http.MethodPatch, item, `{"notes":"changed","priority":99}`)
		c.do(http.MethodPatch, item, `{"notes":"changed","priority":99}`)
		c.do(http.MethodPatch, item, `{"id":5}`)
		c.do(http.MethodPatch, item, `{"settings":{"a":1}}`)
		for _, body := range []string{`{"settings":{}}`, `{"handle":"1a"}`, `{"handle":"h"}`, `{"handle":"a b"}`, `{"starts":"2024-05-05T05:05:05.250Z"}`, `{"is_public":false}`} {
			c.do(http.MethodPatch, item, body)
			c.get(item)
		}
		c.do(http.MethodPatch, item, `{"priority":1}`, "Content-Type", "application/json; charset=utf-8")
		c.do(http.MethodPatch, item, `{"priority":3}`, "Authorization", "")
		c.get(item, "Accept", "*/*")
		c.get(strings.TrimSuffix(item, "/") + "x/")
		c.do(http.MethodPatch, item, `{"settings":{"a":1}}`)
		c.do(http.MethodPatch, item, `{"settings":{"b":1},"handle":"a_"}`)
		c.do(http.MethodPatch, item, `{"handle":"caf\u00e9"}`)
		c.do(http.MethodPatch, item, `{"settings":["a"]}`)
		c.do(http.MethodPatch, item, `{"priority":2,"status":"draft"}`)
		c.get(projects + "?priority=2&page_size=100&ordering=-id")
		c.get(projects + "?status=draft&page_size=100&ordering=-id")
		for _, public := range []bool{true, false} {
			c.do(http.MethodPatch, item, fmt.Sprintf(`{"is_public":%t}`, public))
			c.get(projects + "?ordering=id")
			c.do(http.MethodPut, item, fmt.Sprintf(`{"name":"Put %t %d","owner":2,"is_public":%t,"settings":{"c":1}}`, public, int(n), public))
			c.get(projects + "?ordering=id")
		}
		c.get(item)
		put := fmt.Sprintf(`{"name":"Replaced %d","owner":2,"budget":99}`, int(n))
		c.do(http.MethodPut, item, put)
		c.get(item)
		c.do(http.MethodPut, item, put)
		c.get(item)
		tasks := item + "tasks/"
		c.do(http.MethodPost, tasks, `{"done":true}`)
		a := c.do(http.MethodPost, tasks, `{"title":"one"}`)
		c.do(http.MethodPost, tasks, `{"title":"one","done":true}`)
		c.do(http.MethodPost, tasks, `{"title":"two","done":true,"estimate":2.5}`)
		c.get(tasks)
		c.get(fmt.Sprintf("%s1/tasks/%v/", projects, a.object()["id"]))
		c.get(fmt.Sprintf("%s%v/", tasks, a.object()["id"]))
		c.do(http.MethodDelete, fmt.Sprintf("%s%v/", tasks, a.object()["id"]), "")
		c.get(tasks)
	}
	c.get(projects + "?page_size=100")
	c.get(projects + "?search=probe")
	n, _ := second.object()["id"].(float64)
	for range 2 {
		c.do(http.MethodDelete, fmt.Sprintf("%s%d/", projects, int(n)), "")
		c.get(fmt.Sprintf("%s%d/", projects, int(n)))
		c.get(projects)
		c.get(projects + "?owner=2&page_size=100&ordering=-id")
	}

	// the protocol
	for key := range 12 {
		c.get(fmt.Sprintf("%s%d/", projects, key))
	}
	for _, path := range []string{projects + "abc/", projects + "987654321/", projects + "99999999999999999999/", projects + "1/tasks/x/", "/api/nothing/", "/api/users/1/", "/api/users/777777/"} {
		c.get(path)
		c.get(path)
	}
	for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut} {
		c.do(method, projects, "")
	}
	c.get(projects, "Accept", "text/html")
}
