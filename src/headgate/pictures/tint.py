"""Colors between two colors."""


def mixed(color: str, other: str, share: float) -> str:
    """Return a color with a share of another one in it, both as `#RRGGBB`.

    Example:
        >>> mixed("#000000", "#FFFFFF", 0.5), mixed("#102030", "#FFFFFF", 0)
        ('#808080', '#102030')
    """
    pairs = ((int(color[n : n + 2], 16), int(other[n : n + 2], 16)) for n in (1, 3, 5))
    return "#" + "".join(f"{int(a + (b - a) * share + 0.5):02X}" for a, b in pairs)
