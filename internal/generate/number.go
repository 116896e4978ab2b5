package generate

import (
	"math"
	"math/big"
	"strconv"
)

// number makes a number: what is meant if it fits, else a small and plausible one within the bounds.
func (r *run) number(sh *shape, at spot, whole bool) (value, error) {
	if len(sh.steps) > 0 {
		return r.multiple(sh, at, whole)
	}
	if whole {
		return r.integer(sh, at)
	}
	scene := at.scene.or(r)
	for places := 2; places <= 12; places += 5 {
		scale := math.Pow10(places)
		low, high := gridLow(sh.low*scale, sh.lowOpen), gridHigh(sh.high*scale, sh.highOpen)
		if low > high || math.Abs(low) > 1<<53 && !math.IsInf(low, 0) || math.Abs(high) > 1<<53 && !math.IsInf(high, 0) {
			continue
		}
		meant, ok := 0.0, false
		if places == 2 && at.mean != nil && at.mean.number != nil && at.try == 0 {
			meant = at.mean.number(scene, r.fake(at))
			ok = sh.inBounds(meant)
		}
		if !ok {
			from, to := plausible(low, high, scale)
			n := from + r.below(at, to-from+1)
			if n == math.Trunc(n/scale)*scale && n+1 <= to {
				n++ // it shows that it is no integer
			}
			meant = n / scale
		}
		if sh.inBounds(meant) {
			return scalar(formatNumber(meant), meant), nil
		}
	}
	for _, n := range []float64{(sh.low + sh.high) / 2, sh.low, sh.high, sh.low + 1, sh.high - 1, math.Nextafter(sh.low, math.Inf(1)), math.Nextafter(sh.high, math.Inf(-1)), 0} {
		if !math.IsNaN(n) && !math.IsInf(n, 0) && sh.inBounds(n) {
			return scalar(formatNumber(n), n), nil
		}
	}
	return value{}, r.unsatisfiable(sh.blame, "no number is within its bounds")
}

func (sh *shape) inBounds(n float64) bool {
	return (n > sh.low || n == sh.low && !sh.lowOpen) && (n < sh.high || n == sh.high && !sh.highOpen)
}

func gridLow(low float64, open bool) float64 {
	c := math.Ceil(low)
	if open && c == low {
		c++
	}
	return c
}

func gridHigh(high float64, open bool) float64 {
	f := math.Floor(high)
	if open && f == high {
		f--
	}
	return f
}

// plausible narrows a range of whole numbers of units: without bounds, 1 to 100; where it is wide, near its plausible end.
func plausible(low, high, unit float64) (from, to float64) {
	switch {
	case math.IsInf(low, 0) && math.IsInf(high, 0):
		return unit, 100 * unit
	case math.IsInf(high, 0):
		if low <= unit && low > -1000*unit {
			return max(low, unit), max(low, 0) + 100*unit
		}
		return low, low + 100*unit
	case math.IsInf(low, 0):
		if high >= unit {
			return unit, min(high, 100*unit)
		}
		return high - 100*unit, high
	case high-low <= 10_000*unit:
		return low, high
	case low <= unit && high >= 1000*unit:
		return unit, 1000 * unit
	}
	return low, low + 1000*unit
}

// below draws a whole number from 0 to n-1; tries go through all of them.
func (r *run) below(at spot, n float64) float64 {
	if n < 1 {
		return 0
	}
	return float64(r.pick(at, int(min(n, 1<<53))))
}

func (r *run) integer(sh *shape, at spot) (value, error) {
	low, high := gridLow(sh.low, sh.lowOpen), gridHigh(sh.high, sh.highOpen)
	if low > high {
		return value{}, r.unsatisfiable(sh.blame, "no integer is within its bounds")
	}
	if at.mean != nil && at.mean.number != nil && at.try == 0 {
		if n := math.Round(at.mean.number(at.scene.or(r), r.fake(at))); n >= low && n <= high {
			return integerValue(int64(n)), nil
		}
	}
	from, to := plausible(low, high, 1)
	if from != to && at.try >= uint64(min(to-from, 1<<53)) {
		from, to = max(low, from), min(high, to+1e6) // all of the plausible ones are taken
	}
	n := from + r.below(at, to-from+1)
	if math.Abs(n) > 1<<53 {
		n = from
	}
	if math.Abs(n) >= 1<<63 {
		return scalar(strconv.FormatFloat(n, 'f', -1, 64), n), nil
	}
	return integerValue(int64(n)), nil
}

// multiple makes a number on the grid of all the steps, exactly.
func (r *run) multiple(sh *shape, at spot, whole bool) (value, error) {
	step := big.NewRat(1, 1)
	first := !whole
	for _, s := range sh.steps {
		q, ok := new(big.Rat).SetString(strconv.FormatFloat(s, 'g', -1, 64))
		if !ok || q.Sign() <= 0 {
			continue
		}
		if first {
			step, first = q, false
		} else {
			step = leastCommon(step, q)
		}
	}
	low, high := math.Inf(-1), math.Inf(1)
	if !math.IsInf(sh.low, 0) {
		low = gridLow(quotient(sh.low, step), sh.lowOpen)
	}
	if !math.IsInf(sh.high, 0) {
		high = gridHigh(quotient(sh.high, step), sh.highOpen)
	}
	if low > high {
		return value{}, r.unsatisfiable(sh.owner(func(n *node) bool { return n.k.MultipleOf != nil }), "no multiple is within its bounds")
	}
	from, to := plausible(low, high, 1)
	if size, _ := step.Float64(); size < 1 && from >= 0 { // amounts of whole units and parts
		to = max(to, min(high, math.Floor(100/size)))
	}
	n := from + r.below(at, to-from+1)
	if at.mean != nil && at.mean.number != nil && at.try == 0 {
		if meant := math.Round(quotient(at.mean.number(at.scene.or(r), r.fake(at)), step)); meant >= low && meant <= high {
			n = meant
		}
	}
	exact, _ := new(big.Float).SetFloat64(n).Int(nil)
	product := new(big.Rat).Mul(step, new(big.Rat).SetInt(exact))
	f, _ := product.Float64()
	return scalar(formatNumber(f), f), nil
}

// quotient divides, and is exact where the decimals are.
func quotient(n float64, step *big.Rat) float64 {
	q, ok := new(big.Rat).SetString(strconv.FormatFloat(n, 'g', -1, 64))
	if !ok {
		return 0
	}
	f, _ := q.Quo(q, step).Float64()
	return f
}

func leastCommon(a, b *big.Rat) *big.Rat {
	// lcm(p/q, r/s) = lcm(p, r) / gcd(q, s), in lowest terms.
	gcd := new(big.Int).GCD(nil, nil, a.Num(), b.Num())
	num := new(big.Int).Div(new(big.Int).Mul(a.Num(), b.Num()), gcd)
	return new(big.Rat).SetFrac(num, new(big.Int).GCD(nil, nil, a.Denom(), b.Denom()))
}

func formatNumber(f float64) string {
	if a := math.Abs(f); a != 0 && (a < 1e-9 || a >= 1e21) {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
