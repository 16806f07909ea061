"""Import of the library that the binary carries.

An entry of sys.path stands for it. Files in it have paths as if the binary were
an archive; their text is there for tracebacks and inspect through get_source().
"""

import sys
import _bundle
import _frozen_importlib as _bootstrap
import _frozen_importlib_external as _external

_ROOT = _bundle.root


def _inside(path):
    """The path below the root, or None."""
    if path == _ROOT:
        return ''
    if path.startswith(_ROOT + '/'):
        return path[len(_ROOT) + 1:].rstrip('/')
    return None


class BundledLoader(_external._LoaderBasics):

    """Loads one module of the library."""

    def __init__(self, name, path):
        self.name = name
        self.path = path

    def __eq__(self, other):
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self):
        return hash(self.name) ^ hash(self.path)

    def _check(self, fullname):
        if fullname is not None and fullname != self.name:
            raise ImportError(f'loader for {self.name} cannot handle {fullname}', name=fullname)

    def is_package(self, fullname=None):
        self._check(fullname)
        return self.path.endswith('/__init__.py')

    def get_filename(self, fullname=None):
        self._check(fullname)
        return self.path

    def get_code(self, fullname=None):
        self._check(fullname)
        return _bundle.code(_inside(self.path), self.path)

    def get_source(self, fullname=None):
        self._check(fullname)
        return _external.decode_source(self.get_data(self.path))

    def get_data(self, path):
        inside = _inside(path)
        if inside is None:
            raise OSError(f'{path!r} is not in the bundled library')
        return _bundle.data(inside)

    def get_resource_reader(self, fullname=None):
        self._check(fullname)
        from importlib._bundled_resources import BundledReader
        return BundledReader(self)


class BundledFinder:

    """Finds modules in one directory of the library."""

    def __init__(self, path):
        inside = _inside(path)
        if inside is None:
            raise ImportError('only for the bundled library', path=path)
        self.path = path
        self._inside = inside

    def find_spec(self, fullname, target=None):
        tail = fullname.rpartition('.')[2]
        inside = f'{self._inside}/{tail}' if self._inside else tail
        kind = _bundle.locate(inside)
        if kind == 'module':
            path = f'{self.path}/{tail}.py'
            search = None
        elif kind == 'package':
            path = f'{self.path}/{tail}/__init__.py'
            search = [f'{self.path}/{tail}']
        elif kind == 'directory':
            spec = _bootstrap.ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = [f'{self.path}/{tail}']
            return spec
        else:
            return None
        spec = _bootstrap.ModuleSpec(fullname, BundledLoader(fullname, path), origin=path)
        spec.submodule_search_locations = search
        spec.has_location = True
        spec.cached = None
        return spec

    def invalidate_caches(self):
        pass

    def iter_modules(self, prefix=''):
        """Names and kinds of what is there, for pkgutil."""
        for name in _bundle.names(self._inside):
            if name.endswith('.py'):
                if name != '__init__.py':
                    yield prefix + name[:-3], False
            elif _bundle.locate(f'{self._inside}/{name}' if self._inside else name) == 'package':
                yield prefix + name, True

    def __repr__(self):
        return f'BundledFinder({self.path!r})'


class StandInFinder:

    """Comes last: modules that stand in for packages that are not installed."""

    @staticmethod
    def find_spec(fullname, path=None, target=None):
        if fullname in _bundle.stand_ins:
            return _bootstrap.ModuleSpec(fullname, StandInFinder, origin='bundled')
        return None

    @staticmethod
    def create_module(spec):
        return _bundle.load(spec.name)

    @staticmethod
    def exec_module(module):
        pass


class _Finder(_external.FileFinder):

    """Finds extensions with a tag in their names as well: NAME.hpy0-TAG.so."""

    def find_spec(self, fullname, target=None):
        spec = super().find_spec(fullname, target)
        if spec is not None and spec.loader is not None or '.so' not in self._endings:
            return spec
        start = fullname.rpartition('.')[2] + '.hpy0-'
        for name in sorted(self._path_cache):
            if name.startswith(start) and name.endswith('.so'):
                path = _external._path_join(self.path, name)
                loader = _external.ExtensionFileLoader(fullname, path)
                return _external.spec_from_file_location(fullname, path, loader=loader)
        return spec

    def _fill_cache(self):
        super()._fill_cache()
        self._endings = {'.so' for name in self._path_cache if '.hpy0-' in name}

    _endings = ()


def _zip_hook(path):
    """Archives on sys.path."""
    if not path or _external._path_isdir(path):
        raise ImportError('not an archive', path=path)
    part = path
    while part and not _external._path_isfile(part):
        shorter = _external._path_split(part)[0]
        if shorter == part:
            break
        part = shorter
    if not _external._path_isfile(part) or _inside(path) is not None:
        raise ImportError('not an archive', path=path)
    import zipimport
    return zipimport.zipimporter(path)


def _compile_bytecode(data, name=None, bytecode_path=None, source_path=None):
    """Code from the data of a .pyc file; it says that it comes from source_path."""
    code = _bundle.load_code(data, source_path)
    if code is None:
        raise ImportError(f'Non-code object in {bytecode_path!r}', name=name, path=bytecode_path)
    _bootstrap._verbose_message('code object from {!r}', bytecode_path)
    return code


def _install():
    # Source files come before extensions: the stub that hpy.devel writes beside
    # an extension knows better how to load it.
    loaders = _external._get_supported_file_loaders()
    loaders = loaders[1:] + loaders[:1]
    sys.path_hooks[:] = [BundledFinder, _zip_hook, _Finder.path_hook(*loaders)]
    sys.meta_path.append(StandInFinder)
    _external._compile_bytecode = _compile_bytecode
    spec = BundledFinder(_ROOT + '/importlib').find_spec(__name__)
    _bootstrap._init_module_attrs(spec, sys.modules[__name__])
