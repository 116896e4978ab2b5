package contracttest

var httpRules = map[string]producer{}
