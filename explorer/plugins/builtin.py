"""The tables with what the program itself brings, entered by the same `register(tables)` as a plugin's."""

from __future__ import annotations

from typing import cast

from explorer.tables import Table, Tables


def builtin_tables(*, with_torch: bool = False, with_sources: bool = False) -> Tables:
    """Fresh tables with the built-ins. Without torch: surfaces and optimizers; with it networks and objectives too.

    `with_sources`: picture sources as well, which import the decoders; only who opens pictures needs them.
    """
    from explorer.descent import optimizers, surfaces

    tables = Tables()
    surfaces.register(tables)
    optimizers.register(tables)
    if with_torch:
        from explorer.features import attribution_methods, objectives
        from explorer.zoo import registry

        registry.register(tables)
        objectives.register(tables)
        attribution_methods.register(tables)
    if with_sources:
        from explorer.picture import sources

        sources.register(tables)
    return tables


def process_tables(*, with_torch: bool = False) -> Tables:
    """The very tables that the rooms of this process look names up in: what is added here is found there.

    Sources are looked up elsewhere, in plugins/sources.py, by the capture child and the command line.
    """
    from explorer.descent import ground

    own = ground.known()
    if not with_torch:
        return own
    from explorer.features import attribution_methods, objectives
    from explorer.zoo import registry

    return Tables(
        networks=cast(Table[object], registry.networks()),
        surfaces=own.surfaces,
        optimizers=own.optimizers,
        objectives=cast(Table[object], objectives.objectives()),
        attributions=cast(Table[object], attribution_methods.methods()),
        sources=own.sources,
        panels=own.panels,
    )
