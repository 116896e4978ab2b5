package contracttest

var crudRules = map[string]producer{}
