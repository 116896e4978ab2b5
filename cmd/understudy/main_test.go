package main

import (
	"flag"
	"os"
	"os/signal"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/script")

// TestMain lets the test binary be understudy where a script asks for it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"understudy": main})
}

// TestScripts runs testdata/script: what the command line promises, a topic a file. The commands beside testscript's own are
//
//	serve ARG…                 run understudy serve on a free port, and set BASE to where it listens and ADDR to host:port
//	http METHOD URL [HEADER: VALUE]… [@FILE]
//	                           send a request; stdout is the status, the headers and the body
//	try                        send what the server's curl line says, and set CURL to that line
//	await LINE                 wait until the server has written a line that matches
//	hangup METHOD URL …        send a request, and leave without the answer
//	begin METHOD URL …         send a request but for its body, and come back when the server wants that
//	interrupt [twice]          press Ctrl-C, send the body of what was begun, and expect exit status 0; stderr is all that the server wrote.
//	                           Twice: send nothing, press again, and expect an end at once
//	answer                     read the answer to what was begun; stdout is as with http
//	refused ARG…               run understudy, and expect errors in its voice, nothing on stdout, and exit status 2
//	jsonlines FILE KEY…        expect a JSON object with the keys in each line, but for what begins with "understudy: "
//
// LIST is the path of the list that is shipped, and AUTH a header that lets in.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		ContinueOnError:     true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("LIST", "/stages/invitation/invitations/")
			env.Setenv("AUTH", "Authorization: Bearer TOKEN")
			env.Setenv("GORACE", "atexit_sleep_ms=0") // a second for each command otherwise
			env.Values[stageKey{}] = &stage{}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"serve":     serveCmd,
			"http":      httpCmd,
			"try":       tryCmd,
			"await":     awaitCmd,
			"hangup":    hangupCmd,
			"begin":     beginCmd,
			"interrupt": interruptCmd,
			"answer":    answerCmd,
			"refused":   refusedCmd,
			"jsonlines": jsonlinesCmd,
		},
		Condition: func(cond string) (bool, error) {
			return cond == "ctrl-c" && !signal.Ignored(os.Interrupt), nil // it is ignored below nohup, and after & in a script
		},
	})
}
