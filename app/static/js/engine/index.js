// The scoring engine on the tablet: the same steps as the package `assessments` on the server, driven by the same
// instrument data (GET /api/v1/instruments/<code>@<version>, made from the TOML; never typed again here).
//
//   data = await opened(exported)  → the instrument's data, its hash checked; `exported` is what the server answers
//   const instruments = new Map([["selfcare30@1", data], …])
//   score(data, sheet)            → the result document of `python -m assessments score`, to the last field of the trace
//   explain(data, sheet, limit?)  → the document of `python -m assessments explain`
//   named(instruments, sheet)     → the data of the instrument a sheet names
//   missing(data, sheet)          → the problems of a sheet, [] when it can be scored
//
// A sheet is { instrument, answers, facts, scope? } as it goes over the wire. All throw SheetError, whose `problems`
// ({field, code, zh, en}) are those the server would give. Nothing here touches the page, the store or the network.
export { canonical, opened, sha256 } from "./canonical.js";
export { explain } from "./explain.js";
export { score } from "./scoring.js";
export { SheetError, missing, named } from "./sheet.js";
