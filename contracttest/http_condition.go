package contracttest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// guardsWrites tells whether the document says that a write may be made on a condition.
func guardsWrites(op *contract.Operation) bool {
	return op.Parameter("header", "If-Match") != nil || slices.ContainsFunc(op.Responses, func(r contract.Response) bool {
		return r.Status == "412" || r.Status == "428"
	})
}

// needsCondition tells whether the document says that a request without If-Match is refused: by a parameter that is required, or by the status 428 (RFC 6585 §3).
func needsCondition(op *contract.Operation) bool {
	for i := range op.Parameters {
		if p := &op.Parameters[i]; isIfMatch(p) {
			return p.Required || op.Response(http.StatusPreconditionRequired) != nil
		}
	}
	changes := op.Role == contract.Replace || op.Role == contract.Update || op.Role == contract.Destroy
	return changes && slices.ContainsFunc(op.Responses, func(r contract.Response) bool { return r.Status == "428" })
}

func isIfMatch(p *contract.Parameter) bool {
	return p.In == "header" && strings.EqualFold(p.Name, "If-Match")
}

// demandsCondition tells whether the document says of a write, in so many words, that it is refused without If-Match: a class of statuses says of none.
func demandsCondition(op *contract.Operation) bool {
	return slices.ContainsFunc(op.Parameters, func(p contract.Parameter) bool { return isIfMatch(&p) && p.Required }) ||
		slices.ContainsFunc(op.Responses, func(r contract.Response) bool { return r.Status == "428" })
}

// unconditional writes to an item of the check's own without a condition, where the document demands one: that is refused, and changes nothing.
func (r *recipe) unconditional(op, target *contract.Operation) []*testCase {
	t := r.trial(op, "unconditional", target.Method)
	late := r.late(target, t.n)
	t.create("created", r.numbered(t.n))
	t.get("created", found)
	t.steps[1].save = saveETag
	write := t.on(target.Role, "created", late)
	t.steps[write].header = t.steps[write].header.Clone()
	t.steps[write].header.Del("If-Match")
	t.steps[write].odd = true
	t.get("created", nil)
	if late == nil && target.Role != contract.Destroy {
		return nil
	}
	made, _ := t.done(target.Method+" without a condition", fmt.Sprintf("create an item, read it, and %s it without If-Match, which the document demands: that is refused (RFC 6585 §3)", target.Method), func(res []result) outcome {
		before, a, after := res[1].answer(), res[2].answer(), res[3].answer()
		switch {
		case !before.ok():
			return skip("GET is answered with %s", before.says())
		case before.header.Get("ETag") == "":
			return skip(noETag)
		case a.ok():
			return broken(a, fmt.Sprintf("%d without If-Match", a.status), "428: the document says that the condition is required").signed("no condition is demanded").because("two clients who change the same thing overwrite each other")
		case a.failed():
			return broken(a, fmt.Sprintf("%d without If-Match", a.status), "428").signed("a write without a condition fails")
		case a.refused() && (after.status == http.StatusNotFound || after.status == http.StatusGone),
			a.refused() && after.ok() && showsChange(r.s.object(before), r.s.object(after), late.bytes()):
			return broken(after, fmt.Sprintf("%s, though %d refused the %s", after.says(), a.status, target.Method), "the item, as it was").signed("a refused write has its effect").because("the condition is looked at after the write")
		}
		return kept()
	})
	return made
}
