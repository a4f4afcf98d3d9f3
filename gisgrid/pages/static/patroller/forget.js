/* On the page where people sign in: what the page for patrollers kept of somebody who signed out here goes. What is not
   sent yet stays for when they are back; nobody else is shown it. */

import { forgetPersonal } from "./answers.js";
import { entries, kept, removeEntries } from "./store.js";

const isOfPerson = (entry) => entry.owner.startsWith("person:");

if ((await kept("duty"))?.value?.sender.kind === "person") await forgetPersonal();
await removeEntries((await entries("done")).filter(isOfPerson).map((entry) => entry.id)).catch(() => null);
