/* What a test wants of windows it cannot see into from outside of wine.

   tell texts          every visible dialog with its texts, one a line, UTF-8
   tell close TITLE    asks the window of a title to close, as its cross does
   tell minimise TITLE minimises it */
#undef UNICODE
#define UNICODE
#include <windows.h>
#include <commctrl.h>
#include <stdio.h>

static void say(const char *what, const WCHAR *text)
{
	char utf8[4096];
	if (text[0] && WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, sizeof utf8, NULL, NULL))
		printf("%s\t%s\n", what, utf8);
}

/* The items of a tree are in the memory of its process. */
static void tree(HWND wnd)
{
	DWORD pid;
	GetWindowThreadProcessId(wnd, &pid);
	HANDLE p = OpenProcess(PROCESS_VM_OPERATION | PROCESS_VM_READ | PROCESS_VM_WRITE, FALSE, pid);
	struct { TVITEMW item; WCHAR text[512]; } here, *there = VirtualAllocEx(p, NULL, sizeof here, MEM_COMMIT, PAGE_READWRITE);
	if (!there)
		return;
	HTREEITEM i = (HTREEITEM)SendMessageW(wnd, TVM_GETNEXTITEM, TVGN_ROOT, 0);
	for (; i; i = (HTREEITEM)SendMessageW(wnd, TVM_GETNEXTITEM, TVGN_NEXT, (LPARAM)i)) {
		ZeroMemory(&here, sizeof here);
		here.item.mask = TVIF_TEXT;
		here.item.hItem = i;
		here.item.pszText = there->text;
		here.item.cchTextMax = 512;
		WriteProcessMemory(p, there, &here, sizeof here, NULL);
		SendMessageW(wnd, TVM_GETITEMW, 0, (LPARAM)there);
		ReadProcessMemory(p, there, &here, sizeof here, NULL);
		say("item", here.text);
	}
	VirtualFreeEx(p, there, 0, MEM_RELEASE);
	CloseHandle(p);
}

static BOOL CALLBACK child(HWND wnd, LPARAM unused)
{
	WCHAR class[64], text[1024] = L"";
	if (!IsWindowVisible(wnd))
		return TRUE;
	GetClassNameW(wnd, class, 64);
	SendMessageTimeoutW(wnd, WM_GETTEXT, 1024, (LPARAM)text, SMTO_ABORTIFHUNG, 2000, NULL);
	say("text", text);
	if (!lstrcmpW(class, WC_TREEVIEWW))
		tree(wnd);
	return TRUE;
}

static BOOL CALLBACK top(HWND wnd, LPARAM unused)
{
	WCHAR class[64], text[1024] = L"";
	GetClassNameW(wnd, class, 64);
	if (!IsWindowVisible(wnd) || lstrcmpW(class, L"#32770"))
		return TRUE;
	GetWindowTextW(wnd, text, 1024);
	say("dialog", text);
	EnumChildWindows(wnd, child, 0);
	return TRUE;
}

int wmain(int n, WCHAR **arg)
{
	if (n == 2 && !lstrcmpW(arg[1], L"texts"))
		return !EnumWindows(top, 0);
	HWND wnd = n == 3 ? FindWindowW(NULL, arg[2]) : NULL;
	if (!wnd)
		return 1;
	if (!lstrcmpW(arg[1], L"close"))
		return !PostMessageW(wnd, WM_CLOSE, 0, 0);
	return !PostMessageW(wnd, WM_SYSCOMMAND, SC_MINIMIZE, 0);
}
