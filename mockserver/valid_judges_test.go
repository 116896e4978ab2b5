package mockserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// This file calls every operation of the shipped contract in many ways, and has two judges look at every answer: kin-openapi's response
// validation, and a JSON Schema library that shares no code with it. Neither goes through any code of ours.

const (
	validList = "/stages/invitation/invitations/"
	validItem = "/stages/invitation/invitations/{invite_uuid}/"
	validUsed = "/stages/invitation/invitations/{invite_uuid}/used_by/"

	validMaxBody = 8 << 10
)

// validJudges are the two judges of an answer.
type validJudges struct {
	api      *openapi3.T
	router   routers.Router
	options  *openapi3filter.Options
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema // by pointer
}

var validUUID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// validFormats are checked by the first judge; the second has its own.
var validFormats = map[string]openapi3.StringFormatValidator{
	"uuid": openapi3.NewCallbackValidator(func(s string) error {
		if !validUUID.MatchString(s) {
			return errors.New("no uuid")
		}
		return nil
	}),
	"email": openapi3.NewCallbackValidator(func(s string) error {
		a, err := mail.ParseAddress(s)
		if err == nil && a.Address != s {
			err = errors.New("more than an address")
		}
		return err
	}),
	"date-time": openapi3.NewCallbackValidator(func(s string) error {
		_, err := time.Parse(time.RFC3339Nano, s)
		return err
	}),
}

func newValidJudges(t *testing.T) *validJudges {
	t.Helper()
	const file = "../openapi.yaml"
	api, err := openapi3.NewLoader().LoadFromFile(file)
	require.NoError(t, err)
	for _, ref := range api.Components.Schemas {
		validNullable(ref.Value)
	}
	router, err := legacy.NewRouter(api)
	require.NoError(t, err)
	j := &validJudges{
		api: api, router: router, compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{},
		options: &openapi3filter.Options{
			IncludeResponseStatus: true, MultiError: true,
			SchemaValidationOptions: []openapi3.SchemaValidationOption{
				openapi3.EnableFormatValidation(), openapi3.WithStringFormatValidators(validFormats),
			},
		},
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var document map[string]any
	require.NoError(t, yaml.Unmarshal(text, &document))
	text, err = json.Marshal(document)
	require.NoError(t, err)
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	validConvertDocument(t, tree.(map[string]any))
	j.compiler.DefaultDraft(jsonschema.Draft2020)
	j.compiler.AssertFormat()
	require.NoError(t, j.compiler.AddResource(validResource, tree))
	return j
}

// validNullable lets null in where a schema says nothing at all, as in additionalProperties: {}. In OpenAPI 3.0.3 nullable restricts only what has a
// type; kin-openapi refuses null without it.
func validNullable(s *openapi3.Schema) {
	for _, ref := range s.Properties {
		if ref.Ref == "" {
			validNullable(ref.Value)
		}
	}
	if open := s.AdditionalProperties.Schema; open != nil && open.Value.IsEmpty() {
		open.Value.Nullable = true
	}
}

const validResource = "https://understudy.invalid/openapi.json"

// validConvertDocument turns every schema of an OpenAPI 3.0 document, in place, into one of JSON Schema 2020-12.
func validConvertDocument(t *testing.T, document map[string]any) {
	t.Helper()
	var content func(node any)
	content = func(node any) { // wherever a media type, a parameter or a header has a schema
		switch node := node.(type) {
		case map[string]any:
			for key, value := range node {
				if schema, ok := value.(map[string]any); ok && key == "schema" {
					validConvert(t, schema)
				} else if key != "example" && key != "examples" && key != "schemas" && !strings.HasPrefix(key, "x-") {
					content(value)
				}
			}
		case []any:
			for _, value := range node {
				content(value)
			}
		}
	}
	content(document)
	for _, schema := range document["components"].(map[string]any)["schemas"].(map[string]any) {
		validConvert(t, schema.(map[string]any))
	}
}

// validConvert turns a schema of OpenAPI 3.0, in place, into one of JSON Schema 2020-12: nullable becomes a type, and what stands beside a $ref
// counts for nothing. What the shipped contract does not use is refused, not guessed.
func validConvert(t *testing.T, schema map[string]any) {
	t.Helper()
	if ref, ok := schema["$ref"]; ok {
		clear(schema)
		schema["$ref"] = ref
		return
	}
	for key, value := range schema {
		switch key {
		case "properties":
			for _, p := range value.(map[string]any) {
				validConvert(t, p.(map[string]any))
			}
		case "items", "not":
			validConvert(t, value.(map[string]any))
		case "additionalProperties":
			if s, ok := value.(map[string]any); ok {
				validConvert(t, s)
			}
		case "allOf", "anyOf", "oneOf":
			for _, s := range value.([]any) {
				validConvert(t, s.(map[string]any))
			}
		case "nullable", "readOnly", "writeOnly", "type", "format", "pattern", "maxLength", "minLength", "required", "enum",
			"title", "description", "default", "deprecated":
		case "example":
			delete(schema, key)
		default:
			require.True(t, strings.HasPrefix(key, "x-"), "the conversion does not know %q", key)
		}
	}
	if schema["nullable"] == true {
		require.IsType(t, "", schema["type"], "nullable without a type")
		schema["type"] = []any{schema["type"], "null"}
		if enum, ok := schema["enum"].([]any); ok {
			schema["enum"] = append(enum, nil)
		}
	}
	delete(schema, "nullable")
}

func validToken(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1")
}

// operation gives what the document says of a method on a path; HEAD is GET's. Nil if it says nothing.
func (j *validJudges) operation(path, method string) *openapi3.Operation {
	item := j.api.Paths.Value(path)
	if item == nil {
		return nil
	}
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return item.GetOperation(method)
}

// kin is the first judge.
func (j *validJudges) kin(req *http.Request, status int, header http.Header, body []byte) error {
	relative := req.Clone(context.Background())
	relative.URL.Scheme, relative.URL.Host = "", ""
	route, params, err := j.router.FindRoute(relative)
	if err != nil {
		return fmt.Errorf("no route: %w", err)
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: relative, PathParams: params, Route: route, Options: j.options},
		Status:                 status, Header: header, Options: j.options,
	}
	return openapi3filter.ValidateResponse(context.Background(), in.SetBodyBytes(body))
}

// schema is the second judge.
func (j *validJudges) schema(path, method string, status int, body []byte) error {
	pointer := fmt.Sprintf("/paths/%s/%s/responses/%d", validToken(path), strings.ToLower(method), status)
	if ref := j.operation(path, method).Responses.Status(status).Ref; ref != "" {
		pointer = strings.TrimPrefix(ref, "#")
	}
	return j.judge(pointer+"/content/application~1json/schema", body)
}

func (j *validJudges) judge(pointer string, body []byte) error {
	schema := j.compiled[pointer]
	if schema == nil {
		var err error
		if schema, err = j.compiler.Compile(validResource + "#" + pointer); err != nil {
			return err
		}
		j.compiled[pointer] = schema
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}
