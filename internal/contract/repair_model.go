package contract

import "understudy/internal/source"

// form says what a value may be written as.
type form int

const (
	textForm form = 1 << iota
	numberForm
	wholeForm
	boolForm
	listForm
	mapForm
)

// shape is what OpenAPI says of one kind of value. The zero shape is data: an example, a default, an extension. Nothing in it is a reference.
type shape struct {
	name   string            // with its article, as warnings call it
	is     form              // 0: anything
	fields map[string]*shape // of a map whose keys OpenAPI knows
	each   *shape            // the values of a map whose keys are free, or the items of a list
	ref    bool              // may be a $ref instead
	blank  form              // what takes its place if it is unusable: an empty map or an empty list; 0: nothing
	need   []string          // fields that it must have, though it can be played without
	lack   []string          // fields that it cannot be used without
	open   bool              // unknown fields are no fault
	ext    bool              // of the free keys, those that begin with x- are extensions
	check  func(r *repair, n *source.Node)
}

var (
	anyData  = &shape{}
	aText    = &shape{is: textForm}
	aNumber  = &shape{is: numberForm}
	aWhole   = &shape{is: wholeForm}
	aBoolean = &shape{is: boolForm}
)

func listOf(s *shape) *shape { return &shape{is: listForm, each: s} }
func mapOf(s *shape) *shape  { return &shape{is: mapForm, each: s} }

// fieldsOf gives a table in which several fields are of the same shape.
func fieldsOf(s *shape, names ...string) map[string]*shape {
	m := make(map[string]*shape, len(names))
	for _, name := range names {
		m[name] = s
	}
	return m
}

// join joins tables.
func join(tables ...map[string]*shape) map[string]*shape {
	m := map[string]*shape{}
	for _, t := range tables {
		for k, s := range t {
			m[k] = s
		}
	}
	return m
}

// model is what one version of OpenAPI says: the document, and where components of each shape belong.
type model struct {
	document *shape
	schema   *shape
	pathItem *shape
	response *shape
	example  *shape
	sections map[*shape][]string
}

// schemaModel fills in the shape of a schema, which is made of schemas.
func schemaModel(schema *shape, discriminator *shape) {
	types := &shape{is: textForm | listForm, each: aText}
	*schema = shape{
		name: "a schema", is: mapForm, ref: true, blank: mapForm, check: (*repair).schema,
		fields: join(
			fieldsOf(aText, "title", "description", "format", "pattern", "$comment", "$id", "$schema", "$anchor", "$dynamicRef", "$dynamicAnchor", "contentMediaType", "contentEncoding"),
			fieldsOf(anyData, "default", "example", "const", "xml", "externalDocs"),
			fieldsOf(aBoolean, "uniqueItems", "nullable", "readOnly", "writeOnly", "allowEmptyValue", "deprecated"),
			fieldsOf(aNumber, "minimum", "maximum", "multipleOf"),
			fieldsOf(aWhole, "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"),
			fieldsOf(schema, "not", "items", "contains", "propertyNames", "if", "then", "else", "contentSchema"),
			fieldsOf(listOf(schema), "oneOf", "anyOf", "allOf", "prefixItems"),
			fieldsOf(mapOf(schema), "properties", "patternProperties", "dependentSchemas", "$defs"),
			fieldsOf(listOf(aText), "required"),
			fieldsOf(listOf(anyData), "enum", "examples"),
			map[string]*shape{
				"type": types, "discriminator": discriminator, "dependentRequired": mapOf(listOf(aText)),
				"exclusiveMinimum": {is: boolForm | numberForm}, "exclusiveMaximum": {is: boolForm | numberForm},
			},
		),
	}
	for _, name := range []string{"additionalProperties", "unevaluatedItems", "unevaluatedProperties"} {
		schema.fields[name] = schema
	}
	schema.fields["xml"] = &shape{is: mapForm, fields: join(fieldsOf(aText, "name", "namespace", "prefix", "nodeType"), fieldsOf(aBoolean, "attribute", "wrapped"))}
	schema.fields["externalDocs"] = docsShape
}

// mayBeBool are the keywords whose schema may be a boolean in any version.
var mayBeBool = map[string]bool{"additionalProperties": true, "unevaluatedItems": true, "unevaluatedProperties": true}

