; The installer: for one user, without an administrator, in English and German.
;
;   /S                   asks nothing
;   /D=C:\folder         where to (last, without quotes)
;   /AUTOSTART           start with Windows
;   /NOASSOC             do not open .torrent files and magnet links
;   /LANG=1031           in German, 1033 in English; else as Windows
;
; What concerns the registry, autostart and a running program is done by the program
; itself (swarmbid -desktop …), so that it is written and tested once.
;
; Defined by .ci/windows: VERSION, QUAD (a.b.c.d), EXE, OUT, LICENSE_FILE, and SIGN,
; the command that signs the file whose name follows, if there is a certificate.

Unicode true
Target amd64-unicode ; runs without 32-bit support, too
SetCompressor /SOLID lzma
SetDateSave off
RequestExecutionLevel user
ManifestDPIAware true
ManifestSupportedOS Win10

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"

!define APP "Swarmbid"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${APP}"

Name "${APP}"
OutFile "${OUT}"
BrandingText "${APP} ${VERSION}"
InstallDir "$LOCALAPPDATA\Programs\${APP}"
InstallDirRegKey HKCU "Software\${APP}" "InstallDir"
VIProductVersion "${QUAD}"
VIFileVersion "${QUAD}"
VIAddVersionKey "ProductName" "${APP}"
VIAddVersionKey "FileDescription" "${APP} Setup"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "Mozilla Public License 2.0"

!define MUI_ICON "swarmbid.ico"
!define MUI_UNICON "swarmbid.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\${APP}.exe"
!define MUI_ABORTWARNING
!define MUI_COMPONENTSPAGE_SMALLDESC ; room for the names
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"

LangString NAME_MAIN ${LANG_ENGLISH} "Swarmbid"
LangString NAME_MAIN ${LANG_GERMAN} "Swarmbid"
LangString NAME_ASSOC ${LANG_ENGLISH} "Open .torrent files and magnet links"
LangString NAME_ASSOC ${LANG_GERMAN} ".torrent-Dateien und Magnet-Links öffnen"
LangString NAME_AUTO ${LANG_ENGLISH} "Start with Windows"
LangString NAME_AUTO ${LANG_GERMAN} "Mit Windows starten"
LangString TELL_MAIN ${LANG_ENGLISH} "The program and its entry in the start menu."
LangString TELL_MAIN ${LANG_GERMAN} "Das Programm und sein Eintrag im Startmenü."
LangString TELL_ASSOC ${LANG_ENGLISH} "Swarmbid is offered for them, and is the default where there is none. Another program's stay as they are."
LangString TELL_ASSOC ${LANG_GERMAN} "Swarmbid wird dafür angeboten und ist die Vorgabe, wo es keine gibt. Die eines anderen Programms bleiben, wie sie sind."
LangString TELL_AUTO ${LANG_ENGLISH} "Swarmbid starts in the notification area when you log in."
LangString TELL_AUTO ${LANG_GERMAN} "Swarmbid startet beim Anmelden im Infobereich."
LangString RUNS ${LANG_ENGLISH} "Swarmbid is running and does not end. End it and try again."
LangString RUNS ${LANG_GERMAN} "Swarmbid läuft und beendet sich nicht. Beenden Sie es und versuchen Sie es noch einmal."
LangString KEEPS ${LANG_ENGLISH} "Swarmbid was removed. Your downloads, settings and wallet stay in %APPDATA%\Swarmbid."
LangString KEEPS ${LANG_GERMAN} "Swarmbid wurde entfernt. Ihre Downloads, Einstellungen und das Wallet bleiben in %APPDATA%\Swarmbid."

; Asks a program that runs from the folder to end; it answers when it has.
!macro EndRunning
  ${If} ${FileExists} "$INSTDIR\${APP}.exe"
    again:
    ClearErrors
    ExecWait '"$INSTDIR\${APP}.exe" -desktop quit' $0
    ${If} ${Errors}
    ${OrIf} $0 <> 0
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNS)" /SD IDCANCEL IDRETRY again
      SetErrorLevel 2
      Abort
    ${EndIf}
  ${EndIf}
!macroend

Section "$(NAME_MAIN)" SecMain
  SectionIn RO
  !insertmacro EndRunning
  SetOutPath "$INSTDIR"
  File "/oname=${APP}.exe" "${EXE}"
  File "/oname=LICENSE.txt" "${LICENSE_FILE}"
  WriteUninstaller "$INSTDIR\Uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${APP}.lnk" "$INSTDIR\${APP}.exe"
  WriteRegStr HKCU "Software\${APP}" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${APP}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Swarmbid authors"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${APP}.exe,0"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\Uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
SectionEnd

Section "$(NAME_ASSOC)" SecAssoc
  ExecWait '"$INSTDIR\${APP}.exe" -desktop register'
SectionEnd

Section /o "$(NAME_AUTO)" SecAuto
  ExecWait '"$INSTDIR\${APP}.exe" -desktop autostart'
SectionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${SecMain} "$(TELL_MAIN)"
  !insertmacro MUI_DESCRIPTION_TEXT ${SecAssoc} "$(TELL_ASSOC)"
  !insertmacro MUI_DESCRIPTION_TEXT ${SecAuto} "$(TELL_AUTO)"
!insertmacro MUI_FUNCTION_DESCRIPTION_END

!macro ChooseLanguage
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/LANG=" $R1
  ${IfNot} ${Errors}
    StrCpy $LANGUAGE $R1
  ${EndIf}
!macroend

Function un.onInit
  !insertmacro ChooseLanguage
FunctionEnd

Function .onInit
  !insertmacro ChooseLanguage
  ClearErrors
  ${GetOptions} $R0 "/AUTOSTART" $R1
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${SecAuto}
  ${EndIf}
  ClearErrors
  ${GetOptions} $R0 "/NOASSOC" $R1
  ${IfNot} ${Errors}
    !insertmacro UnselectSection ${SecAssoc}
  ${EndIf}
  ClearErrors
FunctionEnd

Section "Uninstall"
  !insertmacro EndRunning
  ExecWait '"$INSTDIR\${APP}.exe" -desktop unregister'
  Delete "$INSTDIR\sw\${APP}.exe"
  Delete "$INSTDIR\${APP}.exe"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\Uninstall.exe"
  RMDir "$INSTDIR\sw"
  RMDir "$INSTDIR" ; stays if it holds anything of the user's
  Delete "$SMPROGRAMS\${APP}.lnk"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegValue HKCU "Software\${APP}" "InstallDir"
  DeleteRegKey /ifempty HKCU "Software\${APP}"
SectionEnd

Function un.onUninstSuccess
  MessageBox MB_OK|MB_ICONINFORMATION "$(KEEPS)" /SD IDOK
FunctionEnd

!ifdef SIGN
  !uninstfinalize '${SIGN} "%1"' = 0
!endif
