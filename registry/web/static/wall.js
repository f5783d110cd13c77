// The status wall: tiles stay current.

import "./filters.js";
import { keepCurrent } from "./live.js";

// What is shown changes soon; a camera that is not shown may have to be, for what broke comes first.
const isShown = (code) => document.getElementById(`tile-${code}`) !== null;
keepCurrent((codes) => (codes === null || codes.some(isShown) ? 1000 : 8000));
