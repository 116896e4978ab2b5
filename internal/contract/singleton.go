package contract

// Singleton is an object that there is only one of, such as /settings, with the operations on it.
type Singleton struct {
	Path       string
	Schema     *Schema
	Operations map[Role]*Operation
}
