package report

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"understudy/contracttest"
)

// The parts of SARIF 2.1.0 (OASIS) that a check has something to say of. Struct tags name them as the standard does.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
		Properties  map[string]any    `json:"properties"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string    `json:"id"`
		Short   sarifText `json:"shortDescription"`
		Default struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		Successful bool                `json:"executionSuccessful"`
		Start      string              `json:"startTimeUtc"`
		Notes      []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Kind         string             `json:"kind,omitempty"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations,omitempty"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region struct {
			Line   int `json:"startLine"`
			Column int `json:"startColumn"`
		} `json:"region"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifSuppression struct {
		Kind   string `json:"kind"`
		Reason string `json:"justification,omitempty"`
	}
)

// sarif writes the findings as SARIF 2.1.0. What passed is counted, not listed: the readers of SARIF make an alert of every result, whatever its kind.
func sarif(w io.Writer, r *contracttest.Report) error {
	run := sarifRun{Results: []sarifResult{}, Properties: map[string]any{
		"document": r.Document, "target": r.Target, "verdict": verdict(r), "kept": r.Count(contracttest.Kept), "broken": r.Count(contracttest.Broken),
		"flaky": r.Count(contracttest.Flaky), "skipped": r.Count(contracttest.Skipped), "notApplicable": r.NotApplicable, "requests": r.Requests,
	}}
	run.Tool.Driver = sarifDriver{Name: "understudy", Rules: []sarifRule{}}
	rules := map[string]int{}
	for _, f := range r.Findings {
		n, ok := rules[f.Rule]
		if !ok {
			n = len(run.Tool.Driver.Rules)
			rules[f.Rule] = n
			rule := sarifRule{ID: f.Rule, Short: sarifText{f.Sentence}}
			rule.Default.Level = "error"
			if f.Warning() {
				rule.Default.Level = "warning"
			}
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
		}
		run.Results = append(run.Results, sarifFinding(r, f, n))
	}
	call := sarifInvocation{Successful: r.ExitStatus() != 2, Start: r.Started.UTC().Format("2006-01-02T15:04:05.000Z")}
	if why := lacking(r); why != "" {
		call.Notes = []sarifNotification{{"error", sarifText{why}}}
	}
	run.Invocations = []sarifInvocation{call}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	return e.Encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func sarifFinding(r *contracttest.Report, f *contracttest.Finding, rule int) sarifResult {
	result := sarifResult{
		RuleID: f.Rule, RuleIndex: rule, Level: "error", Fingerprints: map[string]string{"understudy/v1": f.Fingerprint},
		Message: sarifText{fmt.Sprintf("%s: got %s; wanted %s.\nAsked: %s.\nRepeat: %s", strings.Join(f.Operations, ", "), f.Got, f.Want, f.Intent, f.Request)},
	}
	switch title(r, f) {
	case "warning":
		result.Level = "warning"
	case "flaky":
		result.Level, result.Kind = "none", "review"
	case "known":
		result.Suppressions = []sarifSuppression{{"external", knownText(f.Known)}}
	}
	at := sarifLocation{}
	if file, line, column, ok := place(f.Place); ok {
		at.Physical = &sarifPhysical{}
		at.Physical.Artifact.URI = (&url.URL{Path: filepath.ToSlash(file)}).String()
		at.Physical.Region.Line, at.Physical.Region.Column = line, column
	}
	for _, op := range f.Operations {
		at.Logical = append(at.Logical, sarifLogical{op, "function"})
	}
	result.Locations = []sarifLocation{at}
	return result
}
