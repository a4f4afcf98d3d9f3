/* Every layer there is, from the ground up. */

import * as checkpoints from "./checkpoints.js";
import * as gaps from "./gaps.js";
import * as heat from "./heat.js";
import * as incidents from "./incidents.js";
import * as mask from "./mask.js";
import * as operations from "./operations.js";
import * as own from "./own.js";
import * as positions from "./positions.js";
import * as suggested from "./suggested.js";
import * as tracks from "./tracks.js";

export const LAYERS = [mask, heat, own, operations, checkpoints, gaps, suggested, incidents, tracks, positions];
