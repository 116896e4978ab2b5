package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is when a server that says nothing, or does not end, is given up: a bound for failures that nothing else depends on.
const patience = time.Minute

// stage is what a script has going on.
type stage struct {
	server *process
	held   *held
}

// held is a request that a handler has begun to read, and whose body is still to come.
type held struct {
	request *http.Request
	conn    net.Conn
	reader  *bufio.Reader
	body    string
}

type stageKey struct{}

func stageOf(ts *testscript.TestScript) *stage { return ts.Value(stageKey{}).(*stage) }

// process is an understudy that runs beside a script.
type process struct {
	cmd     *exec.Cmd
	stdout  bytes.Buffer
	ended   chan struct{} // closed when it has ended and all of its output is here
	mu      sync.Mutex
	stderr  bytes.Buffer
	written chan struct{} // closed and replaced when stderr has grown
}

func start(ts *testscript.TestScript, args ...string) *process {
	exe, err := os.Executable()
	ts.Check(err)
	p := &process{cmd: exec.Command(exe, args...), ended: make(chan struct{}), written: make(chan struct{})}
	p.cmd.Args[0] = "understudy" // see testscript.Main
	p.cmd.Dir = ts.MkAbs(".")
	p.cmd.Env = append(os.Environ(), "GORACE="+ts.Getenv("GORACE"))
	p.cmd.Stdout = &p.stdout
	p.cmd.Stderr = p
	ts.Check(p.cmd.Start())
	go func() {
		_ = p.cmd.Wait() // the state says it too
		close(p.ended)
	}()
	ts.Defer(func() {
		_ = p.cmd.Process.Kill() // unless it has ended
		<-p.ended
	})
	return p
}

// Write takes in what the process writes to stderr.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.written)
	p.written = make(chan struct{})
	return p.stderr.Write(b)
}

func (p *process) said() (text string, more <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String(), p.written
}

// await gives the submatches of a whole line that the process writes to stderr, or nil if it ends without.
func (p *process) await(line string) []string {
	re := regexp.MustCompile(`(?m)` + line + `\n`)
	timeout := time.After(patience)
	for ended := p.ended; ; {
		text, more := p.said()
		if match := re.FindStringSubmatch(text); match != nil || ended == nil {
			return match
		}
		select {
		case <-more:
		case <-ended:
			ended = nil // look once more
		case <-timeout:
			return nil
		}
	}
}

const listening = `^(?:understudy: listening on |.*"msg":"listening","address":")(http://([^/\n"]*)[^"\n]*).*`

func serveCmd(ts *testscript.TestScript, neg bool, args []string) {
	st := stageOf(ts)
	if neg || st.server != nil {
		ts.Fatalf("usage: serve ARG…, one at a time; for errors: refused serve ARG…")
	}
	p := start(ts, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	match := p.await(listening)
	if match == nil {
		text, _ := p.said()
		ts.Fatalf("it does not listen:\n%s", text)
	}
	st.server = p
	ts.Setenv("BASE", match[1])
	ts.Setenv("ADDR", match[2])
}

func (st *stage) running(ts *testscript.TestScript) *process {
	if st.server == nil {
		ts.Fatalf("no server is running")
	}
	return st.server
}

// request reads METHOD URL [HEADER: VALUE]… [@FILE].
func request(ts *testscript.TestScript, neg bool, args []string) *http.Request {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: METHOD URL [HEADER: VALUE]… [@FILE]")
	}
	var body io.Reader = http.NoBody
	header := http.Header{}
	for _, arg := range args[2:] {
		if file, ok := strings.CutPrefix(arg, "@"); ok {
			body = strings.NewReader(ts.ReadFile(file))
			continue
		}
		name, value, ok := strings.Cut(arg, ": ")
		if !ok {
			ts.Fatalf("%q is neither a header nor @FILE", arg)
		}
		header.Add(name, value)
	}
	r, err := http.NewRequest(args[0], args[1], body)
	ts.Check(err)
	r.Header = header
	return r
}

