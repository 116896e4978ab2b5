package main

import (
	"encoding/json"

	"github.com/spf13/pflag"
)

// schema is a JSON Schema, draft 7: what editors know.
type schema map[string]any

// configSchema describes understudy.yaml: its keys are the flags of a check.
func configSchema() ([]byte, error) {
	flags := checkCommand().Flags()
	names := (&config{flags: flags}).flagNames()
	definitions, top, target := schema{}, schema{}, schema{}
	for _, name := range names {
		definitions[name] = flagSchema(flags.Lookup(name))
		top[name] = schema{"$ref": "#/definitions/" + name}
		if name != "target" {
			target[name] = top[name]
		}
	}
	top["document"] = schema{"type": "string", "description": "the OpenAPI document, beside this file"}
	top["targets"] = schema{
		"type": "object", "description": "the services that are checked, by their names: what stands here wins over what stands above",
		"additionalProperties": schema{"type": "object", "properties": target, "additionalProperties": false},
	}
	text, err := json.MarshalIndent(schema{
		"$schema": "http://json-schema.org/draft-07/schema#", "title": configName,
		"description": "What a team repeats of understudy check: every key is one of its flags, without the dashes. ${NAME} is a variable of the environment.",
		"type":        []string{"object", "null"}, "properties": top, "additionalProperties": false, "definitions": definitions,
	}, "", "  ")
	return append(text, '\n'), err
}

// flagSchema describes what may stand in the file for a flag.
func flagSchema(flag *pflag.Flag) schema {
	one := []string{"string", "number"} // a text of the command line may be what YAML takes for a number
	several := func(types ...string) schema {
		return schema{"type": append(types, "array"), "items": schema{"type": one}}
	}
	s := schema{"type": "string"}
	switch flag.Value.Type() {
	case "bool":
		s = schema{"type": "boolean"}
	case "int", "uint64":
		s = schema{"type": "integer", "minimum": 0}
	case "float64":
		s = schema{"type": "number"}
	case "duration":
		s["pattern"] = `^(([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+|0|.*\$\{\w+\}.*)$`
	case "stringArray":
		s = several("string", "number")
	}
	if _, ok := pairs[flag.Name]; ok {
		s = several("string", "number", "object")
		if flag.Value.Type() != "stringArray" {
			s = schema{"type": []string{"string", "object"}}
		}
		s["additionalProperties"] = several("string", "number")
	}
	if isBody(flag.Name) {
		s["type"] = []string{"string", "object"}
	}
	s["description"] = flag.Usage
	return s
}
