package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"

	"understudy"
	"understudy/internal/contract"
	"understudy/mockserver"
)

// greet says where the server listens, what it plays, and how to try it.
func (f *serveFlags) greet(w io.Writer, address string, mock *mockserver.Server) {
	doc := mock.Document()
	base := address + doc.Bases()[0]
	if f.log == "json" {
		title, version := doc.Title()
		slog.New(slog.NewJSONHandler(w, nil)).Info("listening", "address", base, "title", title, "version", version)
		return
	}
	if f.quiet {
		fmt.Fprintf(w, "understudy: listening on %s\n", base)
		return
	}
	title, version := doc.Title()
	var example *contract.Collection
	for _, c := range doc.Collections() {
		if example == nil && !c.Empty && !strings.Contains(c.Path, "{") {
			example = c
		}
	}
	fmt.Fprintf(w, "understudy: playing %s %s: %s, %s\n", title, version, count(len(doc.Operations()), "operation"), count(len(doc.Collections()), "collection"))
	printWarnings(w, doc)
	var sets []string
	for _, s := range mock.Data().Sets() {
		sets = append(sets, fmt.Sprintf("%d %s", s.Len(), s.Records().Name))
	}
	if more := len(sets) - maxNamed; more > 0 {
		sets = append(sets[:maxNamed], fmt.Sprintf("and records of %d more kinds", more))
	}
	if len(sets) > 0 {
		fmt.Fprintf(w, "understudy: with %s\n", strings.Join(sets, ", "))
	}
	fmt.Fprintf(w, "understudy: listening on %s\n", base)
	if example != nil {
		fmt.Fprintf(w, "understudy: try\n  %s\n", f.curl(base, example))
	}
}

// maxNamed is how many sets, or warnings, are named when the server starts.
const maxNamed = 8

func printWarnings(w io.Writer, doc *understudy.Document) {
	warnings := doc.Warnings()
	for i, text := range warnings {
		if i == maxNamed {
			fmt.Fprintf(w, "understudy: warning: and %d more; understudy rules has them all\n", len(warnings)-i)
			break
		}
		fmt.Fprintf(w, "understudy: warning: %s\n", text)
	}
}

// curl is a command that works as it stands. A token that was given stays out of it.
func (f *serveFlags) curl(base string, c *contract.Collection) string {
	line := "curl"
	query := url.Values{}
	if c.Paging.Size != "" {
		query.Set(c.Paging.Size, "2")
	}
	if security := c.List().Security; len(security) > 0 && f.auth == "on" {
		for _, s := range security[0] {
			switch {
			case s.Type == "apiKey" && s.In == "query":
				query.Set(s.Param, "TOKEN")
			case s.Type == "apiKey" && s.In == "cookie":
				line += ` -b "` + s.Param + `=TOKEN"`
			case s.Type == "apiKey":
				line += ` -H "` + s.Param + `: TOKEN"`
			case s.HTTP == "basic":
				line += ` -u "user:TOKEN"`
			default:
				line += ` -H "Authorization: ` + s.Authorization() + ` TOKEN"`
			}
		}
	}
	address := base + c.Path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	line += " '" + address + "'"
	if len(f.tokens) > 0 {
		line = strings.ReplaceAll(line, "TOKEN", "$TOKEN")
	}
	return line
}

// reachable is an address to reach a listener at; one that listens everywhere is reached on this machine.
func reachable(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", tcp.Port)
	}
	return addr.String()
}
