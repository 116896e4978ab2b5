package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"understudy/contracttest"
)

// Read reads a report that was written as JSON.
func Read(file string) (*contracttest.Report, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := &contracttest.Report{}
	if err := json.Unmarshal(text, r); err != nil {
		var at *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &at):
			return nil, fmt.Errorf("%s: byte %d: not a report as JSON: %w", file, at.Offset, err)
		case errors.As(err, &kind):
			return nil, fmt.Errorf("%s: byte %d: not a report of a check: %s is %s", file, kind.Offset, kind.Field, kind.Value)
		}
		return nil, fmt.Errorf("%s: not a report as JSON: %w", file, err)
	}
	if r.Format != contracttest.ReportFormat {
		return nil, fmt.Errorf("%s: not a report of a check in the form that is read here: format is %d, not %d", file, r.Format, contracttest.ReportFormat)
	}
	for i := range r.Cases {
		for _, n := range r.Cases[i].Exchanges {
			if n < 0 || n >= len(r.Exchanges) {
				return nil, fmt.Errorf("%s: /cases/%d: there is no exchange %d", file, i, n)
			}
		}
	}
	for i, f := range r.Findings {
		if f == nil || len(f.Operations) == 0 {
			return nil, fmt.Errorf("%s: /findings/%d: it is about no operation", file, i)
		}
	}
	return r, nil
}
