package report

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"understudy/contracttest"
)

// The parts of HAR 1.2 (W3C, Web Performance Working Group, draft of 2012). A page is a case.
type (
	harLog struct {
		Version string     `json:"version"`
		Creator harTool    `json:"creator"`
		Pages   []harPage  `json:"pages"`
		Entries []harEntry `json:"entries"`
		Comment string     `json:"comment,omitempty"`
	}
	harTool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harPage struct {
		Started string   `json:"startedDateTime"`
		ID      string   `json:"id"`
		Title   string   `json:"title"`
		Timings struct{} `json:"pageTimings"`
		Comment string   `json:"comment,omitempty"`
	}
	harEntry struct {
		Page     string      `json:"pageref,omitempty"`
		Started  string      `json:"startedDateTime"`
		Time     float64     `json:"time"` // milliseconds
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Comment  string      `json:"comment,omitempty"`
	}
	harTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
	harRequest struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		Version     string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"`
		Headers     []harPair `json:"headers"`
		Query       []harPair `json:"queryString"`
		Post        *harPost  `json:"postData,omitempty"`
		HeadersSize int       `json:"headersSize"` // -1: not known
		BodySize    int       `json:"bodySize"`
	}
	harPost struct {
		Type    string `json:"mimeType"`
		Text    string `json:"text"`
		Comment string `json:"comment,omitempty"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		Version     string     `json:"httpVersion"`
		Cookies     []harPair  `json:"cookies"`
		Headers     []harPair  `json:"headers"`
		Content     harContent `json:"content"`
		Redirect    string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int        `json:"bodySize"`
	}
	harContent struct {
		Size     int    `json:"size"`
		Type     string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
		Encoding string `json:"encoding,omitempty"`
		Comment  string `json:"comment,omitempty"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// har writes the exchanges of all cases as an HTTP Archive, for tools that show or send them; each case is a page. What several cases share stands with the
// first of them.
func har(w io.Writer, r *contracttest.Report) error {
	out := harLog{Version: "1.2", Creator: harTool{"understudy", "1"}, Pages: []harPage{}, Entries: []harEntry{}, Comment: r.Verdict()}
	entered := make([]bool, len(r.Exchanges))
	for i := range r.Cases {
		c := &r.Cases[i]
		p := harPage{ID: "case-" + strconv.Itoa(i), Title: c.Operation + "/" + caseName(c), Comment: strings.TrimSpace(string(c.Verdict) + " " + c.Reason), Started: r.Started.UTC().Format(time.RFC3339Nano)}
		for _, n := range c.Exchanges {
			if n < 0 || n >= len(r.Exchanges) {
				continue
			}
			x := r.Exchanges[n]
			if !entered[n] {
				out.Entries = append(out.Entries, harOf(x, p.ID))
			}
			entered[n] = true
			p.Started = x.Began.UTC().Format(time.RFC3339Nano)
		}
		out.Pages = append(out.Pages, p)
	}
	for i, f := range r.Findings {
		p := harPage{ID: "finding-" + strconv.Itoa(i), Title: strings.ToUpper(title(r, f)) + " " + f.Operations[0] + "/" + f.Rule, Comment: "got " + f.Got + "; wanted " + f.Want, Started: r.Started.UTC().Format(time.RFC3339Nano)}
		for _, x := range f.Exchanges {
			e := harOf(x, p.ID)
			if x.Unexpected {
				e.Comment = p.Comment
			}
			out.Entries = append(out.Entries, e)
		}
		out.Pages = append(out.Pages, p)
	}
	return json.NewEncoder(w).Encode(struct {
		Log harLog `json:"log"`
	}{out})
}

func harOf(x *contracttest.Exchange, page string) harEntry {
	ms := float64(x.Took.Microseconds()) / 1000
	e := harEntry{Page: page, Started: x.Began.UTC().Format(time.RFC3339Nano), Time: ms, Timings: harTimings{Wait: ms}, Comment: x.Error}
	e.Request = harRequest{
		Method: x.Method, URL: x.URL, Version: "HTTP/1.1", Cookies: []harPair{}, Headers: pairs(x.Header), Query: queryPairs(x.URL), HeadersSize: -1,
	}
	if x.Body != nil {
		e.Request.Post = &harPost{Type: x.Header.Get("Content-Type"), Text: x.Body.Text}
		if x.Body.Base64 {
			e.Request.Post.Comment = "base64"
		}
		e.Request.BodySize = x.Body.Size
	}
	e.Response = harResponse{
		Status: x.Status, StatusText: http.StatusText(x.Status), Version: "HTTP/1.1", Cookies: []harPair{}, Headers: pairs(x.Got), HeadersSize: -1, BodySize: -1,
		Content: harContent{Type: x.Got.Get("Content-Type")}, Redirect: x.Got.Get("Location"),
	}
	if b := x.Answer; b != nil {
		e.Response.Content.Size, e.Response.Content.Text, e.Response.BodySize = b.Size, b.Text, b.Size
		if b.Base64 {
			e.Response.Content.Encoding = "base64"
		}
		if b.Cut {
			e.Response.Content.Comment = "only the beginning was kept"
		}
	}
	return e
}

func pairs(header http.Header) []harPair {
	out := []harPair{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, v := range header[name] {
			out = append(out, harPair{name, v})
		}
	}
	return out
}

func queryPairs(address string) []harPair {
	out := []harPair{}
	u, err := url.Parse(address)
	if err != nil {
		return out
	}
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(part, "=")
		if name, err = url.QueryUnescape(name); err != nil || part == "" {
			continue
		}
		if plain, err := url.QueryUnescape(value); err == nil {
			value = plain
		}
		out = append(out, harPair{name, value})
	}
	return out
}
