package view

import (
	"strings"

	"swarmbid/engine/swarm"
)

// PortWords says in three lines what a test of the port has found: about this
// program, about the router, about the peers.
func (l *Locale) PortWords(t *swarm.PortTest) string {
	here := l.T("port.silent", t.Port)
	switch {
	case t.Port == 0:
		here = l.T("port.none")
	case t.Answers:
		here = l.T("port.answers", t.Port)
	}
	return strings.Join([]string{here, l.routerWords(t), l.T(map[bool]string{true: "port.reached", false: "port.unreached"}[t.Reachable])}, "\n")
}

func (l *Locale) routerWords(t *swarm.PortTest) string {
	switch t.Forward {
	case swarm.NotAsked:
		return l.T("port.notAsked")
	case swarm.Asking:
		return l.T("port.asking")
	case swarm.Forwarded:
		if t.External.IsValid() {
			return l.T("port.forwardedAt", t.Method, t.External.String())
		}
		return l.T("port.forwarded", t.Method)
	case swarm.NoRouter:
		return l.T("port.noRouter")
	case swarm.RouterRefused:
		return l.T("port.refused")
	}
	return ""
}