func httpCmd(ts *testscript.TestScript, neg bool, args []string) {
	r := request(ts, neg, args)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}, Timeout: patience}
	response, err := client.Do(r)
	ts.Check(err)
	show(ts, response)
}

func show(ts *testscript.TestScript, response *http.Response) {
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	w := ts.Stdout()
	fmt.Fprintln(w, response.Status)
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		for _, value := range response.Header[name] {
			fmt.Fprintf(w, "%s: %s\n", name, value)
		}
	}
	fmt.Fprintf(w, "\n%s\n", body)
}

func tryCmd(ts *testscript.TestScript, neg bool, args []string) {
	match := stageOf(ts).running(ts).await(`^  (curl .*)$`)
	if neg || len(args) > 0 || match == nil {
		ts.Fatalf("usage: try, after a serve that prints a curl line")
	}
	ts.Setenv("CURL", match[1])
	words := regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`).FindAllString(match[1], -1)
	sent := []string{http.MethodGet, ""}
	for i := 1; i < len(words); i++ {
		switch word := words[i]; {
		case word == "-H" && i+1 < len(words):
			i++
			sent = append(sent, os.Expand(strings.Trim(words[i], `"`), ts.Getenv))
		case sent[1] == "":
			sent[1] = strings.Trim(word, `'`)
		default:
			ts.Fatalf("this is not understood: %s", match[1])
		}
	}
	httpCmd(ts, false, sent)
}

// beginCmd sends all but the body. The 100 comes when a handler begins to read that, so the request is under way for certain:
// net/http drops those whose header it has not read when a shutdown begins.
func beginCmd(ts *testscript.TestScript, neg bool, args []string) {
	r := request(ts, neg, args)
	body, err := io.ReadAll(r.Body)
	ts.Check(err)
	conn := dial(ts, r)
	h := &held{r, conn, bufio.NewReader(conn), string(body)}
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n", r.Method, r.URL.RequestURI(), r.URL.Host, len(body))
	ts.Check(r.Header.Write(conn))
	_, err = io.WriteString(conn, "\r\n")
	ts.Check(err)
	response, err := http.ReadResponse(h.reader, r)
	ts.Check(err)
	if response.StatusCode != http.StatusContinue {
		ts.Fatalf("the body is not read, but answered at once: %s", response.Status)
	}
	stageOf(ts).held = h
}

func dial(ts *testscript.TestScript, r *http.Request) net.Conn {
	conn, err := net.Dial("tcp", r.URL.Host)
	ts.Check(err)
	ts.Check(conn.SetDeadline(time.Now().Add(patience)))
	ts.Defer(func() { conn.Close() })
	return conn
}

func answerCmd(ts *testscript.TestScript, neg bool, args []string) {
	h := stageOf(ts).held
	if neg || len(args) > 0 || h == nil {
		ts.Fatalf("usage: answer, after begin and interrupt")
	}
	response, err := http.ReadResponse(h.reader, h.request)
	ts.Check(err)
	show(ts, response)
}

func hangupCmd(ts *testscript.TestScript, neg bool, args []string) {
	r := request(ts, neg, args)
	conn := dial(ts, r)
	ts.Check(r.Write(conn))
	ts.Check(conn.Close())
}

func awaitCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await LINE")
	}
	if p := stageOf(ts).running(ts); p.await(args[0]) == nil {
		text, _ := p.said()
		ts.Fatalf("no such line:\n%s", text)
	}
}