var (
	docsShape     = &shape{is: mapForm, fields: fieldsOf(aText, "url", "description")}
	securityShape = listOf(&shape{name: "a security requirement", is: mapForm, each: &shape{is: listForm, each: aText, blank: listForm}, check: (*repair).requirement})
	tagsShape     = listOf(&shape{name: "a tag", is: mapForm, lack: []string{"name"}, fields: join(fieldsOf(aText, "name", "summary", "description", "parent", "kind"), map[string]*shape{"externalDocs": docsShape})})
	infoShape     = &shape{name: "info", is: mapForm, need: []string{"title", "version"}, fields: join(
		fieldsOf(aText, "title", "summary", "description", "termsOfService", "version"),
		map[string]*shape{
			"contact": {is: mapForm, fields: fieldsOf(aText, "name", "url", "email")},
			"license": {is: mapForm, fields: fieldsOf(aText, "name", "identifier", "url")},
		})}
	linkShape = &shape{name: "a link", is: mapForm, ref: true, fields: join(
		fieldsOf(aText, "operationRef", "operationId", "description"), fieldsOf(mapOf(anyData), "parameters"), fieldsOf(anyData, "requestBody", "server"))}
	serverShape = &shape{name: "a server", is: mapForm, lack: []string{"url"}, fields: join(
		fieldsOf(aText, "url", "name", "description"),
		map[string]*shape{"variables": mapOf(&shape{name: "a server variable", is: mapForm, need: []string{"default"}, fields: join(
			fieldsOf(aText, "default", "description"), fieldsOf(listOf(aText), "enum"))})})}
	exampleShape  = &shape{name: "an example", is: mapForm, ref: true, fields: join(fieldsOf(aText, "summary", "description", "externalValue"), fieldsOf(anyData, "value", "dataValue", "serializedValue"))}
	examplesShape = &shape{is: mapForm, each: exampleShape}
)

// model3 is OpenAPI 3.0 and later.
func model3(later bool) *model {
	schema := &shape{}
	schemaModel(schema, &shape{
		name: "a discriminator", is: mapForm, lack: []string{"propertyName"}, check: (*repair).discriminator,
		fields: join(fieldsOf(aText, "propertyName", "defaultMapping"), fieldsOf(mapOf(aText), "mapping")),
	})
	schema.open = later
	if later {
		schema.is |= boolForm
	}
	media := &shape{name: "a media type", is: mapForm, blank: mapForm}
	content := mapOf(media)
	header := &shape{name: "a header", is: mapForm, ref: true, check: (*repair).header, fields: join(
		fieldsOf(aText, "description", "style"), fieldsOf(aBoolean, "required", "deprecated", "allowEmptyValue", "explode", "allowReserved"), fieldsOf(anyData, "example"),
		map[string]*shape{"schema": schema, "content": content, "examples": examplesShape})}
	media.fields = join(fieldsOf(anyData, "example"), fieldsOf(schema, "schema", "itemSchema"), map[string]*shape{
		"examples": examplesShape,
		"encoding": mapOf(&shape{name: "an encoding", is: mapForm, fields: join(
			fieldsOf(aText, "contentType", "style"), fieldsOf(aBoolean, "explode", "allowReserved"), fieldsOf(mapOf(header), "headers"))}),
	}, fieldsOf(anyData, "prefixEncoding", "itemEncoding"))
	parameter := &shape{name: "a parameter", is: mapForm, ref: true, lack: []string{"name", "in"}, check: (*repair).parameter, fields: join(fieldsOf(aText, "name", "in"), header.fields)}
	body := &shape{name: "a request body", is: mapForm, ref: true, check: (*repair).body, fields: join(fieldsOf(aText, "description"), fieldsOf(content, "content"), fieldsOf(aBoolean, "required"))}
	response := &shape{name: "a response", is: mapForm, ref: true, blank: mapForm, need: []string{"description"}, fields: join(
		fieldsOf(aText, "summary", "description"), map[string]*shape{"headers": mapOf(header), "content": content, "links": mapOf(linkShape)})}
	callback := &shape{name: "a callback", is: mapForm, ref: true, ext: true}
	operation := &shape{name: "an operation", is: mapForm, check: (*repair).operation, fields: join(
		fieldsOf(aText, "summary", "description", "operationId"), fieldsOf(listOf(aText), "tags"), fieldsOf(aBoolean, "deprecated"),
		map[string]*shape{
			"externalDocs": docsShape, "parameters": listOf(parameter), "requestBody": body, "responses": {is: mapForm, each: response, ext: true},
			"callbacks": mapOf(callback), "security": securityShape, "servers": listOf(serverShape),
		})}
	item := &shape{name: "a path item", is: mapForm, ref: true, fields: join(
		fieldsOf(aText, "summary", "description"), fieldsOf(listOf(serverShape), "servers"), fieldsOf(listOf(parameter), "parameters"), fieldsOf(mapOf(operation), "additionalOperations"),
		fieldsOf(operation, "get", "put", "post", "delete", "options", "head", "patch", "trace", "query", "connect"))}
	callback.each = item
	flow := &shape{is: mapForm, fields: join(fieldsOf(aText, "authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl"), fieldsOf(mapOf(aText), "scopes"))}
	scheme := &shape{name: "a security scheme", is: mapForm, ref: true, need: []string{"type"}, fields: join(
		fieldsOf(aText, "type", "description", "name", "in", "scheme", "bearerFormat", "openIdConnectUrl", "oauth2MetadataUrl"), fieldsOf(aBoolean, "deprecated"),
		map[string]*shape{"flows": {is: mapForm, fields: fieldsOf(flow, "implicit", "password", "clientCredentials", "authorizationCode", "deviceAuthorization")}})}
	components := map[string]*shape{
		"schemas": schema, "responses": response, "parameters": parameter, "examples": exampleShape, "requestBodies": body, "headers": header,
		"securitySchemes": scheme, "links": linkShape, "callbacks": callback, "pathItems": item, "mediaTypes": media,
	}
	m := &model{schema: schema, pathItem: item, response: response, example: exampleShape, sections: map[*shape][]string{item: {"x-path-items"}}}
	sections := map[string]*shape{}
	for name, s := range components {
		sections[name] = mapOf(s)
		if s != item {
			m.sections[s] = []string{"components", name}
		}
	}
	m.document = &shape{name: "the document", is: mapForm, fields: map[string]*shape{
		"openapi": aText, "$self": aText, "info": infoShape, "jsonSchemaDialect": aText, "servers": listOf(serverShape), "paths": {is: mapForm, each: item, ext: true}, "webhooks": mapOf(item),
		"components": {is: mapForm, fields: sections}, "security": securityShape, "tags": tagsShape, "externalDocs": docsShape,
	}}
	m.document.need = []string{"info"}
	if !later {
		m.document.need = []string{"info", "paths"}
	}
	return m
}

