# The packages for Windows, cross-built on Debian and tested under wine. A first build
# takes about ten minutes, for OpenGL is bound in C.

WINDOWS_DEPS := gcc-mingw-w64-x86-64 g++-mingw-w64-x86-64 nsis wixl zip python3
WINE_DEPS := wine wine64 osslsigncode icoutils msitools curl

.PHONY: windows test-windows

windows: ## build/windows: program, installer, MSI and portable zip for Windows
	@.ci/deps $(WINDOWS_DEPS)
	GO="$(GO)" VERSION="$(VERSION)" .ci/windows build/windows

test-windows: windows ## install, use and uninstall them under wine
	@.ci/deps $(WINE_DEPS) $(WINDOW_DEPS) $(CLIENT_DEPS)
	GO="$(GO)" VERSION="$(VERSION)" /usr/bin/python3 .ci/test-windows build/windows
