package contracttest

import "context"

// recipe is how items of a list are created.
type recipe struct{}

func (e *engine) findRecipes(context.Context) {}
