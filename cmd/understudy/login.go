package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"understudy"
	"understudy/contracttest"
)

// loginFlags say how credentials are got that expire.
type loginFlags struct {
	request, body, token string
	secondBody           string
	command              string
	secondCommand        string
}

func (f *loginFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.request, "login", "", "log in for the credential, at the beginning and whenever it has expired: an operation id, or 'POST /login', or 'POST https://…'")
	flags.StringVar(&f.body, "login-body", "", "what is sent to log in, JSON or a form; @FILE reads it")
	flags.StringVar(&f.token, "login-token", "", "where the answer has the credential: a JSON Pointer, cookie:NAME or header:NAME (default: the usual names, such as access_token)")
	flags.StringVar(&f.secondBody, "second-login-body", "", "what is sent to log in as somebody with fewer rights")
	flags.StringVar(&f.command, "token-command", "", "a shell command that prints the credential, run at the beginning and whenever it has expired")
	flags.StringVar(&f.secondCommand, "second-token-command", "", "likewise that of somebody with fewer rights")
}

// settle gives the logins of both identities to a target.
func (f *loginFlags) settle(t *contracttest.Target, doc *understudy.Document) error {
	switch {
	case f.request == "" && (f.body != "" || f.secondBody != "" || f.token != ""):
		return hinted{errors.New("--login is missing: nothing says where to log in"), "--login 'POST /login'"}
	case f.command != "" && f.request != "":
		return hinted{errors.New("--login and --token-command: there is one way to get the credential"), "leave one out"}
	case t.Token != "" && (f.command != "" || f.request != ""):
		return hinted{errors.New("--token and a login: there is one way to get the credential"), "leave out --token, or the login"}
	}
	if f.command != "" {
		t.Login = tokenCommand(f.command)
	}
	if f.secondCommand != "" {
		t.SecondLogin = tokenCommand(f.secondCommand)
	}
	if f.request == "" {
		return nil
	}
	request, err := f.loginRequest(t.URL, doc)
	if err != nil {
		return err
	}
	if request.Body, err = textOrFile(f.body); err != nil {
		return hinted{fmt.Errorf("--login-body: %w", err), "--login-body @FILE, of a file that exists"}
	}
	t.Login = request.Get
	if f.secondBody != "" {
		second := request
		if second.Body, err = textOrFile(f.secondBody); err != nil {
			return hinted{fmt.Errorf("--second-login-body: %w", err), "--second-login-body @FILE, of a file that exists"}
		}
		t.SecondLogin = second.Get
	}
	return nil
}

// loginRequest finds out where to log in: at an operation of the document, at a path of the target, or elsewhere.
func (f *loginFlags) loginRequest(base string, doc *understudy.Document) (contracttest.LoginRequest, error) {
	method, to, ok := strings.Cut(f.request, " ")
	if !ok {
		for _, op := range doc.Operations() {
			if op.ID == f.request {
				method, to, ok = op.Method, op.Path, true
			}
		}
		if !ok {
			return contracttest.LoginRequest{}, hinted{fmt.Errorf("--login %s: the document has no such operation", f.request), "an operation id, or a method and a path: --login 'POST /login'"}
		}
	}
	if strings.HasPrefix(to, "/") {
		to = strings.TrimRight(base, "/") + to
	}
	if !strings.HasPrefix(to, "http://") && !strings.HasPrefix(to, "https://") || strings.Contains(to, "{") {
		return contracttest.LoginRequest{}, hinted{fmt.Errorf("--login %s: not a method and an address", f.request), "--login 'POST /login', below the base URL, or --login 'POST https://…'"}
	}
	return contracttest.LoginRequest{Method: method, URL: to, Token: f.token}, nil
}

func textOrFile(text string) (string, error) {
	name, ok := strings.CutPrefix(text, "@")
	if !ok {
		return text, nil
	}
	data, err := os.ReadFile(name)
	return strings.TrimSpace(string(data)), err
}

// commandTimeout is how long a command may take that prints a credential.
const commandTimeout = time.Minute

// tokenCommand gets a credential from a command: the first line that it prints.
func tokenCommand(command string) contracttest.Login {
	return func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, commandTimeout)
		defer cancel()
		shell := []string{"sh", "-c"}
		if runtime.GOOS == "windows" {
			shell = []string{"cmd", "/C"}
		}
		cmd := exec.CommandContext(ctx, shell[0], shell[1], command)
		cmd.Stderr = os.Stderr
		cmd.WaitDelay = time.Second
		out, err := cmd.Output()
		if err != nil {
			return "", fmt.Errorf("the token command: %w", err)
		}
		line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		if line == "" {
			return "", errors.New("the token command printed nothing")
		}
		return strings.TrimSpace(line), nil
	}
}
