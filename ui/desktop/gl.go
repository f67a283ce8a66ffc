package desktop

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrNoGL means that the window cannot be drawn: the system offers no OpenGL of
// at least minGL. Fyne would run on without a window and without a word.
var ErrNoGL = errors.New("no usable OpenGL")

// minGL is what Fyne 2.8 needs.
const minGL = 2.1

// GL is the OpenGL that the system offers.
type GL struct {
	Version  string // as the driver says it, "4.5 (Compatibility Profile) Mesa 22.3.6"
	Renderer string
}

// check returns ErrNoGL for a version below minGL.
func (g GL) check() error {
	number, _, _ := strings.Cut(strings.TrimSpace(g.Version), " ")
	if parts := strings.SplitN(number, ".", 3); len(parts) > 2 {
		number = parts[0] + "." + parts[1]
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return fmt.Errorf("%w: version %q", ErrNoGL, g.Version)
	}
	if v < minGL {
		return fmt.Errorf("%w: version %s, %.1f is needed (%s)", ErrNoGL, number, minGL, g.Renderer)
	}
	return nil
}

// NoGLText is what people read when there is no OpenGL, in their language if it is
// "de", else in English.
func NoGLText(lang string, problem error) (title, text string) {
	if strings.HasPrefix(strings.ToLower(lang), "de") {
		return "Swarmbid kann kein Fenster zeichnen", "Swarmbid braucht OpenGL 2.1, und der Grafiktreiber dieses Rechners bietet es nicht an.\n\n" +
			"Das hilft meist: den Treiber der Grafikkarte von der Website des Herstellers installieren. " +
			"Bei Remotedesktop oder einer virtuellen Maschine: dort die 3D-Beschleunigung einschalten, oder neben Swarmbid.exe einen Ordner „sw“ mit Mesas opengl32.dll anlegen (siehe docs/install.md).\n\n" +
			"Ihre Dateien und Ihr Guthaben sind davon nicht betroffen. Ohne Fenster läuft Swarmbid mit: Swarmbid.exe -headless\n\n" + problem.Error()
	}
	return "Swarmbid cannot draw a window", "Swarmbid needs OpenGL 2.1, and this computer's graphics driver does not offer it.\n\n" +
		"What usually helps: install the driver of the graphics card from its maker's web site. " +
		"On Remote Desktop or a virtual machine: turn on 3D acceleration there, or put a folder \"sw\" with Mesa's opengl32.dll beside Swarmbid.exe (see docs/install.md).\n\n" +
		"Your files and your balance are not affected. Without a window Swarmbid runs by: Swarmbid.exe -headless\n\n" + problem.Error()
}