func interruptCmd(ts *testscript.TestScript, neg bool, args []string) {
	st := stageOf(ts)
	p := st.running(ts)
	twice := slices.Equal(args, []string{"twice"})
	if neg || len(args) > 0 && !twice {
		ts.Fatalf("usage: interrupt [twice]")
	}
	st.server = nil
	ts.Check(p.cmd.Process.Signal(os.Interrupt))
	if st.held != nil {
		for refuses := false; !refuses; { // then the server is about to end
			conn, err := net.Dial("tcp", st.held.request.URL.Host)
			if refuses = err != nil; !refuses {
				conn.Close()
			}
			select {
			case <-p.ended:
				refuses = true // somebody else may have the port by now
			default:
			}
		}
		if !twice {
			_, _ = io.WriteString(st.held.conn, st.held.body) // the answer tells if that failed
		}
	}
	again := p.end(ts, twice)
	text, _ := p.said()
	fmt.Fprint(ts.Stderr(), text)
	if p.stdout.Len() > 0 {
		ts.Fatalf("it wrote to stdout:\n%s", &p.stdout)
	}
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case twice && again > 0 && !(ok && status.Signaled()):
		ts.Fatalf("pressed %d times more it did not end at once, but with: %v", again, p.cmd.ProcessState)
	case !twice && !p.cmd.ProcessState.Success():
		ts.Fatalf("it ended with: %v", p.cmd.ProcessState)
	}
}

// end waits until the process has ended. With again it presses Ctrl-C meanwhile, and says how often.
func (p *process) end(ts *testscript.TestScript, again bool) int {
	timeout := time.After(patience)
	ticker := time.NewTicker(10 * time.Millisecond) // a signal that comes too soon after the last is not seen
	defer ticker.Stop()
	for n := 0; ; {
		select {
		case <-p.ended:
			return n
		case <-timeout:
			ts.Fatalf("it does not end")
		case <-ticker.C:
			if again && p.cmd.Process.Signal(os.Interrupt) == nil {
				n++
			}
		}
	}
}

func refusedCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: refused ARG…")
	}
	p := start(ts, args...)
	if p.await(listening) != nil {
		_ = p.cmd.Process.Kill()
		ts.Fatalf("it was not refused, it listens")
	}
	<-p.ended
	text, _ := p.said()
	fmt.Fprint(ts.Stderr(), text)
	if code := p.cmd.ProcessState.ExitCode(); code != exitUnsure {
		ts.Fatalf("exit status %d, want %d", code, exitUnsure)
	}
	if p.stdout.Len() > 0 {
		ts.Fatalf("it wrote to stdout:\n%s", &p.stdout)
	}
	if err := inVoice(text); err != nil {
		ts.Fatalf("%v:\n%s", err, text)
	}
}

// jargon is what libraries say to programmers.
var jargon = regexp.MustCompile(`strconv\.|\(s\)|unmarshal|interface \{`)

// inVoice tells what is wrong with the manner of errors: each is one line, lower case, without a full stop, and a hint may follow.
func inVoice(text string) error {
	before := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		kind, said, _ := strings.Cut(line, ": ")
		first, _ := utf8.DecodeRuneInString(said)
		switch {
		case kind != "understudy" && (kind != "hint" || before != "understudy"):
			return fmt.Errorf("a line is neither an error nor its hint: %q", line)
		case said == "" || unicode.IsUpper(first) || unicode.IsSpace(first) || strings.HasSuffix(said, "."):
			return fmt.Errorf("not lower case without a full stop: %q", line)
		case jargon.MatchString(said):
			return fmt.Errorf("said to programmers, not to people: %q", line)
		}
		before = kind
	}
	if before == "" {
		return errors.New("it says nothing")
	}
	return nil
}

func jsonlinesCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: jsonlines FILE KEY…")
	}
	n := 0
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if strings.HasPrefix(line, "understudy: ") || strings.HasPrefix(line, "  curl ") {
			continue
		}
		n++
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			ts.Fatalf("not a JSON object: %v: %s", err, line)
		}
		for _, key := range args[1:] {
			if object[key] == nil {
				ts.Fatalf("there is no %q: %s", key, line)
			}
		}
	}
	if n == 0 {
		ts.Fatalf("%s has no lines of JSON", args[0])
	}
}
