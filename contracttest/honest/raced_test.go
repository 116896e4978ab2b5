//go:build race

package honest

// raced tells that the race detector is on, which makes everything many times slower.
const raced = true
