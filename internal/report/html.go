package report

import (
	"io"

	"understudy/contracttest"
)

func page(w io.Writer, r *contracttest.Report) error { return nil }
