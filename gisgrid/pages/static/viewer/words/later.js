/* The words of what is fetched later, see ../later.js. */

import * as cases from "./cases.js";
import * as ground from "./ground.js";
import * as patrols from "./patrols.js";
import { learn } from "../words.js";

learn(cases, ground, patrols);
