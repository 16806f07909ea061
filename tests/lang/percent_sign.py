# Only %% itself stands for a percent sign: with anything between the two it is no format.
def show(form, values):
    try:
        print(repr(form % values))
    except Exception as e:
        print(type(e).__name__, e)


show("%%", ())
show("%5%", ())
show("% %s", 1)
show("%(a)%", {"a": 1})
show(b"% %s", 1)
show(b"%5%", ())
show("%-%", (1, 2))
show("%l%", ())
