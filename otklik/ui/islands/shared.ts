import "./hypertext";
import "./toast";
import "./forms";
import "./overlays";
import "./tips";
import "./keyboard";
import "./times";
import "./combobox";
import "./files";
import { startIslands } from "./registry";

startIslands();
