from setuptools import Extension, setup

setup(
    name="sidewinder-leak",
    py_modules=[],
    hpy_ext_modules=[Extension("leak", ["leak.c"], extra_compile_args=["-g", "-Wall", "-Werror"])],
    setup_requires=["hpy"],
)
