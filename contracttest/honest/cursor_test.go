package honest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func walkCursor(t *testing.T, c *client, path string, size int) (keys []string, total int) {
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	next := ""
	for {
		target := fmt.Sprintf("%s%slimit=%d", path, sign, size)
		if next != "" {
			target += "&cursor=" + url.QueryEscape(next)
		}
		r := c.get(target)
		require.Equal(t, 200, r.status, r.text)
		keys = append(keys, ids(t, r.object()["data"])...)
		if r.object()["has_more"] == false {
			require.Nil(t, r.object()["next_cursor"])
			return keys, -1
		}
		next = r.object()["next_cursor"].(string)
	}
}

func probeCursor(c *client, s *Server) {
	const invoices = "/2025-01/invoices"
	walk := func(query string, pages int) (first map[string]any, cursor string) {
		for range pages {
			r := c.get(invoices + "?" + query + "&cursor=" + cursor)
			if cursor == "" {
				r = c.get(invoices + "?" + query)
			}
			if items, _ := r.object()["data"].([]any); first == nil && len(items) > 0 {
				first, _ = items[0].(map[string]any)
			}
			next, _ := r.object()["next_cursor"].(string)
			if next == "" {
				break
			}
			cursor = next
		}
		return first, cursor
	}
	sample, cursor := walk("limit=20", 12)
	text := func(name string) string { return url.QueryEscape(fmt.Sprint(sample[name])) }
	for _, query := range []string{
		"limit=3", "limit=20", "limit=100", "limit=100&sort=amount", "limit=30&sort=amount", "limit=10&sort=-amount", "limit=30&sort=due", "limit=5&sort=due", "limit=13&sort=due", "limit=30&sort=-due", "limit=10&sort=created_at", "limit=15&status=paid", "limit=4&status=open&amount_gte=1000",
		"limit=20&sort=-created_at", "limit=7&sort=amount",
	} {
		walk(query, 8)
	}
	_, begun := walk("limit=7&sort=amount", 1)
	c.get(invoices + "?limit=7&sort=-amount&cursor=" + begun)
	for _, query := range []string{
		"", "", "limit=0", "limit=x", "limit=101", "sort=zz", "sort=-due", "status=zz", "status=paid&sort=amount", "sort=amount&status=paid", "status=draft&amount_lte=1000", "amount_gte=1000", "amount_lte=900", "amount_gte=x", "memo=" + text("memo"), "memo=nothing",
		"memo=", "customer=" + text("customer"), "customer=x", "customer=cus_000000000000", "search=a", "search=FOREST", "search=A", "search=forest", "search=nothingofthekind", "search=%25", "search=_", "search=%00", "zz=1", "limit=5&limit=6", "cursor=x", "cursor=" + cursor + "x",
		"status=paid&amount_gte=10000000",
	} {
		c.get(invoices + "?" + query)
	}
	for _, path := range []string{
		"/2025-01/customers", "/2025-01/customers?vip=true", "/2025-01/customers?vip=x", "/2025-01/customers?email=mail1@example.com", "/2025-01/customers?search=a&sort=name", "/2025-01/customers?sort=-name&limit=5", "/2025-01/customers/" + text("customer"),
		"/2025-01/currencies", "/2025-01/currencies?limit=5", "/2025-01/ping", "/2025-01/nothing", invoices + "/x", invoices + "/inv_000000000000", invoices + "/" + text("id"), invoices + "/" + text("id") + "/pdf", invoices + "?cursor=" + cursor,
		invoices + "?limit=100",
	} {
		c.get(path)
		for _, key := range []string{"", "x", s.Token[:39], s.Token + "x", s.SecondToken} {
			c.get(path, "X-Api-Key", key)
		}
	}
	c.get(invoices+"?api_key="+s.Token, "X-Api-Key", "")
	c.get(invoices, "X-Api-Key", "", "Cookie", "X-API-Key="+s.Token)
	c.get(invoices, "X-Api-Key", "", "Authorization", "Bearer "+s.Token)

	// one invoice's life
	body := func(more string) string {
		return fmt.Sprintf(`{"customer":"%v"%s}`, sample["customer"], more)
	}
	for range 2 {
		c.do(http.MethodPost, invoices, `{"customer":"x"}`)
	}
	c.do(http.MethodPost, invoices, `{"`)
	c.do(http.MethodPost, invoices, body(`,"amount":5`), "Content-Type", "text/plain")
	c.do(http.MethodPost, invoices, body(``))
	c.do(http.MethodPost, invoices, body(`,"amount":0`))
	c.do(http.MethodPost, invoices, body(`,"amount":5,"tax_rate":7`))
	c.do(http.MethodPost, invoices, body(`,"amount":5,"tax_rate":null`))
	c.do(http.MethodPost, invoices, body(`,"amount":99999999999999999999999999`))
	c.do(http.MethodPost, invoices, body(`,"amount":5,"memo":"`+strings.Repeat("m", 300)+`"`))
	c.do(http.MethodPost, invoices, body(`,"amount":5,"number":"mine"`))
	c.do(http.MethodPost, "/2025-01/customers", `{"name":"New","email":"new@example.com","pin":"9999"}`)
	c.do(http.MethodPost, "/2025-01/customers", `{"name":"New","email":"new@example.com"}`)
	for i := range 2 {
		made := c.do(http.MethodPost, invoices, body(fmt.Sprintf(`,"amount":%d,"memo":"probe","labels":["x","y"],"due":"2024-05-05T05:05:05+02:00","note_to_self":"secret"`, 700+i)))
		if location, err := url.Parse(made.header.Get("Location")); err == nil {
			c.get(location.RequestURI())
		}
		item := fmt.Sprintf("%s/%v", invoices, made.object()["id"])
		c.get(invoices)
		etag := c.get(item).header.Get("ETag")
		c.get(item, "If-None-Match", etag)
		c.get(item, "If-None-Match", `"other"`)
		c.do(http.MethodHead, item, "")
		c.do(http.MethodPatch, item, `{"amount":800}`)
		c.get(item)
		c.get(item, "If-None-Match", etag)
		c.do(http.MethodPatch, item, `{"amount":801}`, "If-Match", etag)
		c.do(http.MethodPatch, item, `{"amount":802}`, "If-Match", c.get(item).header.Get("ETag"))
		c.do(http.MethodPatch, item, `{"memo":"applied","amount":-1}`)
		c.do(http.MethodPatch, item, `{"labels":[]}`)
		c.get(item)
		c.do(http.MethodPatch, item, `{"labels":["patched"]}`)
		c.get(item)
		twin := c.do(http.MethodPost, invoices, body(`,"amount":5,"memo":"probe"`))
		c.do(http.MethodPatch, item, `{"amount":803}`)
		c.get(fmt.Sprintf("%s/%v", invoices, twin.object()["id"]))
		put := body(`,"amount":900,"memo":"replaced"`)
		c.do(http.MethodPut, item, put, "X-Api-Key", "")
		c.do(http.MethodPut, item, put)
		c.do(http.MethodPut, item, put)
		c.get(item)
		c.get(invoices)
		if i == 1 {
			c.do(http.MethodDelete, item, "")
			c.get(item)
			c.do(http.MethodDelete, item, "")
			c.get(invoices + "?limit=100")
		}
	}
	c.do(http.MethodDelete, "/2025-01/customers/"+text("customer"), "")
	for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodDelete} {
		c.do(method, invoices, "")
	}
	c.get(invoices, "Accept", "application/xml")
}
