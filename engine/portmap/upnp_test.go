package portmap

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeIGD is a router: SSDP on a loopback socket, description and SOAP over HTTP.
type fakeIGD struct {
	t       *testing.T
	service string // type of the service
	control string // control URL in the description; "" = its own
	body    string // in place of the description
	second  string // type of a second service
	addr    string // external address that the first service says; "" = 203.0.113.9 if it is the only one
	noise   bool   // answers to searches that make no sense come first

	mu     sync.Mutex
	calls  []string
	faults map[string]int // error code by action, the number of times in faultN
	faultN int
	web    *httptest.Server
	ssdp   string
}

func startIGD(t *testing.T, igd *fakeIGD) *fakeIGD {
	t.Helper()
	igd.t = t
	igd.web = httptest.NewServer(igd)
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	igd.ssdp = pc.LocalAddr().String()
	var served sync.WaitGroup
	served.Go(func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			igd.answer(string(buf[:n]), func(s string) { pc.WriteTo([]byte(s), from) })
		}
	})
	t.Cleanup(func() { pc.Close(); served.Wait(); igd.web.Close() })
	return igd
}

func (igd *fakeIGD) answer(search string, send func(string)) {
	const target = "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
	if !strings.HasPrefix(search, "M-SEARCH * HTTP/1.1\r\n") || !strings.Contains(search, "ST: "+target) ||
		!strings.Contains(search, `MAN: "ssdp:discover"`) {
		return
	}
	reply := func(loc string) string {
		return "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: " + target + "\r\nUSN: uuid:1::" + target +
			"\r\nEXT:\r\nSERVER: x UPnP/1.1 y\r\nLOCATION: " + loc + "\r\n\r\n"
	}
	if igd.noise {
		for _, s := range []string{"", "x", "HTTP/1.1 500 no\r\n\r\n", reply(""), reply("http://%zz/"), reply("http://203.0.113.7/root.xml"), reply("file:///etc/passwd")} {
			send(s)
		}
	}
	send(reply(igd.web.URL + "/root.xml"))
}

// ServeHTTP is the router's web server.
func (igd *fakeIGD) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	igd.mu.Lock()
	defer igd.mu.Unlock()
	if r.URL.Path == "/root.xml" {
		if igd.body != "" {
			w.(http.Flusher).Flush() // no Content-Length
			io.WriteString(w, igd.body)
			return
		}
		control := igd.control
		if control == "" {
			control = "/ctl"
		}
		second := ""
		if igd.second != "" {
			second = "<service><serviceType>" + igd.second + "</serviceType><serviceId>s2</serviceId><controlURL>/ctl</controlURL></service>"
		}
		fmt.Fprintf(w, `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><friendlyName>My Box</friendlyName>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType>
<serviceList><service><serviceType>%s</serviceType><serviceId>s</serviceId><controlURL>%s</controlURL></service>%s</serviceList>
</device></deviceList></device></deviceList></device></root>`, igd.service, control, second)
		return
	}
	service, action, _ := strings.Cut(strings.Trim(r.Header.Get("SOAPACTION"), `"`), "#")
	raw, _ := io.ReadAll(r.Body)
	igd.calls = append(igd.calls, action+" "+arguments(raw))
	if code := igd.faults[action]; code != 0 && igd.faultN > 0 {
		igd.faultN--
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode>
<faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>%d</errorCode>
<errorDescription>%s</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>`, code, "no way")
		return
	}
	out := ""
	if action == "GetExternalIPAddress" {
		addr := "203.0.113.9"
		if igd.second != "" && service == igd.service {
			addr = igd.addr
		}
		out = "<NewExternalIPAddress>" + addr + "</NewExternalIPAddress>"
	}
	fmt.Fprintf(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:%sResponse xmlns:u="%s">%s</u:%[1]sResponse></s:Body></s:Envelope>`,
		action, service, out)
}

// arguments lists the values of a SOAP call in order.
func arguments(raw []byte) string {
	var out []string
	d := xml.NewDecoder(strings.NewReader(string(raw)))
	for {
		tok, err := d.Token()
		if err != nil {
			return strings.Join(out, ",")
		}
		if text, ok := tok.(xml.CharData); ok && strings.TrimSpace(string(text)) != "" {
			out = append(out, string(text))
		}
	}
}

func (igd *fakeIGD) heard() string {
	igd.mu.Lock()
	defer igd.mu.Unlock()
	s := strings.Join(igd.calls, "|")
	igd.calls = nil
	return s
}

// finder searches on loopback and does not wait long.
func (igd *fakeIGD) finder() *upnp {
	u := newUPnP("Swarmbid")
	u.group, u.wait = igd.ssdp, 1050*time.Millisecond
	u.from = func() ([]netip.Addr, error) { return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil }
	return u
}

