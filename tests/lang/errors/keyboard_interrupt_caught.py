try:
    raise KeyboardInterrupt("by hand")
except KeyboardInterrupt as e:
    print(repr(e))
raise GeneratorExit("odd but legal")
