package contracttest

var authRules = map[string]producer{}
