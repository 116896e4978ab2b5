package generate

import (
	"math"
	"strings"

	"github.com/brianvoe/gofakeit/v7"
)

// numbersByName makes numbers by the ending of a name, for the role that comes before it.
var numbersByName map[string]func(role string) numberMaker

func init() {
	m := map[string]func(string) numberMaker{}
	numbersByName = m
	add := func(names string, make func(role string) numberMaker) {
		for _, name := range strings.Split(names, ",") {
			m[strings.TrimSpace(name)] = make
		}
	}
	between := func(names string, low, high int) {
		add(names, func(string) numberMaker {
			return func(_ *scene, f *gofakeit.Faker) float64 { return float64(low + f.IntN(high-low+1)) }
		})
	}
	money := func(_ *scene, f *gofakeit.Faker) float64 { return float64(500+f.IntN(19_500)) / 100 }
	add("price, amount, cost, fee, subtotal, balance, discount, tax, salary, total amount, unit price, total price, net, gross, revenue, budget, payment, refund",
		func(string) numberMaker { return money })
	between("cents, amount cents, price cents", 500, 20_000)
	between("count, total, quantity, qty, num, views, likes, followers, comments, downloads, matches, hits, stock, usage, total count, attempts, retries", 0, 60)
	between("total pages, pages, page count, num pages", 1, 12)
	between("next, previous, prev, next page, previous page, end index", 1, 5)
	between("page, current, page number, current page", 1, 3)
	between("page size, per page, limit, max results", 10, 50)
	between("offset, skip, start index", 0, 20)
	between("id, pk, uid, number, identifier", 1, 9999)
	between("age", 18, 78)
	between("year", 2019, 2026)
	between("month", 1, 12)
	between("day", 1, 28)
	between("hour, hours", 0, 23)
	between("minute, minutes, second, seconds", 0, 59)
	between("port", 1024, 49151)
	between("percent, percentage, progress, completion, pct", 0, 100)
	between("rating, stars", 1, 5)
	between("score, points", 1, 100)
	between("priority, level, rank, position, order, index, sequence, sort order", 1, 20)
	between("size, bytes, file size, length, content length, size bytes", 512, 900_000)
	between("width", 320, 1920)
	between("height", 240, 1080)
	between("duration, timeout, ttl, elapsed, expires in", 5, 3600)
	between("latency, duration ms, elapsed ms", 5, 900)
	between("version, revision", 1, 9)
	between("status, status code, http status", 200, 204)
	between("code, error code", 1, 99)
	between("weight", 1, 90)
	between("memory, ram, disk", 1, 64)
	between("cpu, cpus, cores", 1, 16)
	between("bedrooms, rooms, bathrooms", 1, 5)
	add("latitude, lat", func(role string) numberMaker {
		return func(s *scene, _ *gofakeit.Faker) float64 { return s.where(role).latitude }
	})
	add("longitude, lng, lon, long", func(role string) numberMaker {
		return func(s *scene, _ *gofakeit.Faker) float64 { return s.where(role).longitude }
	})
	add("rate, ratio, probability, confidence, fraction, share", func(string) numberMaker {
		return func(_ *scene, f *gofakeit.Faker) float64 { return float64(f.IntN(100)) / 100 }
	})
	// The smaller and the greater of a pair go together.
	for _, end := range []struct {
		names string
		add   float64
	}{{"min, minimum, lowest, low", 0}, {"max, maximum, highest, high", 10}} {
		for _, name := range strings.Split(end.names, ", ") {
			m[name] = func(role string) numberMaker { return bounded(role, end.add) }
		}
	}
}

// bounded draws one end of a range: both ends share a draw.
func bounded(role string, distance float64) numberMaker {
	return func(s *scene, _ *gofakeit.Faker) float64 {
		f := s.stage("range " + role)
		low := float64(1 + f.IntN(20))
		if distance == 0 {
			return low
		}
		return low + math.Ceil(distance+float64(f.IntN(50)))
	}
}
