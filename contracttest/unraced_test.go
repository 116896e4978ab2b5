//go:build !race

package contracttest_test

// raced tells that the race detector is on, which makes everything many times slower.
const raced = false
