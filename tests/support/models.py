"""Models of any size that several tests derive."""

from boundgen import Model


def instrument(levels: int, treatments: int = 2, outcomes: int = 2) -> Model:
    return Model.parse(
        f"model iv\nvariable Z in 0..{levels - 1} randomized\nvariable X(Z) in 0..{treatments - 1}\n"
        f"variable Y(X) in 0..{outcomes - 1}\nobserve P(X, Y | Z)\nestimand ate = P(Y(1)=1) - P(Y(0)=1)\n"
    )