// model2 is Swagger 2.0.
func model2() *model {
	schema := &shape{}
	schemaModel(schema, aText)
	for _, name := range []string{
		"oneOf", "anyOf", "nullable", "writeOnly", "const", "examples", "if", "then", "else", "prefixItems", "contains", "propertyNames", "$defs", "deprecated",
		"contentSchema", "dependentSchemas", "dependentRequired", "unevaluatedItems", "unevaluatedProperties", "patternProperties", "minContains", "maxContains",
	} {
		delete(schema.fields, name)
	}
	schema.fields["exclusiveMinimum"], schema.fields["exclusiveMaximum"] = aBoolean, aBoolean
	simple := map[string]*shape{}
	for _, name := range []string{
		"type", "format", "default", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
		"minItems", "maxItems", "uniqueItems", "items", "description", "example",
	} {
		simple[name] = schema.fields[name]
	}
	simple["collectionFormat"] = aText
	schema.fields["collectionFormat"] = aText
	header := &shape{name: "a header", is: mapForm, fields: simple, check: (*repair).simple}
	parameter := &shape{name: "a parameter", is: mapForm, ref: true, lack: []string{"name", "in"}, check: (*repair).parameter2, fields: join(
		simple, fieldsOf(aText, "name", "in"), fieldsOf(aBoolean, "required", "allowEmptyValue"), fieldsOf(schema, "schema"))}
	response := &shape{name: "a response", is: mapForm, ref: true, blank: mapForm, need: []string{"description"}, fields: join(
		fieldsOf(aText, "description"), fieldsOf(schema, "schema"), fieldsOf(mapOf(header), "headers"), fieldsOf(mapOf(anyData), "examples"))}
	texts := listOf(aText)
	operation := &shape{name: "an operation", is: mapForm, check: (*repair).operation, fields: join(
		fieldsOf(aText, "summary", "description", "operationId"), fieldsOf(texts, "tags", "consumes", "produces", "schemes"), fieldsOf(aBoolean, "deprecated"),
		map[string]*shape{"externalDocs": docsShape, "parameters": listOf(parameter), "responses": {is: mapForm, each: response, ext: true}, "security": securityShape})}
	item := &shape{name: "a path item", is: mapForm, ref: true, fields: join(
		fieldsOf(listOf(parameter), "parameters"), fieldsOf(operation, "get", "put", "post", "delete", "options", "head", "patch"))}
	scheme := &shape{name: "a security scheme", is: mapForm, need: []string{"type"}, check: (*repair).scheme2, fields: join(
		fieldsOf(aText, "type", "description", "name", "in", "flow", "authorizationUrl", "tokenUrl"), fieldsOf(mapOf(aText), "scopes"))}
	return &model{
		schema: schema, pathItem: item, response: response,
		sections: map[*shape][]string{schema: {"definitions"}, parameter: {"parameters"}, response: {"responses"}},
		document: &shape{name: "the document", is: mapForm, need: []string{"info", "paths"}, check: (*repair).host, fields: join(
			fieldsOf(aText, "swagger", "host", "basePath"), fieldsOf(texts, "schemes", "consumes", "produces"),
			map[string]*shape{
				"info": infoShape, "paths": {is: mapForm, each: item, ext: true}, "definitions": mapOf(schema), "parameters": mapOf(parameter), "responses": mapOf(response),
				"securityDefinitions": mapOf(scheme), "security": securityShape, "tags": tagsShape, "externalDocs": docsShape,
			})},
	}
}
