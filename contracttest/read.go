package contracttest

var readRules = map[string]producer{}
