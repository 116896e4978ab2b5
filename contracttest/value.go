package contracttest

var valueRules = map[string]producer{}
