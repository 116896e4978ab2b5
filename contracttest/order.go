package contracttest

var orderRules = map[string]producer{}