// TestUPnP maps and unmaps over each of the three services, whatever else answers the
// search.
func TestUPnP(t *testing.T) {
	for _, service := range []string{"WANIPConnection:1", "WANIPConnection:2", "WANPPPConnection:1"} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			igd := startIGD(t, &fakeIGD{service: "urn:schemas-upnp-org:service:" + service, noise: true})
			m := New(Config{ways: []way{igd.finder().find}})
			m.SetPort(7000)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- m.Run(ctx) }()
			<-m.Changed()
			if s := m.Status(); s.Method != "UPnP" || s.Router != "My Box" || s.External.String() != "203.0.113.9:7000" {
				t.Errorf("status %+v", s)
			}
			const want = "GetExternalIPAddress |AddPortMapping 7000,TCP,7000,127.0.0.1,1,Swarmbid,3600|AddPortMapping 7000,UDP,7000,127.0.0.1,1,Swarmbid,3600|GetExternalIPAddress "
			if got := igd.heard(); got != want {
				t.Errorf("the router heard\n%s, want\n%s", got, want)
			}
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if got := igd.heard(); got != "DeletePortMapping 7000,TCP|DeletePortMapping 7000,UDP" {
				t.Errorf("at the end the router heard %s", got)
			}
		})
	}
}

// TestUPnPFaults is the table of errors that a router may answer with.
func TestUPnPFaults(t *testing.T) {
	for code, want := range map[int]string{
		faultPermanent: "AddPortMapping 7000,TCP,7001,127.0.0.1,1,Swarmbid,3600|AddPortMapping 7000,TCP,7001,127.0.0.1,1,Swarmbid,0",
		faultConflict:  "taken",
		faultSamePort:  "AddPortMapping 7000,TCP,7001,127.0.0.1,1,Swarmbid,3600|AddPortMapping 7001,TCP,7001,127.0.0.1,1,Swarmbid,3600",
		606:            "no way (UPnP 606)",
	} {
		igd := startIGD(t, &fakeIGD{service: "urn:schemas-upnp-org:service:WANIPConnection:1", faults: map[string]int{"AddPortMapping": code}, faultN: 1})
		loc := &url.URL{Scheme: "http", Host: igd.web.Listener.Addr().String(), Path: "/root.xml"}
		gw, err := igd.finder().open(t.Context(), loc)
		if err != nil {
			t.Fatal(err)
		}
		igd.heard()
		_, d, err := gw.add(t.Context(), tcp, 7001, 7000, time.Hour)
		if !strings.Contains(want, "|") {
			if err == nil || !strings.Contains(err.Error(), want) || code == faultConflict && !errors.Is(err, errTaken) {
				t.Errorf("%d: %v, want %s", code, err, want)
			}
			continue
		}
		if got := igd.heard(); err != nil || d != time.Hour || got != want {
			t.Errorf("%d: %v, %v, the router heard %s", code, d, err, got)
		}
	}
}

// TestUPnPConnected: of two services the one with an address is taken.
func TestUPnPConnected(t *testing.T) {
	box := startIGD(t, &fakeIGD{service: "urn:schemas-upnp-org:service:WANIPConnection:1"})
	box.second = "urn:schemas-upnp-org:service:WANPPPConnection:1"
	loc := &url.URL{Scheme: "http", Host: box.web.Listener.Addr().String(), Path: "/root.xml"}
	for addr, want := range map[string]string{"0.0.0.0": box.second, "": box.second, "198.51.100.1": box.service} {
		box.addr = addr
		gw, err := box.finder().open(t.Context(), loc)
		if err != nil {
			t.Fatal(err)
		}
		if got := gw.(*igd).GetServiceClient().Service.ServiceType; got != want {
			t.Errorf("first service says %q: took %s, want %s", addr, got, want)
		}
	}
}

// TestUPnPRejects: descriptions that are long, broken or point elsewhere.
func TestUPnPRejects(t *testing.T) {
	const service = "urn:schemas-upnp-org:service:WANIPConnection:1"
	for name, igd := range map[string]*fakeIGD{
		"control elsewhere": {service: service, control: "http://203.0.113.7/ctl"},
		"control a file":    {service: service, control: "file:///etc/passwd"},
		"other device":      {service: "urn:schemas-upnp-org:service:RenderingControl:1"},
		"not XML":           {service: service, body: "no"},
		"endless": {service: service, body: `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><friendlyName>` +
			strings.Repeat("x", 2*maxDescription) + "</friendlyName><serviceList><service><serviceType>" + service +
			"</serviceType><controlURL>/ctl</controlURL></service></serviceList></device></root>"},
	} {
		startIGD(t, igd)
		loc := &url.URL{Scheme: "http", Host: igd.web.Listener.Addr().String(), Path: "/root.xml"}
		if gw, err := igd.finder().open(t.Context(), loc); err == nil {
			t.Errorf("%s: accepted %+v", name, gw)
		}
	}
	for _, raw := range []string{"http://203.0.113.7/x", "http://router.example/x", "https://127.0.0.1/x", "ftp://127.0.0.1/x"} {
		loc, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newUPnP("").open(t.Context(), loc); !errors.Is(err, errForeign) {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestUPnPSilence(t *testing.T) {
	t.Parallel()
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	u := (&fakeIGD{ssdp: pc.LocalAddr().String()}).finder()
	if gw, err := u.find(t.Context()); !errors.Is(err, errNoDevice) {
		t.Errorf("%v, %v", gw, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	begin := time.Now()
	if _, err := u.find(ctx); err == nil || time.Since(begin) > time.Second {
		t.Errorf("after the end of its context: %v, %v", err, time.Since(begin))
	}
}

func TestLocalAddrs(t *testing.T) {
	addrs, err := localAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if !a.Is4() || a.IsLoopback() {
			t.Errorf("address %s", a)
		}
	}
}
