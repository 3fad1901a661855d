// Where the app begins: the due list of who assesses, the ward's round, or the tasks of who cares at home.
import { state } from "../state.js";

export async function home(frame, [day]) {
  if (!state.meta?.care) return (await import("./list.js")).list(frame);
  return state.meta.ward ? (await import("./round.js")).round(frame, day) : (await import("./tasks.js")).tasks(frame, day);
}
