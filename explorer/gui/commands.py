"""The key table: every command of the window once. Menus, shortcuts, the help page and the command palette all come from it."""

from __future__ import annotations

from typing import NamedTuple

from explorer.i18n import N_


class Command(NamedTuple):
    """`name` is the method that it calls (and the key in the settings' `shortcuts`); `menu` is one of MENUS."""

    name: str
    text: str
    keys: tuple[str, ...]
    menu: str
    icon: str = ""
    checkable: bool = False


FILE, EDIT, PLAYBACK, VIEW = N_("File"), N_("Edit"), N_("Playback"), N_("View")
PANELS, HELP = N_("Panels"), N_("Help")
MENUS = (FILE, EDIT, PLAYBACK, VIEW, PANELS, HELP)

COMMANDS = (
    Command("open_picture", N_("Open picture or video..."), ("Ctrl+O",), FILE, "picture"),
    Command("open_folder", N_("Open folder..."), ("Ctrl+Shift+O",), FILE, "folder"),
    Command("open_camera", N_("Camera"), ("Ctrl+K",), FILE, "camera"),
    Command("choose_camera", N_("Choose a camera..."), ("Ctrl+Shift+K",), FILE, "camera"),
    Command("open_stream", N_("Open stream..."), ("Ctrl+Shift+N",), FILE, "stream"),
    Command("look_at_all", N_("Look at all pictures of a folder..."), ("Ctrl+Shift+B",), FILE, "live"),
    Command("open_model", N_("Open model file..."), ("Ctrl+M",), FILE, "models"),
    Command("save_picture", N_("Save picture..."), ("S", "Ctrl+S"), FILE, "save"),
    Command("open_recipe", N_("Open recipe..."), ("Ctrl+Shift+R",), FILE, "recipe"),
    Command("save_recipe", N_("Save recipe..."), ("Ctrl+Shift+S",), FILE, "save"),
    Command("quit", N_("Quit"), ("Ctrl+Q",), FILE, "close"),
    Command("undo", N_("Undo"), ("Ctrl+Z",), EDIT, "undo"),
    Command("redo", N_("Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), EDIT, "redo"),
    Command("copy_picture", N_("Copy picture"), ("Ctrl+Shift+C",), EDIT, "copy"),
    Command("paste_picture", N_("Paste picture"), ("Ctrl+V",), EDIT, "picture"),
    Command("back_to_start", N_("Back to start"), ("Ctrl+Backspace",), EDIT, "reset"),
    Command("stop_job", N_("Stop the running job"), ("Esc",), EDIT, "stop"),
    Command("play_picture", N_("Play or pause the video"), ("Ctrl+P",), PLAYBACK, "play"),
    Command("freeze", N_("Freeze the picture"), ("F",), PLAYBACK, "freeze", checkable=True),
    Command("picture_back", N_("One picture back"), ("Alt+Left",), PLAYBACK, "step-back"),
    Command("picture_on", N_("One picture on"), ("Alt+Right",), PLAYBACK, "step"),
    Command("play_slower", N_("Play slower"), ("Alt+,",), PLAYBACK),
    Command("play_faster", N_("Play faster"), ("Alt+.",), PLAYBACK),
    Command("play_loop", N_("Start again at the end, or not"), ("Alt+L",), PLAYBACK, "loop"),
    Command("from_here", N_("From here: begin with this picture"), ("Alt+I",), PLAYBACK, "point-in"),
    Command("to_here", N_("To here: end with this picture"), ("Alt+O",), PLAYBACK, "point-out"),
    Command("whole_video", N_("The whole video again"), ("Alt+X",), PLAYBACK, "point-clear"),
    Command("projector", N_("Projector: large type, nothing else"), ("F11",), VIEW, "projector", checkable=True),
    Command("layout_1", N_("Layout 1: all panels"), ("Ctrl+1",), VIEW, "layout"),
    Command("layout_2", N_("Layout 2: look inside, live"), ("Ctrl+2",), VIEW, "layout"),
    Command("layout_3", N_("Layout 3: look inside and dream"), ("Ctrl+3",), VIEW, "layout"),
    Command("layout_4", N_("Layout 4: optimizers alone"), ("Ctrl+4",), VIEW, "layout"),
    Command("reset_layout", N_("Reset layout"), (), VIEW, "reset"),
    Command("dock_all", N_("Dock all panels"), (), VIEW, "dock"),
    Command("theme_system", N_("Theme of the system"), (), VIEW, "", checkable=True),
    Command("theme_light", N_("Light theme"), (), VIEW, "sun", checkable=True),
    Command("theme_dark", N_("Dark theme"), (), VIEW, "moon", checkable=True),
    Command("language_en", "English", (), VIEW, "language", checkable=True),
    Command("language_hu", "Magyar", (), VIEW, "language", checkable=True),
    Command("show_welcome", N_("Welcome"), ("Ctrl+Home",), PANELS, "home"),
    Command("next_panel", N_("Next panel"), ("Ctrl+Tab", "Ctrl+PgDown"), PANELS),
    Command("previous_panel", N_("Previous panel"), ("Ctrl+Shift+Tab", "Ctrl+PgUp"), PANELS),
    Command("help", N_("Keys and help"), ("F1",), HELP, "help"),
    Command("command_palette", N_("Command palette"), ("Ctrl+Shift+P",), HELP, "command"),
    Command("change_keys", N_("Change a key..."), (), HELP, "keyboard"),
    Command("show_plugins", N_("Plugins..."), (), HELP, "plugin"),
    Command("about", N_("About Explorer"), (), HELP, "info"),
)
# A line is drawn before these in their menu.
BREAKS = {"open_model", "save_picture", "open_recipe", "quit", "copy_picture", "back_to_start", "layout_1", "reset_layout"}
BREAKS |= {"theme_system", "language_en", "next_panel", "about", "picture_back", "from_here"}


def keys_of(command: Command, own: dict[str, str]) -> tuple[str, ...]:
    """The keys in force: the person's own, else ours."""
    if command.name in own:
        return (own[command.name],) if own[command.name] else ()
    return command.keys
