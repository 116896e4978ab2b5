//go:build !race

package proof_test

// raced tells whether the race detector is on, which makes everything ten times as slow.
const raced = false
