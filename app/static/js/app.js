// Every page works without this file; it makes pages quicker and mistakes harder.
import { startAutosave } from "./autosave.js";
import { startDialogs } from "./dialogs.js";
import { startForms } from "./forms.js";
import { startLists } from "./lists.js";
import { startMenus } from "./menus.js";
import { startMessages } from "./messages.js";
import { startPrint } from "./print.js";

startMenus();
startMessages();
startDialogs();
startForms();
startAutosave();
startLists();
startPrint();
