import "./hypertext";
import "./toast";
import "./forms";
import "./overlays";
import "./tips";
import "./keyboard";
import "./times";
import "./tabs";
import "./combobox";
import "./files";
import "./autosave";
import { startIslands } from "./registry";

startIslands();
