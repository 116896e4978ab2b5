package honest

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func walkOffset(t *testing.T, c *client, path string, size int) (keys []string, total int) {
	if path == "/v1/countries" {
		return ids(t, c.get(path).body()), -1
	}
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	next := fmt.Sprintf("%s%slimit=%d", path, sign, size)
	for next != "" {
		r := c.get(next)
		require.Equal(t, 200, r.status, r.text)
		keys = append(keys, ids(t, r.body())...)
		total, _ = strconv.Atoi(r.header.Get("X-Total-Count"))
		next = ""
		for link := range strings.SplitSeq(r.header.Get("Link"), ", ") {
			if target, ok := strings.CutSuffix(link, `>; rel="next"`); ok {
				u, err := url.Parse(target[1:])
				require.NoError(t, err)
				next = u.RequestURI()
			}
		}
	}
	return keys, total
}

func probeOffset(c *client, s *Server) {
	const products = "/v1/products"
	sample, whole := map[string]any{}, ""
	for page := range 6 {
		r := c.get(fmt.Sprintf("%s?offset=%d&limit=25", products, page*25))
		items, _ := r.body().([]any)
		for _, it := range items {
			if o, _ := it.(map[string]any); o != nil && number(o["price"]) != math.Trunc(number(o["price"])) {
				whole = fmt.Sprint(math.Trunc(number(o["price"])))
			}
			if o, _ := it.(map[string]any); len(sample) == 0 || fmt.Sprint(sample["title"]) == strings.ToLower(fmt.Sprint(sample["title"])) {
				sample = o // one with capitals in its title, if there is one
			}
		}
	}
	text := func(name string) string { return url.QueryEscape(fmt.Sprint(sample[name])) }
	for _, query := range []string{
		"", "", "limit=3", "limit=3", "limit=100", "limit=101", "limit=0", "offset=-1", "offset=abc", "offset=20&limit=10", "offset=1000000000000000000", "offset=99999999999999999999", "offset=150&limit=7", "offset=400",
		"sort=stock", "sort=stock&limit=100", "sort=price&direction=desc", "sort=weight", "sort=weight&limit=100&direction=desc", "direction=desc", "direction=desc&limit=100", "sort=zz", "sort=title", "sort=stock&offset=5", "sort=stock&offset=5",
		"sku=" + text("sku"), "sku=-00", "title=" + text("title"), "title=" + strings.ReplaceAll(text("title"), "+", "%20"), "title=", "category=books", "category=tools&offset=3&limit=5", "category=zz", "discontinued=true", "discontinued=false",
		"discontinued=maybe", "supplier_id=" + text("supplier_id"), "supplier_id=x", "supplier_id=00000000-0000-4000-8000-000000000000", "min_price=9", "min_price=100", "max_price=" + text("price"), "min_price=x", "category=toys&discontinued=false&max_price=500",
		"created_after=2024-04-01T08:30:00Z", "created_before=2024-04-01T10:30:00%2B02:00", "created_after=x", "q=", "q=bridge", "q=BRIDGE", "sort=%27%22%28", "max_price=" + whole + "&limit=100", "q=a", "q=river+harbor", "q=e&category=tools", "q=nothingofthekind", "q=%25", "q=_", "q=%00", "zz_unknown=1", "q=" + strings.Repeat("x", 3000),
	} {
		c.get(products + "?" + query)
	}
	for _, path := range []string{
		"/v1/suppliers", "/v1/suppliers?offset=abc", "/v1/suppliers?offset=5&limit=5&country=DE", "/v1/suppliers?sort=rating", "/v1/suppliers/" + text("supplier_id"), "/v1/suppliers/" + text("supplier_id") + "/products",
		"/v1/suppliers/x/products", "/v1/countries", "/v1/settings", "/v1/health", "/v1/nothing", products + "/x", products + "/%E0%A4", products + "/00000000-0000-4000-8000-000000000000", products + "/" + text("id"),
	} {
		c.get(path)
		for _, credential := range []string{"", "Bearer ", "Bearer " + s.Token[:39], "Basic " + s.Token, "Bearer " + strings.ToUpper(s.Token), "Bearer " + strings.Repeat("z", 40), "Bearer " + s.SecondToken} {
			c.get(path, "Authorization", credential)
		}
	}
	c.get(products+"?limit=100", "Authorization", "Bearer "+s.SecondToken)
	c.do(http.MethodHead, products, "", "Authorization", "")
	c.do(http.MethodPost, products, `{}`, "Authorization", "")
	c.do(http.MethodPost, products, `{}`, "Authorization", "Bearer wrong")
	c.do(http.MethodPatch, "/v1/settings", `{"low_stock":9}`, "Authorization", "")
	c.get(products, "Authorization", "", "Cookie", "Authorization="+s.Token)
	c.get(products+"?access_token="+s.Token, "Authorization", "")

	// one product's life
	body := func(sku, title, more string) string {
		return fmt.Sprintf(`{"sku":%q,"title":%q,"price":12.75,"category":"books","supplier_id":"%v"%s}`, sku, title, sample["supplier_id"], more)
	}
	c.do(http.MethodPost, products, `{}`)
	c.do(http.MethodPost, products, `[`)
	c.do(http.MethodPost, products, `{}`)
	c.do(http.MethodPost, products, body("QQQ-0000", "Plain", ""), "Content-Type", "text/plain")
	c.do(http.MethodPost, products, body("odd", "Odd", ""))
	c.do(http.MethodPost, products, body("QQQ-0001", "Negative", `,"stock":-5`))
	c.do(http.MethodPost, products, strings.Replace(body("QQQ-0002", "No category", ""), `"category":"books",`, "", 1))
	c.do(http.MethodPost, products, "")
	c.do(http.MethodPost, products, body("QQQ-00~", "Begun", ""))
	c.do(http.MethodPost, products, body("QQQ-0010", "None", `,"alternate_id":null`))
	c.do(http.MethodPost, products, body("QQQ-0011", "No UUID", `,"alternate_id":"x"`))
	c.do(http.MethodPost, products, body("QQQ-0003", "Smile 😀", ""))
	c.do(http.MethodPost, products, strings.Replace(body("QQQ-0004", "NUL#", ""), "#", `\u0000`, 1))
	c.do(http.MethodPost, products, body("QQQ-0005", "Mine", `,"id":"11111111-1111-4111-8111-111111111111"`))
	c.do(http.MethodPost, products, body("QQQ-0009", "Twice", `,"tags":["x","x"]`))
	c.do(http.MethodPost, products, body("xQQQ-0012x", "Around", ""))
	c.do(http.MethodPost, products, body("QQQ-0013", "Part", `,"stock":1.5`))
	c.do(http.MethodPost, products, body("QQQ-0014", "Light", `,"weight":-5`))
	c.do(http.MethodPost, products, body("qqq-0015", "Low", ""))
	suppliers, _ := c.get("/v1/suppliers?limit=100").body().([]any)
	for _, it := range suppliers {
		c.get(fmt.Sprintf("/v1/suppliers/%v/products?limit=100", it.(map[string]any)["id"]))
	}
	first := c.do(http.MethodPost, products, body("QQQ-0006", "First", `,"tags":["x","y"],"stock":12,"description":"Long","weight":2.5,"released_at":"2024-05-05T05:05:05+02:00"`))
	second := c.do(http.MethodPost, products, body("QQQ-0007", "Second", `,"stock":4`))
	c.do(http.MethodPost, products, body("QQQ-0007", "Third", ""))
	c.get(products + "?q=Third")
	c.get(products + "?discontinued=false&sort=price&limit=100")
	c.get("/v1/suppliers?sort=rating&direction=desc&limit=100")
	c.do(http.MethodPost, products, body("QQQ-0008", strings.Repeat("long ", 20), ""))
	for i, r := range []reply{first, second} {
		item := fmt.Sprintf("%s/%v", products, r.object()["id"])
		if location, err := url.Parse(r.header.Get("Location")); err == nil {
			c.get(location.RequestURI())
		}
		c.get(item)
		c.get(item)
		c.do(http.MethodPatch, item, `{"price":3}`)
		c.get(item)
		c.do(http.MethodPatch, item, `{"weight":null}`)
		c.do(http.MethodPatch, item, `{"title":null}`)
		c.do(http.MethodPatch, item, `{"title":"Applied","stock":-1}`)
		c.do(http.MethodPatch, item, `{"titl`)
		c.get(item)
		c.do(http.MethodPatch, item, fmt.Sprintf(`{"alternate_id":"%v"}`, sample["supplier_id"]))
		put := body(fmt.Sprintf("QQR-000%d", i), "Replaced", `,"tags":["z"]`)
		c.do(http.MethodPut, item, put)
		c.do(http.MethodPut, item, put)
		c.get(item)
		c.get(products + "?q=replaced")
	}
	for range 2 {
		c.do(http.MethodDelete, fmt.Sprintf("%s/%v", products, second.object()["id"]), "")
		c.get(fmt.Sprintf("%s/%v", products, second.object()["id"]))
		c.get(products)
	}
	c.do(http.MethodDelete, "/v1/suppliers/"+text("supplier_id"), "")
	c.do(http.MethodPost, "/v1/suppliers", `{"name":"New one","country":"DE"}`)
	c.do(http.MethodPost, "/v1/suppliers", `{"name":"New one","country":"DE"}`)
	c.do(http.MethodPatch, "/v1/settings", `{"currency":"JPY"}`)
	c.do(http.MethodPatch, "/v1/settings", `{"low_stock":7,"contact":"me"}`)
	c.do(http.MethodPatch, "/v1/settings", `{"notifications":false}`)
	for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodDelete} {
		c.do(method, products, "")
	}
	c.get(products, "Accept", "application/xml")
	c.get(products, "Cookie", "a=b")
}
