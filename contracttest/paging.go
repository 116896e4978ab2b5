package contracttest

var pagingRules = map[string]producer{}
