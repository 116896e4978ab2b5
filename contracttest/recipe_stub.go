package contracttest

// body and createStep stand in until items can be created.
func (r *recipe) body(int) []byte { return nil }

func (s *listState) createStep(string, int) step { return step{} }
