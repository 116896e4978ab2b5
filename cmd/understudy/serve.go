package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"understudy/internal/source"
	"understudy/mockserver"
)

// Limits on what a client may do to the server.
const (
	headerTimeout   = 10 * time.Second
	readTimeout     = 60 * time.Second
	idleTimeout     = 2 * time.Minute
	maxHeaderBytes  = 64 << 10
	shutdownTimeout = 5 * time.Second
)

type serveFlags struct {
	records recordFlags
	addr    string
	tokens  []string
	auth    string
	check   string
	dynamic bool
	cors    string
	maxBody int64
	delay   string
	quiet   bool
	log     string
}

func serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve [DOCUMENT…]",
		Short: "Play an API: a mock server that behaves",
		Long: `Play an API. Without a document it plays authentik's invitation API, which is built in, with its data. A document is a file, an http address, or -
for standard input; several are played beside each other, the first that has a path answering it.

What was created, changed and deleted is kept until the server ends, or until
  curl -X POST http://127.0.0.1:4010` + mockserver.ResetPath,
		Example: `  understudy serve
  understudy serve --addr 127.0.0.1:0 --items 5000 --delay 100ms-1s
  understudy serve --token s3cret:lea.marchand --fixtures ./my-data`,
		Args: arguments(0, 100),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.serve(cmd.Context(), args, cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.addr, "addr", "127.0.0.1:4010", "`host:port` to listen on; port 0 takes a free one")
	flags.StringArrayVar(&f.tokens, "token", nil, "accept only this `token[:username]`; may be given several times (default: any well-formed token)")
	flags.StringVar(&f.auth, "auth", "on", "`on|off`: off lets everybody in")
	flags.StringVar(&f.check, "validate", "on", "`on|warn|off`: whether requests that break the document are refused, or only told of")
	flags.BoolVar(&f.dynamic, "dynamic", false, "generate even where the document shows examples")
	flags.StringVar(&f.cors, "cors", "", "the `origin` that browsers may call from, or off (default: any)")
	flags.Int64Var(&f.maxBody, "max-body", mockserver.DefaultMaxBody, "largest request body, in `bytes`")
	flags.StringVar(&f.delay, "delay", "", "wait before each answer: a `time` such as 200ms, or a range such as 100ms-1s")
	flags.BoolVar(&f.quiet, "quiet", false, "print only where it listens")
	flags.StringVar(&f.log, "log", "text", "how requests are printed: `text|json`")
	f.records.add(flags)
	return cmd
}

// options reads the flags that are about playing.
func (f *serveFlags) options() (*mockserver.Options, error) {
	opts := &mockserver.Options{MaxBody: f.maxBody, Tokens: map[string]string{}}
	for _, t := range f.tokens {
		token, user, _ := strings.Cut(t, ":")
		if token == "" || strings.ContainsAny(token, " \t") {
			return nil, hinted{errors.New("--token: empty, or with a space"), "write --token TOKEN, or --token TOKEN:USERNAME"}
		}
		opts.Tokens[token] = user
	}
	switch f.auth {
	case "on":
	case "off":
		opts.NoAuth = true
		if len(f.tokens) > 0 {
			return nil, hinted{errors.New("--auth off lets everybody in, so --token means nothing"), "give one of them"}
		}
	default:
		return nil, fmt.Errorf("--auth %s: neither on nor off", f.auth)
	}
	switch opts.Dynamic = f.dynamic; f.check {
	case "on":
	case "warn", "off":
		opts.Validate = mockserver.Validation(f.check)
	default:
		return nil, fmt.Errorf("--validate %s: not one of on, warn, off", f.check)
	}
	switch {
	case f.cors == "off":
		opts.NoCORS = true
	case f.cors != "" && f.cors != "*":
		if u, err := url.Parse(f.cors); err != nil || u.Host == "" || f.cors != u.Scheme+"://"+u.Host {
			return nil, hinted{fmt.Errorf("--cors %s: not an origin", f.cors), "write scheme, host and port, such as http://localhost:5173, or off"}
		}
		opts.Origin = f.cors
	}
	if f.maxBody < 1 {
		return nil, fmt.Errorf("--max-body %d: not at least 1", f.maxBody)
	}
	if f.delay != "" {
		from, to, isRange := strings.Cut(f.delay, "-")
		if !isRange {
			to = from
		}
		var err, err2 error
		opts.Delay[0], err = time.ParseDuration(from)
		opts.Delay[1], err2 = time.ParseDuration(to)
		if err != nil || err2 != nil || opts.Delay[0] < 0 || opts.Delay[1] < opts.Delay[0] {
			return nil, hinted{fmt.Errorf("--delay %s: neither a time nor a range of times", f.delay), "write 200ms, or 100ms-1s"}
		}
	}
	if f.log != "text" && f.log != "json" {
		return nil, fmt.Errorf("--log %s: neither text nor json", f.log)
	}
	return opts, nil
}

func (f *serveFlags) serve(ctx context.Context, args []string, stderr io.Writer) error {
	opts, err := f.options()
	if err != nil {
		return err
	}
	if !f.quiet {
		opts.Observe = (&logger{w: stderr, json: f.log == "json"}).observer()
	}
	play := &player{said: stderr, load: func(ctx context.Context) ([]*mockserver.Server, source.Stamps, error) {
		return f.load(ctx, args, *opts)
	}}
	if err := play.start(ctx); err != nil {
		return err
	}
	defer play.stop()
	listener, err := net.Listen("tcp", f.addr)
	if err != nil {
		return listenError(f.addr, err)
	}
	for _, mock := range *play.current.Load() {
		f.greet(stderr, "http://"+reachable(listener.Addr()), mock)
	}
	server := &http.Server{
		Handler: play, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		WriteTimeout: readTimeout + opts.Delay[1], MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	go debug.FreeOSMemory() // loading leaves garbage of the document's size, which a mock that waits would keep
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if server.Shutdown(last) != nil {
		_ = server.Close() // what is still in flight was given its time
	}
	if !f.quiet && f.log == "text" {
		fmt.Fprintln(stderr, "understudy: stopped")
	}
	return nil
}

// load makes the servers that play the documents and the data as they are now, and tells which files and directories they were read from.
func (f *serveFlags) load(ctx context.Context, args []string, opts mockserver.Options) ([]*mockserver.Server, source.Stamps, error) {
	if len(args) == 0 {
		args = []string{""}
	}
	var servers []*mockserver.Server
	files := source.Stamps{}
	if f.records.data.dir != "" {
		files.Take(f.records.data.dir)
	}
	for _, name := range args {
		doc, data, err := f.records.load(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		opts.Data = data
		mock, err := mockserver.New(doc, &opts)
		if err != nil {
			return nil, nil, err
		}
		servers = append(servers, mock)
		for path, stamp := range doc.Stamps() {
			if _, earlier := files[path]; !earlier {
				files[path] = stamp
			}
		}
	}
	return servers, files, nil
}

func listenError(addr string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return hinted{fmt.Errorf("%s is in use", addr), "choose another port with --addr, or any free one with --addr 127.0.0.1:0"}
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	hint := "--addr takes host:port, such as 127.0.0.1:4010"
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		hint = "this machine has no such address; 127.0.0.1 is always there"
	}
	return hinted{fmt.Errorf("cannot listen on %s: %w", addr, err), hint}
}
