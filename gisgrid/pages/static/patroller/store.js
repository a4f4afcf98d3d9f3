/* What the phone keeps: entries (check-ins, incidents, calls for help) until the server has answered for each, and the
   last answers of the service for use without a network. Used by the page and by its service worker.

   An entry: { id, kind: fix|incident|alarm|photo, owner, device, shift, patroller, body, state: waiting|done|refused|conflict,
   rev, madeAt, answer, told, handedAt }. `body` is what the service is sent; that of a photo is { client_id, report }, the
   report to which it belongs, and its bytes lie apart under its client_id, since entries are read often. An entry that
   IndexedDB does not take lives in memory until it is sent, and whoever adds it is told so. */

const NAME = "gisgrid-patrol";
const VERSION = 2; // 2: the bytes of photos
const KEPT_DONE = 200;

const unkept = []; // entries that could not be written down
let opening = null;
let unread = null; // why the entries could not be read the last time

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) {
        request.result.createObjectStore("entries", { keyPath: "id", autoIncrement: true }).createIndex("state", "state");
        request.result.createObjectStore("kept", { keyPath: "key" });
      }
      request.result.createObjectStore("files", { keyPath: "client_id" });
    };
    request.onsuccess = () => {
      request.result.onclose = () => { opening = null; };
      request.result.onversionchange = () => {
        request.result.close();
        opening = null;
      };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  }).catch((error) => {
    opening = null;
    throw error;
  });
  return opening;
}

/* Do something with a store, or with some, in one transaction; what `act` returns is a request, or nothing. Ends when it is
   on disk. */
async function transact(names, mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(names, mode, { durability: "strict" });
    const request = act(...[names].flat().map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    transaction.onerror = () => reject(transaction.error);
  });
}

/* --- entries ------------------------------------------------------------------------------------ */

/* Write an entry down. Returns { id, failed }: where it could not be written, `failed` is why, and it is kept in memory. */
export async function addEntry(entry) {
  const made = { state: "waiting", rev: 0, madeAt: new Date().toISOString(), ...entry };
  try {
    return { id: await transact("entries", "readwrite", (store) => store.add(made)), failed: null };
  } catch (failed) {
    const id = `memory-${made.body.client_id}`;
    unkept.push({ ...made, id });
    return { id, failed };
  }
}

/* Write an entry down together with its photos, [{ entry, bytes, type }], all or none. Returns what `addEntry` does. */
export async function addWithPhotos(entry, photos) {
  if (!photos.length) return addEntry(entry);
  const [made, ...held] = [entry, ...photos.map((photo) => photo.entry)].map((each) => ({ state: "waiting", rev: 0, madeAt: new Date().toISOString(), ...each }));
  const files = photos.map(({ bytes, type }, at) => ({ client_id: held[at].body.client_id, bytes, type }));
  try {
    const id = await transact(["entries", "files"], "readwrite", (entries, store) => {
      const request = entries.add(made);
      held.forEach((each) => entries.add(each));
      files.forEach((file) => store.add(file));
      return request;
    });
    return { id, failed: null };
  } catch (failed) {
    const id = `memory-${made.body.client_id}`;
    unkept.push({ ...made, id }, ...held.map((each, at) => ({ ...each, id: `memory-${each.body.client_id}`, file: files[at] })));
    return { id, failed };
  }
}

/* The bytes of a photo, { bytes, type }; null where they are gone. Rejects where they cannot be read just now. */
export async function fileOf(entry) {
  return entry.file ?? (await transact("files", "readonly", (store) => store.get(entry.body.client_id))) ?? null;
}

/* Let go of the bytes of a photo that the server has. */
export async function dropFile(entry) {
  delete entry.file;
  await transact("files", "readwrite", (store) => store.delete(entry.body.client_id)).catch(() => null);
}

/* All entries, in the order in which they were made; those of one state if one is named. */
export async function entries(state) {
  const written = await read(state).catch((error) => {
    unread = error;
    return [];
  });
  const found = [...written, ...unkept.filter((entry) => !state || entry.state === state)];
  return found.sort((a, b) => (a.madeAt < b.madeAt ? -1 : a.madeAt > b.madeAt ? 1 : 0));
}

async function read(state) {
  const found = await transact("entries", "readonly", (store) => (state ? store.index("state").getAll(state) : store.getAll()));
  unread = null;
  return found;
}

/* Why the phone does not show what it keeps; null where it does. */
export function trouble() {
  return unread;
}

/* Change entries: [{ id, rev, changes }]. Where the entry is another revision by now, its state stays as it is. */
export async function settle(changed) {
  for (const { id, rev, changes } of changed) {
    const at = unkept.findIndex((entry) => entry.id === id);
    if (at >= 0) Object.assign(unkept[at], fitting(unkept[at], rev, changes));
  }
  const written = changed.filter(({ id }) => typeof id === "number");
  if (!written.length) return;
  await transact("entries", "readwrite", (store) => {
    for (const { id, rev, changes } of written) {
      const request = store.get(id);
      request.onsuccess = () => request.result && store.put({ ...request.result, ...fitting(request.result, rev, changes) });
    }
  });
}

function fitting(entry, rev, changes) {
  if (rev === undefined || entry.rev === rev) return changes;
  const { state: _, ...others } = changes;
  return others;
}

export async function removeEntries(ids) {
  for (const id of ids) {
    const at = unkept.findIndex((entry) => entry.id === id);
    if (at >= 0) unkept.splice(at, 1);
  }
  const written = ids.filter((id) => typeof id === "number");
  if (!written.length) return;
  await transact(["entries", "files"], "readwrite", (store, files) => {
    for (const id of written) {
      const request = store.get(id);
      request.onsuccess = () => {
        if (request.result?.kind === "photo") files.delete(request.result.body.client_id);
        store.delete(id);
      };
    }
  });
}

/* Entries that are not written down, so that leaving the page loses them. */
export function unwritten() {
  return unkept.filter((entry) => entry.state === "waiting").length;
}

/* Old entries that the server has go, the newest stay to be looked at. */
export async function trim() {
  const done = await entries("done");
  await removeEntries(done.slice(0, Math.max(0, done.length - KEPT_DONE)).map((entry) => entry.id));
}

/* --- last answers ------------------------------------------------------------------------------- */

/* Keep a value with its time; a phone that cannot do so only knows less without a network. */
export async function keep(key, value) {
  await transact("kept", "readwrite", (store) => store.put({ key, value, at: new Date().toISOString() })).catch(() => null);
}

/* Return { value, at } of a key, or null. */
export async function kept(key) {
  return (await transact("kept", "readonly", (store) => store.get(key)).catch(() => null)) ?? null;
}

export async function forget(...keys) {
  await transact("kept", "readwrite", (store) => keys.forEach((key) => store.delete(key))).catch(() => null);
}
