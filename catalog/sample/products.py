"""A dozen products made up for the demonstration shop. Prices are in major units of the shop's currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SampleVariant:
    sku: str
    name: str
    price: Decimal
    on_hand: int


@dataclass(frozen=True, slots=True)
class SampleProduct:
    """`slug` also names the picture: pictures/<slug>.svg."""

    slug: str
    name: str
    summary: str
    description: str
    picture_alt: str
    variants: tuple[SampleVariant, ...]


def _variant(sku: str, name: str, price: str, on_hand: int) -> SampleVariant:
    return SampleVariant(sku, name, Decimal(price), on_hand)


SAMPLE_PRODUCTS = (
    SampleProduct(
        slug="stoneware-teapot",
        name="Stoneware teapot",
        summary="Thrown by hand, glazed outside and in, with a spout that does not drip.",
        description=(
            "Holds one litre, enough for four cups. The foot is left unglazed so that the clay shows, and the "
            "built-in strainer keeps whole leaves where they belong.\n\nDishwasher safe; not for the hob."
        ),
        picture_alt="A round green teapot with a bare clay foot and a small clay knob on its lid.",
        variants=(
            _variant("TEAPOT-SAGE", "Sage", "48.00", 14),
            _variant("TEAPOT-OCHRE", "Ochre", "48.00", 6),
            _variant("TEAPOT-INK", "Ink", "52.00", 0),
        ),
    ),
    SampleProduct(
        slug="stoneware-mug",
        name="Stoneware mug",
        summary="A mug with some weight to it and room for a whole hand in the handle.",
        description=(
            "Holds 300 ml. Each one comes off the wheel a little different, so no two are quite the same.\n\n"
            "Safe in the dishwasher and the microwave."
        ),
        picture_alt="Two mugs filled with tea, one dark blue and one ochre, steam rising above them.",
        variants=(
            _variant("MUG-SAGE", "Sage", "16.50", 40),
            _variant("MUG-OCHRE", "Ochre", "16.50", 32),
            _variant("MUG-INK", "Ink", "16.50", 3),
            _variant("MUG-SET4", "Set of four, mixed", "59.00", 9),
        ),
    ),
    SampleProduct(
        slug="morning-assam-tea",
        name="Morning Assam",
        summary="A malty black tea from the second flush that takes milk well.",
        description=(
            "Loose leaves in a tin that closes tightly. Three minutes in boiling water make it bright, five make it "
            "strong.\n\nIngredients: black tea. Keep it dry and away from spices."
        ),
        picture_alt="A dark blue tea tin with a brass lid and two leaves on its label, tea scattered around it.",
        variants=(
            _variant("ASSAM-100", "100 g", "9.80", 60),
            _variant("ASSAM-250", "250 g", "21.00", 25),
        ),
    ),
    SampleProduct(
        slug="enamel-kettle",
        name="Enamel kettle",
        summary="Two litres of hot water in good time, on any hob, induction too.",
        description=(
            "Steel under two coats of enamel, with a handle of oiled beech that stays cool. The whistle comes off "
            "for those who rise early."
        ),
        picture_alt="A cream enamel kettle with a dark blue lid and a wooden handle, steam at its spout.",
        variants=(_variant("KETTLE-2L", "Two litres, cream", "64.00", 11),),
    ),
    SampleProduct(
        slug="linen-apron",
        name="Linen apron",
        summary="Washed linen with one deep pocket and straps long enough to tie in front.",
        description=(
            "Woven from European flax and washed before it is sewn, so it is soft from the first day. "
            "Wash at 40 °C and hang it up wet; it needs no iron."
        ),
        picture_alt="A blue linen apron hanging from a wooden rail, a note sticking out of its pocket.",
        variants=(
            _variant("APRON-SHORT", "Short / Blue", "39.00", 18),
            _variant("APRON-LONG", "Long / Blue", "45.00", 2),
            _variant("APRON-LONG-SAND", "Long / Sand", "45.00", 7),
        ),
    ),
    SampleProduct(
        slug="beech-board",
        name="Beech chopping board",
        summary="Cut from one piece of beech, oiled, and kind to knives.",
        description=(
            "No glue and no joints. Rinse it, dry it standing up and oil it now and then; it will outlast several "
            "knives."
        ),
        picture_alt="Two wooden chopping boards leaning against a wall, a tomato beside them.",
        variants=(
            _variant("BOARD-S", "Small, 20 × 30 cm", "24.00", 22),
            _variant("BOARD-L", "Large, 28 × 42 cm", "38.00", 10),
        ),
    ),
    SampleProduct(
        slug="dotted-notebook",
        name="Dotted notebook",
        summary="A5, 192 pages of paper that takes fountain pen ink without a shadow.",
        description=(
            "Sewn in sections, so that it lies flat from the first page to the last. 100 g paper with a dot every "
            "five millimetres, an elastic band and one ribbon."
        ),
        picture_alt="A green notebook with an ochre elastic band in front of a dark blue one, a pencil beside them.",
        variants=(
            _variant("NOTEBOOK-MOSS", "Moss", "14.90", 48),
            _variant("NOTEBOOK-NIGHT", "Night", "14.90", 35),
        ),
    ),
    SampleProduct(
        slug="drawing-pencils",
        name="Coloured pencils",
        summary="Soft, opaque colours in cedar that sharpens to a long point.",
        description=(
            "Made for drawing over a coloured ground: the pigments cover, and they can be layered and blended with a "
            "finger. The cup is not included."
        ),
        picture_alt="Six coloured pencils standing in a cream cup with a terracotta stripe, an eraser beside it.",
        variants=(
            _variant("PENCILS-6", "Set of 6", "9.50", 30),
            _variant("PENCILS-12", "Set of 12", "17.00", 16),
            _variant("PENCILS-24", "Set of 24", "31.50", 5),
        ),
    ),
    SampleProduct(
        slug="brass-desk-lamp",
        name="Brass desk lamp",
        summary="A warm pool of light exactly where the page is.",
        description=(
            "Solid brass, left unlacquered so that it darkens with the years. The arm turns at two joints and the "
            "shade tilts. Comes with an E14 bulb, 2700 K.\n\nThe last one of its making."
        ),
        picture_alt="A brass desk lamp throwing warm light on a small pile of books.",
        variants=(_variant("LAMP-BRASS", "", "129.00", 1),),
    ),
    SampleProduct(
        slug="beeswax-candles",
        name="Beeswax candles",
        summary="Dipped by hand, twenty layers deep; they burn for nine hours and smell of honey.",
        description="Pure beeswax and cotton wick, 2.2 × 25 cm. Holders are not included.",
        picture_alt="Two lit candles of different heights in brass holders.",
        variants=(
            _variant("CANDLES-2", "Pair", "12.40", 44),
            _variant("CANDLES-6", "Box of six", "33.00", 12),
        ),
    ),
    SampleProduct(
        slug="herb-pot",
        name="Herb pot with saucer",
        summary="Terracotta that breathes, so that basil lives past the weekend.",
        description="Fired at a high temperature to stand frost. The plant in the picture is not included.",
        picture_alt="A terracotta pot on a saucer with a leafy basil plant in it.",
        variants=(
            _variant("POT-11", "11 cm", "11.90", 26),
            _variant("POT-14", "14 cm", "17.50", 19),
        ),
    ),
    SampleProduct(
        slug="coffee-dripper",
        name="Pour-over coffee dripper",
        summary="Ribbed porcelain for two cups of clear, slow coffee.",
        description=(
            "Takes ordinary size 2 paper filters and sits on the glass server that comes with it. The next kiln is "
            "being fired."
        ),
        picture_alt="A white coffee dripper with a paper filter on a glass server half full of coffee.",
        variants=(_variant("DRIPPER-2", "With glass server", "42.00", 0),),
    ),
)
