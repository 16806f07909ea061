// Runs scripts under CPython 3.14 (Pyodide) and prints what each did, a line of JSON for each.
//
//   node oracle.mjs PYODIDE_DIRECTORY ROOT SCRIPT...      (scripts relative to ROOT)
//
// ROOT is mounted at /repo; driver.py, beside this file, does the running.

import { createRequire } from "node:module";
import { readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [pyodideDirectory, root, ...scripts] = process.argv.slice(2);
const require = createRequire(join(pyodideDirectory, "package.json"));
const { loadPyodide } = require("pyodide");

const python = await loadPyodide();
python.mountNodeFS("/repo", root);
const here = dirname(fileURLToPath(import.meta.url));
const driver = python.globals.get("dict")();
python.runPython(readFileSync(join(here, "driver.py"), "utf8"), { globals: driver });
const run = driver.get("run");
for (const script of scripts) {
  writeSync(1, JSON.stringify([script, JSON.parse(run(script))]) + "\n");
}
