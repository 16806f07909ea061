def get_config_var(name):
    return ".sidewinder-314-x86_64-linux-gnu.so" if name == "EXT_SUFFIX" else None
