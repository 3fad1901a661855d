// The device's own database. Every write is one transaction with strict durability: it counts when the disk has it.
const NAME = "yiheng-tablet";
const VERSION = 1;
export const PLAIN = "plain"; // keys in their wrapping, settings; nothing about anybody
export const BOXES = "boxes"; // encrypted: residents, drafts, pictures
export const RECORDS = "records"; // encrypted outgoing records with their state and receipt
let database = null;

/** Open the database, once. */
export function open() {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const store of [PLAIN, BOXES]) request.result.createObjectStore(store);
      request.result.createObjectStore(RECORDS, { keyPath: "counter" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
  return database;
}

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export async function get(store, key) {
  return asked((await open()).transaction(store).objectStore(store).get(key));
}

export async function all(store) {
  return asked((await open()).transaction(store).objectStore(store).getAll());
}

export async function keys(store, prefix = "") {
  const range = prefix ? IDBKeyRange.bound(prefix, `${prefix}\uffff`) : undefined;
  return asked((await open()).transaction(store).objectStore(store).getAllKeys(range));
}

/** Do all `changes` or none: `{store, key, value}` puts, without `value` it deletes. Resolves when the disk has them. */
export async function write(changes) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const stores = [...new Set(changes.map((change) => change.store))];
    const transaction = db.transaction(stores, "readwrite", { durability: "strict" });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    transaction.onerror = () => reject(transaction.error);
    for (const { store, key, value } of changes) {
      const place = transaction.objectStore(store);
      if (value === undefined) place.delete(key);
      else if (place.keyPath) place.put(value);
      else place.put(value, key);
    }
  });
}

/** Forget everything on this device. */
export async function forgetAll() {
  const db = await open();
  await new Promise((resolve, reject) => {
    const transaction = db.transaction([PLAIN, BOXES, RECORDS], "readwrite", { durability: "strict" });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    for (const store of [PLAIN, BOXES, RECORDS]) transaction.objectStore(store).clear();
  });
}
