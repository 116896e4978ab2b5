package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync"

	"understudy/mockserver"
)

// logger prints a line for each request.
type logger struct {
	mu   sync.Mutex
	w    io.Writer
	json bool
}

func (l *logger) observer() func(mockserver.Exchange) {
	if !l.json {
		return l.text
	}
	log := slog.New(slog.NewJSONHandler(l.w, nil))
	return func(x mockserver.Exchange) {
		attrs := []slog.Attr{
			slog.String("method", x.Request.Method), slog.String("url", x.Request.URL.RequestURI()), slog.Int("status", x.Status),
			slog.Int("bytes", x.Bytes), slog.Float64("milliseconds", float64(x.Duration.Microseconds())/1000), slog.String("operation", x.Operation),
		}
		if x.Refusal != "" {
			attrs = append(attrs, slog.String("refusal", x.Refusal))
		}
		if x.Warning != "" {
			attrs = append(attrs, slog.String("warning", x.Warning))
		}
		if x.Undocumented {
			attrs = append(attrs, slog.Bool("undocumented", true))
		}
		log.LogAttrs(context.Background(), slog.LevelInfo, "request", attrs...)
	}
}

func (l *logger) text(x mockserver.Exchange) {
	status := strconv.Itoa(x.Status)
	if x.Status == 0 {
		status = "gone" // the client, before it was answered
	}
	line := fmt.Sprintf("%s %s %s %.1fms", x.Request.Method, x.Request.URL.RequestURI(), status, float64(x.Duration.Microseconds())/1000)
	if x.Refusal != "" {
		line += "  " + x.Refusal
	}
	if x.Warning != "" {
		line += "  warning: " + x.Warning
	}
	if x.Undocumented {
		line += fmt.Sprintf(" (the document has no %d here)", x.Status)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.w, line)
}
