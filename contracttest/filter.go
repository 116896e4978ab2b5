package contracttest

var filterRules = map[string]producer{}
