from setuptools import Extension, setup

setup(
    name="sidewinder-hpy-tests",
    py_modules=[],
    hpy_ext_modules=[
        Extension("battery", ["battery.c"], extra_compile_args=["-Wall", "-Werror"]),
        Extension("careless", ["careless.c"]),
        Extension("fields", ["fields.c"], extra_compile_args=["-Wall", "-Werror"]),
        Extension("fuzz", ["fuzz.c"], extra_compile_args=["-g"]),
        Extension("handles", ["handles.c"], extra_compile_args=["-O1", "-Wall", "-Werror"]),
        Extension("raising", ["raising.c"], extra_compile_args=["-Wall", "-Werror"]),
        Extension("rows", ["rows.c"], extra_compile_args=["-Wall", "-Werror"]),
        Extension("shapes", ["shapes.c"], extra_compile_args=["-Wall", "-Werror"]),
        Extension("slots", ["slots.c"], extra_compile_args=["-Wall", "-Werror"]),
    ],
    setup_requires=["hpy"],
)
