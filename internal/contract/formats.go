package contract

import (
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// stringFormats are the formats that are checked, beside those that kin-openapi knows. They are registered per document, never globally.
var stringFormats = map[string]func(string) error{
	"date-time": func(s string) error { _, err := ParseInstant(s); return err },
	"date":      func(s string) error { _, err := time.Parse(time.DateOnly, s); return err },
	"uuid":      checkUUID,
	"email":     checkEmail,
	"uri": func(s string) error {
		u, err := url.Parse(s)
		if err == nil && u.Scheme == "" {
			return fmt.Errorf("no scheme")
		}
		return err
	},
	"ipv4": func(s string) error {
		a, err := netip.ParseAddr(s)
		if err == nil && !a.Is4() {
			return fmt.Errorf("not IPv4")
		}
		return err
	},
	"ipv6": func(s string) error {
		a, err := netip.ParseAddr(s)
		if err == nil && (!a.Is6() || a.Zone() != "") {
			return fmt.Errorf("not IPv6")
		}
		return err
	},
}

func formatOptions() []openapi3.SchemaValidationOption {
	validators := make(map[string]openapi3.StringFormatValidator, len(stringFormats))
	for name, check := range stringFormats {
		validators[name] = openapi3.NewCallbackValidator(check)
	}
	return []openapi3.SchemaValidationOption{openapi3.EnableFormatValidation(), openapi3.WithStringFormatValidators(validators)}
}

// ParseInstant reads an RFC 3339 date-time. Letters may be lower case (§5.6); a leap second is read as the second before it.
func ParseInstant(s string) (time.Time, error) {
	if len(s) < len("2006-01-02T15:04:05Z") || s[4] != '-' || s[10] != 'T' && s[10] != 't' {
		return time.Time{}, fmt.Errorf("not an RFC 3339 date-time")
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err == nil {
		return t, nil
	}
	u := strings.ToUpper(s)
	if u[17:19] == "60" {
		u = u[:17] + "59" + u[19:]
	}
	return time.Parse(time.RFC3339Nano, u)
}

func checkUUID(s string) error {
	if len(s) != 36 {
		return fmt.Errorf("not 36 characters")
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return fmt.Errorf("no hyphen at %d", i)
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return fmt.Errorf("%q is no hexadecimal digit", c)
			}
		}
	}
	return nil
}

func checkEmail(s string) error {
	a, err := mail.ParseAddress(s)
	if err == nil && a.Address != s {
		return fmt.Errorf("not an address alone")
	}
	return err
}
