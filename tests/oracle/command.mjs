// Runs one script with arguments under CPython 3.14 (Pyodide).
//
//   node command.mjs PYODIDE_DIRECTORY DIRECTORY:... SCRIPT ARGUMENT...
//
// The directories are mounted at their own paths.

import { createRequire } from "node:module";
import { join } from "node:path";

const [pyodideDirectory, directories, ...argv] = process.argv.slice(2);
const require = createRequire(join(pyodideDirectory, "package.json"));
const { loadPyodide } = require("pyodide");

const python = await loadPyodide();
for (const directory of directories.split(":")) {
  python.mountNodeFS(directory, directory);
}
python.globals.set("argv", python.toPy(argv));
python.globals.set("paths", python.toPy((process.env.PYTHONPATH ?? "").split(":").filter(Boolean)));
python.globals.set("cwd", process.cwd());
const status = python.runPython(`
import os, runpy, sys
os.chdir(cwd)
sys.path[0:0] = paths
sys.argv[:] = argv
status = 0
try:
    runpy.run_path(argv[0], run_name="__main__")
except SystemExit as e:
    status = e.code if isinstance(e.code, int) else int(e.code is not None)
status
`);
process.exit(status);
