package contracttest

var searchRules = map[string]producer{}
