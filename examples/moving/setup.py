from setuptools import Extension, setup

setup(
    name="moving",
    py_modules=[],
    hpy_ext_modules=[Extension("moving", ["moving.c"])],
    setup_requires=["hpy"],
)
