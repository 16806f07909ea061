match 5:
    case 5:
        raise RuntimeError("in a case block")
