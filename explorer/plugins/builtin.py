"""The tables with what the program itself brings, entered by the same `register(tables)` as a plugin's."""

from __future__ import annotations

from typing import cast

from explorer.tables import Table, Tables


def builtin_tables(*, with_torch: bool = False) -> Tables:
    """Fresh tables with the built-ins. Without torch: surfaces and optimizers; with it networks and objectives too."""
    from explorer.descent import optimizers, surfaces

    tables = Tables()
    surfaces.register(tables)
    optimizers.register(tables)
    if with_torch:
        from explorer.features import objectives
        from explorer.zoo import registry

        registry.register(tables)
        objectives.register(tables)
    return tables


def process_tables(*, with_torch: bool = False) -> Tables:
    """The very tables that the rooms of this process look names up in: what is added here is found there."""
    from explorer.descent import ground

    own = ground.known()
    if not with_torch:
        return own
    from explorer.features import objectives
    from explorer.zoo import registry

    return Tables(
        networks=cast(Table[object], registry.networks()),
        surfaces=own.surfaces,
        optimizers=own.optimizers,
        objectives=cast(Table[object], objectives.objectives()),
        sources=own.sources,
        panels=own.panels,
    )
