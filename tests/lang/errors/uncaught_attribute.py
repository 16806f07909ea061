class Config:
    name = "c"


def load(config):
    return config.nmae.upper()


load(Config())
